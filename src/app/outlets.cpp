#include "app/outlets.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>

#include "base/error.h"
#include "base/files.h"

namespace clipig {

Outlets::Outlets(const LogOptions& log) : file_(nullptr, std::fclose) {
    if (log.json) json_.emplace_back(stdout);
    if (log.file.empty()) return;
    file_.reset(std::fopen(expand_home(log.file).c_str(), "a"));
    if (!file_) throw InputError(fmt::format("cannot write the log '{}': {}", log.file, std::strerror(errno)));
    if (log.file.ends_with(".jsonl")) {
        json_.emplace_back(file_.get());
    } else {
        text_ = std::make_unique<Terminal>(2, file_.get());
    }
}

std::vector<Sink*> Outlets::listeners(const std::string& picture) {
    std::vector<Sink*> all;
    for (JsonLines& json : json_) {
        json.name_picture(picture);
        all.push_back(&json);
    }
    if (text_) all.push_back(text_.get());
    return all;
}

void Outlets::say(const std::string& line) {
    if (text_) text_->say(line);
}

void Outlets::tell(const nlohmann::json& event) {
    for (JsonLines& json : json_) json.tell(event);
}

void Outlets::failed(const std::string& message) {
    for (JsonLines& json : json_) json.failed(message);
    say(fmt::format("error: {}", message));
}

}  // namespace clipig
