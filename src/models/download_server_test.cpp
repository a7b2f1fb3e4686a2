// Downloads from servers that refuse, fail, stall or send elsewhere.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>

#include "models/download_test_tools.h"

namespace clipig {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

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

}  // namespace
}  // namespace clipig
