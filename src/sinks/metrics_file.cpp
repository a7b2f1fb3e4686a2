#include "sinks/metrics_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/error.h"
#include "base/files.h"
#include "base/text.h"

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

/// The cells of a line, quotes and all.
std::vector<std::string> header_cells(const std::string& line) {
    std::vector<std::string> cells(1);
    bool quoted = false;
    for (const char c : line) {
        if (c == '"') quoted = !quoted;
        if (c == ',' && !quoted) {
            cells.emplace_back();
        } else {
            cells.back() += c;
        }
    }
    return cells;
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
    if (!kept.empty()) columns_ = header_cells(kept.substr(0, kept.find('\n')));
    file_.reset(std::fopen(path_.c_str(), "a"));
}

std::vector<std::size_t> MetricsFile::places(const std::vector<std::string>& names) {
    std::vector<std::size_t> found;
    const std::size_t before = columns_.size();
    for (const std::string& name : names) {
        std::size_t place = 0;  // the first of that name that is still free: two targets may be called alike
        while (place < columns_.size() && (columns_[place] != name || std::find(found.begin(), found.end(), place) != found.end())) ++place;
        if (place == columns_.size()) columns_.push_back(name);
        found.push_back(place);
    }
    if (columns_.size() == before) return found;
    before == 0 ? put(join(columns_, ",") + "\n") : widen(columns_.size() - before);
    return found;
}

void MetricsFile::widen(std::size_t columns) {
    if (!file_ || complained_) return;
    const std::string text = read_file(path_);
    std::string wider = join(columns_, ",") + "\n";
    for (std::size_t start = text.find('\n') + 1; start < text.size();) {
        const std::size_t end = std::min(text.find('\n', start), text.size());
        wider += text.substr(start, end - start) + std::string(columns, ',') + "\n";
        start = end + 1;
    }
    try {
        write_file_atomic(path_, wider);
        file_.reset(std::fopen(path_.c_str(), "a"));
    } catch (const Error& error) {
        complained_ = true;
        warn_(fmt::format("{}; the metrics end here", error.what()));
    }
}

void MetricsFile::step(const StepEvent& event) {
    if (event.skipped && columns_.empty()) return;  // the columns are not known yet
    std::vector<std::string> names{"epoch", "loss", "learnrate", "seconds"};
    std::vector<std::string> cells{fmt::format("{}", event.epoch), event.skipped ? "" : fmt::format("{:.6g}", event.loss),
                                   fmt::format("{:g}", event.learnrate), fmt::format("{:.3f}", event.elapsed_seconds)};
    for (const TargetStats& target : event.targets) {
        for (const FeatureStats& feature : target.features) {
            names.push_back(csv_text(fmt::format("{}: {}", target.name, feature.name)));
            cells.push_back(feature.active && !event.skipped ? fmt::format("{:.4f}", feature.similarity) : "");
        }
    }
    const std::vector<std::size_t> at = places(names);
    std::vector<std::string> row(columns_.size());
    for (std::size_t i = 0; i < at.size(); ++i) row[at[i]] = cells[i];
    put(join(row, ",") + "\n");
}

void MetricsFile::put(const std::string& text) {
    if (!file_ || complained_) return;
    if (std::fwrite(text.data(), 1, text.size(), file_.get()) == text.size() && std::fflush(file_.get()) == 0) return;
    complained_ = true;
    warn_(fmt::format("cannot write '{}'; the metrics end here", path_.string()));
}

}  // namespace clipig
