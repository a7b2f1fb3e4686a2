#include "models/torch_tree.h"

#include <optional>
#include <set>

#include "base/text.h"
#include "models/tensor_table.h"

namespace clipig {
namespace {

constexpr int kDeepest = 64;
constexpr std::size_t kMostTensors = 100'000;
constexpr std::size_t kMostVisits = 1'000'000;
constexpr std::size_t kLongestName = 1024;
constexpr std::size_t kMostMetadata = 256;
constexpr std::string_view kWrappers[] = {"state_dict", "model_state_dict", "model"};

class Collector {
public:
    Collector(const Pickle& pickle, const std::string& name) : pickle_(pickle), name_(name) {}

    TorchTree collect() {
        const auto root = unwrap(pickle_.root, 0);
        const auto& value = pickle_.values[root];
        if (value.kind == PickleKind::object) {
            tree_.torchscript = true;
            add_module(value, "", 0);
        } else if (value.kind == PickleKind::dict) {
            add_items(value, "", 0);
        } else {
            refuse(name_, "it holds neither a state dict nor a TorchScript module");
        }
        if (tree_.tensors.empty()) refuse(name_, "it holds no named tensors");
        return std::move(tree_);
    }

private:
    [[nodiscard]] bool has_tensors(const PickleValue& dict) const {
        for (std::size_t i = 1; i < dict.items.size(); i += 2) {
            if (pickle_.values[dict.items[i]].kind == PickleKind::tensor) return true;
        }
        return false;
    }

    /// The dict or module with the tensors: the value itself, or what a wrapper key in it holds.
    PickleId unwrap(PickleId id, int depth) {
        const auto& value = pickle_.values[id];
        if (value.kind != PickleKind::dict || depth > 4) return id;
        for (const auto wrapper : kWrappers) {
            for (std::size_t i = 0; i < value.items.size(); i += 2) {
                const auto& key = pickle_.values[value.items[i]];
                if (key.kind != PickleKind::text || key.text != wrapper) continue;
                const PickleId inner = unwrap(value.items[i + 1], depth + 1);
                const auto& found = pickle_.values[inner];
                if (found.kind == PickleKind::object || (found.kind == PickleKind::dict && has_tensors(found))) {
                    add_scalars(value);
                    return inner;
                }
            }
        }
        return id;
    }

    void add_scalars(const PickleValue& dict) {
        for (std::size_t i = 0; i < dict.items.size(); i += 2) {
            const auto& key = pickle_.values[dict.items[i]];
            if (key.kind == PickleKind::text && key.text.size() <= kLongestName)
                add_scalar(std::string(key.text), pickle_.values[dict.items[i + 1]]);
        }
    }

    void add_scalar(const std::string& key, const PickleValue& value) {
        if (tree_.metadata.size() >= kMostMetadata) return;
        if (value.kind == PickleKind::integer) tree_.metadata.emplace(key, std::to_string(value.integer));
        if (value.kind == PickleKind::real) tree_.metadata.emplace(key, number_text(value.real));
        if (value.kind == PickleKind::text && value.text.size() <= kLongestName) tree_.metadata.emplace(key, value.text);
    }

    /// `_orig_mod.` anywhere and `module.` in front are wrappers of the training code, no names of CLIP's.
    static std::string plain_name(std::string name) {
        constexpr std::string_view compiled = "_orig_mod.";
        for (auto at = name.find(compiled); at != std::string::npos; at = name.find(compiled, at)) {
            if (at == 0 || name[at - 1] == '.')
                name.erase(at, compiled.size());
            else
                ++at;
        }
        while (name.starts_with("module.")) name.erase(0, 7);
        return name;
    }

    void add_module(const PickleValue& module, const std::string& prefix, int depth) {
        if (!module.items.empty()) add_items(pickle_.values[module.items[0]], prefix, depth);
    }

    /// The tensors of a dict, and of the modules below it.
    void add_items(const PickleValue& value, const std::string& prefix, int depth) {
        std::set<std::string_view> keys;
        for (std::size_t i = 0; i < value.items.size(); i += 2) {
            if (++visits_ > kMostVisits) refuse(name_, "its modules hold more than " + std::to_string(kMostVisits) + " values");
            const auto& key = pickle_.values[value.items[i]];
            const auto& item = pickle_.values[value.items[i + 1]];
            if (key.kind != PickleKind::text) {
                if (item.kind == PickleKind::tensor) refuse(name_, "it holds a tensor whose name is no text");
                continue;
            }
            if (!keys.insert(key.text).second) refuse(name_, "the name '" + shown(prefix + std::string(key.text)) + "' comes twice");
            const std::string full = prefix + std::string(key.text);
            if (full.size() > kLongestName) refuse(name_, "it holds the name '" + shown(full) + "', which is absurdly long");
            add_item(item, full, depth);
        }
    }

    void add_item(const PickleValue& item, const std::string& full, int depth) {
        if (item.kind == PickleKind::tensor) {
            if (tree_.tensors.size() >= kMostTensors) refuse(name_, "it holds more than " + std::to_string(kMostTensors) + " tensors");
            tree_.tensors.emplace_back(tree_.torchscript ? full : plain_name(full), static_cast<std::size_t>(item.integer));
        } else if (item.kind == PickleKind::object && tree_.torchscript) {
            if (depth >= kDeepest) refuse(name_, "its modules are nested more than " + std::to_string(kDeepest) + " deep");
            add_module(item, full + ".", depth + 1);
        } else {
            add_scalar(full, item);
        }
    }

    const Pickle& pickle_;
    const std::string& name_;
    TorchTree tree_;
    std::size_t visits_ = 0;
};

}  // namespace

TorchTree collect_tensors(const Pickle& pickle, const std::string& name) { return Collector(pickle, name).collect(); }

}  // namespace clipig
