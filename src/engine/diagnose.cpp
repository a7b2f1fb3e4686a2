#include "engine/diagnose.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstring>
#include <optional>

#include <fmt/format.h>

#include "engine/operators.h"
#include "ops/apply.h"

namespace clipig {
namespace {

constexpr std::int64_t kViewsAtOnce = 16;

std::string named(const char* kind, const Settings& settings, const char* what) {
    return fmt::format("{} {} ({}) gives {} not finite", kind, settings.spec->name, settings.path, what);
}

/// The picture after 0, 1, 2 ... transforms.
using Stages = std::vector<Tensor>;

std::optional<std::string> run_transforms(const Piece& piece, const Tensor& leaf, const Frame& frame, Stages& stages) {
    stages.push_back(leaf);
    const auto& transforms = piece.target->transforms;
    for (std::size_t i = 0; i < transforms.size(); ++i) {
        const ViewRandom random{frame.seed,
                                static_cast<std::uint32_t>(frame.variables.epoch),
                                piece.target->target->index,
                                static_cast<std::uint32_t>(piece.first),
                                static_cast<std::uint32_t>(i),
                                piece.count};
        stages.push_back(apply_transforms(std::span(transforms).subspan(i, 1), stages.back(), random));
        if (stages.back().requires_grad()) stages.back().retain_grad();
        if (!all_finite(stages.back())) return named("transform", piece.target->target->config->transforms[i], "numbers that are");
    }
    return std::nullopt;
}

std::optional<std::string> run_constraints(const Piece& piece, const Frame& frame) {
    const Target& target = *piece.target->target;
    for (const std::size_t index : piece.target->constraints) {
        const Settings& settings = target.config->constraints[index];
        const auto constraint = make_operator<Constraint>(settings, frame, piece.target->mean_similarity.value_or(0));
        const auto op = static_cast<std::uint32_t>(piece.target->transforms.size() + index);
        const ViewRandom random{frame.seed,   static_cast<std::uint32_t>(frame.variables.epoch),
                                target.index, static_cast<std::uint32_t>(piece.first),
                                op,           piece.count};
        if (!all_finite(constraint->weight * constraint->value(piece.views, random))) {
            return named("constraint", settings, "a value that is");
        }
    }
    return std::nullopt;
}

/// The first operator, from the loss back to the picture, behind which the gradient is finite and before which it is not.
std::string gradient_culprit(const Piece& piece, const Stages& stages) {
    for (std::size_t i = stages.size(); i-- > 0;) {
        const Tensor gradient = stages[i].grad();
        if (!gradient.defined() || all_finite(gradient)) continue;
        if (i + 1 == stages.size()) return "the model or a constraint gives a gradient that is not finite";
        return named("transform", piece.target->target->config->transforms[i], "a gradient that is");
    }
    return {};
}

std::string piece_culprit(Piece& piece, const RunModels& models, const Tensor& image, const Frame& frame) {
    const Tensor leaf = image.detach().clone().requires_grad_(true);
    Stages stages;
    if (const auto found = run_transforms(piece, leaf, frame, stages)) return *found;
    const Tensor views = stages.back();
    piece.views = views.size(0) == piece.count ? views : views.expand({piece.count, -1, -1, -1});
    if (const auto found = run_constraints(piece, frame)) return *found;
    if (!piece.target->target->features.empty()) {
        for (const ModelUse& use : piece.target->target->uses) {
            const ClipModel& model = *models.models[use.model].model;
            piece.embeddings.push_back(unit_rows(model.encode_image(model_views(piece.views, model.view_size()))));
            if (!all_finite(piece.embeddings.back())) return fmt::format("model {} gives numbers that are not finite", model.name());
        }
    }
    if (!piece.target->mean_similarity) piece.target->mean_similarity = 0;
    const Tensor loss = piece_loss(piece, score_piece(piece, frame), frame);
    if (!std::isfinite(loss.detach().item<double>())) return "a feature's or the target's weight or scale gives a loss that is not finite";
    if (!loss.requires_grad()) return {};
    loss.backward();
    return gradient_culprit(piece, stages);
}

}  // namespace

bool all_finite(const Tensor& tensor) {
    const Tensor numbers = tensor.detach();
    if (!numbers.is_cpu() || numbers.scalar_type() != at::kFloat || !numbers.is_contiguous())
        return at::isfinite(numbers).all().item<bool>();
    // one pass without a temporary: a canvas may have hundreds of megabytes
    constexpr std::uint32_t kExponent = 0x7F800000;
    std::atomic<bool> finite{true};
    const auto* const words = reinterpret_cast<const std::byte*>(numbers.data_ptr<float>());
    at::parallel_for(0, numbers.numel(), 1 << 16, [&](std::int64_t begin, std::int64_t end) {
        std::uint32_t bad = 0;
        for (std::int64_t i = begin; i < end; ++i) {
            std::uint32_t word = 0;
            std::memcpy(&word, words + 4 * i, sizeof word);
            bad |= static_cast<std::uint32_t>((word & kExponent) == kExponent);
        }
        if (bad != 0) finite = false;
    });
    return finite;
}

bool all_finite(const std::vector<Tensor>& tensors) {
    std::vector<Tensor> elsewhere;  // on a GPU: one answer for all
    for (const Tensor& tensor : tensors) {
        if (!tensor.is_cpu()) {
            elsewhere.push_back(at::isfinite(tensor.detach()).all());
        } else if (!all_finite(tensor)) {
            return false;
        }
    }
    return elsewhere.empty() || at::stack(elsewhere).all().item<bool>();
}

std::string find_culprit(std::vector<Target>& targets, const RunModels& models, const Tensor& image, const Frame& frame) {
    if (!all_finite(image)) return "postproc or the picture's parametrisation gives pixels that are not finite";
    for (Target& target : targets) {
        auto made = make_frame(target, frame);
        if (!made) continue;
        made->mean_share = 0;  // the mean of all views is not at hand
        for (std::int64_t first = 0; first < target.views; first += kViewsAtOnce) {
            Piece piece{&*made, first, std::min(kViewsAtOnce, target.views - first)};
            const std::string found = piece_culprit(piece, models, image, frame);
            if (!found.empty()) return fmt::format("target '{}': {}", target.config->settings["name"].text(), found);
        }
    }
    return "the sum of the targets is not finite";
}

}  // namespace clipig
