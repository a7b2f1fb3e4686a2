#include <exception>
#include <iostream>
#include <new>

#include "app/command_line.h"
#include "base/error.h"

namespace clipig {

int guarded_main(int argc, char** argv, const std::function<int(const Command&)>& act) {
    const auto parsed = parse_command_line({argv + 1, argv + argc});
    if (const auto* ended = std::get_if<ParsedExit>(&parsed)) return ended->code;
    try {
        return act(std::get<Command>(parsed));
    } catch (const ConfigError& error) {
        std::cerr << error.what();
        return error.exit_code();
    } catch (const Error& error) {
        std::cerr << "error: " << error.what() << "\n";
        return error.exit_code();
    } catch (const std::bad_alloc&) {
        std::cerr << "error: out of memory; a smaller resolution, batch_size or model needs less\n";
    } catch (const std::exception& error) {
        std::cerr << "error: " << error.what() << "\n";
    }
    return 1;
}

}  // namespace clipig
