// Numbers that others published for the real weights of ViT-B/32. They bind only where those weights are:
//   CLIPIG_WEIGHTS=~/.cache/clip/ViT-B-32.pt  (or a folder of openai/clip-vit-base-patch32)
//   CLIPIG_GOLDEN=a folder with images/ (000000039769.png, two_dogs_in_snow.jpg), for the cases that need more than CLIP.png
#include <gtest/gtest.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "base/files.h"
#include "engine/models.h"
#include "image/read_picture.h"
#include "towers/picture_views.h"

namespace clipig {
namespace {

namespace fs = std::filesystem;

const nlohmann::json& published(const std::string& id) {
    static const auto all = nlohmann::json::parse(read_file(CLIPIG_SOURCE_DIR "/tests/golden/published_expected.json"));
    for (const auto& entry : all["cases"]) {
        if (entry["id"] == id) return entry;
    }
    throw std::runtime_error("no case " + id);
}

class Published : public testing::Test {
protected:
    void SetUp() override {
        const char* weights = std::getenv("CLIPIG_WEIGHTS");
        if (weights == nullptr) GTEST_SKIP() << "skipped: CLIPIG_WEIGHTS names no weights of ViT-B/32";
        static const auto loaded = load_clip(weights, "ViT-B/32", {.precision = "fp32"});
        model_ = loaded;
    }
    /// Features of a picture; undefined when it is not there.
    Tensor image(const std::string& name) {
        const char* golden = std::getenv("CLIPIG_GOLDEN");
        fs::path path = fs::path(CLIPIG_SOURCE_DIR) / "tests/golden" / name;
        if (!fs::exists(path) && golden != nullptr) path = fs::path(golden) / "images" / name;
        if (!fs::exists(path)) return {};
        const at::NoGradGuard no_gradient;
        return model_->encode_image(picture_view(read_picture(path.string()), *model_));
    }
    Tensor texts(const nlohmann::json& list) { return model_->encode_text(list.get<std::vector<std::string>>()); }
    static Tensor cosines(const Tensor& images, const Tensor& texts) {
        return at::matmul(unit_rows(images), unit_rows(texts).t()).squeeze(0);
    }
    static void expect_near(const Tensor& found, const nlohmann::json& wanted, double tolerance, std::int64_t offset = 0) {
        for (std::size_t i = 0; i < wanted.size(); ++i) {
            EXPECT_NEAR(found[offset + static_cast<std::int64_t>(i)].item<double>(), wanted[i].get<double>(), tolerance) << "number " << i;
        }
    }
    std::shared_ptr<ClipModel> model_;
};

constexpr double kScale = 100;  // exp(logit_scale) of OpenAI's models, where training clips it

TEST_F(Published, HelloWorld) {
    const auto& entry = published("fastembed-text");
    expect_near(unit_rows(texts({entry["text"]}))[0], entry["first5"], entry["atol"]);
}

TEST_F(Published, AstronautText) {
    const auto& entry = published("josephrocca-astronaut-text");
    // two runs of the source differ by 1.3e-3: half precision on a GPU
    expect_near(texts({entry["text"]})[0], entry["encode_text_unnormalised_first20_v1"], 2e-3);
}

TEST_F(Published, DrawingOfClip) {
    const auto& entry = published("openai-readme-CLIP.png");
    const Tensor features = image("CLIP.png");
    expect_near(at::softmax(kScale * cosines(features, texts(entry["texts"])), 0), entry["softmax_logits_per_image"], 0.01);
    expect_near(features[0], published("openai-jit-CLIP.png-embedding-head")["encode_image_unnormalised_first3"], 2e-3);
}

TEST_F(Published, Cats) {
    const Tensor features = image("000000039769.png");
    if (!features.defined()) GTEST_SKIP() << "skipped: CLIPIG_GOLDEN names no folder with images/000000039769.png";
    const auto& entry = published("hf-clip-cats-logits");
    // the source read the JPEG, and converted and cropped in another order: a few hundredths of a logit
    expect_near(kScale * cosines(features, texts(entry["texts"])), entry["logits_per_image"], 0.05);
    const auto& first = published("fastembed-image");
    expect_near(unit_rows(features)[0], first["l2_normalised_first5"], first["atol"]);
}

TEST_F(Published, TwoDogs) {
    const Tensor features = image("two_dogs_in_snow.jpg");
    if (!features.defined()) GTEST_SKIP() << "skipped: CLIPIG_GOLDEN names no folder with images/two_dogs_in_snow.jpg";
    const auto& entry = published("st-two-dogs");
    expect_near(cosines(features, texts(entry["texts"])), entry["cosine"], entry["tolerance"]);
}

}  // namespace
}  // namespace clipig
