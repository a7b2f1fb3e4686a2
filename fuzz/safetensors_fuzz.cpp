// Any bytes as a safetensors file: refused with an InputError or read, and every byte of every tensor may be touched.
#include <cstdint>
#include <cstdlib>

#include "base/error.h"
#include "models/tensor_table.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    try {
        const auto table = clipig::read_safetensors({reinterpret_cast<const std::byte*>(data), size}, "fuzz");
        const auto file = clipig::make_tensor_file(table, nullptr, "fuzz");
        unsigned sum = 0;
        for (const auto& tensor : file->tensors()) {
            if (file->find(tensor.name) != &tensor) std::abort();
            if (tensor.elements() < 0 || !tensor.contiguous()) std::abort();
            for (const auto byte : tensor.data) sum += std::to_integer<unsigned>(byte);
        }
        volatile unsigned sink = sum;
        (void)sink;
    } catch (const clipig::InputError&) {
    }
    return 0;
}
