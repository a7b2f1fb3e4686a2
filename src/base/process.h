// A helper program that is fed through a pipe and answers in lines.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/descriptor.h"

namespace clipig {

/// A running program with pipes to its standard input and from its standard output; standard error is ours. It has a process group of its
/// own, so that Ctrl-C in a terminal does not reach it: it ends when its input ends, also when we are killed. SIGPIPE must be ignored.
class ChildProcess {
public:
    /// Throws Error when the program cannot be started.
    ChildProcess(const std::filesystem::path& program, const std::vector<std::string>& arguments);
    ChildProcess(const ChildProcess&) = delete;
    ChildProcess& operator=(const ChildProcess&) = delete;
    /// Ends the input and waits.
    ~ChildProcess();

    /// False when the program reads no more.
    [[nodiscard]] bool write(std::string_view bytes);
    /// The next line of its output without the line's end; nothing when there are no more.
    [[nodiscard]] std::optional<std::string> read_line();
    /// Ends the input and waits for its end. Returns the exit code, 128 + number for a signal.
    int finish();

private:
    pid_t pid_ = -1;
    Descriptor input_, output_;
    std::string buffer_;
    int code_ = 0;
};

/// The folder that this program lies in, links resolved.
[[nodiscard]] std::filesystem::path program_folder();

}  // namespace clipig
