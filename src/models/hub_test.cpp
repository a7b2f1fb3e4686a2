#include "models/hub.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/files.h"
#include "models/cache.h"
#include "models/test_http_server.h"

namespace clipig {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const std::string kCommit = "0123456789abcdef0123456789abcdef01234567";

/// Plays the hub: large files are redirected to a storage server, small ones are answered at once; error codes as the hub gives them.
class HubTest : public testing::Test {
protected:
    TestPlace place;
    std::map<std::string, std::string> files{
        {"open_clip_config.json", "{\"model_cfg\":{}}"}, {"vocab.json", "{}"}, {"open_clip_model.safetensors", test_bytes(50000)}};
    bool gated = false;
    TestServer storage{[this](const TestRequest& request) { return serve_bytes(request, files.at(request.path.substr(1))); }};
    TestServer hub{[this](const TestRequest& request) { return answer(request); }};
    const fs::path cache = place.folder / "hub";
    const fs::path folder = cache / "models--org--name";

    void SetUp() override {
        place.set("HF_ENDPOINT", hub.url());
        place.set("HF_HUB_CACHE", cache.string());
    }

    std::string git_hash(const std::string& content) const {
        write_file_atomic(place.folder / "blob", content);
        std::string sum = git_blob_sha1(place.folder / "blob");
        fs::remove(place.folder / "blob");
        return sum;
    }

    TestReply answer(const TestRequest& request) {
        const auto refuse = [](int status, const char* code) { return TestReply{.status = status, .headers = {{"X-Error-Code", code}}}; };
        const auto pieces = split(request.path, '/');
        if (pieces.size() < 6 || pieces[1] + "/" + pieces[2] != "org/name") return refuse(404, "RepoNotFound");
        if (gated && request.header("authorization") != "Bearer hf_good")
            return refuse(request.header("authorization").empty() ? 401 : 403, "GatedRepo");
        if (pieces[4] != "main" && pieces[4] != kCommit && pieces[4] != "refs%2Fpr%2F1") return refuse(404, "RevisionNotFound");
        const auto file = files.find(join({pieces.begin() + 5, pieces.end()}, "/"));
        if (file == files.end()) {
            auto reply = refuse(404, "EntryNotFound");
            reply.headers["X-Repo-Commit"] = kCommit;
            return reply;
        }
        const bool large = file->first.ends_with(".safetensors");
        TestReply reply = large ? TestReply{.status = 302} : serve_bytes(request, file->second);
        reply.headers["X-Repo-Commit"] = kCommit;
        if (large) {
            reply.headers["Location"] = storage.url("/" + file->first);
            reply.headers["X-Linked-Etag"] = "\"" + sha256_hex(file->second) + "\"";
            reply.headers["X-Linked-Size"] = std::to_string(file->second.size());
        } else {
            reply.headers["ETag"] = "W/\"" + git_hash(file->second) + "\"";
        }
        return reply;
    }

