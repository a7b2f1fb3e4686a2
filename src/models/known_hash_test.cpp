#include "models/known_hash.h"

#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <thread>

#include "base/files.h"
#include "models/test_http_server.h"

namespace clipig {
namespace {

namespace fs = std::filesystem;

TEST(KnownHash, OfALargeFileIsRememberedUntilItChanges) {
    TestPlace place;
    const fs::path weights = place.folder / "weights", notes = place.folder / ".cache/clipig/hashes";
    std::ofstream(weights) << "x";
    EXPECT_EQ(known_sha256(weights), sha256_hex("x"));
    EXPECT_FALSE(fs::exists(notes)) << "a small file is read each time";
    fs::resize_file(weights, kRememberedSize);  // sparse
    const std::string hash = sha256_file(weights);
    EXPECT_EQ(known_sha256(weights), hash);
    EXPECT_FALSE(fs::exists(notes)) << "it was written just now, and may change within the clock's step";
    std::this_thread::sleep_for(std::chrono::milliseconds(3100));
    EXPECT_EQ(known_sha256(weights), hash);
    const fs::path note = fs::directory_iterator(notes)->path();
    std::string text = read_file(note);
    ASSERT_NE(text.find(hash), std::string::npos);
    const std::string invented(64, 'a');
    write_file_atomic(note, text.replace(text.find(hash), 64, invented));
    EXPECT_EQ(known_sha256(weights), invented) << "the note is read, not the file";
    std::ofstream(weights, std::ios::in) << "y";  // of the same size
    EXPECT_EQ(known_sha256(weights), sha256_file(weights));
    EXPECT_NE(known_sha256(weights), hash);
    write_file_atomic(note, "damaged");
    EXPECT_EQ(known_sha256(weights), sha256_file(weights));
}

}  // namespace
}  // namespace clipig
