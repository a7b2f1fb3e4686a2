#include "models/download.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <csignal>

#include "base/files.h"
#include "models/cache.h"
#include "models/test_http_server.h"

namespace clipig {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// Exactly what went wrong, and its sentence.
std::pair<std::optional<DownloadFailure>, std::string> failure_of(const std::function<void()>& action) {
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
    const fs::path target = place.folder / "cache" / "file.bin";

    [[nodiscard]] DownloadOptions checked() const {
        DownloadOptions options;
        options.sha256 = sum;
        options.size = static_cast<std::int64_t>(content.size());
        return options;
    }
    void write_part(const std::string& bytes) const {
        fs::create_directories(target.parent_path());
        write_file_atomic(target.string() + ".incomplete", bytes);
    }
};

TEST_F(DownloadTest, FreshFileIsWholeAndNothingElseIsLeft) {
    TestServer server([&](const TestRequest& request) { return serve_bytes(request, content); });
    std::vector<DownloadProgress> reports;
    auto options = checked();
    options.callbacks.progress = [&](const DownloadProgress& progress) { reports.push_back(progress); };
    download(server.url("/a/file.bin"), target, options);
    EXPECT_EQ(read_file(target), content);
    EXPECT_THAT(place.listing(), ElementsAre("cache", "cache/file.bin"));
    ASSERT_FALSE(reports.empty());
    EXPECT_TRUE(reports.back().finished);
    EXPECT_EQ(reports.back().received, 300000);
    EXPECT_EQ(reports.back().total, 300000);
    EXPECT_EQ(server.requests().at(0).header("user-agent"), "clipig/" CLIPIG_VERSION);
}

TEST_F(DownloadTest, AFileThatIsThereNeedsNoNetwork) {
    fs::create_directories(target.parent_path());
    write_file_atomic(target, "old");
    download("http://127.0.0.1:1/file.bin", target, checked());
    EXPECT_EQ(read_file(target), "old");
}

TEST_F(DownloadTest, ReplaceFetchesAFileWithAWrongSumAnew) {
    TestServer server([&](const TestRequest& request) { return serve_bytes(request, content); });
    fs::create_directories(target.parent_path());
    write_file_atomic(target, "damaged");
    auto options = checked();
    options.replace = true;
    download(server.url("/file.bin"), target, options);
    EXPECT_EQ(read_file(target), content);
    download(server.url("/file.bin"), target, options);
    EXPECT_EQ(server.requests().size(), 1U);
}

TEST_F(DownloadTest, ResumesAtSixtyPercent) {
    TestServer server([&](const TestRequest& request) { return serve_bytes(request, content); });
    write_part(content.substr(0, 180000));
    download(server.url("/file.bin"), target, checked());
    EXPECT_EQ(read_file(target), content);
    EXPECT_EQ(server.requests().size(), 1U);
    EXPECT_EQ(server.requests().at(0).header("range"), "bytes=180000-");
    EXPECT_THAT(place.listing(), ElementsAre("cache", "cache/file.bin"));
}

TEST_F(DownloadTest, APartWithOtherBytesIsThrownAwayAndFetchedAgain) {
    TestServer server([&](const TestRequest& request) { return serve_bytes(request, content); });
    write_part(std::string(180000, 'x'));
    download(server.url("/file.bin"), target, checked());
    EXPECT_EQ(read_file(target), content);
    EXPECT_EQ(server.requests().size(), 2U);
    EXPECT_EQ(server.requests().at(1).header("range"), "");
}

TEST_F(DownloadTest, APartThatIsWholeNeedsNoRequest) {
    write_part(content);
    download("http://127.0.0.1:1/file.bin", target, checked());
    EXPECT_EQ(read_file(target), content);
}

TEST_F(DownloadTest, AServerWithoutRangesStartsFromTheFirstByte) {
    TestServer server([&](const TestRequest&) { return TestReply{.body = content}; });
    write_part(content.substr(0, 180000));
    download(server.url("/file.bin"), target, checked());
    EXPECT_EQ(read_file(target), content);
}

TEST_F(DownloadTest, RangeNotSatisfiableStartsAfresh) {
    TestServer server([&](const TestRequest& request) { return serve_bytes(request, content); });
    write_part(std::string(400000, 'x'));
    DownloadOptions options;
    options.sha256 = sum;  // without the size, so that the server has to say it
    download(server.url("/file.bin"), target, options);
    EXPECT_EQ(read_file(target), content);
}

TEST_F(DownloadTest, TwoDroppedConnectionsAreContinued) {
    int count = 0;
    TestServer server([&](const TestRequest& request) {
        auto reply = serve_bytes(request, content);
        if (++count <= 2) reply.drop_after = 100000;
        return reply;
    });
    std::vector<std::string> notes;
    auto options = checked();
    options.callbacks.note = [&](const std::string& note) { notes.push_back(note); };
    download(server.url("/file.bin"), target, options);
    EXPECT_EQ(read_file(target), content);
    ASSERT_EQ(server.requests().size(), 3U);
    EXPECT_EQ(server.requests().at(1).header("range"), "bytes=100000-");
    EXPECT_EQ(server.requests().at(2).header("range"), "bytes=200000-");
    EXPECT_EQ(notes.size(), 2U);
}

TEST_F(DownloadTest, WithoutAChecksumTheEntityTagGuardsTheContinuation) {
    const std::string changed = test_bytes(310000);
    int count = 0;
    TestServer server([&](const TestRequest& request) {
        auto reply = ++count == 1 ? serve_bytes(request, content, "\"one\"") : serve_bytes(request, changed, "\"two\"");
        if (count == 1) reply.drop_after = 100000;
        return reply;
    });
    download(server.url("/file.bin"), target, {});
    EXPECT_EQ(server.requests().at(1).header("if-range"), "\"one\"");
    EXPECT_EQ(read_file(target), changed);
    EXPECT_THAT(place.listing(), ElementsAre("cache", "cache/file.bin"));
}

TEST_F(DownloadTest, ALaterProcessContinuesByTheKeptTag) {
    int count = 0;
    TestServer server([&](const TestRequest& request) {
        auto reply = serve_bytes(request, content, "\"one\"");
        if (++count == 1) reply.drop_after = 100000;
        return reply;
    });
    DownloadOptions options;
    options.retry.retries = 0;
    const auto [failure, words] = failure_of([&] { download(server.url("/file.bin"), target, options); });
    EXPECT_EQ(failure, DownloadFailure::broken);
    EXPECT_THAT(words, HasSubstr("the next attempt continues there"));
    EXPECT_THAT(place.listing(), ElementsAre("cache", "cache/file.bin.incomplete", "cache/file.bin.incomplete.etag"));
    download(server.url("/file.bin"), target, options);
    EXPECT_EQ(server.requests().at(1).header("range"), "bytes=100000-");
    EXPECT_EQ(read_file(target), content);
    EXPECT_THAT(place.listing(), ElementsAre("cache", "cache/file.bin"));
}

TEST_F(DownloadTest, WithoutChecksumAndTagABrokenPartIsNotKept) {
    TestServer server([&](const TestRequest& request) {
        auto reply = serve_bytes(request, content);
        reply.drop_after = 100000;
        return reply;
    });
    DownloadOptions options;
    options.retry.retries = 1;
    EXPECT_EQ(failure_of([&] { download(server.url("/file.bin"), target, options); }).first, DownloadFailure::broken);
    EXPECT_EQ(server.requests().at(1).header("range"), "");
    EXPECT_THAT(place.listing(), IsEmpty());
}

TEST_F(DownloadTest, WrongHashLeavesNothing) {
    TestServer server([&](const TestRequest& request) { return serve_bytes(request, test_bytes(300000).replace(5, 1, "?")); });
    const auto [failure, words] = failure_of([&] { download(server.url("/file.bin"), target, checked()); });
    EXPECT_EQ(failure, DownloadFailure::wrong_content);
    EXPECT_THAT(words, HasSubstr("expected " + sum));
    EXPECT_THAT(place.listing(), IsEmpty());
}

TEST_F(DownloadTest, WrongSizeIsSeenBeforeTheTransfer) {
    TestServer server([&](const TestRequest& request) { return serve_bytes(request, content); });
    auto options = checked();
    options.size = 299999;
    const auto [failure, words] = failure_of([&] { download(server.url("/file.bin"), target, options); });
    EXPECT_EQ(failure, DownloadFailure::wrong_content);
    EXPECT_THAT(words, HasSubstr("it has 300000 bytes on the server, expected 299999"));
    EXPECT_THAT(place.listing(), IsEmpty());
}

TEST_F(DownloadTest, TheFirstDigitsOfASumAreChecked) {
    TestServer server([&](const TestRequest& request) { return serve_bytes(request, content); });
    DownloadOptions options;
    options.sha256 = sum.substr(0, 8);
    download(server.url("/file.bin"), target, options);
    EXPECT_EQ(read_file(target), content);
    options.sha256 = "00000000";
    EXPECT_EQ(failure_of([&] { download(server.url("/file.bin"), place.folder / "other", options); }).first,
              DownloadFailure::wrong_content);
}

TEST_F(DownloadTest, NotFoundLeavesTheCacheAsItWas) {
    TestServer server([&](const TestRequest&) { return TestReply{.status = 404, .body = "<html>sorry</html>"}; });
    const auto [failure, words] = failure_of([&] { download(server.url("/file.bin"), target, checked()); });
    EXPECT_EQ(failure, DownloadFailure::not_found);
    EXPECT_THAT(words, HasSubstr("there is no such file on the server (HTTP 404)"));
    EXPECT_EQ(server.requests().size(), 1U);
    EXPECT_THAT(place.listing(), IsEmpty());
    write_part(content.substr(0, 1000));
    EXPECT_EQ(failure_of([&] { download(server.url("/file.bin"), target, checked()); }).first, DownloadFailure::not_found);
    EXPECT_EQ(read_file(target.string() + ".incomplete"), content.substr(0, 1000));
}

TEST_F(DownloadTest, RefusalNamesTheToken) {
    for (const int status : {401, 403}) {
        TestServer server([&](const TestRequest&) { return TestReply{.status = status}; });
        const auto [failure, words] = failure_of([&] { download(server.url("/file.bin"), target, checked()); });
        EXPECT_EQ(failure, DownloadFailure::refused);
        EXPECT_THAT(words, HasSubstr("HF_TOKEN"));
    }
}

TEST_F(DownloadTest, UnavailableTwiceThenFine) {
    int count = 0;
    TestServer server([&](const TestRequest& request) {
        return ++count <= 2 ? TestReply{.status = count == 1 ? 503 : 429} : serve_bytes(request, content);
    });
    download(server.url("/file.bin"), target, checked());
    EXPECT_EQ(read_file(target), content);
    EXPECT_EQ(server.requests().size(), 3U);
}

TEST_F(DownloadTest, UnavailableForGoodIsSaidAfterTheLastAttempt) {
    TestServer server([&](const TestRequest&) { return TestReply{.status = 503}; });
    auto options = checked();
    options.retry = {3, 0.001};
    const auto [failure, words] = failure_of([&] { download(server.url("/file.bin"), target, options); });
    EXPECT_EQ(failure, DownloadFailure::server);
    EXPECT_THAT(words, HasSubstr("HTTP status 503 (tried 4 times)"));
    EXPECT_EQ(server.requests().size(), 4U);
    EXPECT_THAT(place.listing(), IsEmpty());
}

TEST_F(DownloadTest, RetryAfterIsHonoured) {
    int count = 0;
    TestServer server([&](const TestRequest& request) {
        return ++count == 1 ? TestReply{.status = 503, .headers = {{"Retry-After", "1"}}} : serve_bytes(request, content);
    });
    const auto begin = std::chrono::steady_clock::now();
    download(server.url("/file.bin"), target, checked());
    EXPECT_GE(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(990));
}

TEST_F(DownloadTest, AStalledServerIsLeft) {
    TestServer server([&](const TestRequest&) { return TestReply{.delay_ms = 3000}; });
    auto options = checked();
    options.stall_timeout = 1;
    options.retry.retries = 0;
    EXPECT_EQ(failure_of([&] { download(server.url("/file.bin"), target, options); }).first, DownloadFailure::broken);
    EXPECT_THAT(place.listing(), IsEmpty());
}

TEST_F(DownloadTest, NoNetworkIsSaidAtOnce) {
    int port = 0;
    {
        const TestServer gone([](const TestRequest&) { return TestReply{}; });
        port = std::atoi(gone.url().substr(17).c_str());
    }
    auto options = checked();
    options.retry.base_delay = 30;  // an attempt after this one would be noticed
    const auto begin = std::chrono::steady_clock::now();
    const auto [failure, words] = failure_of([&] { download("http://127.0.0.1:" + std::to_string(port) + "/file.bin", target, options); });
    EXPECT_EQ(failure, DownloadFailure::unreachable);
    EXPECT_THAT(words, HasSubstr("no connection to 127.0.0.1:" + std::to_string(port)));
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
    EXPECT_EQ(failure_of([&] { download("http://no-such-host.invalid/file.bin", target, options); }).first, DownloadFailure::unreachable);
    EXPECT_THAT(place.listing(), IsEmpty());
}

TEST_F(DownloadTest, OfflineUsesTheCacheAndNothingElse) {
    TestServer server([&](const TestRequest& request) { return serve_bytes(request, content); });
    place.set("HF_HUB_OFFLINE", "Yes");
    const auto [failure, words] = failure_of([&] { download(server.url("/file.bin"), target, checked()); });
    EXPECT_EQ(failure, DownloadFailure::offline);
    EXPECT_THAT(words, HasSubstr("HF_HUB_OFFLINE"));
    EXPECT_THAT(server.requests(), IsEmpty());
    place.set("HF_HUB_OFFLINE", "0");
    download(server.url("/file.bin"), target, checked());
    place.set("HF_HUB_OFFLINE", "1");
    download(server.url("/file.bin"), target, checked());
    EXPECT_EQ(server.requests().size(), 1U);
}

TEST_F(DownloadTest, TheTokenGoesToItsHostOnly) {
    TestServer storage([&](const TestRequest& request) { return serve_bytes(request, content); });
    TestServer hub([&](const TestRequest&) {
        return TestReply{.status = 302, .body = "elsewhere", .headers = {{"Location", storage.url("/blob")}}};
    });
    auto options = checked();
    options.bearer = "hf_secret";
    download(hub.url("/file.bin"), target, options);
    EXPECT_EQ(read_file(target), content);
    EXPECT_EQ(hub.requests().at(0).header("authorization"), "Bearer hf_secret");
    ASSERT_EQ(storage.requests().size(), 1U);
    EXPECT_EQ(storage.requests().at(0).header("authorization"), "");
}

TEST_F(DownloadTest, TheProxyOfTheEnvironmentIsUsed) {
    TestServer proxy([&](const TestRequest& request) { return serve_bytes(request, content); });
    place.set("http_proxy", proxy.url());
    download("http://models.invalid/file.bin", target, checked());
    EXPECT_EQ(read_file(target), content);
    EXPECT_EQ(proxy.requests().at(0).path, "http://models.invalid/file.bin");
}

TEST_F(DownloadTest, ARedirectLoopEnds) {
    TestServer server([&](const TestRequest&) { return TestReply{.status = 302, .headers = {{"Location", "/again"}}}; });
    const auto [failure, words] = failure_of([&] { download(server.url("/file.bin"), target, checked()); });
    EXPECT_EQ(failure, DownloadFailure::server);
    EXPECT_THAT(words, HasSubstr("redirects without end"));
}

TEST_F(DownloadTest, AnotherSchemeIsNoUrl) {
    write_file_atomic(place.folder / "local", content);
    EXPECT_EQ(failure_of([&] { download("file://" + (place.folder / "local").string(), target, {}); }).first, DownloadFailure::not_found);
}

TEST_F(DownloadTest, AnExceptionFromTheCallbackStopsAndKeepsThePart) {
    TestServer server([&](const TestRequest& request) { return serve_bytes(request, content); });
    auto options = checked();
    options.callbacks.progress = [](const DownloadProgress& progress) {
        if (progress.received > 0) throw std::runtime_error("stopped");
    };
    EXPECT_THROW(download(server.url("/file.bin"), target, options), std::runtime_error);
    EXPECT_FALSE(fs::exists(target));
    options.callbacks = {};
    download(server.url("/file.bin"), target, options);
    EXPECT_EQ(read_file(target), content);
}

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

TEST(ProgressText, HasAllThatAUserWantsToKnow) {
    EXPECT_EQ(progress_text({"ViT-B-32.pt", 142 * 1048576LL, 338 * 1048576LL, 12.25 * 1048576, 16, false}),
              "ViT-B-32.pt  42 %  142.0 MiB of 338.0 MiB  12.2 MiB/s  16.0s left");
    EXPECT_EQ(progress_text({"x", 512, -1, 0, -1, false}), "x  512 B");
}

TEST(GitBlobSha1, IsGitsOwn) {
    const TestPlace place;
    write_file_atomic(place.folder / "f", "what is up, doc?");
    EXPECT_EQ(git_blob_sha1(place.folder / "f"), "bd9dbf5aae1a3862dd1526723246b20206e5fc37");  // Pro Git, chapter 10.2
}

TEST(FetchPicture, DownloadsOnceAndCachesByUrl) {
    TestPlace place;
    place.set("XDG_CACHE_HOME", (place.folder / "xdg").string());
    TestServer server([&](const TestRequest& request) { return serve_bytes(request, "picture " + request.path); });
    const auto first = fetch_picture(server.url("/a.png?size=2"));
    EXPECT_EQ(read_file(first), "picture /a.png?size=2");
    EXPECT_EQ(first, place.folder / "xdg/clipig/pictures" / sha256_hex(server.url("/a.png?size=2")));
    EXPECT_NE(fetch_picture(server.url("/b.png")), first);
    place.set("HF_HUB_OFFLINE", "1");
    EXPECT_EQ(fetch_picture(server.url("/a.png?size=2")), first);
    EXPECT_EQ(server.requests().size(), 2U);
}

TEST(IsUrl, TellsUrlsFromPaths) {
    EXPECT_TRUE(is_url("https://a.b/c.png"));
    EXPECT_TRUE(is_url("HTTP://a.b"));
    EXPECT_FALSE(is_url("http/picture.png"));
    EXPECT_FALSE(is_url("ftp://a.b"));
    EXPECT_FALSE(is_url(""));
}

TEST(ExpandPath, ReplacesHomeAndVariables) {
    TestPlace place;
    place.set("CLIPIG_TEST_DISK", "/big");
    EXPECT_EQ(expand_path("~/x"), place.folder / "x");
    EXPECT_EQ(expand_path("$CLIPIG_TEST_DISK/hub"), "/big/hub");
    EXPECT_EQ(expand_path("${CLIPIG_TEST_DISK}er/$NO_SUCH_VARIABLE"), "/biger/$NO_SUCH_VARIABLE");
}

}  // namespace
}  // namespace clipig
