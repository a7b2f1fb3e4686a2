#include "engine/checkpoint.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>

#include "base/error.h"
#include "base/files.h"

namespace clipig {
namespace {

namespace fs = std::filesystem;

Tensor ramp(at::IntArrayRef shape) { return at::arange(at::empty(shape).numel(), at::kFloat).div(7).reshape(shape); }

Checkpoint example() {
    Checkpoint checkpoint;
    checkpoint.picture = "x.png";
    checkpoint.yaml = "x.yaml";
    RunState& state = checkpoint.state;
    state.pixels.parameters = {ramp({1, 3, 4, 5}), ramp({2, 7})};
    state.pixels.image = ramp({1, 3, 8, 9});
    state.pixels.optimizer = {{"exp_avg", {ramp({1, 3, 4, 5}), ramp({2, 7})}}, {"step", {at::scalar_tensor(12, at::kLong)}}};
    state.epoch = 12;
    state.epochs = 300;
    state.seed = ~std::uint64_t{0};
    state.rate_factor = .1;  // no binary fraction: it must come back bit by bit
    state.skipped = 2;
    state.fair_scales = {{0, {1, 1. / 3}}, {7, {2}}};
    state.last.epoch = 11;
    state.last.loss = 1. / 3;
    state.last.elapsed_seconds = 12.75;
    TargetStats target;
    target.name = "a \"target\"";
    target.features = {{"ein Strauß", 27.1, 1, true, 3}, {"off", 0, 0, false, 0}};
    target.constraints = {{"mean", .5, 2}};
    state.last.targets = {target};
    state.configuration = "epochs: 300\nseed: 1 # ü\n";
    state.models = {{"mini", "abc"}};
    state.version = "1.2.3";
    return checkpoint;
}

class CheckpointTest : public testing::Test {
protected:
    void SetUp() override {
        folder_ = fs::temp_directory_path() / ("clipig-checkpoint-" + std::to_string(::getpid()));
        fs::create_directories(folder_);
        path_ = folder_ / "x.checkpoint.safetensors";
    }
    void TearDown() override { fs::remove_all(folder_); }
    fs::path folder_;
    fs::path path_;
};

void expect_equal(const std::vector<Tensor>& a, const std::vector<Tensor>& b) {
    ASSERT_EQ(a.size(), b.size());
    for (std::size_t i = 0; i < a.size(); ++i) {
        EXPECT_EQ(a[i].scalar_type(), b[i].scalar_type());
        EXPECT_TRUE(at::equal(a[i], b[i]));
    }
}

TEST_F(CheckpointTest, ComesBackAsItWas) {
    const Checkpoint first = example();
    write_checkpoint(path_, first);
    const Checkpoint back = read_checkpoint(path_);
    EXPECT_EQ(back.picture, "x.png");
    EXPECT_EQ(back.yaml, "x.yaml");
    const RunState& state = back.state;
    expect_equal(state.pixels.parameters, first.state.pixels.parameters);
    EXPECT_TRUE(at::equal(state.pixels.image, first.state.pixels.image));
    for (const auto& [name, tensors] : first.state.pixels.optimizer) expect_equal(state.pixels.optimizer.at(name), tensors);
    EXPECT_EQ(state.epoch, 12);
    EXPECT_EQ(state.epochs, 300);
    EXPECT_EQ(state.seed, ~std::uint64_t{0});
    EXPECT_EQ(state.rate_factor, .1);
    EXPECT_EQ(state.skipped, 2);
    EXPECT_EQ(state.fair_scales, first.state.fair_scales);
    EXPECT_EQ(state.last.loss, 1. / 3);
    EXPECT_EQ(state.last.elapsed_seconds, 12.75);
    EXPECT_EQ(state.last.targets.at(0).features.at(0).name, "ein Strauß");
    EXPECT_EQ(state.last.targets.at(0).features.at(0).similarity, 27.1);
    EXPECT_EQ(state.last.targets.at(0).features.at(0).chosen, 3);
    EXPECT_FALSE(state.last.targets.at(0).features.at(1).active);
    EXPECT_EQ(state.last.targets.at(0).constraints.at(0).weight, 2);
    EXPECT_EQ(state.configuration, first.state.configuration);
    EXPECT_EQ(state.models.at(0).hash, "abc");
    EXPECT_EQ(state.version, "1.2.3");
}

TEST_F(CheckpointTest, SameStateSameBytes) {
    write_checkpoint(path_, example());
    const std::string first = read_file(path_);
    write_checkpoint(path_, example());
    EXPECT_EQ(read_file(path_), first);
    EXPECT_EQ(std::distance(fs::directory_iterator(folder_), fs::directory_iterator{}), 1) << "no temporary file stays";
}

TEST_F(CheckpointTest, NumbersThatAreNotFiniteDoNotBreakIt) {
    Checkpoint checkpoint = example();
    checkpoint.state.last.targets[0].loss = NAN;
    checkpoint.state.last.targets[0].features[0].name = "\xff\xfe no UTF-8";
    write_checkpoint(path_, checkpoint);
    EXPECT_EQ(read_checkpoint(path_).state.last.targets.at(0).loss, 0);
}

TEST_F(CheckpointTest, RefusesWhatIsNoCheckpoint) {
    EXPECT_THROW((void)read_checkpoint(folder_ / "nothing.safetensors"), InputError);
    write_file_atomic(path_, "no safetensors");
    EXPECT_THROW((void)read_checkpoint(path_), InputError);
    for (const char* name : {"", "..", "/tmp/x.png", "a/b.png"}) {
        Checkpoint checkpoint = example();
        checkpoint.picture = name;
        write_checkpoint(path_, checkpoint);
        EXPECT_THROW((void)read_checkpoint(path_), InputError) << name;
    }
    Checkpoint gap = example();
    gap.state.pixels.parameters.clear();
    write_checkpoint(path_, gap);
    EXPECT_THROW((void)read_checkpoint(path_), InputError);
}

TEST_F(CheckpointTest, EveryShortenedFileIsRefused) {
    write_checkpoint(path_, example());
    const std::string whole = read_file(path_);
    for (std::size_t size = 0; size < whole.size(); size += 13) {
        write_file_atomic(path_, std::string_view(whole).substr(0, size));
        EXPECT_THROW((void)read_checkpoint(path_), InputError) << size;
    }
}

TEST_F(CheckpointTest, DamagedHeadersNeverEndTheProgram) {
    write_checkpoint(path_, example());
    const std::string whole = read_file(path_);
    int refused = 0;
    for (std::size_t i = 0; i < whole.size(); i += 3) {
        std::string damaged = whole;
        damaged[i] = static_cast<char>(damaged[i] ^ 0x11);
        write_file_atomic(path_, damaged);
        try {
            (void)read_checkpoint(path_);
        } catch (const InputError&) {
            ++refused;
        }
    }
    EXPECT_GT(refused, 100);
}

}  // namespace
}  // namespace clipig
