// What `--json` and `--log` ask for: everything that happens, for programs and for a file.
#pragma once

#include <cstdio>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "app/options.h"
#include "sinks/json_lines.h"
#include "sinks/terminal.h"

namespace clipig {

class Outlets {
public:
    /// Opens the log. Throws InputError when it cannot be written.
    explicit Outlets(const LogOptions& log);

    /// Those who hear of the run that paints `picture`. They live as long as this.
    [[nodiscard]] std::vector<Sink*> listeners(const std::string& picture);
    /// One line for a person.
    void say(const std::string& line);
    /// One event for a program: an object with the member `event`.
    void tell(const nlohmann::json& event);
    void failed(const std::string& message);

private:
    std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_;
    std::unique_ptr<Terminal> text_;
    std::vector<JsonLines> json_;
};

}  // namespace clipig
