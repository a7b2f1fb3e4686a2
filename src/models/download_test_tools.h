// For the tests of downloads: a file that a server has, the place where it should go, and what went wrong on the way.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "base/files.h"
#include "models/download.h"
#include "models/test_http_server.h"

namespace clipig {

/// Exactly what went wrong, and its sentence.
inline std::pair<std::optional<DownloadFailure>, std::string> failure_of(const std::function<void()>& action) {
    try {
        action();
    } catch (const DownloadError& error) {
        return {error.failure(), error.what()};
    }
    return {std::nullopt, "nothing was thrown"};
}

class DownloadTest : public testing::Test {
protected:
    TestPlace place;
    const std::string content = test_bytes(300000);
    const std::string sum = sha256_hex(content);
    const std::filesystem::path target = place.folder / "cache" / "file.bin";

    [[nodiscard]] DownloadOptions checked() const {
        DownloadOptions options;
        options.sha256 = sum;
        options.size = static_cast<std::int64_t>(content.size());
        return options;
    }
    void write_part(const std::string& bytes) const {
        std::filesystem::create_directories(target.parent_path());
        write_file_atomic(target.string() + ".incomplete", bytes);
    }
};

}  // namespace clipig
