// Transforms change the pixels of views. Stateless: image and random streams in, image out.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "base/random.h"
#include "ops/registry.h"
#include "ops/tensor.h"

namespace clipig {

/// The random streams of a batch of views for one operator.
struct ViewRandom {
    std::uint64_t seed = 0;
    std::uint32_t epoch = 0;
    std::uint32_t target = 0;      ///< index of the target, or kPostprocStream
    std::uint32_t first_view = 0;  ///< number of the batch's first view (micro-batches start above 0)
    std::uint32_t op = 0;          ///< index of the operator in its list
    std::int64_t views = 1;        ///< N
    std::int64_t model_side = 0;   ///< side of the views that the target's (largest) model takes; 0: not known

    [[nodiscard]] RandomAddress address(std::int64_t view) const {
        return {seed, epoch, target, first_view + static_cast<std::uint32_t>(view), op};
    }
    [[nodiscard]] Random stream(std::int64_t view) const { return Random(address(view)); }
    /// Normal noise [N,C,H,W] in `like`'s dtype and device, one independent stream per view.
    [[nodiscard]] Tensor normal(std::int64_t channels, std::int64_t height, std::int64_t width, const Tensor& like) const;
};

class Transform {
public:
    virtual ~Transform() = default;
    /// images [1 or N,3,H,W], float or double, sRGB 0..1 but not clamped -> [1 or N,3,H',W']. One image stands for N equal
    /// views; a transform that draws per view answers with N = random.views. Differentiable; the input is not modified.
    [[nodiscard]] virtual Tensor apply(const Tensor& images, const ViewRandom& random) const = 0;

    double probability = 1;  ///< `p`: apply_transforms leaves the other views unchanged

    /// The fields that all transforms share, after `fields`. An operator with a `p` of its own draws by itself.
    template <class Op>
    [[nodiscard]] static std::vector<Field<Op>> with_common_fields(std::vector<Field<Op>> fields);
};

template <class Op>
std::vector<Field<Op>> Transform::with_common_fields(std::vector<Field<Op>> fields) {
    if (std::none_of(fields.begin(), fields.end(), [](const Field<Op>& field) { return field.spec.name == "p"; })) {
        fields.push_back(field_of<Op>("p", &Transform::probability, "1",
                                      "Share of the views on which it acts, drawn for each view; the others stay as they are.")
                             .at_least(0)
                             .at_most(1)
                             .sees(kTransformGroups)
                             .named_only());
    }
    fields.push_back(
        engine_field<Op>("start", FieldType::frame_time, "0.0", "First frame: an epoch, a fraction of the run, or `30%`.").named_only());
    fields.push_back(engine_field<Op>("end", FieldType::frame_time, "1.0", "Last frame, inclusive.").named_only());
    return fields;
}

}  // namespace clipig
