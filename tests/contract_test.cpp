// What every transform and constraint must hold to, tested over all that are registered.
#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <functional>

#include "base/error.h"
#include "operators.h"

namespace clipig {
namespace {

/// A transform or a constraint made from its own example, as one function of the images.
struct Subject {
    OperatorSpec spec;
    [[nodiscard]] Tensor run(const Tensor& images, const ViewRandom& random) const {
        if (spec.kind == "transform") return testing::transform_of(spec.example)->apply(images, random);
        return testing::constraint_of(spec.example)->value(images, random);
    }
};

void PrintTo(const Subject& subject, std::ostream* out) { *out << subject.spec.kind << " " << subject.spec.example; }

std::vector<Subject> subjects() {
    std::vector<Subject> all;
    for (const auto& spec : testing::schema()->operators) {
        if (spec.kind == "transform" || spec.kind == "constraint") all.push_back({spec});
    }
    return all;
}

/// Colours well inside of 0..1, double, the same for each seed.
Tensor picture(std::int64_t images, std::int64_t height, std::int64_t width, std::uint64_t seed = 3) {
    Tensor result = at::empty({images, 3, height, width}, at::kDouble);
    Random random({seed});
    for (std::int64_t i = 0; i < result.numel(); ++i) result.data_ptr<double>()[i] = random.uniform(.05, .95);
    return result;
}

ViewRandom views(std::int64_t count, std::uint32_t first = 0) {
    return {.seed = 11, .epoch = 2, .target = 1, .first_view = first, .op = 4, .views = count};
}

class Contract : public ::testing::TestWithParam<Subject> {
protected:
    const Subject& subject = GetParam();
    const OperatorSpec& spec = subject.spec;

