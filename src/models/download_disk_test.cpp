// Downloads by several processes at a time, and onto disks that are full or not to be written.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <chrono>
#include <csignal>
#include <thread>

#include "models/download_test_tools.h"

namespace clipig {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

TEST_F(DownloadTest, TwoProcessesDownloadOnce) {
    TestServer server([&](const TestRequest& request) {
        auto reply = serve_bytes(request, content);
        reply.delay_ms = 300;  // long enough that every process comes while the first one loads
        return reply;
    });
    std::vector<pid_t> children;
    for (int i = 0; i < 3; ++i) {
        const pid_t child = ::fork();
        ASSERT_GE(child, 0);
        if (child == 0) {
            try {
                download(server.url("/file.bin"), target, checked());
                ::_exit(read_file(target) == content ? 0 : 3);
            } catch (...) {
                ::_exit(4);
            }
        }
        children.push_back(child);
    }
    for (const pid_t child : children) {
        int status = 0;
        ASSERT_EQ(::waitpid(child, &status, 0), child);
        EXPECT_TRUE(WIFEXITED(status));
        EXPECT_EQ(WEXITSTATUS(status), 0);
    }
    EXPECT_EQ(server.requests().size(), 1U);
    EXPECT_THAT(place.listing(), ElementsAre("cache", "cache/file.bin"));
}

TEST_F(DownloadTest, AWaitingProcessTakesOverWhenTheFirstFails) {
    int count = 0;
    TestServer server([&](const TestRequest& request) {
        if (++count == 1) return TestReply{.status = 404, .delay_ms = 300};
        return serve_bytes(request, content);
    });
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0)
        ::_exit(failure_of([&] { download(server.url("/file.bin"), target, checked()); }).first == DownloadFailure::not_found ? 0 : 3);
    while (server.requests().empty()) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    std::vector<std::string> notes;
    auto options = checked();
    options.callbacks.note = [&](const std::string& note) { notes.push_back(note); };
    download(server.url("/file.bin"), target, options);
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(WEXITSTATUS(status), 0);
    EXPECT_EQ(read_file(target), content);
    ASSERT_EQ(notes.size(), 1U);
    EXPECT_THAT(notes[0], HasSubstr("another process is downloading file.bin"));
}

/// A file system of 256 KiB where we may mount one; else a limit on the size of files, which fails with EFBIG in the same places.
class SmallDisk {
public:
    explicit SmallDisk(fs::path folder) : folder_(std::move(folder)) {
        fs::create_directories(folder_);
        mounted = ::mount("tmpfs", folder_.c_str(), "tmpfs", 0, "size=256k") == 0;
        if (mounted) return;
        ::signal(SIGXFSZ, SIG_IGN);
        ::getrlimit(RLIMIT_FSIZE, &before_);
        rlimit limit = before_;
        limit.rlim_cur = 256 * 1024;
        limited = ::setrlimit(RLIMIT_FSIZE, &limit) == 0;
    }
    SmallDisk(const SmallDisk&) = delete;
    SmallDisk& operator=(const SmallDisk&) = delete;
    ~SmallDisk() {
        if (mounted) ::umount2(folder_.c_str(), MNT_DETACH);
        if (limited) ::setrlimit(RLIMIT_FSIZE, &before_);
    }
    bool mounted = false;
    bool limited = false;

private:
    fs::path folder_;
    rlimit before_{};
};

TEST_F(DownloadTest, AFullDiskLeavesTheCacheAsItWas) {
    TestServer server([&](const TestRequest& request) {  // no length, so that only writing shows it
        TestReply reply = serve_bytes(request, content);
        reply.tell_length = false;
        return reply;
    });
    const fs::path disk = place.folder / "disk";
    const SmallDisk small(disk);
    if (!small.mounted && !small.limited) GTEST_SKIP() << "neither a small file system nor a limit on file sizes is possible here";
    DownloadOptions options;
    options.sha256 = sum;
    const auto [failure, words] = failure_of([&] { download(server.url("/file.bin"), disk / "cache" / "file.bin", options); });
    EXPECT_EQ(failure, DownloadFailure::no_space);
    EXPECT_THAT(words, HasSubstr("no space left"));
    EXPECT_THAT(place.listing(), ElementsAre("disk"));
}

TEST_F(DownloadTest, AFullDiskKeepsTheOlderPart) {
    TestServer server([&](const TestRequest& request) {
        TestReply reply = serve_bytes(request, content);
        reply.tell_length = false;
        reply.headers["Content-Range"] = "bytes 100000-299999/*";
        return reply;
    });
    const fs::path disk = place.folder / "disk";
    const SmallDisk small(disk);
    if (!small.mounted && !small.limited) GTEST_SKIP() << "neither a small file system nor a limit on file sizes is possible here";
    write_file_atomic(disk / "file.bin.incomplete", content.substr(0, 100000));
    DownloadOptions options;
    options.sha256 = sum;
    EXPECT_EQ(failure_of([&] { download(server.url("/file.bin"), disk / "file.bin", options); }).first, DownloadFailure::no_space);
    EXPECT_EQ(read_file(disk / "file.bin.incomplete"), content.substr(0, 100000));
}

TEST_F(DownloadTest, TooLittleRoomIsSaidBeforeWriting) {
    const fs::path disk = place.folder / "disk";
    const SmallDisk small(disk);
    TestServer server([&](const TestRequest& request) {
        auto reply = serve_bytes(request, content);
        if (!small.mounted) reply.headers["Content-Length"] = "9000000000000000";  // more than any disk has
        return reply;
    });
    DownloadOptions options;
    options.sha256 = sum;
    const auto [failure, words] = failure_of([&] { download(server.url("/file.bin"), disk / "cache" / "file.bin", options); });
    EXPECT_EQ(failure, DownloadFailure::no_space);
    EXPECT_THAT(words, HasSubstr("are needed and"));
    EXPECT_THAT(place.listing(), ElementsAre("disk"));
}

TEST_F(DownloadTest, AFolderThatCannotBeMadeHasItsSentence) {
    write_file_atomic(place.folder / "cache", "a file where the folder should be");
    const auto [failure, words] = failure_of([&] { download("http://127.0.0.1:1/file.bin", target, checked()); });
    EXPECT_EQ(failure, DownloadFailure::unwritable);
    EXPECT_THAT(words, HasSubstr((place.folder / "cache").string()));
}

}  // namespace
}  // namespace clipig
