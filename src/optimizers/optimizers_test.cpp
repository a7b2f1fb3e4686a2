// Steps against numbers of an independent computation, the fused loops against ATen, and the state's way out and back.
#include <gtest/gtest.h>

#include <ATen/Parallel.h>

#include "base/error.h"
#include "ops/optimizer.h"
#include "ops/test_operator.h"

namespace clipig {
namespace {

using test::largest;
using test::make_operator;
using test::random_picture;

struct Case {
    const char* yaml;
    double rate;
    std::vector<double> expected;  ///< see known_steps
};

/// From 1, with the gradient 2 x + 0.1: PyTorch's formulas in Python's floats, five steps.
const std::vector<Case>& known_steps() {
    static const std::vector<Case> cases{
        {"adam", .01, {0.990000000047619, 0.9800026088596101, 0.9700095932257248, 0.9600227356697933, 0.950043830403758}},
        {"sgd", .05, {0.895, 0.8005, 0.71545, 0.638905, 0.5700145}},
        {"sgd: {momentum: .9}", .05, {0.895, 0.706, 0.4603, 0.18814, -0.080618}},
        {"sgd: {momentum: .9, nesterov: true}", .05, {0.8005, 0.553855, 0.29368705, 0.0485823055, -0.159810768095}},
        {"sparse_adam", .01, {0.9000000047619046, 0.8327234510010252, 0.7795245163165281, 0.7346283504316691, 0.6953739536113008}},
        {"rmsprob", .003, {0.969848866985225, 0.9456661613555497, 0.9260297596467392, 0.909171810502065, 0.894160399911829}},
        {"adamw", .01, {0.989900000047619, 0.9798036462345051, 0.9697127235182172, 0.9596290325682785, 0.94955438567333}},
        {"nadam", .01, {0.9894354822667533, 0.9816338342948201, 0.9743633172880216, 0.9671210654207631, 0.9597478985486351}},
        {"radam",
         .01,
         {0.979, 0.958221052631579, 0.937668867741309, 0.9173489618668703, 0.8972666391130151, 0.8970101922240898, 0.8966855079244949,
          0.8963017053654743}},
        {"lion: {weight_decay: .1}", .003, {0.9967, 0.99340099, 0.990102969703, 0.9868059388120892, 0.9835098970304457}},
        {"adadelta", 20, {0.9367545185034869, 0.8738083825963455, 0.8124713788541293, 0.7533883431466076, 0.6969024202217315}},
    };
    return cases;
}

void expect_known_steps(const Case& known, at::ScalarType type, double tolerance) {
    const auto optimizer = make_operator<Optimizer>(known.yaml);
    std::vector<Tensor> parameters{at::ones({37}, type)};
    for (const double expected : known.expected) {
        optimizer->step(parameters, {parameters[0] * 2 + 0.1}, known.rate);
        EXPECT_LT(largest(parameters[0] - expected), tolerance) << known.yaml;
    }
}

TEST(Optimizers, KnownSteps) {
    for (const Case& known : known_steps()) {
        expect_known_steps(known, at::kDouble, 1e-12);
        expect_known_steps(known, at::kFloat, 1e-5);  // five float steps; centered RMSprop subtracts two nearly equal numbers
    }
}

TEST(Optimizers, BaseRates) {
    const std::vector<std::pair<const char*, double>> rates{{"adam", .01},     {"sgd", 10},       {"sparse_adam", .01}, {"adadelta", 20},
                                                            {"rmsprob", .003}, {"rmsprop", .003}, {"adamw", .01},       {"nadam", .01},
                                                            {"radam", .01},    {"lion", .003},    {"lbfgs", .02}};
    for (const auto& [name, rate] : rates) EXPECT_EQ(make_operator<Optimizer>(name)->base_rate(), rate) << name;
}

const char* const kAll[] = {"adam",
                            "adam: {betas: .5 .9, weight_decay: .1}",
                            "sgd",
                            "sgd: {momentum: .9, weight_decay: .1}",
                            "sgd: {momentum: .9, nesterov: true}",
                            "sparse_adam",
                            "sparse_adam: {momentum: .5, weight_decay: .1}",
                            "rmsprop",
                            "adamw: {amsgrad: true}",
                            "nadam",
                            "radam",
                            "lion: {weight_decay: .1}",
                            "lbfgs",
                            "lbfgs: {history: 2}",
                            "adadelta",
                            "adadelta: {weight_decay: .1}"};

/// Ten steps down a bowl with a noisy gradient.
std::vector<Tensor> descend(Optimizer& optimizer, at::ScalarType type, std::int64_t steps = 10) {
    std::vector<Tensor> parameters{random_picture(97, 61, 1, type), random_picture(3, 5, 1, type, 2)};
    for (std::int64_t i = 0; i < steps; ++i) {
        std::vector<Tensor> gradients;
        for (const auto& p : parameters) {
            const Tensor noise = random_picture(p.size(2), p.size(3), 1, type, 100 + static_cast<std::uint64_t>(i));
            gradients.push_back(p - 0.5 + 0.2 * noise);
        }
        optimizer.step(parameters, gradients, optimizer.base_rate() / 20);
    }
    return parameters;
}

TEST(Optimizers, FusedLoopsAgreeWithAten) {
    for (const char* yaml : kAll) {
        const auto fused = descend(*make_operator<Optimizer>(yaml), at::kFloat);
        const auto plain = descend(*make_operator<Optimizer>(yaml), at::kDouble);
        for (std::size_t i = 0; i < fused.size(); ++i) EXPECT_LT(largest(fused[i] - plain[i]), 2e-5) << yaml;  // float rounding, ten steps
    }
}

TEST(Optimizers, SameBytesForAnyNumberOfThreads) {
    const int before = at::get_num_threads();
    for (const char* yaml : kAll) {
        at::set_num_threads(1);
        const auto one = descend(*make_operator<Optimizer>(yaml), at::kFloat);
        at::set_num_threads(3);
        EXPECT_TRUE(at::equal(one[0], descend(*make_operator<Optimizer>(yaml), at::kFloat)[0])) << yaml;
    }
    at::set_num_threads(before);
}

TEST(Optimizers, ReachTheBottomOfABowl) {
    for (const auto& [yaml, rate] : std::vector<std::pair<const char*, double>>{{"adam", .05},
                                                                                {"sgd", .1},
                                                                                {"sgd: {momentum: .8}", .05},
                                                                                {"sparse_adam", .003},
                                                                                {"rmsprop", .003},
                                                                                {"adadelta", 2},
                                                                                {"adamw: {weight_decay: 0}", .05},
                                                                                {"nadam", .05},
                                                                                {"radam", .05},
                                                                                {"lion", .01},
                                                                                {"lbfgs", .02}}) {
        const auto optimizer = make_operator<Optimizer>(yaml);
        std::vector<Tensor> parameters{random_picture(8, 8)};
        for (int i = 0; i < 800; ++i) optimizer->step(parameters, {parameters[0] - 0.3}, rate);
        EXPECT_LT(largest(parameters[0] - 0.3), .05) << yaml;
    }
}

TEST(Optimizers, StateGoesOutAndBack) {
    for (const char* yaml : kAll) {
        const auto first = make_operator<Optimizer>(yaml);
        EXPECT_TRUE(first->state().empty()) << yaml;
        auto parameters = descend(*first, at::kFloat, 3);
        const auto second = make_operator<Optimizer>(yaml);
        second->set_state(first->state());
        std::vector<Tensor> copies{parameters[0].clone(), parameters[1].clone()};
        const std::vector<Tensor> gradients{random_picture(97, 61), random_picture(3, 5)};
        first->step(parameters, gradients, .01);
        second->step(copies, gradients, .01);
        for (std::size_t i = 0; i < copies.size(); ++i) EXPECT_TRUE(at::equal(parameters[i], copies[i])) << yaml;
        EXPECT_EQ(second->state().at("step")[0].item<std::int64_t>(), 4) << yaml;
        for (const auto& name : first->non_negative()) EXPECT_TRUE(first->state().contains(name)) << yaml << ' ' << name;
    }
}

TEST(Optimizers, RefusesStatesThatDoNotFit) {
    const auto adam = make_operator<Optimizer>("adam");
    EXPECT_THROW(adam->set_state({{"acc_delta", {at::zeros({2})}}}), Error);
    adam->set_state({{"exp_avg", {at::zeros({2})}}, {"exp_avg_sq", {at::zeros({2})}}});
    std::vector<Tensor> parameters{at::zeros({3})};
    EXPECT_THROW(adam->step(parameters, {at::zeros({3})}, .1), Error);
}

/// A narrow valley in six dimensions, turned so that no axis lies along it. Its gradient is A x.
Tensor valley() {
    const Tensor turn = std::get<0>(at::linalg_qr(at::arange(36, at::kDouble).sin().view({6, 6})));
    return turn.matmul(at::diag(at::tensor(std::vector<double>{1, 3, 9, 20, 50, 100}, at::kDouble))).matmul(turn.t());
}

/// The two loops give what the dense update of the inverse Hessian gives (Nocedal and Wright, Numerical Optimization, 6.17), begun from the
/// same multiple of the identity.
TEST(Lbfgs, StepsAreThoseOfTheDenseFormula) {
    const Tensor a = valley(), eye = at::eye(6, at::kDouble);
    const auto optimizer = make_operator<Optimizer>("lbfgs: {history: 50, curvature: 0}");
    std::vector<Tensor> parameters{at::arange(1, 7, at::kDouble).view({1, 1, 2, 3})};
    std::vector<std::pair<Tensor, Tensor>> pairs;
    const double rate = 1e3;  // far above any step, but for the first
    optimizer->step(parameters, {a.matmul(parameters[0].view({6, 1})).view_as(parameters[0])}, 1e-3);
    Tensor before = at::arange(1, 7, at::kDouble).view({6, 1});
    for (int i = 0; i < 12; ++i) {
        const Tensor x = parameters[0].view({6, 1}).clone(), g = a.matmul(x);
        pairs.emplace_back(x - before, g - a.matmul(before));
        const auto& [move, difference] = pairs.back();
        Tensor inverse = eye * ((move * difference).sum() / (difference * difference).sum());
        for (const auto& [s, y] : pairs) {
            const Tensor rho = 1 / (s * y).sum(), v = eye - rho * y.matmul(s.t());
            inverse = v.t().matmul(inverse).matmul(v) + rho * s.matmul(s.t());
        }
        const Tensor expected = x - inverse.matmul(g);
        optimizer->step(parameters, {g.view_as(parameters[0])}, rate);
        // twelve updates of a matrix with condition 100 in double
        EXPECT_LT(largest(parameters[0].view({6, 1}) - expected), 1e-8 * (1 + largest(x))) << i;
        before = x;
    }
    EXPECT_LT(largest(parameters[0]), .3) << "from 6, down a valley of condition 100";
}

TEST(Lbfgs, NoStepIsLongerThanTheRate) {
    const auto optimizer = make_operator<Optimizer>("lbfgs");
    std::vector<Tensor> parameters{random_picture(8, 8)};
    for (int i = 0; i < 20; ++i) {
        const Tensor before = parameters[0].clone();
        optimizer->step(parameters, {random_picture(8, 8, 1, at::kFloat, 7 + static_cast<std::uint64_t>(i)) - .5}, .01);
        EXPECT_LE((parameters[0] - before).square().mean().sqrt().item<double>(), .01 * (1 + 1e-5)) << i;
    }
}

TEST(Lbfgs, APictureOfAnotherSizeStartsAfresh) {
    const auto optimizer = make_operator<Optimizer>("lbfgs");
    std::vector<Tensor> small{random_picture(4, 4)}, large{random_picture(9, 7)};
    for (int i = 0; i < 4; ++i) optimizer->step(small, {small[0] - .3}, .01);
    optimizer->step(large, {large[0] - .3}, .01);
    EXPECT_FALSE(optimizer->state().contains("moves"));
    EXPECT_THROW(optimizer->set_state({{"exp_avg", {at::zeros({1, 2})}}}), Error);
    EXPECT_THROW(optimizer->set_state({{"moves", {at::zeros({1, 2})}}}), Error);
}

TEST(Optimizers, AZeroGradientIsHarmless) {
    for (const char* yaml :
         {"adam", "sgd", "sparse_adam", "rmsprop", "adadelta", "adamw: {weight_decay: 0}", "nadam", "radam", "lion", "lbfgs"}) {
        const auto optimizer = make_operator<Optimizer>(yaml);
        std::vector<Tensor> parameters{at::full({4}, 0.5)};
        for (int i = 0; i < 3; ++i) optimizer->step(parameters, {at::zeros({4})}, 1);
        EXPECT_LT(largest(parameters[0] - 0.5), 1e-9) << yaml;
    }
}

}  // namespace
}  // namespace clipig
