// Values and gradients of the older program (golden/ops.json, ops.safetensors): every case within 1e-4, relative to the
// largest entry of the recorded tensor.
#include <gtest/gtest.h>

#include <cstring>
#include <fstream>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>

#include "models/tensor_file.h"
#include "operators.h"
#include "ops/resample.h"

namespace clipig {
namespace {

const char* const kFolder = CLIPIG_SOURCE_DIR "/tests/golden/";

struct Case {
    int id = 0;
    std::string kind, yaml;
};
void PrintTo(const Case& item, std::ostream* out) { *out << item.kind << " " << item.yaml; }

nlohmann::json golden_json() {
    std::ifstream file(std::string(kFolder) + "ops.json");
    return nlohmann::json::parse(file);
}

std::vector<Case> golden_cases() {
    std::vector<Case> cases;
    const auto json = golden_json();
    for (const auto& item : json.at("cases")) cases.push_back({item.at("id"), item.at("kind"), item.at("yaml")});
    return cases;
}

Variables golden_variables() {
    const auto context = golden_json().at("context");
    Variables variables;
    variables.epoch = context.at("epoch");
    variables.epochs = 121;  // time is .25 at epoch 30
    variables.resolution = {context.at("resolution")[0], context.at("resolution")[1]};
    variables.learnrate = context.at("learnrate");
    variables.learnrate_scale = context.at("learnrate_scale");
    variables.similarity = context.at("similarity");
    return variables;
}

Tensor golden_tensor(const std::string& name) {
    static const auto file = open_tensors(std::string(kFolder) + "ops.safetensors");
    const auto* info = file->find(name);
    EXPECT_NE(info, nullptr) << name;
    if (!info) return at::zeros({1});
    Tensor tensor = at::empty(info->shape, at::kFloat);
    std::memcpy(tensor.data_ptr<float>(), info->data.data(), static_cast<std::size_t>(tensor.numel()) * sizeof(float));
    return tensor;
}

/// Where the contract changed a result on purpose: what gives the recorded values instead.
struct Deviation {
    std::function<Tensor(const Tensor&)> run;
    std::string reason;
};
const std::map<int, Deviation>& deviations() {
    const std::string antialias = "the older program did not antialias; the kernel without it gives its values";
    static const std::map<int, Deviation> all{
        {3, {[](const Tensor& x) { return resize_images(x, 16, 16, "linear", false); }, antialias}},
        {4, {[](const Tensor& x) { return resize_images(x, 24, 40, "linear", false); }, antialias}},
    };
    return all;
}

void expect_close(const Tensor& got, const std::string& name) {
    const Tensor want = golden_tensor(name);
    ASSERT_EQ(got.numel(), want.numel()) << name;
    const double scale = std::max(want.abs().max().item<double>(), 1e-6);
    EXPECT_LE((got.reshape(want.sizes()) - want).abs().max().item<double>() / scale, 1e-4) << name;
}

class Golden : public ::testing::TestWithParam<Case> {};

TEST_P(Golden, ValueAndGradient) {
    const auto& [id, kind, yaml] = GetParam();
    const std::string prefix = std::to_string(id) + ".";
    Tensor input = golden_tensor("input").unsqueeze(0).requires_grad_(true);
    Tensor value;
    if (kind == "transform") {
        const auto transform = testing::transform_of(yaml, golden_variables());
        const auto changed = deviations().find(id);
        value = changed == deviations().end() ? transform->apply(input, {.seed = 1}) : changed->second.run(input);
        (value * golden_tensor(prefix + "cotangent")).sum().backward();
    } else {
        const auto constraint = testing::constraint_of(yaml, golden_variables());
        value = constraint->value(input, {.seed = 1}) * constraint->weight;
        value.sum().backward();
    }
    expect_close(value.detach(), prefix + "out");
    const Tensor gradient = input.grad().defined() ? input.grad() : at::zeros_like(input);
    expect_close(gradient, prefix + "grad");
}

INSTANTIATE_TEST_SUITE_P(Operators, Golden, ::testing::ValuesIn(golden_cases()),
                         [](const auto& item) { return item.param.kind + std::to_string(item.param.id); });

}  // namespace
}  // namespace clipig
