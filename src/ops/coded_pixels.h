// Image parametrisations that share a range and a colour space: image = range(colour space(code)), and each says what its
// code is made of.
#pragma once

#include <string>
#include <vector>

#include "ops/colour_space.h"
#include "ops/pixel_model.h"
#include "ops/range.h"

namespace clipig {

class CodedPixels : public PixelModel {
public:
    bool decorrelate = true;
    double colors = 1;
    std::string range = "sigmoid";

    void set_image(const Tensor& image) final;
    [[nodiscard]] Tensor image() const final;
    [[nodiscard]] std::array<std::int64_t, 2> size() const final { return {width_, height_}; }
    [[nodiscard]] std::vector<Tensor>& parameters() final { return parameters_; }
    /// The image is resampled and taken over again.
    void resize(std::int64_t height, std::int64_t width, const std::string& interpolation) override;
    /// Where the parameters are no pictures: means restart at 0, second moments keep their mean, so that the step size stays.
    [[nodiscard]] Tensor resize_state(std::size_t index, const Tensor& state, bool non_negative) const override;
    [[nodiscard]] double rate_scale(const std::string& optimizer) const override;

protected:
    /// code [1,3,H,W], without a graph: make the parameters (with keep) so that code() gives it back.
    virtual void set_code(const Tensor& code) = 0;
    /// [1,3,H,W], differentiable in the parameters.
    [[nodiscard]] virtual Tensor code() const = 0;
    /// The part of rate_scale that is not due to the range.
    [[nodiscard]] virtual double code_rate(const std::string&) const { return 1; }

    void keep(std::vector<Tensor> parameters);
    /// State of a parameter that is a picture [1,3,h,w], resampled to the parameter's present size.
    [[nodiscard]] Tensor resampled_state(std::size_t index, const Tensor& state, bool non_negative) const;

    std::vector<Tensor> parameters_;
    std::int64_t height_ = 0, width_ = 0;

private:
    [[nodiscard]] double centre() const;
};

/// The shared fields after `fields`, with an operator's own defaults.
template <class Op>
[[nodiscard]] std::vector<Field<Op>> with_code_fields(std::vector<Field<Op>> fields, const char* decorrelate = "true",
                                                      const char* range = "sigmoid") {
    fields.push_back(field_of<Op>("decorrelate", &CodedPixels::decorrelate, decorrelate,
                                  "Work in colour axes that are less correlated than red, green and blue."));
    fields.push_back(field_of<Op>("colors", &CodedPixels::colors, "1", "Above 1 steps change colours more, and brightness less.")
                         .at_least(.05)
                         .at_most(20));
    fields.push_back(field_of<Op>("range", &CodedPixels::range, range,
                                  "How numbers become colours 0..1: none (they may leave it), clamp, sigmoid or tanh.")
                         .choices({"none", "clamp", "sigmoid", "tanh"}));
    return fields;
}

}  // namespace clipig