    std::pair<std::optional<DownloadFailure>, std::string> failure_of(const std::string& name) {
        try {
            static_cast<void>(fetch_from_hub(parse_hub(name)));
        } catch (const DownloadError& error) {
            return {error.failure(), error.what()};
        }
        return {std::nullopt, "nothing was thrown"};
    }
};

TEST_F(HubTest, LayoutIsTheHubsOwn) {
    const fs::path snapshot = fetch_from_hub(parse_hub("hf:org/name"));
    EXPECT_EQ(snapshot, folder / "snapshots" / kCommit);
    const std::string sum = sha256_hex(files["open_clip_model.safetensors"]);
    const std::string config = git_hash(files["open_clip_config.json"]);
    const std::string vocabulary = git_hash(files["vocab.json"]);
    EXPECT_EQ(read_file(folder / "refs/main"), kCommit);
    EXPECT_EQ(read_file(folder / "blobs" / sum), files["open_clip_model.safetensors"]);
    EXPECT_EQ(fs::read_symlink(snapshot / "open_clip_model.safetensors"), "../../blobs/" + sum);
    EXPECT_EQ(fs::read_symlink(snapshot / "open_clip_config.json"), "../../blobs/" + config);
    EXPECT_EQ(read_file(snapshot / "vocab.json"), files["vocab.json"]);
    EXPECT_TRUE(fs::is_regular_file(folder / ".no_exist" / kCommit / "tokenizer.json"));
    EXPECT_EQ(fs::file_size(folder / ".no_exist" / kCommit / "tokenizer.json"), 0U);
    EXPECT_FALSE(fs::exists(folder / ".no_exist" / kCommit / "vocab.json"));
    EXPECT_TRUE(fs::is_regular_file(cache / ".locks/models--org--name" / (sum + ".lock")));
    std::vector<std::string> blobs;
    for (const auto& entry : fs::directory_iterator(folder / "blobs")) blobs.push_back(entry.path().filename());
    EXPECT_THAT(blobs, testing::UnorderedElementsAre(sum, config, vocabulary));
}

TEST_F(HubTest, ASecondTimeTransfersNoContentAndOfflineUsesTheSnapshot) {
    const fs::path snapshot = fetch_from_hub(parse_hub("hf:org/name"));
    ASSERT_EQ(storage.requests().size(), 1U);
    EXPECT_EQ(fetch_from_hub(parse_hub("hf:org/name")), snapshot);
    EXPECT_EQ(storage.requests().size(), 1U);
    place.set("HF_HUB_OFFLINE", "1");
    EXPECT_EQ(find_in_hub_cache(parse_hub("hf:org/name")), snapshot);
    EXPECT_EQ(find_in_hub_cache(parse_hub("hf:org/name@" + kCommit)), snapshot);
    EXPECT_EQ(find_in_hub_cache(parse_hub("hf:org/name@other")), std::nullopt);  // never another revision
    EXPECT_EQ(find_in_hub_cache(parse_hub("hf:org/name/vocab.json")), snapshot / "vocab.json");
    EXPECT_EQ(find_in_hub_cache(parse_hub("hf:org/name/absent.json")), std::nullopt);
    const auto [failure, words] = failure_of("hf:org/other");
    EXPECT_EQ(failure, DownloadFailure::offline);
    EXPECT_THAT(words, HasSubstr("HF_HUB_OFFLINE"));
}

TEST_F(HubTest, TheTokenReachesTheHubOnly) {
    place.set("HF_TOKEN", "hf_good\n");
    gated = true;
    static_cast<void>(fetch_from_hub(parse_hub("hf:org/name")));
    for (const auto& request : hub.requests()) EXPECT_EQ(request.header("authorization"), "Bearer hf_good");
    ASSERT_EQ(storage.requests().size(), 1U);
    EXPECT_EQ(storage.requests().at(0).header("authorization"), "");
}

TEST_F(HubTest, TheTokenFileIsRead) {
    place.set("HF_HOME", "$HOME/hf");
    fs::create_directories(place.folder / "hf");
    write_file_atomic(place.folder / "hf/token", "  hf_file\r\n");
    EXPECT_EQ(hub_settings().token, "hf_file");
    place.set("HF_TOKEN", "hf_named");
    EXPECT_EQ(hub_settings().token, "hf_named");
    place.set("HF_HUB_DISABLE_IMPLICIT_TOKEN", "1");
    EXPECT_EQ(hub_settings().token, "");
}

TEST_F(HubTest, RefusalsHaveTheirSentencesAndLeaveNoTrace) {
    gated = true;
    auto [failure, words] = failure_of("hf:org/name");
    EXPECT_EQ(failure, DownloadFailure::refused);
    EXPECT_THAT(words, HasSubstr("gated model"));
    gated = false;
    std::tie(failure, words) = failure_of("hf:org/other");
    EXPECT_EQ(failure, DownloadFailure::not_found);
    EXPECT_THAT(words, HasSubstr("there is no such model on 127.0.0.1"));
    std::tie(failure, words) = failure_of("hf:org/name@nowhere");
    EXPECT_EQ(failure, DownloadFailure::not_found);
    EXPECT_THAT(words, HasSubstr("no revision 'nowhere'"));
    std::tie(failure, words) = failure_of("hf:org/name/absent.bin");
    EXPECT_EQ(failure, DownloadFailure::not_found);
    files.erase("open_clip_model.safetensors");
    std::tie(failure, words) = failure_of("hf:org/name");
    EXPECT_EQ(failure, DownloadFailure::not_found);
    EXPECT_THAT(words, HasSubstr("has no weights that can be read"));
    EXPECT_THAT(place.listing(), IsEmpty());
}

TEST_F(HubTest, DamagedWeightsAreNotKept) {
    TestServer liar([&](const TestRequest&) { return TestReply{.body = std::string(50000, 'x')}; });
    TestServer front([&](const TestRequest& request) {
        auto reply = answer(request);
        if (reply.headers.contains("Location")) reply.headers["Location"] = liar.url("/x");
        return reply;
    });
    place.set("HF_ENDPOINT", front.url() + "/");
    EXPECT_EQ(failure_of("hf:org/name").first, DownloadFailure::wrong_content);
    EXPECT_EQ(find_in_hub_cache(parse_hub("hf:org/name")), std::nullopt);
    for (const auto& name : place.listing()) EXPECT_THAT(name, testing::Not(HasSubstr("incomplete")));
}

TEST_F(HubTest, ShardsComeWithTheirIndex) {
    files.erase("open_clip_model.safetensors");
    files["model.safetensors.index.json"] =
        R"({"weight_map":{"a":"model-00001-of-00002.safetensors","b":"model-00002-of-00002.safetensors",)"
        R"("c":"model-00001-of-00002.safetensors"}})";
    files["model-00001-of-00002.safetensors"] = test_bytes(1000);
    files["model-00002-of-00002.safetensors"] = test_bytes(2000);
    const fs::path snapshot = fetch_from_hub(parse_hub("hf:org/name"));
    EXPECT_EQ(weights_in(snapshot), snapshot / "model.safetensors.index.json");
    EXPECT_EQ(read_file(snapshot / "model-00002-of-00002.safetensors"), test_bytes(2000));
    fs::remove(snapshot / "model-00002-of-00002.safetensors");
    EXPECT_EQ(weights_in(snapshot), fs::path());
}

TEST_F(HubTest, AnIndexCannotNameFilesElsewhere) {
    files.erase("open_clip_model.safetensors");
    files["model.safetensors.index.json"] = R"({"weight_map":{"a":"../../../../evil.safetensors"}})";
    EXPECT_THROW(static_cast<void>(fetch_from_hub(parse_hub("hf:org/name"))), InputError);
    EXPECT_FALSE(fs::exists(place.folder / "evil.safetensors"));
}

TEST_F(HubTest, PullRequestsAreRevisionsInSubfolders) {
    const fs::path snapshot = fetch_from_hub(parse_hub("hf:org/name@refs/pr/1"));
    EXPECT_EQ(read_file(folder / "refs/refs/pr/1"), kCommit);
    EXPECT_EQ(find_in_hub_cache(parse_hub("hf:org/name@refs/pr/1")), snapshot);
    EXPECT_EQ(find_in_hub_cache(parse_hub("hf:org/name")), std::nullopt);
}

TEST_F(HubTest, OneFileOfARepository) {
    files["sub/other.safetensors"] = test_bytes(10);
    const fs::path path = fetch_from_hub(parse_hub("hf:org/name/sub/other.safetensors"));
    EXPECT_EQ(path, folder / "snapshots" / kCommit / "sub/other.safetensors");
    EXPECT_EQ(fs::read_symlink(path), "../../../blobs/" + sha256_hex(test_bytes(10)));
    EXPECT_EQ(read_file(path), test_bytes(10));
}

TEST_F(HubTest, ARenamedRepositoryIsFollowedOnTheSameHost) {
    TestServer front([&](const TestRequest& request) {
        if (request.path.starts_with("/old/name/"))
            return TestReply{.status = 307, .headers = {{"Location", "/org" + request.path.substr(4)}}};
        return answer(request);
    });
    place.set("HF_ENDPOINT", front.url());
    const fs::path snapshot = fetch_from_hub(parse_hub("hf:old/name"));
    EXPECT_EQ(snapshot, cache / "models--old--name/snapshots" / kCommit);
    EXPECT_FALSE(weights_in(snapshot).empty());
}

TEST_F(HubTest, UnavailableTwiceThenFine) {
    int count = 0;
    TestServer front([&](const TestRequest& request) { return ++count <= 2 ? TestReply{.status = 503} : answer(request); });
    place.set("HF_ENDPOINT", front.url());
    EXPECT_FALSE(weights_in(fetch_from_hub(parse_hub("hf:org/name"))).empty());
}

TEST_F(HubTest, AServerThatIsNoHubIsNamed) {
    TestServer other([](const TestRequest&) { return TestReply{.body = "<html>hello"}; });
    place.set("HF_ENDPOINT", other.url());
    const auto [failure, words] = failure_of("hf:org/name");
    EXPECT_EQ(failure, DownloadFailure::server);
    EXPECT_THAT(words, HasSubstr("check HF_ENDPOINT"));
    EXPECT_THAT(place.listing(), IsEmpty());
}

TEST_F(HubTest, ALinkWithoutItsBlobIsReplaced) {
    const fs::path snapshot = fetch_from_hub(parse_hub("hf:org/name"));
    fs::remove(folder / "blobs" / sha256_hex(files["open_clip_model.safetensors"]));
    EXPECT_EQ(find_in_hub_cache(parse_hub("hf:org/name")), std::nullopt);
    EXPECT_EQ(fetch_from_hub(parse_hub("hf:org/name")), snapshot);
    EXPECT_EQ(read_file(snapshot / "open_clip_model.safetensors"), files["open_clip_model.safetensors"]);
}

TEST_F(HubTest, RepositoriesInTheCacheAreListed) {
    static_cast<void>(fetch_from_hub(parse_hub("hf:org/name")));
    fs::create_directories(cache / "models--org--empty/refs");
    EXPECT_THAT(cached_repositories(hub_settings()), ElementsAre("org/name"));
}

TEST_F(HubTest, TheCacheFolderFollowsTheEnvironment) {
    place.set("HF_HUB_CACHE", "");
    EXPECT_EQ(hub_settings().cache, place.folder / ".cache/huggingface/hub");
    place.set("XDG_CACHE_HOME", "~/xdg");
    EXPECT_EQ(hub_settings().cache, place.folder / "xdg/huggingface/hub");
    place.set("HF_HOME", "/data/hf");
    EXPECT_EQ(hub_settings().cache, "/data/hf/hub");
    place.set("HUGGINGFACE_HUB_CACHE", "/data/old");
    EXPECT_EQ(hub_settings().cache, "/data/old");
    place.set("HF_HUB_CACHE", "/data/new");
    EXPECT_EQ(hub_settings().cache, "/data/new");
    EXPECT_EQ(hub_folder(hub_settings(), "bert-base-cased"), "/data/new/models--bert-base-cased");
}

TEST(ParseHub, TakesNamesRevisionsAndFiles) {
    const auto parts = [](const char* text) {
        const auto reference = parse_hub(text);
        return reference.repository + " " + reference.revision + " " + reference.file;
    };
    EXPECT_EQ(parts("hf:org/name"), "org/name main ");
    EXPECT_EQ(parts("org/name"), "org/name main ");
    EXPECT_EQ(parts("hf-hub:laion/CLIP-ViT-B-32-DataComp.XL-s13B-b90K"), "laion/CLIP-ViT-B-32-DataComp.XL-s13B-b90K main ");
    EXPECT_EQ(parts("hf:org/name@v1.0"), "org/name v1.0 ");
    EXPECT_EQ(parts("hf:org/name@refs/pr/12/sub/a.bin"), "org/name refs/pr/12 sub/a.bin");
    EXPECT_EQ(parts("hf:org/name/sub/a.bin"), "org/name main sub/a.bin");
    EXPECT_EQ(parts("hf:bert"), "bert main ");
    for (const char* bad : {"hf:", "hf:/name", "hf:org/", "hf:../name", "hf:org/name@", "hf:org/name@../x", "hf:org/name/../x",
                            "hf:org/na me", "hf:org/name//x", "hf:a--b/c"})
        EXPECT_THROW(static_cast<void>(parse_hub(bad)), InputError) << bad;
}

}  // namespace
}  // namespace clipig
