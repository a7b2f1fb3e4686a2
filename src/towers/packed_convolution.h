// 3x3 convolutions with frozen weights on pictures whose channels lie together. No torch here.
#pragma once

#include <cstdint>
#include <dnnl.hpp>
#include <map>
#include <memory>
#include <mutex>

#include "towers/packed_matrix.h"

namespace clipig {

/// A convolution of 3x3, padding 1, stride 1, of pictures [N,height,width,channels]; the weights are packed once for each
/// direction. Safe to use from several threads.
class PackedConvolution {
public:
    PackedConvolution() = default;
    /// weights [outer,inner,3,3] and bias [outer], float32, row-major; copied.
    PackedConvolution(const float* weights, const float* bias, std::int64_t inner, std::int64_t outer, std::int64_t height,
                      std::int64_t width, NumberType type);

    /// y [N,height,width,outer] = max(0, conv(x) + bias).
    void forward(std::int64_t count, const void* x, void* y) const;
    /// dx [N,height,width,inner] from the gradient before the rectifier, dy [N,height,width,outer].
    void backward(std::int64_t count, const void* dy, void* dx) const;

private:
    template <class Primitive>
    struct Prepared {
        Primitive primitive;
        dnnl::memory::desc x, y, scratch;
        dnnl::memory weights;
    };
    using Forward = Prepared<dnnl::convolution_forward>;
    using Backward = Prepared<dnnl::convolution_backward_data>;
    struct State {
        std::int64_t inner = 0, outer = 0, height = 0, width = 0;
        NumberType type = NumberType::f32;
        dnnl::memory plain, bias;
        dnnl::memory packed_forward, packed_backward;  ///< the last layouts asked for
        std::map<std::int64_t, Forward> forward;
        std::map<std::int64_t, Backward> backward;
        std::mutex guard;
    };
    [[nodiscard]] const Forward& prepare_forward(std::int64_t count) const;
    [[nodiscard]] const Backward& prepare_backward(std::int64_t count) const;
    std::shared_ptr<State> state_;
};

}  // namespace clipig
