// A tiny training on shapes and patterns only: no font, a few seconds.
#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <cmath>

#include "attack.h"
#include "base/files.h"
#include "base/test_folder.h"
#include "captions.h"
#include "evaluation.h"
#include "loss.h"
#include "towers/clip_model.h"
#include "trainer.h"

namespace clipig::mini {
namespace {

class TrainMini : public ::testing::Test {
protected:
    static Settings tiny() {
        Settings s;
        s.stages = {1, 1, 1, 1};
        s.width = 8;
        s.side = 32;
        s.embedding = 32;
        s.text_width = 64;
        s.text_layers = 1;
        s.merges = 200;
        s.emoji = false;
        s.batch = 24;
        s.steps = 400;
        s.warm_up = 5;
        s.learning_rate = 3e-3;
        s.bf16 = false;
        s.attack_gate = -1;  // attacks from the first update on
        s.attack_ramp = 10;
        return s;
    }

    static std::vector<double> losses(Trainer& trainer, int batches) {
        std::vector<double> list;
        for (int i = 0; i < batches; ++i) {
            for (const Update& update : trainer.step()) list.push_back(update.loss);
        }
        return list;
    }

    test::TemporaryFolder temporary_;
    const std::filesystem::path& folder_ = temporary_.path();
};

TEST_F(TrainMini, LearnsAndRepeatsItsFirstTwentyLosses) {
    Trainer first(tiny(), folder_ / "a"), second(tiny(), folder_ / "b");
    const auto a = losses(first, 10), b = losses(second, 10);
    ASSERT_EQ(a.size(), 20u);
    EXPECT_EQ(a, b);  // the same bits
    const auto later = losses(first, 20);
    double before = 0, after = 0;
    for (std::size_t i = 0; i < 6; ++i) before += a[i] / 6, after += later[later.size() - 1 - i] / 6;
    EXPECT_LT(after, before - 0.3);  // from about ln 24 + ln 191; the noise of a mean of six batches is below .1
}

TEST_F(TrainMini, GoesOnFromACheckpointAsIfItHadNotStopped) {
    Trainer whole(tiny(), folder_ / "a");
    auto expected = losses(whole, 6);
    Trainer half(tiny(), folder_ / "b");
    (void)losses(half, 3);
    half.save();
    Trainer rest(tiny(), folder_ / "b");
    const auto found = losses(rest, 3);
    expected.erase(expected.begin(), expected.begin() + 6);
    EXPECT_EQ(found, expected);
    EXPECT_TRUE(at::equal(rest.model().weights(), whole.model().weights()));
}

/// The program reads float16 weights and folds batch norm; the trainer computes with it apart, in float32.
void expect_program_agrees(Trainer& trainer, const std::filesystem::path& folder) {
    trainer.model().write(folder, trainer.model().weights(), trainer.model().statistics());
    const auto program = load_clip(folder, "tiny", {.precision = "fp32", .plain = true});
    const at::NoGradGuard frozen;
    const Batch batch = trainer.source().draw(1000);
    const auto unit = [](const Tensor& x) { return x / x.norm(2, 1, true); };
    // half precision keeps 11 bits: a relative error of 5e-4 in each weight, which averages out over the layers to about 1e-3
    const Tensor views = trainer.model().encode_views(batch.views, false);
    EXPECT_LT((unit(program->encode_image(batch.views)) - views).abs().max().item<double>(), 5e-3);
    const std::vector<std::string> captions{"a red circle left of a blue square", "two green stars on white"};
    std::vector<std::int64_t> ids;
    for (const std::string& caption : captions) {
        const auto row = trainer.source().tokenizer().encode_padded(caption, trainer.model().net().context, false);
        ids.insert(ids.end(), row.begin(), row.end());
    }
    const Tensor texts = trainer.model().encode_ids(at::tensor(ids, at::kLong).view({2, -1}));
    EXPECT_LT((unit(program->encode_text(captions)) - texts).abs().max().item<double>(), 5e-3);
    EXPECT_GT((texts[0] - texts[1]).abs().max().item<double>(), 0.05);  // else the tests above could not fail
}

TEST_F(TrainMini, WritesAResNetThatTheProgramReads) {
    Trainer trainer(tiny(), folder_);
    (void)losses(trainer, 5);
    expect_program_agrees(trainer, folder_);
}

TEST_F(TrainMini, WritesAViTThatTheProgramReads) {
    Settings settings = tiny();
    settings.tower = "vit";
    settings.width = 64;
    settings.layers = 1;
    Trainer trainer(settings, folder_);
    (void)losses(trainer, 5);
    expect_program_agrees(trainer, folder_);
}

TEST_F(TrainMini, BatchesDoNotDependOnThreads) {
    const Source source(tiny(), folder_);
    const int threads = at::get_num_threads();
    const Batch many = source.draw(3);
    at::set_num_threads(1);
    const Batch one = source.draw(3);
    at::set_num_threads(threads);
    EXPECT_TRUE(at::equal(many.views, one.views));
    EXPECT_TRUE(at::equal(many.ids, one.ids));
    EXPECT_TRUE(at::equal(many.also_right, one.also_right));
    EXPECT_FALSE(at::equal(many.views, source.draw(4).views));
    EXPECT_GE(one.views.min().item<float>(), 0);
    EXPECT_LE(one.views.max().item<float>(), 1);
}

TEST_F(TrainMini, AttacksKeepTheirLengthAndRaiseTheLoss) {
    Trainer trainer(tiny(), folder_);
    (void)losses(trainer, 30);
    trainer.write_model(folder_);
    const auto model = load_clip(folder_, "tiny", {.precision = "fp32"});
    const World world({});
    const Exam exam = things_exam(world, 32, 20, 1);
    const Tensor texts = model->encode_text(exam.captions), captions = texts / texts.norm(2, 1, true);
    const Tensor moved = attacked(*model, exam.views, captions, exam.own, 0.5, 4);
    const Tensor lengths = (moved - exam.views).flatten(1).norm(2, 1);
    EXPECT_LE(lengths.max().item<double>(), 0.5 + 1e-4);  // rounding of a sum of 3072 squares
    EXPECT_GT(lengths.median().item<double>(), 0.2);      // not all of it: what would leave 0..1 is cut off
    const auto own = [&](const Tensor& views) {
        const Tensor features = model->encode_image(views);
        return at::log_softmax(at::matmul(features / features.norm(2, 1, true), captions.t()) * 20, 1)
            .gather(1, exam.own.unsqueeze(1))
            .sum()
            .item<double>();
    };
    EXPECT_LT(own(moved), own(exam.views));
}

TEST(Scenes, TestsShowCompositionsThatTrainingLeavesOut) {
    const World world({});
    int composed = 0;
    for (std::uint32_t i = 0; i < 300; ++i) {
        Random random({.seed = 5, .view = i});
        EXPECT_TRUE(kept_for_tests(draw_scene(world, Use::test_scenes, 0.1, random)));
        const Scene shown = draw_scene(world, Use::training, 0.1, random);
        EXPECT_FALSE(kept_for_tests(shown));
        composed += shown.things.size() == 2 ? 1 : 0;
    }
    EXPECT_GT(composed, 15);
}

TEST(Scenes, CaptionsAreTrueOfTheirOwnScene) {
    const World world({});
    for (std::uint32_t i = 0; i < 500; ++i) {
        Random random({.seed = 6, .view = i});
        const Scene scene = draw_scene(world, Use::training, 0.1, random);
        const Caption caption = describe(world, scene, i % 2 == 0, random);
        EXPECT_TRUE(fits(caption.claims, truths(world, scene))) << caption.text;
        EXPECT_FALSE(caption.text.empty());
        EXPECT_FALSE(caption.claims.empty()) << caption.text;
    }
}

TEST(Scenes, ACaptionOfOneThingFitsNoOther) {
    const World world({});
    Scene circle, other;
    circle.things = {0};
    other.things = {1};
    circle.poses = other.poses = {Pose{}};
    Random random({.seed = 1});
    const Caption caption = describe(world, circle, true, random);
    EXPECT_TRUE(fits(caption.claims, truths(world, circle)));
    EXPECT_FALSE(fits(caption.claims, truths(world, other)));
}

TEST(Captions, PluralsAndArticles) {
    EXPECT_EQ(plural("strawberry"), "strawberries");
    EXPECT_EQ(plural("box"), "boxes");
    EXPECT_EQ(plural("grapes"), "grapes");
    EXPECT_EQ(plural("key"), "keys");
    EXPECT_EQ(plural("face with tears of joy"), "faces with tears of joy");
    EXPECT_EQ(with_article("apple"), "an apple");
    EXPECT_EQ(with_article("red circle"), "a red circle");
    EXPECT_EQ(with_article("grapes"), "grapes");
}

TEST_F(TrainMini, AdamMovesAWeightAsItsFormulaSays) {
    Settings settings = tiny();
    settings.clip = 1e9;
    settings.warm_up = 1;
    Model model(architecture_of(settings, 600), 4, 1, false);
    AdamW adam(model, settings);
    const auto& parameters = model.parameters();
    std::size_t kernel = 0;
    while (!parameters[kernel].decays) ++kernel;
    const at::NoGradGuard frozen;
    const double start = parameters[kernel].values.flatten()[0].item<double>();
    double weight = start, first = 0, second = 0, mean = start;
    for (int step = 0; step < 3; ++step) {
        std::vector<Tensor> gradients(parameters.size());
        const double slope = 0.5 - 0.4 * step;
        gradients[kernel] = at::full_like(parameters[kernel].values, slope);
        (void)adam.update(gradients, step);
        first = 0.9 * first + 0.1 * slope;
        second = 0.98 * second + 0.02 * slope * slope;
        const double rate = learning_rate(settings, step);
        weight -= rate * settings.weight_decay * weight;
        weight -= rate * first / (1 - std::pow(0.9, step + 1)) / (std::sqrt(second / (1 - std::pow(0.98, step + 1))) + 1e-8);
        mean += (1 - (step + 2.0) / (step + 11.0)) * (weight - mean);
        EXPECT_NEAR(parameters[kernel].values.flatten()[0].item<double>(), weight, 1e-6);  // float32 against double, near 1
        EXPECT_NEAR(adam.state().mean_weights[parameters[kernel].offset].item<double>(), mean, 1e-6);
    }
    EXPECT_GT(std::abs(weight - start), 1e-3);
}

TEST(Losses, CaptionsThatFitAreNotCountedAgainstAPicture) {
    Settings settings;
    settings.embedding = 32;
    settings.width = 8;
    settings.text_width = 64;
    settings.text_layers = 1;
    const Model model(architecture_of(settings, 600), 4, 1, false);
    // two pictures of the same thing with the same caption: without the mask the loss could not fall below ln 2
    const Tensor same = at::eye(32).narrow(0, 0, 1).expand({2, 32});
    Batch batch{{}, {}, at::zeros({2, 2}, at::kBool), at::zeros({2, 4}), at::zeros({2, 4})};
    EXPECT_NEAR(loss_of(batch, same, same, model, 0).contrast, std::log(2.0), 1e-5);
    batch.also_right = at::eye(2).eq(0);
    EXPECT_NEAR(loss_of(batch, same, same, model, 0).contrast, 0, 1e-5);
}

}  // namespace
}  // namespace clipig::mini
