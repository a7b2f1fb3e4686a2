// The state of the pickle machine; see pickle.h. Only the two pickle files include this.
#pragma once

#include <unordered_map>

#include "models/pickle.h"

namespace clipig {

class PickleMachine {
public:
    PickleMachine(std::span<const std::byte> bytes, std::string name) : bytes_(bytes), name_(std::move(name)) {}
    [[nodiscard]] Pickle run();

private:
    // reading
    [[nodiscard]] std::string_view take(std::uint64_t count);
    [[nodiscard]] std::uint64_t number(std::size_t bytes);
    [[nodiscard]] std::string_view line();
    // the stack
    PickleId add(PickleValue value);
    void push(PickleValue value) { push_id(add(std::move(value))); }
    void push_id(PickleId id);
    [[nodiscard]] PickleId pop();
    [[nodiscard]] PickleId top() const;
    [[nodiscard]] std::vector<PickleId> pop_to_mark();
    [[nodiscard]] std::size_t floor() const { return marks_.empty() ? 0 : marks_.back(); }
    void memoize(std::uint64_t slot);
    void recall(std::uint64_t slot);
    // opcodes
    bool step(unsigned char opcode);  ///< false at STOP
    bool push_constant(unsigned char opcode);
    bool change_container(unsigned char opcode);
    void push_long(std::uint64_t size);
    void push_real();
    void push_text(std::uint64_t size);
    void push_tuple(std::vector<PickleId> items);
    void set_items(const std::vector<PickleId>& items);
    void append(const std::vector<PickleId>& items);
    // objects
    void push_global();
    void make_object();
    void build();
    void call();
    void find_storage();
    void rebuild_tensor(const std::vector<PickleId>& arguments);
    [[nodiscard]] std::vector<std::int64_t> whole_numbers(PickleId id, const char* what) const;
    [[noreturn]] void fail(const std::string& reason) const;

    std::span<const std::byte> bytes_;
    std::string name_;
    std::size_t at_ = 0;
    std::vector<PickleId> stack_;
    std::vector<std::size_t> marks_;
    std::unordered_map<std::uint64_t, PickleId> memo_;
    Pickle result_;
};

}  // namespace clipig
