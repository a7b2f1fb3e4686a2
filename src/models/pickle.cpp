#include "models/pickle.h"

#include <array>
#include <bit>

#include "models/pickle_machine.h"
#include "models/tensor_table.h"

namespace clipig {
namespace {

constexpr std::size_t kMostValues = 4'000'000;  // a checkpoint of the largest CLIP with its optimizer has some 100 000
constexpr std::size_t kDeepestMarks = 1000;

struct OpcodeName {
    unsigned char code;
    const char* name;
};
/// The opcodes that are refused, by the names of pickletools.py.
constexpr OpcodeName kRefused[] = {
    {'0', "POP"},
    {'1', "POP_MARK"},
    {'2', "DUP"},
    {'F', "FLOAT"},
    {'I', "INT"},
    {'L', "LONG"},
    {'P', "PERSID"},
    {'S', "STRING"},
    {'T', "BINSTRING"},
    {'U', "SHORT_BINSTRING"},
    {'V', "UNICODE"},
    {'d', "DICT"},
    {'g', "GET"},
    {'i', "INST"},
    {'l', "LIST"},
    {'o', "OBJ"},
    {'p', "PUT"},
    {'B', "BINBYTES"},
    {'C', "SHORT_BINBYTES"},
    {0x82, "EXT1"},
    {0x83, "EXT2"},
    {0x84, "EXT4"},
    {0x8b, "LONG4"},
    {0x8c, "SHORT_BINUNICODE"},
    {0x8d, "BINUNICODE8"},
    {0x8e, "BINBYTES8"},
    {0x8f, "EMPTY_SET"},
    {0x90, "ADDITEMS"},
    {0x91, "FROZENSET"},
    {0x92, "NEWOBJ_EX"},
    {0x93, "STACK_GLOBAL"},
    {0x94, "MEMOIZE"},
    {0x95, "FRAME"},
    {0x96, "BYTEARRAY8"},
    {0x97, "NEXT_BUFFER"},
    {0x98, "READONLY_BUFFER"},
};

std::string opcode_text(unsigned char opcode) {
    for (const auto& known : kRefused) {
        if (known.code == opcode) return known.name;
    }
    constexpr std::string_view digits = "0123456789abcdef";
    return std::string("0x") + digits[opcode >> 4] + digits[opcode & 15];
}

}  // namespace

void PickleMachine::fail(const std::string& reason) const { refuse(name_, "its pickle " + reason + " (byte " + std::to_string(at_) + ")"); }

std::string_view PickleMachine::take(std::uint64_t count) {
    if (count > bytes_.size() - at_) fail("is cut off");
    const std::string_view text(reinterpret_cast<const char*>(bytes_.data()) + at_, count);
    at_ += count;
    return text;
}

std::uint64_t PickleMachine::number(std::size_t bytes) {
    const auto text = take(bytes);
    std::uint64_t value = 0;
    for (std::size_t i = bytes; i-- > 0;) value = value << 8 | static_cast<unsigned char>(text[i]);
    return value;
}

std::string_view PickleMachine::line() {
    const std::string_view rest(reinterpret_cast<const char*>(bytes_.data()) + at_, bytes_.size() - at_);
    const auto end = rest.find('\n');
    if (end == std::string_view::npos) fail("is cut off in the middle of a name");
    at_ += end + 1;
    return rest.substr(0, end);
}

PickleId PickleMachine::add(PickleValue value) {
    if (result_.values.size() >= kMostValues) fail("holds more than " + std::to_string(kMostValues) + " values");
    result_.values.push_back(std::move(value));
    return static_cast<PickleId>(result_.values.size() - 1);
}

void PickleMachine::push_id(PickleId id) {
    if (stack_.size() >= kMostValues) fail("puts more than " + std::to_string(kMostValues) + " values on its stack");
    stack_.push_back(id);
}

PickleId PickleMachine::pop() {
    if (stack_.size() <= floor()) fail("takes a value from an empty stack");
    const PickleId id = stack_.back();
    stack_.pop_back();
    return id;
}

PickleId PickleMachine::top() const {
    if (stack_.size() <= floor()) fail("looks at a value on an empty stack");
    return stack_.back();
}

std::vector<PickleId> PickleMachine::pop_to_mark() {
    if (marks_.empty()) fail("closes a list that was not opened");
    std::vector<PickleId> items(stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back()), stack_.end());
    stack_.resize(marks_.back());
    marks_.pop_back();
    return items;
}

void PickleMachine::memoize(std::uint64_t slot) {
    const PickleId id = top();
    if (memo_.size() >= kMostValues) fail("remembers more than " + std::to_string(kMostValues) + " values");
    memo_[slot] = id;
}

void PickleMachine::recall(std::uint64_t slot) {
    const auto found = memo_.find(slot);
    if (found == memo_.end()) fail("asks for the remembered value " + std::to_string(slot) + ", which there is not");
    push_id(found->second);
}

