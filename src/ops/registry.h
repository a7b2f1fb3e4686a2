// Every operator registers itself from its own file; nothing else names it.
#pragma once

#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "config/schema.h"
#include "ops/fields.h"

namespace clipig {

/// Operators of one kind (Base: Transform, Constraint, Loss, OptimizerFactory, PixelModelFactory).
template <class Base>
class Registry {
public:
    /// Makes the operator from evaluated settings: settings -> values of each field at this moment.
    using Factory = std::function<std::unique_ptr<Base>(const Settings&, const Variables&, Random&)>;
    struct Item {
        OperatorSpec spec;
        Factory make;
    };

    static Registry& instance() {
        static Registry registry;
        return registry;
    }
    void add(Item item) {
        if (find(item.spec.name)) throw std::logic_error("operator registered twice: " + item.spec.name);
        items_.push_back(std::move(item));
    }
    [[nodiscard]] const Item* find(std::string_view name) const {
        for (const auto& item : items_) {
            if (item.spec.name == name) return &item;
            for (const auto& alias : item.spec.aliases) {
                if (alias == name) return &item;
            }
        }
        return nullptr;
    }
    [[nodiscard]] const std::vector<Item>& items() const { return items_; }

private:
    std::vector<Item> items_;
};

/// Registers Op (a default-constructible struct derived from Base) with its declared fields, and those that all operators of its
/// kind have (Base::with_common_fields).
template <class Base, class Op>
struct Register {
    Register(OperatorSpec spec, std::vector<Field<Op>> fields) {
        if constexpr (requires { Base::template with_common_fields<Op>(std::move(fields)); }) {
            fields = Base::template with_common_fields<Op>(std::move(fields));
        }
        for (const auto& field : fields) spec.fields.push_back(field.spec);
        auto make = [fields = std::move(fields)](const Settings& settings, const Variables& variables,
                                                 Random& random) -> std::unique_ptr<Base> {
            auto op = std::make_unique<Op>();
            for (const auto& field : fields) {
                if (!field.assign) continue;  // read by the engine (start, end)
                const Setting& setting = settings[field.spec.name];
                field.assign(*op, setting.null() ? std::vector<Value>{} : setting.evaluate(variables, random));
            }
            return op;
        };
        Registry<Base>::instance().add({std::move(spec), std::move(make)});
    }
};

}  // namespace clipig