    /// A small picture if the example works on it, else one that is large enough for any example.
    [[nodiscard]] Tensor fitting(std::int64_t images = 1) const {
        const Tensor small = picture(images, 13, 11);
        try {
            (void)subject.run(small, views(images));
            return small;
        } catch (const InputError&) {
            return picture(images, 232, 240);
        }
    }
};

TEST_P(Contract, ExampleParsesAndComesBack) {
    const Config config = testing::config_of(spec.kind, spec.example);
    const std::string text = dump_yaml(config.resolved);
    const Config again = validate(parse_yaml(std::make_shared<const SourceText>(SourceText{"again.yaml", text})), testing::schema());
    EXPECT_TRUE(same_tree(config.resolved, again.resolved)) << text;
}

TEST_P(Contract, IsDescribed) {
    EXPECT_TRUE(std::filesystem::exists(std::string(CLIPIG_SOURCE_DIR "/src/") + spec.kind + "s/" + spec.name + ".cpp"));
    EXPECT_FALSE(spec.summary.empty());
    EXPECT_TRUE(spec.example.starts_with(spec.name + ":"));
    for (const auto& field : spec.fields) EXPECT_FALSE(field.doc.empty()) << field.name;
}

TEST_P(Contract, WorksOrSaysWhyForEverySize) {
    for (const auto& [height, width] : {std::pair{1, 1}, {7, 5}, {3, 97}, {64, 2}, {384, 512}}) {
        for (const auto type : {at::kFloat, at::kDouble}) {
            const Tensor images = picture(1, height, width).to(type);
            const Tensor before = images.clone();
            Tensor out;
            try {
                out = subject.run(images, views(1));
            } catch (const InputError& error) {
                EXPECT_NE(std::string(error.what()).find(spec.name), std::string::npos) << error.what();
                continue;
            }
            EXPECT_TRUE(images.equal(before)) << "the input was modified";
            EXPECT_EQ(out.scalar_type(), type);
            EXPECT_TRUE(at::isfinite(out).all().item<bool>()) << height << " x " << width;
            if (spec.kind == "constraint") {
                EXPECT_EQ(out.sizes(), at::IntArrayRef({1}));
                continue;
            }
            ASSERT_EQ(out.dim(), 4);
            EXPECT_EQ(out.size(0), 1);
            EXPECT_EQ(out.size(1), 3);
            if (spec.keeps_resolution) {
                EXPECT_EQ(out.sizes(), images.sizes());
            }
        }
    }
}

TEST_P(Contract, DependsOnItsRandomStreamOnly) {
    const Tensor images = fitting();
    const Tensor out = subject.run(images, views(1));
    EXPECT_TRUE(out.equal(subject.run(images, views(1))));
    for (const auto& other :
         {ViewRandom{.seed = 12, .epoch = 2, .target = 1, .op = 4}, ViewRandom{.seed = 11, .epoch = 3, .target = 1, .op = 4},
          ViewRandom{.seed = 11, .epoch = 2, .target = 2, .op = 4}, ViewRandom{.seed = 11, .epoch = 2, .target = 1, .op = 5}}) {
        if (!spec.random) {
            EXPECT_TRUE(out.equal(subject.run(images, other)));
        } else if (out.equal(subject.run(images, other))) {
            // few whole-pixel positions may be drawn twice, but not five times in a row
            bool differs = false;
            for (std::uint32_t view = 1; view < 6; ++view) {
                auto next = other;
                next.first_view = view;
                differs = differs || !out.equal(subject.run(images, next));
            }
            EXPECT_TRUE(differs);
        }
    }
}

TEST_P(Contract, BatchOfTwoEqualsTwoBatchesOfOne) {
    const Tensor images = fitting(2);
    const Tensor both = subject.run(images, views(2));
    ASSERT_EQ(both.size(0), 2);
    for (std::int64_t view = 0; view < 2; ++view) {
        EXPECT_TRUE(both[view].equal(subject.run(images.narrow(0, view, 1), views(1, static_cast<std::uint32_t>(view)))[0]));
    }
    // one picture for both views: the answer may stay one if the views are equal
    const Tensor shared = subject.run(images.narrow(0, 0, 1), views(2));
    ASSERT_EQ(shared.size(0), spec.random ? 2 : 1);
    EXPECT_TRUE(shared[0].equal(both[0]));
}

TEST_P(Contract, GradientIsTheDerivative) {
    if (!spec.gradient_note.empty()) GTEST_SKIP() << spec.gradient_note;
    const Tensor images = fitting(2);
    const Tensor leaf = images.clone().requires_grad_(true);
    const Tensor out = subject.run(leaf, views(2));
    ASSERT_TRUE(out.requires_grad());
    Tensor cotangent = picture(1, 1, out.numel(), 8).flatten().narrow(0, 0, out.numel()).view(out.sizes()) - .5;
    (out * cotangent).sum().backward();
    for (std::uint64_t seed = 20; seed < 23; ++seed) {
        const Tensor direction = picture(2, images.size(2), images.size(3), seed) - .5;
        const double step = 1e-5;
        const auto value = [&](double t) { return (subject.run(images + t * direction, views(2)) * cotangent).sum().item<double>(); };
        const double numeric = (value(step) - value(-step)) / (2 * step);
        const double analytic = (leaf.grad() * direction).sum().item<double>();
        // rounding: some 1e-16 x sqrt(terms) x |value| / step, below 1e-9; curvature: step^2; both far below 1e-6 of the gradient's length
        const double scale = std::max(std::abs(numeric), leaf.grad().norm().item<double>() * .1);
        EXPECT_NEAR(analytic, numeric, 1e-6 * scale + 1e-9);
    }
}

TEST_P(Contract, SameBytesForAnyNumberOfThreads) {
    const int before = at::get_num_threads();
    std::vector<Tensor> values, gradients;
    for (const int threads : {1, 2}) {
        at::set_num_threads(threads);
        const Tensor leaf = picture(1, 301, 310).to(at::kFloat).requires_grad_(true);
        const Tensor out = subject.run(leaf, views(3));
        if (out.requires_grad()) (out * out).sum().backward();
        values.push_back(out.detach());
        gradients.push_back(leaf.grad().defined() ? leaf.grad() : at::zeros_like(leaf));
    }
    at::set_num_threads(before);
    EXPECT_TRUE(values[0].equal(values[1]));
    EXPECT_TRUE(gradients[0].equal(gradients[1]));
}

INSTANTIATE_TEST_SUITE_P(Operators, Contract, ::testing::ValuesIn(subjects()),
                         [](const auto& subject) { return subject.param.spec.kind + "_" + subject.param.spec.name; });

TEST(Registry, HoldsTheWholeContract) {
    const auto transforms = testing::schema()->names("transform"), constraints = testing::schema()->names("constraint");
    for (const char* name : {"add",         "blur",          "border",       "bwnoise",      "center_crop",
                             "clamp",       "contrast",      "crop",         "edge",         "fnoise",
                             "mean",        "mul",           "noise",        "pad",          "quantize",
                             "random_crop", "random_rotate", "random_scale", "random_shift", "random_translate",
                             "repeat",      "resize",        "rnoise",       "rotate",       "saturation",
                             "shift"}) {
        EXPECT_NE(std::find(transforms.begin(), transforms.end(), name), transforms.end()) << name;
    }
    for (const char* name : {"mean", "std", "saturation", "edge_mean", "contrast", "blur", "border", "normalize", "noise"}) {
        EXPECT_NE(std::find(constraints.begin(), constraints.end(), name), constraints.end()) << name;
    }
}

}  // namespace
}  // namespace clipig
