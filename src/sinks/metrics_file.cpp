#include "sinks/metrics_file.h"

#include <fmt/format.h>

#include <charconv>

#include "base/error.h"
#include "base/files.h"

namespace clipig {
namespace {

/// The header and the lines of epochs before `epoch`; a line without its end was cut short by a kill.
std::string lines_before(const std::string& text, std::int64_t epoch) {
    std::string kept;
    std::size_t start = 0;
    for (std::size_t end = text.find('\n'); end != std::string::npos; start = end + 1, end = text.find('\n', start)) {
        const std::string line = text.substr(start, end + 1 - start);
        std::int64_t number = 0;
        const auto [stop, error] = std::from_chars(line.data(), line.data() + line.size(), number);
        const bool row = error == std::errc{} && *stop == ',';
        if (!row && !kept.empty()) continue;
        if (row && number >= epoch) break;
        kept += line;
    }
    return kept;
}

}  // namespace

std::string csv_text(const std::string& text) {
    std::string flat = text;
    for (char& c : flat) c = c == '\n' || c == '\r' ? ' ' : c;  // one epoch stays one line
    if (flat.find_first_of(",\"") == std::string::npos) return flat;
    std::string quoted = "\"";
    for (const char c : flat) quoted.append(c == '"' ? 2 : 1, c);
    return quoted + "\"";
}

MetricsFile::MetricsFile(std::filesystem::path path, std::function<void(const std::string&)> warn)
    : path_(std::move(path)), warn_(std::move(warn)), file_(nullptr, std::fclose) {}

void MetricsFile::started(const StartedEvent& event) {
    std::error_code code;
    std::string kept;
    if (event.first_epoch > 0 && std::filesystem::exists(path_, code)) kept = lines_before(read_file(path_), event.first_epoch);
    try {
        write_file_atomic(path_, kept);
    } catch (const Error& error) {
        complained_ = true;
        warn_(fmt::format("{}; there will be no metrics", error.what()));
        return;
    }
    has_header_ = !kept.empty();
    file_.reset(std::fopen(path_.c_str(), "a"));
}

void MetricsFile::step(const StepEvent& event) {
    if (event.skipped && !has_header_) return;  // the columns are not known yet
    std::string header = "epoch,loss,learnrate,seconds";
    std::string row = event.skipped ? fmt::format("{},,{:g},{:.3f}", event.epoch, event.learnrate, event.elapsed_seconds)
                                    : fmt::format("{},{:.6g},{:g},{:.3f}", event.epoch, event.loss, event.learnrate, event.elapsed_seconds);
    for (const TargetStats& target : event.targets) {
        for (const FeatureStats& feature : target.features) {
            header += fmt::format(",{}", csv_text(fmt::format("{}: {}", target.name, feature.name)));
            row += feature.active && !event.skipped ? fmt::format(",{:.4f}", feature.similarity) : ",";
        }
    }
    if (!has_header_) put(header + "\n");
    has_header_ = true;
    put(row + "\n");
}

void MetricsFile::put(const std::string& text) {
    if (!file_ || complained_) return;
    if (std::fwrite(text.data(), 1, text.size(), file_.get()) == text.size() && std::fflush(file_.get()) == 0) return;
    complained_ = true;
    warn_(fmt::format("cannot write '{}'; the metrics end here", path_.string()));
}

}  // namespace clipig
