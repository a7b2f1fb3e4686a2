// The tensors of a weight file under one set of names (OpenAI's), whatever layout the file has.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "models/tensor_file.h"
#include "ops/tensor.h"

namespace clipig {

using Shape = std::vector<std::int64_t>;

enum class KeyLayout {
    openai,      ///< OpenAI's and open_clip's keys, `text.` prefix or not; timm's keys of SigLIP's image tower
    huggingface  ///< transformers' CLIPModel and SiglipModel: q/k/v apart, projections transposed
};

class WeightTable {
public:
    /// `where` names the file in messages. Throws InputError for a layout that belongs to no supported network.
    WeightTable(std::unique_ptr<TensorFile> file, std::string where);

    [[nodiscard]] bool has(const std::string& name) const { return entries_.count(name) != 0; }
    /// Shape under the canonical name (joined, transposed). Throws InputError when there is no such tensor.
    [[nodiscard]] Shape shape(const std::string& name) const;
    /// The names, sorted.
    [[nodiscard]] std::vector<std::string> names() const;

    /// The tensor as contiguous float32 on the CPU, a copy. A missing or misshapen one is noted for finish() and zeros come back.
    [[nodiscard]] Tensor take(const std::string& name, const Shape& expected);
    /// The value of a tensor of one number, or nothing: logit_scale, logit_bias.
    [[nodiscard]] std::optional<double> scalar(const std::string& name) const;
    /// Throws one InputError for everything that was missing, misshapen, or never taken.
    void finish() const;

    [[nodiscard]] KeyLayout layout() const { return layout_; }
    [[nodiscard]] const std::string& where() const { return where_; }
    [[nodiscard]] const std::string& format() const { return file_->format(); }

private:
    struct Entry {
        std::vector<const TensorInfo*> parts;  ///< one, or q, k, v to be joined along the first dimension
        bool transposed = false;
        bool flat = false;  ///< leading dimensions of 1 are dropped, so that a matrix is left
    };
    void add(const TensorInfo& info, const std::string& name, std::size_t part = 0);
    void add_huggingface(const TensorInfo& info, const std::string& name);
    [[nodiscard]] Shape shape_of(const Entry& entry) const;

    std::unique_ptr<TensorFile> file_;
    std::string where_;
    KeyLayout layout_ = KeyLayout::openai;
    std::map<std::string, Entry> entries_;
    std::set<std::string> taken_;
    std::map<std::string, const TensorInfo*> scalars_;
    std::vector<std::string> problems_;
};

/// The values of a tensor of a file as float32, row-major, on the CPU.
[[nodiscard]] Tensor to_float(const TensorInfo& info);

/// `[768, 3, 32, 32]`
[[nodiscard]] std::string show_shape(const Shape& shape);

}  // namespace clipig
