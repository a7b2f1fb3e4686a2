#include "towers/packed_matrix.h"

#include <cstdlib>
#include <vector>

namespace clipig {
namespace {

using Memory = dnnl::memory;
using Format = dnnl::memory::format_tag;

Memory::data_type data_type(NumberType type) { return type == NumberType::f32 ? Memory::data_type::f32 : Memory::data_type::bf16; }

dnnl::primitive_attr attributes(Epilogue epilogue, const Memory::desc& y) {
    dnnl::post_ops after;
    if (epilogue == Epilogue::add) after.append_sum(1.0f);
    if (epilogue == Epilogue::multiply) after.append_binary(dnnl::algorithm::binary_mul, y);
    if (epilogue == Epilogue::plus_relu) after.append_binary(dnnl::algorithm::binary_add, y);
    if (epilogue == Epilogue::relu || epilogue == Epilogue::plus_relu) after.append_eltwise(1.0f, dnnl::algorithm::eltwise_relu, 0, 0);
    dnnl::primitive_attr attr;
    attr.set_post_ops(after);
    attr.set_scratchpad_mode(dnnl::scratchpad_mode::user);
    return attr;
}

}  // namespace

const dnnl::engine& cpu_engine() {
    static const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
    return engine;
}

dnnl::stream& cpu_stream() {
    thread_local dnnl::stream stream(cpu_engine());
    return stream;
}

void* cpu_scratch(std::size_t bytes) {
    struct Free {
        void operator()(void* memory) const { std::free(memory); }
    };
    thread_local std::unique_ptr<void, Free> memory;
    thread_local std::size_t size = 0;
    if (bytes > size) {
        constexpr std::size_t kPage = 4096;
        size = (bytes + kPage - 1) / kPage * kPage;
        memory.reset(std::aligned_alloc(kPage, size));
    }
    return memory.get();
}

bool processor_has_bf16() {
    const auto isa = static_cast<unsigned>(dnnl::get_effective_cpu_isa());
    const auto wanted = static_cast<unsigned>(dnnl::cpu_isa::avx512_core_bf16);
    return (isa & wanted) == wanted;
}

PackedMatrix::PackedMatrix(const float* weights, std::int64_t inner, std::int64_t outer, std::int64_t inner_stride,
                           std::int64_t outer_stride, const float* bias, NumberType type)
    : state_(std::make_shared<State>()) {
    state_->inner = inner;
    state_->outer = outer;
    state_->type = type;
    const Memory source({{inner, outer}, Memory::data_type::f32, Memory::dims{inner_stride, outer_stride}}, cpu_engine(),
                        const_cast<float*>(weights));
    if (bias != nullptr) {
        state_->bias = Memory({{1, outer}, Memory::data_type::f32, Format::ab}, cpu_engine());
        std::copy_n(bias, outer, static_cast<float*>(state_->bias.get_data_handle()));
    }
    // the layout that oneDNN likes for a middling number of rows serves every other one
    constexpr std::int64_t kTypicalRows = 400;
    const Memory::desc x({kTypicalRows, inner}, data_type(type), Format::ab), y({kTypicalRows, outer}, Memory::data_type::f32, Format::ab);
    const Memory::desc any({inner, outer}, data_type(type), Format::any);
    const dnnl::matmul::primitive_desc chosen(dnnl::matmul::desc(x, any, y), cpu_engine());
    state_->packed = Memory(chosen.weights_desc(), cpu_engine());
    dnnl::reorder(source, state_->packed).execute(cpu_stream(), const_cast<Memory&>(source), state_->packed);
    cpu_stream().wait();
}

PackedMatrix::Product PackedMatrix::make_product(const Key& key) const {
    const auto [rows, y_type, epilogue] = key;
    const State& state = *state_;
    Product made;
    made.x = Memory::desc({rows, state.inner}, data_type(state.type), Format::ab);
    made.y = Memory::desc({rows, state.outer}, data_type(y_type), Format::ab);
    const auto attr = attributes(epilogue, made.y);
    const auto describe = [&](const Memory::desc& weights) {
        return state.bias ? dnnl::matmul::desc(made.x, weights, state.bias.get_desc(), made.y)
                          : dnnl::matmul::desc(made.x, weights, made.y);
    };
    const dnnl::matmul::primitive_desc chosen(describe(state.packed.get_desc()), attr, cpu_engine());
    made.weights = state.packed;
    made.scratch = chosen.scratchpad_desc();
    made.primitive = dnnl::matmul(chosen);
    return made;
}

const PackedMatrix::Product& PackedMatrix::product(const Key& key) const {
    const std::lock_guard lock(state_->guard);
    const auto found = state_->products.find(key);
    return found != state_->products.end() ? found->second : state_->products.emplace(key, make_product(key)).first->second;
}

void PackedMatrix::multiply(std::int64_t rows, const void* x, void* y, NumberType y_type, Epilogue epilogue, const void* other) const {
    if (rows == 0) return;
    const Product& use = product({rows, y_type, epilogue});
    const auto& engine = cpu_engine();
    std::unordered_map<int, Memory> arguments{{DNNL_ARG_SRC, Memory(use.x, engine, const_cast<void*>(x))},
                                              {DNNL_ARG_WEIGHTS, use.weights},
                                              {DNNL_ARG_DST, Memory(use.y, engine, y)}};
    if (state_->bias) arguments[DNNL_ARG_BIAS] = state_->bias;
    if (epilogue == Epilogue::multiply || epilogue == Epilogue::plus_relu) {
        arguments[DNNL_ARG_ATTR_MULTIPLE_POST_OP(0) | DNNL_ARG_SRC_1] = Memory(use.y, engine, const_cast<void*>(other));
    }
    if (use.scratch.get_size() > 0) arguments[DNNL_ARG_SCRATCHPAD] = Memory(use.scratch, engine, cpu_scratch(use.scratch.get_size()));
    use.primitive.execute(cpu_stream(), arguments);
    cpu_stream().wait();
}

}  // namespace clipig
