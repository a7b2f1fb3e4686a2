#include <gtest/gtest.h>

#include <cmath>

#include "ops/loss.h"
#include "ops/test_operator.h"

namespace clipig {
namespace {

Tensor value(const std::string& name, const Tensor& views, const Tensor& feature) {
    return test::make_operator<Loss>(name)->value(views, feature);
}

TEST(Losses, CosineIsZeroForEqualOneForUnrelatedTwoForOpposite) {
    const Tensor feature = at::tensor({0.6, 0.8}, at::kDouble);
    const Tensor views = at::tensor({0.6, 0.8, -0.8, 0.6, -0.6, -0.8}, at::kDouble).view({3, 2});
    const Tensor found = value("cosine", views, feature);
    for (std::int64_t i = 0; i < 3; ++i) EXPECT_NEAR(found[i].item<double>(), static_cast<double>(i), 1e-15);
    // a mixed feature has a norm below 1; only its direction counts
    EXPECT_NEAR(value("cosine", views, feature * .3)[1].item<double>(), 1, 1e-15);
    EXPECT_NEAR(value("cosine", views, feature * .3)[0].item<double>(), 0, 1e-15);
}

TEST(Losses, DistancesAreMeansTimesHundred) {
    const Tensor feature = at::tensor({0.5, 0.0}, at::kDouble);
    const Tensor views = at::tensor({0.1, 0.2}, at::kDouble).view({1, 2});
    EXPECT_NEAR(value("l1", views, feature).item<double>(), 100 * (.4 + .2) / 2, 1e-12);
    EXPECT_NEAR(value("l2", views, feature).item<double>(), 100 * (.16 + .04) / 2, 1e-12);
    EXPECT_TRUE(at::equal(value("mae", views, feature), value("l1", views, feature)));
    EXPECT_TRUE(at::equal(value("mse", views, feature), value("l2", views, feature)));
}

TEST(Losses, SphericalIsHalfTheSquaredAngle) {
    const Tensor feature = at::tensor({1.0, 0.0}, at::kDouble);
    for (const double angle : {.3, 1.2, 2.5}) {
        const Tensor view = at::tensor({std::cos(angle), std::sin(angle)}, at::kDouble).view({1, 2});
        EXPECT_NEAR(value("spherical", view, feature).item<double>(), angle * angle / 2, 1e-10);
        EXPECT_NEAR(value("arctanh", view, feature).item<double>(), 1 - std::atanh(std::cos(angle)), 1e-12);
    }
    // where the formulas have poles: the same and the opposite direction
    for (const char* name : {"spherical", "arctanh"}) {
        for (const double side : {1.0, -1.0}) {
            Tensor view = at::tensor({side, 0.0}, at::kDouble).view({1, 2}).requires_grad_(true);
            const Tensor found = value(name, view, feature);
            EXPECT_TRUE(at::isfinite(test::gradient(found.sum(), view)).all().item<bool>()) << name << side;
        }
    }
}

TEST(Losses, ZeroVectorsGiveFiniteGradients) {
    for (const char* name : {"cosine", "l1", "l2", "spherical", "arctanh"}) {
        Tensor views = at::zeros({2, 4}).requires_grad_(true);
        const Tensor grad = test::gradient(value(name, views, at::zeros({4})).sum(), views);
        EXPECT_TRUE(at::isfinite(grad).all().item<bool>()) << name;
    }
}

}  // namespace
}  // namespace clipig
