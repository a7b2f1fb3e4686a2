// Constraints are losses on the pixels of a view.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ops/registry.h"
#include "ops/tensor.h"
#include "ops/transform.h"

namespace clipig {

/// `loss: l2|mse|l1|mae` of a constraint: mean squared or mean absolute difference.
class Constraint {
public:
    virtual ~Constraint() = default;
    /// images [N,3,H,W] sRGB -> [N]: one value for each view, without the weight. Differentiable.
    [[nodiscard]] virtual Tensor value(const Tensor& images, const ViewRandom& random) const = 0;

    double weight = 1;  ///< read by the engine
    std::string loss = "l2";

protected:
    /// Mean over all but the first dimension of |a-b| or (a-b)^2, as `loss` says: [N].
    [[nodiscard]] Tensor distance(const Tensor& a, const Tensor& b) const;
};

/// A constraint that holds a statistic of each channel above or below a bound.
class BoundedConstraint : public Constraint {
public:
    std::optional<Real3> above;  ///< pushes up while the statistic is below it, nothing when past it
    std::optional<Real3> below;  ///< pushes down while the statistic is above it

    [[nodiscard]] Tensor value(const Tensor& images, const ViewRandom& random) const final;

protected:
    /// images [N,3,H,W] -> [N,3], differentiable.
    [[nodiscard]] virtual Tensor statistic(const Tensor& images) const = 0;
    /// What the loss is multiplied by.
    [[nodiscard]] virtual double scale() const { return 100; }
};

/// The field `loss` of a constraint.
struct LossChoices {
    std::string doc = "Mean squared (l2, mse) or mean absolute (l1, mae) difference.";
    std::vector<std::string> choices{"l2", "mse", "l1", "mae"};
};

/// Adds the fields that all constraints share, then `last`. `start`, `end` and `mask` are read by the engine.
template <class Op>
[[nodiscard]] std::vector<Field<Op>> with_constraint_fields(std::vector<Field<Op>> fields, LossChoices loss = {},
                                                            std::vector<Field<Op>> last = {}) {
    fields.push_back(field_of<Op>("weight", &Constraint::weight, "1", "Multiplies the value; negative turns the constraint around.")
                         .sees(kConstraintGroups));
    fields.push_back(engine_field<Op>("start", FieldType::frame_time, "0.0", "First frame: an epoch, a fraction of the run, or `30%`."));
    fields.push_back(engine_field<Op>("end", FieldType::frame_time, "1.0", "Last frame, inclusive."));
    fields.push_back(field_of<Op>("loss", &Constraint::loss, "l2", std::move(loss.doc)).choices(std::move(loss.choices)));
    fields.push_back(engine_field<Op>("mask", FieldType::section, "null", "Where in the picture it pulls: see the section `mask`.")
                         .section("mask")
                         .named_only());
    for (auto& field : last) fields.push_back(std::move(field));
    return fields;
}

/// The fields `above` and `below` of a BoundedConstraint, before `fields`.
template <class Op>
[[nodiscard]] std::vector<Field<Op>> with_bounds(const std::string& what, std::vector<Field<Op>> fields = {}) {
    std::vector<Field<Op>> all;
    all.push_back(
        field_of<Op>("above", &BoundedConstraint::above, "null", "Pushes " + what + " up while it is below this; one bound per channel.")
            .sees(kConstraintGroups));
    all.push_back(
        field_of<Op>("below", &BoundedConstraint::below, "null", "Pushes " + what + " down while it is above this; one bound per channel.")
            .sees(kConstraintGroups));
    for (auto& field : fields) all.push_back(std::move(field));
    return all;
}

/// Registers a constraint with its own fields followed by weight, start, end, loss and mask, and `last`.
template <class Op>
struct RegisterConstraint : Register<Constraint, Op> {
    RegisterConstraint(OperatorSpec spec, std::vector<Field<Op>> fields, LossChoices loss = {}, std::vector<Field<Op>> last = {})
        : Register<Constraint, Op>(std::move(spec), with_constraint_fields(std::move(fields), std::move(loss), std::move(last))) {}
};

}  // namespace clipig
