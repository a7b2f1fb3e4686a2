// Every event as one line of JSON, for programs that watch a run.
#pragma once

#include <cstdio>
#include <string>

#include "engine/events.h"

namespace clipig {

class JsonLines final : public Sink {
public:
    /// Writes to `stream`, which stays open. `picture` is the path that picture events name. A reader that went away does not end the run.
    JsonLines(std::FILE* stream, std::string picture) : stream_(stream), picture_(std::move(picture)) {}

    void started(const StartedEvent& event) override;
    void step(const StepEvent& event) override;
    void picture(const PictureEvent& event) override;
    void warning(const WarningEvent& event) override;
    /// `{"event":"failed","message":...}`: the last line of a run that ends with an error.
    void failed(const std::string& message);

private:
    void put(const std::string& line);
    std::FILE* stream_;
    std::string picture_;
};

}  // namespace clipig
