// The text tower: a causal transformer whose embedding is read at the end token.
#include <limits>

#include "base/error.h"
#include "towers/weight_table.h"
#include "towers/towers.h"

namespace clipig {

TextWeights take_text(WeightTable& table, const Architecture& net) {
    TextWeights weights;
    const auto width = net.text.width;
    weights.net = net;
    weights.tokens = table.take("token_embedding.weight", {net.vocabulary, width});
    weights.places = table.take("positional_embedding", {net.context, width});
    weights.transformer = take_transformer(table, "transformer.resblocks.", net.text);
    weights.post_weight = table.take("ln_final.weight", {width});
    weights.post_bias = table.take("ln_final.bias", {width});
    if (net.text_projection_bias) {
        weights.projection = table.take("text_projection.weight", {net.embedding, width}).t().contiguous();
        weights.projection_bias = table.take("text_projection.bias", {net.embedding});
    } else {
        weights.projection = table.take("text_projection", {width, net.embedding});
    }
    return weights;
}

TextTower::TextTower(const TextWeights& weights, const Placement& placement) : weights_(weights), placement_(placement) {
    for (Tensor* tensor : {&weights_.tokens, &weights_.places, &weights_.post_weight, &weights_.post_bias, &weights_.projection,
                           &weights_.projection_bias}) {
        if (tensor->defined()) *tensor = tensor->to(placement.device, placement.type);
    }
    weights_.transformer = placed(weights.transformer, placement);
}

namespace {

/// [T] int64: where the embeddings of ids [T,context] are read.
Tensor places_of_embedding(const Architecture& net, const Tensor& ids) {
    if (net.pool_last) return at::full({ids.size(0)}, net.context - 1, at::kLong);
    // argmax finds the first of equals; without an end token every entry is 0 and row 0 is taken, as transformers does
    return net.end_token ? at::eq(ids, *net.end_token).to(at::kInt).argmax(1) : ids.argmax(1);
}

}  // namespace

Tensor TextTower::forward(const Tensor& ids) const {
    const at::NoGradGuard frozen;
    return run_text(weights_, ids);
}

Tensor run_text(const TextWeights& w, const Tensor& ids) {
    if (ids.dim() != 2 || ids.size(1) != w.net.context)
        throw Error("token ids must have the shape [T," + std::to_string(w.net.context) + "]");
    if (ids.numel() > 0 && (ids.min().item<std::int64_t>() < 0 || ids.max().item<std::int64_t>() >= w.net.vocabulary)) {
        throw InputError("a token id is outside of the model's vocabulary of " + std::to_string(w.net.vocabulary));
    }
    const Tensor end = places_of_embedding(w.net, ids);
    // nothing after the last end token reaches an embedding when attention is causal
    const std::int64_t length = ids.numel() == 0 || !w.net.causal ? w.net.context : end.max().item<std::int64_t>() + 1;
    const Tensor used = ids.narrow(1, 0, length).to(w.places.device());
    Tensor mask;
    if (w.net.causal) mask = at::full({length, length}, -std::numeric_limits<float>::infinity(), w.places.options()).triu_(1);
    const Tensor x = run_transformer(w.transformer, at::embedding(w.tokens, used) + w.places.narrow(0, 0, length), mask);
    const Tensor rows = x.gather(1, end.to(w.places.device()).view({-1, 1, 1}).expand({-1, 1, x.size(2)})).squeeze(1);
    const Tensor normed = at::layer_norm(rows, {w.net.text.width}, w.post_weight, w.post_bias, w.net.text.epsilon);
    const Tensor embedded = at::matmul(normed, w.projection);
    return (w.projection_bias.defined() ? embedded + w.projection_bias : embedded).to(at::kFloat);
}

std::int64_t TextTower::parameters() const {
    const TextWeights& w = weights_;
    return w.tokens.numel() + w.places.numel() + count_parameters(w.transformer) + 2 * w.post_weight.numel() + w.projection.numel();
}

}  // namespace clipig
