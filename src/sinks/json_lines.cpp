#include "sinks/json_lines.h"

#include "engine/event_json.h"

namespace clipig {
namespace {

/// File names need not be UTF-8; what JSON cannot hold is replaced.
std::string line_of(const nlohmann::json& json) { return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n"; }

}  // namespace

void JsonLines::put(const std::string& line) {
    (void)std::fwrite(line.data(), 1, line.size(), stream_);
    (void)std::fflush(stream_);
    std::clearerr(stream_);
}

void JsonLines::started(const StartedEvent& event) { put(line_of(to_json(event))); }
void JsonLines::step(const StepEvent& event) { put(line_of(to_json(event))); }
void JsonLines::picture(const PictureEvent& event) { put(line_of(to_json(event, picture_))); }
void JsonLines::warning(const WarningEvent& event) { put(line_of(to_json(event))); }
void JsonLines::tell(const nlohmann::json& event) { put(line_of(event)); }
void JsonLines::failed(const std::string& message) { put(line_of({{"event", "failed"}, {"message", message}})); }

}  // namespace clipig
