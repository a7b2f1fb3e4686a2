// clipig show: how a picture came about.
#include <nlohmann/json.hpp>

#include <iostream>

#include "app/front_commands.h"
#include "app/story.h"
#include "base/error.h"

namespace clipig {
namespace {

/// A picture may come from anybody: nothing in it shall steer the terminal.
std::string printable(std::string text) {
    for (char& c : text) {
        if ((static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') || c == 0x7F) c = '?';
    }
    return text;
}

/// A comment line for each line of a value.
void print_comment(const std::string& name, const std::string& raw) {
    const std::string value = printable(raw);
    std::size_t start = 0;
    while (start < value.size()) {
        const std::size_t end = std::min(value.find('\n', start), value.size());
        std::cout << "# " << name << ": " << value.substr(start, end - start) << "\n";
        start = end + 1;
    }
}

void print_checkpoint(const PictureText& text) {
    const auto state = nlohmann::json::parse(text.at("clipig.state"), nullptr, false);
    if (state.is_discarded() || !state.is_object()) throw InputError("the checkpoint's header is damaged");
    print_comment("version", text.contains("clipig.version") ? text.at("clipig.version") : "");
    for (const char* name : {"epoch", "epochs", "seed"}) {
        if (state.contains(name)) print_comment(name, state[name].dump());
    }
    std::cout << printable(text.at("clipig.configuration"));
}

/// The whole is a YAML file that can be run.
void print_picture(const PictureText& text) {
    for (const char* name : {"Software", "clipig-seed", "clipig-model", "clipig-epochs", "clipig-similarity"}) {
        const std::string key = name;
        if (text.contains(key)) print_comment(key.starts_with("clipig-") ? key.substr(7) : "written by", text.at(key));
    }
    std::cout << printable(text.at("clipig-configuration"));
}

}  // namespace

int show_command(const ShowOptions& options) {
    for (const std::string& file : options.files) {
        if (options.files.size() > 1) std::cout << (file == options.files.front() ? "" : "---\n") << "# " << file << "\n";
        const PictureText text = read_story(file);
        text.contains("clipig.state") ? print_checkpoint(text) : print_picture(text);
    }
    return 0;
}

}  // namespace clipig
