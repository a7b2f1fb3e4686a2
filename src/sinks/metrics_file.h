// The run as a table: one line of CSV for each epoch.
#pragma once

#include <cstdio>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/events.h"

namespace clipig {

/// Columns `epoch,loss,learnrate,seconds`, then `TARGET: FEATURE` with each feature's similarity (empty while it is not active). A skipped
/// epoch has no loss. A stage with other features adds columns. Each line is handed to the system at once; a failure is told once and does
/// not end the run.
class MetricsFile final : public Sink {
public:
    MetricsFile(std::filesystem::path path, std::function<void(const std::string&)> warn);

    /// A run that goes on keeps the lines of the epochs that lie behind it.
    void started(const StartedEvent& event) override;
    void step(const StepEvent& event) override;

private:
    void put(const std::string& text);
    /// Places of these columns in the table; those that it lacks are added, in all lines.
    std::vector<std::size_t> places(const std::vector<std::string>& names);
    void widen(std::size_t columns);
    std::filesystem::path path_;
    std::function<void(const std::string&)> warn_;
    std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_;
    std::vector<std::string> columns_;  ///< as they stand in the header; empty before it is written
    bool complained_ = false;
};

/// A cell of a CSV file, quoted where RFC 4180 asks for it.
[[nodiscard]] std::string csv_text(const std::string& text);

}  // namespace clipig
