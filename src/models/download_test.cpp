#include "models/download.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

#include "models/download_test_tools.h"

namespace clipig {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

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

}  // namespace
}  // namespace clipig