void PickleMachine::push_long(std::uint64_t size) {
    if (size > 8) fail("holds a whole number of more than 64 bits");
    std::uint64_t value = number(size);
    if (size > 0 && size < 8 && (value >> (8 * size - 1) & 1) != 0) value |= ~std::uint64_t{0} << (8 * size);
    push({.kind = PickleKind::integer, .integer = static_cast<std::int64_t>(value), .text = {}, .items = {}});
}

void PickleMachine::push_real() {
    const auto text = take(8);
    std::uint64_t bits = 0;
    for (const char byte : text) bits = bits << 8 | static_cast<unsigned char>(byte);
    push({.kind = PickleKind::real, .real = std::bit_cast<double>(bits), .text = {}, .items = {}});
}

void PickleMachine::push_text(std::uint64_t size) {
    const auto text = take(size);
    if (!valid_utf8(text)) fail("holds a text that is not valid UTF-8");
    push({.kind = PickleKind::text, .text = text, .items = {}});
}

void PickleMachine::push_tuple(std::vector<PickleId> items) { push({.kind = PickleKind::tuple, .text = {}, .items = std::move(items)}); }

void PickleMachine::set_items(const std::vector<PickleId>& items) {
    if (items.size() % 2 != 0) fail("sets a key without a value");
    auto& target = result_.values[top()];
    if (target.kind != PickleKind::dict) fail("sets items of something that is no dict");
    target.items.insert(target.items.end(), items.begin(), items.end());
}

void PickleMachine::append(const std::vector<PickleId>& items) {
    auto& target = result_.values[top()];
    if (target.kind != PickleKind::list) fail("appends to something that is no list");
    target.items.insert(target.items.end(), items.begin(), items.end());
}

bool PickleMachine::push_constant(unsigned char opcode) {
    const auto integer = [&](std::int64_t value) { push({.kind = PickleKind::integer, .integer = value, .text = {}, .items = {}}); };
    switch (opcode) {
        case 'N': push({}); return true;
        case 0x88: push({.kind = PickleKind::boolean, .integer = 1, .text = {}, .items = {}}); return true;
        case 0x89: push({.kind = PickleKind::boolean, .text = {}, .items = {}}); return true;
        case 'K': integer(static_cast<std::int64_t>(number(1))); return true;
        case 'M': integer(static_cast<std::int64_t>(number(2))); return true;
        case 'J': integer(static_cast<std::int32_t>(static_cast<std::uint32_t>(number(4)))); return true;
        case 0x8a: push_long(number(1)); return true;
        case 'G': push_real(); return true;
        case 'X': push_text(number(4)); return true;
        case '}': push({.kind = PickleKind::dict, .text = {}, .items = {}}); return true;
        case ']': push({.kind = PickleKind::list, .text = {}, .items = {}}); return true;
        case ')': push_tuple({}); return true;
        default: return false;
    }
}

bool PickleMachine::change_container(unsigned char opcode) {
    switch (opcode) {
        case 't': push_tuple(pop_to_mark()); return true;
        case 0x85:
        case 0x86:
        case 0x87: {
            std::vector<PickleId> items(opcode - 0x84U);
            for (std::size_t i = items.size(); i-- > 0;) items[i] = pop();
            push_tuple(std::move(items));
            return true;
        }
        case 's': {
            const PickleId value = pop();
            const PickleId key = pop();
            set_items({key, value});
            return true;
        }
        case 'u': set_items(pop_to_mark()); return true;
        case 'a': append({pop()}); return true;
        case 'e': append(pop_to_mark()); return true;
        default: return false;
    }
}

bool PickleMachine::step(unsigned char opcode) {
    if (push_constant(opcode) || change_container(opcode)) return true;
    switch (opcode) {
        case 0x80:
            if (const auto protocol = number(1); protocol < 2 || protocol > 5)
                fail("is of the unknown protocol " + std::to_string(protocol));
            return true;
        case '(':
            if (marks_.size() >= kDeepestMarks) fail("opens more than " + std::to_string(kDeepestMarks) + " lists within each other");
            marks_.push_back(stack_.size());
            return true;
        case 'q': memoize(number(1)); return true;
        case 'r': memoize(number(4)); return true;
        case 'h': recall(number(1)); return true;
        case 'j': recall(number(4)); return true;
        case 'c': push_global(); return true;
        case 'Q': find_storage(); return true;
        case 'R': call(); return true;
        case 0x81: make_object(); return true;
        case 'b': build(); return true;
        case '.': return false;
        default:
            fail("is refused: it uses the opcode " + opcode_text(opcode) +
                 ", which weights saved with torch.save (pickle protocol 2) do not need");
    }
}

Pickle PickleMachine::run() {
    if (bytes_.empty() || bytes_[0] != std::byte{0x80}) fail("does not begin with a protocol");
    while (step(static_cast<unsigned char>(number(1)))) {
    }
    if (!marks_.empty() || stack_.size() != 1) fail("ends with " + std::to_string(stack_.size()) + " values on its stack instead of one");
    if (at_ != bytes_.size()) fail("goes on after its end");
    result_.root = stack_.back();
    return std::move(result_);
}

Pickle read_pickle(std::span<const std::byte> bytes, const std::string& name) { return PickleMachine(bytes, name).run(); }

}  // namespace clipig
