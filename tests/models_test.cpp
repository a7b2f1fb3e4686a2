// Models and features together: several models at once, lists of texts, long prompts, pictures as the model wants them, hints.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "base/files.h"
#include "base/test_folder.h"
#include "engine/feature.h"
#include "engine/models.h"
#include "image/convert.h"
#include "scene.h"
#include "towers/clip.h"
#include "towers/picture_views.h"
#include "towers/random_model.h"

namespace clipig {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

const fs::path kMini = CLIPIG_SOURCE_DIR "/models/mini";

using test::config_of;

/// Random networks with the vocabulary of mini: `vit` sees 24 pixels, `wide` 40.
class Networks {
public:
    Networks() {
        make("vit", vit_architecture(64, 2, 8, 24, 16), 1);
        make("wide", vit_architecture(128, 1, 8, 40, 32), 2);
    }
    [[nodiscard]] LoadedModel load(const std::string& name, const ModelHints& hints = {}) const {
        ModelOptions options;
        options.precision = "fp32";
        options.hints = hints;
        return {load_clip(name == "mini" ? kMini : folder_ / name, name, options), name, ""};
    }
    [[nodiscard]] fs::path folder() const { return folder_.path(); }

private:
    void make(const char* name, Architecture net, std::uint64_t seed) const {
        fs::create_directories(folder_ / name);
        for (const char* file : {"vocab.json", "merges.txt"}) fs::copy_file(kMini / file, folder_ / name / file);
        net.vocabulary = 3114;
        write_random_model(folder_ / name / "model.safetensors", net, seed);
    }
    test::TemporaryFolder folder_;
};

const Networks& networks() {
    static const Networks made;
    return made;
}

double cosine(const Tensor& a, const Tensor& b) { return (unit_rows(a) * unit_rows(b)).sum().item<double>(); }

TEST(SeveralModels, OfDifferentViewSizesAllSeeWhatIsAsked) {
    const auto loader = [](const std::string& name) { return networks().load(name); };
    const std::string yaml =
        "seed: 3\nresolution: 48\nepochs: 60\nmodel: [vit, wide]\nsnapshot_interval: 0\n"
        "targets:\n  - features: [text: strawberry]\n    batch_size: 2\n    transforms: [random_shift: -2 2]\n";
    clipig::Run run(config_of(yaml), {loader, at::kCPU});
    const std::vector<LoadedModel> models{networks().load("vit"), networks().load("wide")};
    ASSERT_NE(models[0].model->view_size(), models[1].model->view_size());
    const auto similarities = [&] {
        const at::NoGradGuard no_gradient;
        const auto planes = run.picture();
        const Tensor image =
            at::from_blob(const_cast<float*>(planes->data.data()), {1, 3, planes->height, planes->width}, at::kFloat).clone();
        std::vector<double> found;
        for (const LoadedModel& loaded : models) {
            const ClipModel& model = *loaded.model;
            found.push_back(cosine(model.encode_image(model_views(image, model.view_size())), model.encode_text({"strawberry"})));
        }
        return found;
    };
    const std::vector<double> before = similarities();
    for (int i = 0; i < 60; ++i) (void)run.step();
    const std::vector<double> after = similarities();
    for (std::size_t i = 0; i < 2; ++i) EXPECT_GT(after[i], before[i] + 0.1) << models[i].name;
}

/// The embedding of a target's first feature.
Tensor embedding_of(const std::string& feature, const std::string& model = "mini") {
    const auto config = config_of("model: " + model + "\ntargets:\n  - features:\n      - " + feature + "\n");
    RunModels models;
    const auto loader = [](const std::string& name) { return networks().load(name); };
    const auto uses = models.use(config->top["model"], config->top["model_weight"], loader);
    return make_features(config->targets[0], uses, models, false)[0].embeddings[0];
}

constexpr double kRounding = 1e-5;  // float32 sums of some hundred products

TEST(Feature, ListOfTextsIsTheirMean) {
    const auto mini = networks().load("mini").model;
    const Tensor each = unit_rows(mini->encode_text({"a red square", "blue"}));
    const Tensor mean = unit_rows(each.mean(0, true)).squeeze(0);
    const Tensor found = embedding_of("text: [a red square, blue]");
    EXPECT_LT((found - mean).norm().item<double>(), kRounding);
    EXPECT_NEAR(found.norm().item<double>(), 1, kRounding);
    EXPECT_LT((embedding_of("text: blue") - each[1]).norm().item<double>(), kRounding);
    EXPECT_LT((embedding_of("text: [blue]") - each[1]).norm().item<double>(), kRounding);
    // one scalar is one text, commas and all
    EXPECT_LT((embedding_of("text: red, blue") - unit_rows(mini->encode_text({"red, blue"}))[0]).norm().item<double>(), kRounding);
}

TEST(Feature, LongTextIsRefusedCutOrReadInPieces) {
    std::string text;
    for (int i = 0; i < 30; ++i) text += "a red square beside a blue circle ";
    const auto mini = networks().load("mini").model;
    try {
        static_cast<void>(embedding_of("text: " + text));
        FAIL() << "no error";
    } catch (const ConfigError& error) {
        EXPECT_THAT(error.what(), HasSubstr("it would be cut here"));
    }
    const Tensor cut = unit_rows(mini->encode_text({text}, true)).squeeze(0);
    EXPECT_LT((embedding_of("{text: " + text + ", truncate: true}") - cut).norm().item<double>(), kRounding);
    const Tensor pieces = mini->encode_long_text(text);
    ASSERT_GT(pieces.size(0), 3);
    const Tensor mean = unit_rows(unit_rows(pieces).mean(0, true)).squeeze(0);
    EXPECT_LT((embedding_of("{text: " + text + ", chunk: true}") - mean).norm().item<double>(), kRounding);
    const Tensor one_piece = embedding_of("{text: blue, chunk: true}");
    EXPECT_LT((one_piece - embedding_of("text: blue")).norm().item<double>(), kRounding);
}

/// A picture whose left half is red and whose right half is green, twice as wide as high.
Picture flag() {
    Picture picture;
    picture.width = 96;
    picture.height = 48;
    picture.channels = 3;
    picture.depth = 8;
    for (int y = 0; y < 48; ++y) {
        for (int x = 0; x < 96; ++x) {
            for (const int value : {x < 48 ? 255 : 0, x < 48 ? 0 : 255, 0}) picture.samples.push_back(static_cast<std::uint16_t>(value));
        }
    }
    for (int i = 0; i < 12; ++i) {  // a blue left edge, which cropping loses
        for (int y = 0; y < 48; ++y) picture.samples[static_cast<std::size_t>((y * 96 + i) * 3 + 2)] = 255;
    }
    return picture;
}

TEST(Hints, ReachTheModelWhenNoConfigurationSaysMore) {
    const ModelHints hints{.quick_gelu = false, .vision_head_width = 32, .half_statistics = true, .squash = true};
    const auto plain = std::dynamic_pointer_cast<Clip>(networks().load("vit").model);
    EXPECT_EQ(plain->architecture().vision.activation, Activation::quick_gelu);
    const auto hinted = std::dynamic_pointer_cast<Clip>(networks().load("vit", hints).model);
    EXPECT_EQ(hinted->architecture().vision.activation, Activation::gelu);
    EXPECT_EQ(hinted->architecture().text.activation, Activation::gelu);
    EXPECT_EQ(hinted->architecture().vision.heads, 2);
    EXPECT_EQ(hinted->architecture().mean[2], .5);
    EXPECT_EQ(hinted->preparation().mode, ResizeMode::squash);
    const Tensor cropped = picture_view(flag(), *plain), squashed = picture_view(flag(), *hinted);
    EXPECT_EQ(cropped.sizes(), (at::IntArrayRef{1, 3, 24, 24}));
    EXPECT_LT(cropped[0][2].max().item<float>(), 0.1F);
    EXPECT_GT(squashed[0][2].max().item<float>(), 0.9F) << "the whole picture is there";

    const fs::path config = networks().folder() / "vit" / "open_clip_config.json";
    write_file_atomic(config, R"({"model_cfg": {"quick_gelu": true, "vision_cfg": {"head_width": 64}},
                                  "preprocess_cfg": {"mean": [0.1, 0.2, 0.3], "std": [1, 1, 1], "resize_mode": "shortest"}})");
    const auto told = std::dynamic_pointer_cast<Clip>(networks().load("vit", hints).model);
    fs::remove(config);
    EXPECT_EQ(told->architecture().vision.activation, Activation::quick_gelu);
    EXPECT_EQ(told->architecture().vision.heads, 1);
    EXPECT_EQ(told->architecture().mean[2], .3);
    EXPECT_EQ(told->preparation().mode, ResizeMode::shortest);
}

}  // namespace
}  // namespace clipig
