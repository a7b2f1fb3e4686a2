// The command line: names, help texts and conversions, and what becomes of errors. No torch here.
#pragma once

#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "app/options.h"

namespace clipig {

/// Parsing ended the program: help or version was printed (0), or the usage is wrong (2, the message is on standard error).
struct ParsedExit {
    int code = 0;
};

/// Arguments without the program's name.
[[nodiscard]] std::variant<Command, ParsedExit> parse_command_line(std::vector<std::string> arguments);

/// True for commands that need models or tensors, and so the engine program.
[[nodiscard]] bool needs_engine(const Command& command);

/// What main() of a program does: parses, acts, and tells errors on standard error. Returns the exit code.
[[nodiscard]] int guarded_main(int argc, char** argv, const std::function<int(const Command&)>& act);

}  // namespace clipig
