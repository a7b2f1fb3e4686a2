// What stands for Python objects in a pickle of weights: globals, storages, tensors, TorchScript modules.
#include <algorithm>

#include "models/pickle_machine.h"
#include "models/tensor_table.h"

namespace clipig {
namespace {

struct StorageClass {
    std::string_view name;
    DataType type;
    std::size_t bytes;  ///< of an element; 0 when the class does not say
};
constexpr StorageClass kStorages[] = {
    {"FloatStorage", DataType::f32, 4},
    {"DoubleStorage", DataType::f64, 8},
    {"HalfStorage", DataType::f16, 2},
    {"BFloat16Storage", DataType::bf16, 2},
    {"LongStorage", DataType::i64, 8},
    {"IntStorage", DataType::i32, 4},
    {"ShortStorage", DataType::i16, 2},
    {"CharStorage", DataType::i8, 1},
    {"ByteStorage", DataType::u8, 1},
    {"BoolStorage", DataType::boolean, 1},
    {"ComplexFloatStorage", DataType::other, 8},
    {"ComplexDoubleStorage", DataType::other, 16},
    {"TypedStorage", DataType::other, 0},
    {"UntypedStorage", DataType::other, 0},
};

const StorageClass* storage_class(std::string_view module, std::string_view name) {
    const auto* found =
        std::find_if(std::begin(kStorages), std::end(kStorages), [&](const StorageClass& known) { return known.name == name; });
    if (found == std::end(kStorages)) return nullptr;
    return module == "torch" || (module == "torch.storage" && found->bytes == 0) ? found : nullptr;
}

bool torchscript_class(std::string_view module) { return module == "__torch__" || module.starts_with("__torch__."); }

bool ordered_dict(const PickleValue& value) { return value.text == "collections" && value.name == "OrderedDict"; }
bool from_utils(const PickleValue& value, std::string_view name) { return value.text == "torch._utils" && value.name == name; }

std::string global_text(const PickleValue& value) { return shown(std::string(value.text) + "." + std::string(value.name)); }

}  // namespace

void PickleMachine::push_global() {
    PickleValue value{.kind = PickleKind::global, .text = {}, .items = {}};
    value.text = line();
    value.name = line();
    const bool allowed = ordered_dict(value) || from_utils(value, "_rebuild_tensor_v2") || from_utils(value, "_rebuild_parameter") ||
                         storage_class(value.text, value.name) != nullptr || torchscript_class(value.text);
    if (!allowed) {
        refuse(name_, "refused: the file asks for '" + global_text(value) +
                          "', which is not a tensor (nothing was run). "
                          "If you trust its source, load it in Python and save only the weights: torch.save(model.state_dict(), 'y.pt')");
    }
    push(std::move(value));
}

void PickleMachine::make_object() {
    const auto arguments = result_.values[pop()];
    const auto type = result_.values[pop()];
    if (type.kind != PickleKind::global || !torchscript_class(type.text)) fail("makes an object of something that is no TorchScript class");
    if (arguments.kind != PickleKind::tuple || !arguments.items.empty()) fail("makes an object with arguments");
    push({.kind = PickleKind::object, .text = type.text, .name = type.name, .items = {}});
}

void PickleMachine::build() {
    const PickleId state_id = pop();
    const PickleId target_id = top();
    auto& target = result_.values[target_id];
    if (target.kind == PickleKind::dict) return;  // the _metadata of a state dict: versions of modules, not needed
    if (target.kind != PickleKind::object) fail("sets the state of something that is no module");
    const auto& state = result_.values[state_id];
    if (state.kind != PickleKind::dict) fail("gives the module '" + shown(target.name) + "' a state that is no dict");
    if (!target.items.empty()) fail("sets the state of the module '" + shown(target.name) + "' twice");
    target.items = {state_id};
}

void PickleMachine::call() {
    const auto arguments = result_.values[pop()];
    const auto function = result_.values[pop()];
    if (function.kind != PickleKind::global) fail("calls something that is no function");
    if (arguments.kind != PickleKind::tuple) fail("calls '" + global_text(function) + "' with arguments that are no tuple");
    if (ordered_dict(function)) {
        if (!arguments.items.empty()) fail("makes an OrderedDict with arguments");
        push({.kind = PickleKind::dict, .text = {}, .items = {}});
    } else if (from_utils(function, "_rebuild_tensor_v2")) {
        rebuild_tensor(arguments.items);
    } else if (from_utils(function, "_rebuild_parameter")) {
        if (arguments.items.size() != 3 || result_.values[arguments.items[0]].kind != PickleKind::tensor)
            fail("makes a parameter of something that is no tensor");
        push_id(arguments.items[0]);
    } else {
        fail("calls '" + global_text(function) + "', which is no function");
    }
}

/// ('storage', torch.FloatStorage, key, device, number of elements); the device does not matter here.
void PickleMachine::find_storage() {
    const auto id = result_.values[pop()];
    if (id.kind != PickleKind::tuple || id.items.size() != 5) fail("refers to something outside of it that is no storage");
    const auto& values = result_.values;
    const auto& tag = values[id.items[0]];
    const auto& type = values[id.items[1]];
    const auto& key = values[id.items[2]];
    const auto& count = values[id.items[4]];
    if (tag.kind != PickleKind::text || tag.text != "storage") fail("refers to something outside of it that is no storage");
    const auto* known = type.kind == PickleKind::global ? storage_class(type.text, type.name) : nullptr;
    if (known == nullptr) fail("names a storage of an unknown type");
    if (key.kind != PickleKind::text || key.text.empty() || key.text.size() > 256 || values[id.items[3]].kind != PickleKind::text) {
        fail("names a storage without a key or device");
    }
    if (count.kind != PickleKind::integer || count.integer < 0)
        fail("names the storage '" + shown(key.text) + "' with a number of elements that is none");
    PickleStorage storage{std::string(key.text), known->type, known->bytes, static_cast<std::uint64_t>(count.integer)};
    result_.storages.push_back(std::move(storage));
    push({.kind = PickleKind::storage, .integer = static_cast<std::int64_t>(result_.storages.size() - 1), .text = {}, .items = {}});
}

std::vector<std::int64_t> PickleMachine::whole_numbers(PickleId id, const char* what) const {
    const auto& tuple = result_.values[id];
    if (tuple.kind != PickleKind::tuple || tuple.items.size() > 64)
        fail(std::string("makes a tensor whose ") + what + " is not a tuple of at most 64 numbers");
    std::vector<std::int64_t> numbers;
    for (const auto item : tuple.items) {
        const auto& value = result_.values[item];
        if (value.kind != PickleKind::integer || value.integer < 0)
            fail(std::string("makes a tensor whose ") + what + " holds something that is no whole number from 0");
        numbers.push_back(value.integer);
    }
    return numbers;
}

/// (storage, offset, size, stride, requires_grad, backward_hooks[, metadata])
void PickleMachine::rebuild_tensor(const std::vector<PickleId>& arguments) {
    if (arguments.size() < 6 || arguments.size() > 7)
        fail("makes a tensor from " + std::to_string(arguments.size()) + " values instead of 6");
    const auto& storage = result_.values[arguments[0]];
    const auto& offset = result_.values[arguments[1]];
    if (storage.kind != PickleKind::storage) fail("makes a tensor from something that is no storage");
    if (offset.kind != PickleKind::integer || offset.integer < 0) fail("makes a tensor with an offset that is no whole number from 0");
    PickleTensor tensor;
    tensor.storage = static_cast<std::size_t>(storage.integer);
    tensor.offset = static_cast<std::uint64_t>(offset.integer);
    tensor.shape = whole_numbers(arguments[2], "shape");
    tensor.strides = whole_numbers(arguments[3], "strides");
    if (tensor.shape.size() != tensor.strides.size()) fail("makes a tensor with as many strides as it has not dimensions");
    result_.tensors.push_back(std::move(tensor));
    push({.kind = PickleKind::tensor, .integer = static_cast<std::int64_t>(result_.tensors.size() - 1), .text = {}, .items = {}});
}

}  // namespace clipig
