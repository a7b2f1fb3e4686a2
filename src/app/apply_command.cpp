// clipig apply: transforms on a picture, constraint losses, and their gradient.
#include <fmt/format.h>

#include <cstdio>
#include <functional>

#include "app/devices.h"
#include "app/engine_commands.h"
#include "app/tensor_io.h"
#include "base/text.h"
#include "engine/mask.h"
#include "engine/operators.h"
#include "ops/apply.h"
#include "ops/constraint.h"
#include "ops/full_schema.h"
#include "ops/mask_gradient.h"

namespace clipig {
namespace {

/// A document with one target that holds the operators of the command line, checked as a file's would be.
Config as_config(const ApplyOptions& options) {
    const auto list = [](const std::vector<std::string>& texts, const char* option) {
        Node sequence;
        sequence.kind = NodeKind::sequence;
        for (const std::string& text : texts)
            sequence.items.push_back(parse_yaml(std::make_shared<const SourceText>(SourceText{option, text})));
        return sequence;
    };
    Node target;
    target.kind = NodeKind::map;
    target.entries.push_back({"transforms", {}, list(options.transforms, "--transform")});
    target.entries.push_back({"constraints", {}, list(options.constraints, "--constraint")});
    Node targets;
    targets.kind = NodeKind::sequence;
    targets.items.push_back(std::move(target));
    Node document;
    document.kind = NodeKind::map;
    document.entries.push_back({"targets", {}, std::move(targets)});
    set_path(document, "seed=" + options.seed);
    set_path(document, "epochs=" + std::to_string(options.epochs));
    return validate(document, std::make_shared<const Schema>(full_schema()));
}

/// The picture behind the transforms. A mask of a constraint changes the gradient only, so each of them sees the same pixels.
using Views = std::function<Tensor(const std::unique_ptr<Mask>& mask)>;

/// Prints each constraint's loss with its weight; the sum.
Tensor constraint_losses(const Config& config, const Views& views, const Frame& frame, ViewRandom random) {
    Tensor total;
    for (const Settings& settings : config.targets[0].constraints) {
        const auto constraint = make_operator<Constraint>(settings, frame);
        const Tensor value = constraint->weight * constraint->value(views(mask_of(settings)), random).sum();
        fmt::print("{}\t{:.9g}\n", settings.spec->name, value.detach().item<double>());
        total = total.defined() ? total + value : value;
        ++random.op;
    }
    return total;
}

}  // namespace

int apply_command(const ApplyOptions& options) {
    set_threads(0);
    if (options.output.empty() && options.gradient.empty() && options.constraints.empty()) {
        throw InputError("there is nothing to do: give -o OUTPUT for the picture, or -c for a constraint");
    }
    if (!options.gradient.empty() && options.constraints.empty())
        throw InputError("--grad needs a loss: give at least one constraint with -c");
    const Config config = as_config(options);
    const Tensor input = read_image_tensor(options.input).requires_grad_(!options.gradient.empty());
    Frame frame;
    frame.seed = static_cast<std::uint64_t>(config.top["seed"].integer());
    frame.variables.epoch = options.epoch;
    frame.variables.epochs = options.epochs;
    frame.variables.resolution = {input.size(3), input.size(2)};
    const Transforms transforms = make_transforms(config.targets[0].transforms, frame);
    ViewRandom random{frame.seed, static_cast<std::uint32_t>(options.epoch), 0, 0, 0, 1};
    const Views views = [&, first = random](const std::unique_ptr<Mask>& mask) {
        const Tensor open = mask ? mask_gradient(input, mask->over(frame, input.size(2), input.size(3), input.device())) : input;
        return apply_transforms(transforms, open, first);
    };
    const Tensor image = views(nullptr);
    random.op = static_cast<std::uint32_t>(transforms.size());
    const Tensor loss = constraint_losses(config, views, frame, random);
    if (!options.output.empty()) write_image_tensor(options.output, image);
    if (!options.gradient.empty()) {
        loss.backward();
        write_tensors(options.gradient, {{"image", input.grad().squeeze(0)}});
    }
    return 0;
}

}  // namespace clipig
