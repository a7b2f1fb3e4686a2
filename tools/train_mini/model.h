// A CLIP whose weights can learn: the program's towers, with live batch norm, over one flat array of weights.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "ops/tensor.h"
#include "towers/towers.h"

namespace clipig::mini {

class Model {
public:
    /// Random weights, and `proxies` learned vectors that are not exported: one for every thing.
    Model(const Architecture& net, std::int64_t proxies, std::uint64_t seed, bool bf16, const at::Device& device = at::kCPU);

    /// views [N,3,S,S] sRGB 0..1, on the device -> [N,E] of length 1. `learning`: batch norm uses the batch and updates its statistics.
    [[nodiscard]] Tensor encode_views(const Tensor& views, bool learning);
    /// ids [N,context] int64 -> [N,E] of length 1.
    [[nodiscard]] Tensor encode_ids(const Tensor& ids) const;
    /// [P,E] of length 1.
    [[nodiscard]] Tensor proxies() const;
    /// The factor of similarities in the loss, at most 100.
    [[nodiscard]] Tensor scale() const;

    struct Parameter {
        std::string name;     ///< OpenAI's key
        Tensor values;        ///< a leaf that shares the memory of weights()
        std::int64_t offset;  ///< in weights()
        bool decays;          ///< matrices and kernels, not biases, norms and embeddings
    };
    [[nodiscard]] const std::vector<Parameter>& parameters() const { return parameters_; }
    [[nodiscard]] Tensor& weights() { return weights_; }        ///< [all], float32
    [[nodiscard]] Tensor& statistics() { return statistics_; }  ///< [all], means and variances of batch norm
    [[nodiscard]] const Architecture& net() const { return net_; }
    [[nodiscard]] at::Device device() const { return weights_.device(); }

    /// A folder in open_clip's layout that the program reads, in float16: weights, statistics, configuration. The vocabulary must lie
    /// there already. `weights` and `statistics` are arrays like those above.
    void write(const std::filesystem::path& folder, const Tensor& weights, const Tensor& statistics) const;

private:
    struct Place {
        std::string name;
        std::int64_t offset;
        std::vector<std::int64_t> shape;
    };
    [[nodiscard]] const Tensor& get(const std::string& name) const { return by_name_.at(name); }
    [[nodiscard]] Tensor cast(const std::string& name) const;
    [[nodiscard]] Tensor convolve(const Tensor& x, const std::string& convolution, const std::string& norm, std::int64_t stride,
                                  bool learning);
    [[nodiscard]] Tensor bottleneck(const Tensor& x, const std::string& at, bool pooled, bool learning);
    [[nodiscard]] Tensor run_resnet(const Tensor& views, bool learning);
    [[nodiscard]] Tensor run_vit(const Tensor& views) const;
    [[nodiscard]] TransformerWeights transformer(const std::string& prefix, const TransformerShape& shape) const;

    Architecture net_;
    at::ScalarType type_;
    Tensor weights_, statistics_;
    std::vector<Parameter> parameters_;
    std::vector<Place> statistic_places_;
    std::map<std::string, Tensor> by_name_;  ///< parameters and statistics
    Tensor mean_, deviation_;
};

}  // namespace clipig::mini
