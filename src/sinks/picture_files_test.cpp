#include "sinks/picture_files.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "base/error.h"
#include "base/files.h"
#include "engine/run_state.h"
#include "image/read_picture.h"
#include "sinks/metrics_file.h"

namespace clipig {
namespace {

namespace fs = std::filesystem;

class FilesTest : public testing::Test {
protected:
    void SetUp() override {
        folder_ = fs::temp_directory_path() / ("clipig-files-" + std::to_string(::getpid()));
        fs::create_directories(folder_);
    }
    void TearDown() override { fs::remove_all(folder_); }

    static Node configuration() {
        return parse_yaml(
            std::make_shared<SourceText>(SourceText{"t", "seed: 7\noutput: /secret/\nverbose: 1\nmetrics: true\nepochs: 3\n"}));
    }

    static PictureEvent event() {
        PictureEvent result;
        result.planes = std::make_shared<const Planes>(Planes{2, 2, std::vector<float>(12, .5F)});
        result.epochs_done = 3;
        result.reason = PictureReason::finished;
        result.elapsed_seconds = 1.5;
        result.targets = {{"t", 1, 0, 1, {{"a cat", 27.5, 1, true, 0}, {"off", 1, 1, false, 0}}, {}}};
        return result;
    }

    fs::path folder_;
};

TEST_F(FilesTest, NamesComeFromTheLastPartOfTheConfiguration) {
    EXPECT_EQ(picture_path("out/", "deep/er/x.yaml"), "out/x.png");
    EXPECT_EQ(picture_path("out/", "../../x.yaml"), "out/x.png");
    EXPECT_EQ(picture_path("out/", "-"), "out/clipig.png");
    EXPECT_EQ(picture_path("out/", ".."), "out/clipig.png");
    EXPECT_EQ(picture_path("out/", "a/..yaml"), "out/clipig.png");
    EXPECT_EQ(picture_path("out/", "a\nb.yaml"), "out/ab.png");
    EXPECT_EQ(picture_path(folder_.string(), "x.yaml"), folder_ / "x.png");
    for (const char* name : {"y.png", "y.jpg", "y.WebP", "y.tif"}) EXPECT_EQ(picture_path(name, "x.yaml"), name);
    EXPECT_THROW((void)picture_path("y.gif", "x.yaml"), InputError);
    EXPECT_THROW((void)picture_path("nowhere", "x.yaml"), InputError);
}

TEST_F(FilesTest, CompanionsOfOthersAreLeftAlone) {
    EXPECT_EQ(names_beside(folder_ / "x.png").yaml, folder_ / "x.yaml");
    EXPECT_EQ(names_beside(folder_ / "x.png").checkpoint, folder_ / "x.checkpoint.safetensors");
    write_file_atomic(folder_ / "x.yaml", "mine");
    write_file_atomic(folder_ / "x.checkpoint.safetensors", "of x.jpg");
    EXPECT_EQ(names_beside(folder_ / "x.png").yaml, folder_ / "x.png.yaml");
    EXPECT_EQ(names_beside(folder_ / "x.png").checkpoint, folder_ / "x.png.checkpoint.safetensors");
}

TEST_F(FilesTest, TheStoryHoldsNothingThatDiffersBetweenEqualRuns) {
    StartedEvent run;
    run.seed = 7;
    run.epochs = 3;
    run.models = {{"mini", "0123"}};
    const PictureText text = picture_story(configuration(), run, event());
    EXPECT_EQ(text.at("clipig-configuration"), "seed: 7\nepochs: 3\n");
    EXPECT_EQ(text.at("clipig-seed"), "7");
    EXPECT_EQ(text.at("clipig-epochs"), "3 of 3");
    EXPECT_EQ(text.at("clipig-model"), "mini sha256:0123\n");
    EXPECT_EQ(text.at("clipig-similarity"), "27.500 t: a cat\n");
    EXPECT_EQ(text.size(), 6U);  // and Software: no date, no seconds
}

TEST_F(FilesTest, AReservedNameIsGivenBackWhenNothingWasWritten) {
    const fs::path path = reserve_name(folder_ / "x.png");
    {
        PictureFiles files(names_beside(path), false, configuration, [](const std::string&) {});
    }
    EXPECT_FALSE(fs::exists(path));
    {
        PictureFiles files(names_beside(reserve_name(path)), true, configuration, [](const std::string&) {});
    }
    EXPECT_TRUE(fs::exists(path)) << "of a run that is resumed, it stays";
}

TEST_F(FilesTest, WritesPictureAndYamlAndWarnsAtSnapshots) {
    const fs::path inner = folder_ / "inner";
    std::vector<std::string> warnings;
    PictureFiles files(names_beside(reserve_name(inner / "x.png")), false, configuration,
                       [&](const std::string& text) { warnings.push_back(text); });
    PictureEvent snapshot = event();
    snapshot.reason = PictureReason::snapshot;
    files.picture(snapshot);
    EXPECT_TRUE(warnings.empty());
    EXPECT_EQ(read_picture(inner / "x.png").text.at("clipig-configuration"), "seed: 7\nepochs: 3\n");
    EXPECT_NE(read_file(inner / "x.yaml").find("output: /secret/"), std::string::npos);
    fs::remove_all(inner);
    files.picture(snapshot);
    ASSERT_EQ(warnings.size(), 1U);
    EXPECT_NE(warnings[0].find("try again"), std::string::npos);
    fs::create_directory(inner);
    files.picture(snapshot);
    EXPECT_EQ(warnings.size(), 1U);
    EXPECT_TRUE(fs::exists(inner / "x.png"));
}

TEST_F(FilesTest, MetricsOfARunThatGoesOnKeepWhatLiesBehindIt) {
    const fs::path path = folder_ / "x.csv";
    StepEvent step;
    step.loss = .5;
    step.targets = event().targets;
    const auto run = [&](std::int64_t first, std::int64_t end) {
        MetricsFile file(path, [](const std::string& text) { FAIL() << text; });
        StartedEvent started;
        started.first_epoch = first;
        file.started(started);
        for (step.epoch = first; step.epoch < end; ++step.epoch) file.step(step);
    };
    run(0, 3);
    const std::string first = read_file(path);
    EXPECT_EQ(first,
              "epoch,loss,learnrate,seconds,t: a cat,t: off\n0,0.5,0,0.000,27.5000,\n1,0.5,0,0.000,27.5000,\n2,0.5,0,0.000,27.5000,\n");
    run(0, 6);
    const std::string whole = read_file(path);
    write_file_atomic(path, first + "3,0.5,0,0.0");  // killed in the middle of a line
    run(3, 6);
    EXPECT_EQ(read_file(path), whole);
    run(2, 6);
    EXPECT_EQ(read_file(path), whole);
    step.skipped = true;
    run(0, 1);
    EXPECT_EQ(read_file(path), "");
}

TEST(CsvText, QuotesWhatMustBe) {
    EXPECT_EQ(csv_text("a cat"), "a cat");
    EXPECT_EQ(csv_text("a, b"), "\"a, b\"");
    EXPECT_EQ(csv_text("a \"b\"\nc"), "\"a \"\"b\"\" c\"");
}

}  // namespace
}  // namespace clipig
