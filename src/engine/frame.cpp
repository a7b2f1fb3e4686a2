#include "engine/frame.h"

namespace clipig {
namespace {

/// FNV-1a, 32 bits: http://www.isthe.com/chongo/tech/comp/fnv/
std::uint32_t fnv1a(std::string_view text) {
    std::uint32_t hash = 2166136261u;
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
    return hash;
}

}  // namespace

Random Frame::expression_stream(std::string_view path, std::uint32_t view) const {
    return Random({seed, static_cast<std::uint32_t>(variables.epoch), kExpressionStream, fnv1a(path), view});
}

bool in_schedule(const Settings& settings, std::int64_t epoch, std::int64_t epochs) {
    return epoch >= settings["start"].frame_time().epoch(epochs) && epoch <= settings["end"].frame_time().epoch(epochs);
}

double real_at(const Setting& setting, const Frame& frame) {
    Random stream = frame.expression_stream(setting.path());
    return setting.reals(frame.variables, stream)[0];
}

double real_at(const Setting& setting, const Frame& frame, double similarity, std::uint32_t view) {
    Variables variables = frame.variables;
    variables.similarity = similarity;
    Random stream = frame.expression_stream(setting.path(), view);
    return setting.reals(variables, stream)[0];
}

}  // namespace clipig
