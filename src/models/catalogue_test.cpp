#include "models/catalogue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/files.h"
#include "models/cache.h"
#include "models/test_http_server.h"

namespace clipig {
namespace {

namespace fs = std::filesystem;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class CatalogueTest : public testing::Test {
protected:
    TestPlace place;
    const fs::path clip = place.folder / ".cache/clip";

    void SetUp() override { place.set("CLIPIG_MODELS", CLIPIG_SOURCE_DIR "/models"); }
    void cache_file(const fs::path& path, const std::string& content = "weights") const {
        fs::create_directories(path.parent_path());
        write_file_atomic(path, content);
    }
    fs::path cache_snapshot(const std::string& repository, const std::string& file) const {
        const fs::path folder = place.folder / ".cache/huggingface/hub" / repository;
        cache_file(folder / "refs/main", std::string(40, 'a'));
        cache_file(folder / "snapshots" / std::string(40, 'a') / file);
        return folder / "snapshots" / std::string(40, 'a');
    }
    static std::string error_of(const std::string& name, bool download = false) {
        try {
            static_cast<void>(find_model(name, download));
        } catch (const InputError& error) {
            return error.what();
        }
        return "found";
    }
};

TEST_F(CatalogueTest, NamesAreDistinctAndEveryEntryIsWhole) {
    for (const auto& model : known_models()) {
        EXPECT_EQ(known_model(model.name), &model) << model.name;
        EXPECT_FALSE(model.licence.empty()) << model.name;
        EXPECT_GE(model.view_size, 64) << model.name;
        EXPECT_EQ(model.file.empty(), !is_url(model.source)) << model.name;
        EXPECT_TRUE(model.sha256.empty() || model.sha256.size() == 64 || model.sha256.size() == 8) << model.name;
    }
}

TEST_F(CatalogueTest, OpenAisNineModelsCarryTheirSumInTheUrl) {
    int count = 0;
    for (const auto& model : known_models()) {
        if (!model.source.starts_with("https://openaipublic")) continue;
        ++count;
        EXPECT_THAT(model.source, EndsWith("/" + model.sha256 + "/" + model.file));
        EXPECT_TRUE(model.quick_gelu);
        EXPECT_EQ(model.sha256.size(), 64U);
    }
    EXPECT_EQ(count, 9);
    EXPECT_EQ(known_model("RN50x64")->view_size, 448);
    EXPECT_EQ(known_model("ViT-L/14@336px")->view_size, 336);
}

TEST_F(CatalogueTest, OtherSpellingsMeanTheSameModel) {
    const std::vector<std::pair<std::string, std::string>> spellings{{"ViT-B-32", "ViT-B/32"},
                                                                     {"vit-b/32", "ViT-B/32"},
                                                                     {"ViT-B-32:openai", "ViT-B/32"},
                                                                     {"ViT-B-32-quickgelu:openai", "ViT-B/32"},
                                                                     {"ViT-L-14-336", "ViT-L/14@336px"},
                                                                     {"ViT-L-14-336px", "ViT-L/14@336px"},
                                                                     {"rn50:openai", "RN50"},
                                                                     {"ViT-B-32:laion2B-s34B-b79K", "ViT-B-32:laion2b_s34b_b79k"},
                                                                     {"ViT-B/32:laion400m_e32", "ViT-B-32:laion400m_e32"},
                                                                     {"MINI", "mini"},
                                                                     {"clipag", "CLIPAG"}};
    for (const auto& [spelling, name] : spellings) {
        ASSERT_NE(known_model(spelling), nullptr) << spelling;
        EXPECT_EQ(known_model(spelling)->name, name);
    }
    EXPECT_EQ(known_model("ViT-B/33"), nullptr);
    EXPECT_EQ(known_model("ViT-B-32:nothing"), nullptr);
}

TEST_F(CatalogueTest, TheBundledModelIsFound) {
    const auto model = find_model("mini", false);
    EXPECT_EQ(model.path, fs::path(CLIPIG_SOURCE_DIR "/models/mini"));
    EXPECT_TRUE(fs::is_regular_file(model.path / "open_clip_model.safetensors"));
    place.set("CLIPIG_MODELS", (place.folder / "nowhere").string());
    EXPECT_THAT(error_of("mini"), HasSubstr((place.folder / "nowhere/mini").string()));
}

TEST_F(CatalogueTest, AMissingModelSaysWhereItLookedAndHowToGetIt) {
    const std::string words = error_of("ViT-B/32");
    EXPECT_THAT(words, HasSubstr((clip / "ViT-B-32.pt").string()));
    EXPECT_THAT(words, HasSubstr("models--timm--vit_base_patch32_clip_224.openai"));
    EXPECT_THAT(words, HasSubstr("models--openai--clip-vit-base-patch32"));
    EXPECT_THAT(words, HasSubstr("clipig models get ViT-B/32"));
    EXPECT_THAT(words, HasSubstr("338.0 MiB"));
    EXPECT_THAT(words, HasSubstr("model: mini"));
}

TEST_F(CatalogueTest, EveryCacheIsSearched) {
    const auto second = cache_snapshot("models--openai--clip-vit-base-patch32", "model.safetensors");
    EXPECT_EQ(find_model("ViT-B/32", false).path, second);
    const auto first = cache_snapshot("models--timm--vit_base_patch32_clip_224.openai", "open_clip_model.safetensors");
    EXPECT_EQ(find_model("ViT-B-32:openai", false).path, first);
    cache_file(clip / "ViT-B-32.pt");
    const auto model = find_model("ViT-B/32", false);
    EXPECT_EQ(model.path, clip / "ViT-B-32.pt");
    EXPECT_EQ(model.name, "ViT-B/32");
    EXPECT_TRUE(model.known && model.known->quick_gelu);
}

TEST_F(CatalogueTest, SlipsOfThePenAreCorrected) {
    EXPECT_THAT(error_of("ViT-B/33"), HasSubstr("did you mean 'ViT-B/32'?"));
    EXPECT_THAT(error_of("RN51", true), HasSubstr("did you mean 'RN50'?"));
    EXPECT_THAT(error_of("nothing like it"), Not(HasSubstr("did you mean")));
    EXPECT_THAT(error_of("nothing like it"), HasSubstr("`clipig models` lists the names"));
    EXPECT_THAT(error_of("./absent.pt"), HasSubstr("there is no such file or folder"));
}

TEST_F(CatalogueTest, PathsAreTakenAsTheyAre) {
    cache_file(place.folder / "my/model.pt");
    EXPECT_EQ(find_model("~/my/model.pt", false).path, place.folder / "my/model.pt");
    EXPECT_EQ(find_model((place.folder / "my").string(), false).path, place.folder / "my");
    cache_file(place.folder / "my/vit_b_32-quickgelu-laion400m_e32-46683a32.pt");
    const auto release = find_model("~/my/vit_b_32-quickgelu-laion400m_e32-46683a32.pt", false);
    EXPECT_TRUE(release.known && release.known->quick_gelu);  // nothing in the file says so, but its name does
    const auto snapshot = cache_snapshot("models--a--b", "model.safetensors");
    EXPECT_EQ(find_model(snapshot.parent_path().parent_path().string(), false).path, snapshot);
}

TEST_F(CatalogueTest, HubNamesWithAndWithoutPrefix) {
    const auto snapshot = cache_snapshot("models--some--thing", "model.safetensors");
    EXPECT_EQ(find_model("hf:some/thing", false).path, snapshot);
    EXPECT_EQ(find_model("some/thing", false).name, "hf:some/thing");
    EXPECT_THAT(error_of("hf:some/other"), HasSubstr("models--some--other"));
    const auto known = find_model("hf:some/thing", false);
    EXPECT_FALSE(known.known.has_value());
}

TEST_F(CatalogueTest, AutoTakesWhatIsHereAndSaysSo) {
    auto model = find_model("auto", false);
    EXPECT_EQ(model.name, "mini");
    EXPECT_THAT(model.note, HasSubstr("ViT-B/32 is not on this machine"));
    EXPECT_THAT(model.note, Not(HasSubstr("\n")));
    cache_snapshot("models--laion--CLIP-ViT-B-32-laion2B-s34B-b79K", "open_clip_pytorch_model.bin");
    EXPECT_EQ(find_model("auto", false).name, "ViT-B-32:laion2b_s34b_b79k");
    cache_file(clip / "ViT-B-32.pt");
    EXPECT_EQ(find_model("auto", false).name, "ViT-B/32");
}

TEST_F(CatalogueTest, AutoWithoutANetworkFallsBackAndNamesTheReason) {
    TestServer mirror([](const TestRequest&) { return TestReply{.status = 404}; });
    place.set("CLIPIG_OPENAI_ENDPOINT", mirror.url());
    place.set("HF_ENDPOINT", mirror.url());
    auto model = find_model("auto", true);
    EXPECT_EQ(model.name, "mini");
    EXPECT_EQ(model.note,
              "model auto: the small bundled model mini, because ViT-B/32 is not on this machine and cannot be downloaded (the server does "
              "not give it)");
    EXPECT_THAT(model.note, Not(HasSubstr("\n")));
    EXPECT_THAT(place.listing(), IsEmpty());
    const auto asked = mirror.requests().size();
    place.set("HF_HUB_OFFLINE", "1");
    EXPECT_EQ(find_model("auto", true).name, "mini");
    EXPECT_EQ(mirror.requests().size(), asked);
}

TEST_F(CatalogueTest, ANamedModelIsNeverReplaced) {
    TestServer mirror([](const TestRequest&) { return TestReply{.status = 404}; });
    place.set("CLIPIG_OPENAI_ENDPOINT", mirror.url());
    place.set("HF_ENDPOINT", mirror.url());
    const std::string words = error_of("RN50", true);
    EXPECT_THAT(words, HasSubstr("model 'RN50' is not on this machine"));
    EXPECT_THAT(words, HasSubstr("model: mini"));
    EXPECT_THAT(mirror.requests().at(0).path,
                EndsWith("/clip/models/afeb0e10f9e5a86da6080e35cf09123aca3b358a0c3e3b6c78a7b63bc04b6762/RN50.pt"));
}

TEST_F(CatalogueTest, AMirrorWithOtherBytesIsRefused) {
    TestServer mirror([](const TestRequest& request) { return serve_bytes(request, "not the weights"); });
    place.set("CLIPIG_OPENAI_ENDPOINT", mirror.url());
    EXPECT_THAT(error_of("RN50", true), HasSubstr("its SHA-256 is"));
    EXPECT_THAT(place.listing(), IsEmpty());
    EXPECT_EQ(mirror.requests().size(), 1U);
}

TEST_F(CatalogueTest, WhenTheOwnersServerIsGoneTheHubsCopyIsTaken) {
    const std::string weights = test_bytes(5000);
    TestServer gone([](const TestRequest&) { return TestReply{.status = 404}; });
    TestServer hub([&](const TestRequest& request) {
        TestReply reply{.status = 404, .headers = {{"X-Error-Code", "EntryNotFound"}}};
        if (request.path.ends_with("/open_clip_model.safetensors")) {
            reply = serve_bytes(request, weights);
            reply.headers["ETag"] = "\"" + sha256_hex(weights) + "\"";
        }
        reply.headers["X-Repo-Commit"] = std::string(40, 'b');
        return reply;
    });
    place.set("CLIPIG_OPENAI_ENDPOINT", gone.url());
    place.set("HF_ENDPOINT", hub.url());
    const auto model = find_model("RN50", true);
    EXPECT_EQ(read_file(model.path / "open_clip_model.safetensors"), weights);
    EXPECT_THAT(model.path.string(), HasSubstr("models--timm--resnet50_clip.openai"));
    const auto checks = verify_model("RN50");
    ASSERT_EQ(checks.size(), 1U);
    EXPECT_EQ(checks[0].problem, "");
    EXPECT_EQ(checks[0].expected, sha256_hex(weights));
    EXPECT_EQ(checks[0].found, sha256_hex(weights));
}

TEST_F(CatalogueTest, VerifyFindsADamagedFileAndGetReplacesIt) {
    cache_file(clip / "RN50.pt", "damaged");
    const auto checks = verify_model("RN50");
    ASSERT_EQ(checks.size(), 1U);
    EXPECT_EQ(checks[0].found, sha256_hex("damaged"));
    EXPECT_THAT(checks[0].problem, HasSubstr("expected afeb0e10"));
    TestServer mirror([](const TestRequest&) { return TestReply{.status = 503}; });
    place.set("CLIPIG_OPENAI_ENDPOINT", mirror.url());
    place.set("CLIPIG_RETRIES", "1");
    EXPECT_THROW(static_cast<void>(get_model("RN50")), DownloadError);
    EXPECT_EQ(mirror.requests().size(), 2U);
    EXPECT_EQ(read_file(clip / "RN50.pt"), "damaged");  // as it was
}

TEST_F(CatalogueTest, VerifyOfFilesWithoutAPromiseGivesTheSum) {
    const auto checks = verify_model("mini");
    EXPECT_GE(checks.size(), 4U);
    for (const auto& check : checks) {
        EXPECT_EQ(check.expected, "");
        EXPECT_EQ(check.found, sha256_file(check.path));
    }
    EXPECT_THROW(static_cast<void>(verify_model("RN101")), InputError);
}

TEST_F(CatalogueTest, StatusesTellWhatIsHere) {
    cache_file(clip / "RN50.pt", "12345");
    cache_snapshot("models--some--thing", "model.safetensors");
    std::map<std::string, ModelStatus> statuses;
    for (auto& status : model_statuses()) statuses[status.model.name] = status;
    EXPECT_EQ(statuses.at("RN50").bytes, 5);
    EXPECT_EQ(statuses.at("RN50").path, clip / "RN50.pt");
    EXPECT_FALSE(statuses.at("ViT-L/14").here());
    EXPECT_TRUE(statuses.at("mini").here());
    EXPECT_GT(statuses.at("mini").bytes, 1000000);
    EXPECT_TRUE(statuses.at("hf:some/thing").here());
    EXPECT_EQ(statuses.size(), known_models().size() + 1);
}

}  // namespace
}  // namespace clipig
