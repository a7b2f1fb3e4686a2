// Every event as one line of JSON, for programs that watch a run.
#pragma once

#include <cstdio>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "engine/events.h"

namespace clipig {

class JsonLines final : public Sink {
public:
    /// Writes to `stream`, which stays open. A reader that went away does not end the run.
    explicit JsonLines(std::FILE* stream) : stream_(stream) {}

    /// The path that picture events name from here on.
    void name_picture(std::string path) { picture_ = std::move(path); }

    void started(const StartedEvent& event) override;
    void step(const StepEvent& event) override;
    void picture(const PictureEvent& event) override;
    void warning(const WarningEvent& event) override;
    /// `{"event":"failed","message":...}`: the last line of a run that ends with an error.
    void failed(const std::string& message);
    /// What happens around runs: an object with the member `event`.
    void tell(const nlohmann::json& event);

private:
    void put(const std::string& line);
    std::FILE* stream_;
    std::string picture_;
};

}  // namespace clipig
