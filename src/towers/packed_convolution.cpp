#include "towers/packed_convolution.h"

#include <algorithm>

namespace clipig {
namespace {

using Memory = dnnl::memory;
using Format = dnnl::memory::format_tag;

Memory::data_type data_type(NumberType type) { return type == NumberType::f32 ? Memory::data_type::f32 : Memory::data_type::bf16; }

/// `packed` becomes the plain weights in the layout `wanted`, unless it is that already.
void pack(const Memory& plain, const Memory::desc& wanted, Memory& packed) {
    if (packed && packed.get_desc() == wanted) return;
    packed = Memory(wanted, cpu_engine());
    dnnl::reorder(plain, packed).execute(cpu_stream(), const_cast<Memory&>(plain), packed);
    cpu_stream().wait();
}

}  // namespace

PackedConvolution::PackedConvolution(const float* weights, const float* bias, std::int64_t inner, std::int64_t outer, std::int64_t height,
                                     std::int64_t width, NumberType type)
    : state_(std::make_shared<State>()) {
    State& state = *state_;
    state.inner = inner;
    state.outer = outer;
    state.height = height;
    state.width = width;
    state.type = type;
    state.plain = Memory({{outer, inner, 3, 3}, Memory::data_type::f32, Format::oihw}, cpu_engine());
    std::copy_n(weights, outer * inner * 9, static_cast<float*>(state.plain.get_data_handle()));
    state.bias = Memory({{outer}, Memory::data_type::f32, Format::a}, cpu_engine());
    std::copy_n(bias, outer, static_cast<float*>(state.bias.get_data_handle()));
}

const PackedConvolution::Forward& PackedConvolution::prepare_forward(std::int64_t count) const {
    State& state = *state_;
    const std::lock_guard lock(state.guard);
    const auto found = state.forward.find(count);
    if (found != state.forward.end()) return found->second;
    Forward made;
    made.x = Memory::desc({count, state.inner, state.height, state.width}, data_type(state.type), Format::nhwc);
    made.y = Memory::desc({count, state.outer, state.height, state.width}, data_type(state.type), Format::nhwc);
    const Memory::desc any({state.outer, state.inner, 3, 3}, data_type(state.type), Format::any);
    dnnl::post_ops after;
    after.append_eltwise(1.0f, dnnl::algorithm::eltwise_relu, 0, 0);
    dnnl::primitive_attr attr;
    attr.set_post_ops(after);
    attr.set_scratchpad_mode(dnnl::scratchpad_mode::user);
    const dnnl::convolution_forward::primitive_desc chosen({dnnl::prop_kind::forward_inference,
                                                            dnnl::algorithm::convolution_direct,
                                                            made.x,
                                                            any,
                                                            state.bias.get_desc(),
                                                            made.y,
                                                            {1, 1},
                                                            {1, 1},
                                                            {1, 1}},
                                                           attr, cpu_engine());
    pack(state.plain, chosen.weights_desc(), state.packed_forward);
    made.weights = state.packed_forward;
    made.scratch = chosen.scratchpad_desc();
    made.primitive = dnnl::convolution_forward(chosen);
    return state.forward.emplace(count, std::move(made)).first->second;
}

const PackedConvolution::Backward& PackedConvolution::prepare_backward(std::int64_t count) const {
    State& state = *state_;
    const std::lock_guard lock(state.guard);
    const auto found = state.backward.find(count);
    if (found != state.backward.end()) return found->second;
    Backward made;
    made.x = Memory::desc({count, state.inner, state.height, state.width}, data_type(state.type), Format::nhwc);
    made.y = Memory::desc({count, state.outer, state.height, state.width}, data_type(state.type), Format::nhwc);
    const Memory::desc any({state.outer, state.inner, 3, 3}, data_type(state.type), Format::any);
    dnnl::primitive_attr attr;
    attr.set_scratchpad_mode(dnnl::scratchpad_mode::user);
    const auto direct = dnnl::algorithm::convolution_direct;
    // oneDNN describes a backward pass by the forward pass that it belongs to
    const dnnl::convolution_forward::primitive_desc hint(
        {dnnl::prop_kind::forward_training, direct, made.x, any, made.y, {1, 1}, {1, 1}, {1, 1}}, cpu_engine());
    const dnnl::convolution_backward_data::primitive_desc chosen({direct, made.x, any, made.y, {1, 1}, {1, 1}, {1, 1}}, attr, cpu_engine(),
                                                                 hint);
    pack(state.plain, chosen.weights_desc(), state.packed_backward);
    made.weights = state.packed_backward;
    made.scratch = chosen.scratchpad_desc();
    made.primitive = dnnl::convolution_backward_data(chosen);
    return state.backward.emplace(count, std::move(made)).first->second;
}

void PackedConvolution::forward(std::int64_t count, const void* x, void* y) const {
    const Forward& use = prepare_forward(count);
    const auto& engine = cpu_engine();
    use.primitive.execute(cpu_stream(), {{DNNL_ARG_SRC, Memory(use.x, engine, const_cast<void*>(x))},
                                         {DNNL_ARG_WEIGHTS, use.weights},
                                         {DNNL_ARG_BIAS, state_->bias},
                                         {DNNL_ARG_DST, Memory(use.y, engine, y)},
                                         {DNNL_ARG_SCRATCHPAD, Memory(use.scratch, engine, cpu_scratch(use.scratch.get_size()))}});
    cpu_stream().wait();
}

void PackedConvolution::backward(std::int64_t count, const void* dy, void* dx) const {
    const Backward& use = prepare_backward(count);
    const auto& engine = cpu_engine();
    use.primitive.execute(cpu_stream(), {{DNNL_ARG_DIFF_DST, Memory(use.y, engine, const_cast<void*>(dy))},
                                         {DNNL_ARG_WEIGHTS, use.weights},
                                         {DNNL_ARG_DIFF_SRC, Memory(use.x, engine, dx)},
                                         {DNNL_ARG_SCRATCHPAD, Memory(use.scratch, engine, cpu_scratch(use.scratch.get_size()))}});
    cpu_stream().wait();
}

}  // namespace clipig
