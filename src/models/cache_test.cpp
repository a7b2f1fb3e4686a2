#include "models/cache.h"

#include <gtest/gtest.h>

#include "base/files.h"
#include "models/test_http_server.h"

namespace clipig {
namespace {

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
