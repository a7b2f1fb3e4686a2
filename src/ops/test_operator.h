// For tests: operators from a line of YAML, and pictures to try them on.
#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "config/reader.h"
#include "ops/registry.h"
#include "ops/tensor.h"
#include "ops/transform.h"

namespace clipig::test {

/// `make_operator<Transform>("blur: {kernel_size: 5}")`, as a configuration would make it. Throws ConfigError.
template <class Base>
std::unique_ptr<Base> make_operator(const std::string& yaml, const Variables& variables = {}) {
    const Node node = parse_yaml(std::make_shared<SourceText>(SourceText{"test.yaml", yaml}));
    const bool named = node.kind == NodeKind::map;
    const std::string name = named ? node.entries.at(0).key : node.scalar;
    const auto* item = Registry<Base>::instance().find(name);
    if (!item) throw std::logic_error("no such operator: " + name);
    const Schema schema;
    Reader reader(schema);
    Node resolved;
    const Settings settings = reader.operation(item->spec, named ? node.entries[0].value : Node{}, {name, node.at}, resolved);
    if (auto complaints = reader.take(); !complaints.empty()) throw ConfigError(std::move(complaints));
    Random random{RandomAddress{}};
    return item->make(settings, variables, random);
}

/// [views,3,height,width] uniform in 0..1, made from `seed`.
inline Tensor random_picture(std::int64_t height, std::int64_t width, std::int64_t views = 1, at::ScalarType type = at::kFloat,
                             std::uint64_t seed = 1) {
    Random random({.seed = seed});
    std::vector<double> numbers(static_cast<std::size_t>(views * 3 * height * width));
    for (double& number : numbers) number = random.uniform();
    return at::tensor(numbers, at::kDouble).view({views, 3, height, width}).to(type);
}

inline ViewRandom random_of(std::int64_t views = 1, std::uint32_t first_view = 0) {
    ViewRandom random;
    random.seed = 7;
    random.first_view = first_view;
    random.views = views;
    return random;
}

inline double largest(const Tensor& tensor) { return tensor.detach().abs().max().item<double>(); }

/// Gradient of the scalar `loss` with respect to `leaf`, which has been given requires_grad.
inline Tensor gradient(const Tensor& loss, const Tensor& leaf) {
    leaf.mutable_grad() = Tensor();
    loss.backward();
    return leaf.grad();
}

}  // namespace clipig::test
