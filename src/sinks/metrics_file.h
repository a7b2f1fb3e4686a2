// The run as a table: one line of CSV for each epoch.
#pragma once

#include <cstdio>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "engine/events.h"

namespace clipig {

/// Columns `epoch,loss,learnrate,seconds`, then `TARGET: FEATURE` with each feature's similarity (empty while it is not active). A skipped
/// epoch has no loss. Each line is handed to the system at once; a failure is told once and does not end the run.
class MetricsFile final : public Sink {
public:
    MetricsFile(std::filesystem::path path, std::function<void(const std::string&)> warn);

    /// A run that goes on keeps the lines of the epochs that lie behind it.
    void started(const StartedEvent& event) override;
    void step(const StepEvent& event) override;

private:
    void put(const std::string& text);
    std::filesystem::path path_;
    std::function<void(const std::string&)> warn_;
    std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_;
    bool has_header_ = false;
    bool complained_ = false;
};

/// A cell of a CSV file, quoted where RFC 4180 asks for it.
[[nodiscard]] std::string csv_text(const std::string& text);

}  // namespace clipig
