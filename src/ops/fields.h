// How an operator declares its parameters: name, member, default and sentence, once.
//
//   struct Blur final : Transform { Int2 kernel_size; std::optional<Real2> sigma; ... };
//   field("kernel_size", &Blur::kernel_size, "3", "Width and height of the kernel.").at_least(1).unit("pixels")
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "config/config.h"
#include "config/schema.h"

namespace clipig {

using Int2 = std::array<std::int64_t, 2>;
using Real2 = std::array<double, 2>;
using Real3 = std::array<double, 3>;
using Real4 = std::array<double, 4>;

namespace detail {

template <class T>
struct FieldTraits;
template <>
struct FieldTraits<bool> {
    static constexpr FieldType type = FieldType::boolean;
    static constexpr int count = 1;
    static void set(bool& member, const std::vector<Value>& v) { member = std::get<bool>(v[0].data()); }
};
template <>
struct FieldTraits<std::int64_t> {
    static constexpr FieldType type = FieldType::integer;
    static constexpr int count = 1;
    static void set(std::int64_t& member, const std::vector<Value>& v) { member = std::get<std::int64_t>(v[0].data()); }
};
template <>
struct FieldTraits<double> {
    static constexpr FieldType type = FieldType::real;
    static constexpr int count = 1;
    static void set(double& member, const std::vector<Value>& v) { member = v[0].number(); }
};
template <>
struct FieldTraits<std::string> {
    static constexpr FieldType type = FieldType::text;
    static constexpr int count = 1;
    static void set(std::string& member, const std::vector<Value>& v) { member = std::get<std::string>(v[0].data()); }
};
template <class T, std::size_t N>
struct FieldTraits<std::array<T, N>> {
    static constexpr FieldType type = FieldTraits<T>::type;
    static constexpr int count = static_cast<int>(N);
    static void set(std::array<T, N>& member, const std::vector<Value>& v) {
        for (std::size_t i = 0; i < N; ++i) FieldTraits<T>::set(member[i], {v[i]});
    }
};
template <class T>
struct FieldTraits<std::vector<T>> {
    static constexpr FieldType type = FieldTraits<T>::type;
    static constexpr int count = 0;
    static void set(std::vector<T>& member, const std::vector<Value>& v) {
        member.resize(v.size());
        for (std::size_t i = 0; i < v.size(); ++i) FieldTraits<T>::set(member[i], {v[i]});
    }
};
template <class T>
struct FieldTraits<std::optional<T>> : FieldTraits<T> {
    static void set(std::optional<T>& member, const std::vector<Value>& v) {
        if (v.empty()) {
            member.reset();
        } else {
            FieldTraits<T>::set(member.emplace(), v);
        }
    }
};
template <class T>
struct is_optional : std::false_type {};
template <class T>
struct is_optional<std::optional<T>> : std::true_type {};

}  // namespace detail

/// A declared parameter of operator struct Op: its spec, and how its evaluated values reach the member.
template <class Op>
struct Field {
    FieldSpec spec;
    std::function<void(Op&, const std::vector<Value>&)> assign;

    Field at_least(double v) && {
        spec.minimum = v;
        return std::move(*this);
    }
    Field more_than(double v) && {
        spec.minimum = v;
        spec.minimum_exclusive = true;
        return std::move(*this);
    }
    Field at_most(double v) && {
        spec.maximum = v;
        return std::move(*this);
    }
    Field unit(std::string v) && {
        spec.unit = std::move(v);
        return std::move(*this);
    }
    Field choices(std::vector<std::string> v) && {
        spec.choices = std::move(v);
        return std::move(*this);
    }
    Field counts(std::vector<int> v) && {
        spec.counts = std::move(v);
        spec.list = false;
        return std::move(*this);
    }
    Field sees(unsigned groups) && {
        spec.groups = groups;
        return std::move(*this);
    }
    Field named_only() && {
        spec.named_only = true;
        return std::move(*this);
    }
    Field section(std::string v) && {
        spec.operator_kind = std::move(v);
        return std::move(*this);
    }
};

/// A parameter that the engine reads from the settings, not the operator: assigned to nothing.
template <class Op>
[[nodiscard]] Field<Op> engine_field(std::string name, FieldType type, std::string default_text, std::string doc) {
    Field<Op> field;
    field.spec.name = std::move(name);
    field.spec.type = type;
    field.spec.nullable = default_text == "null";
    field.spec.default_text = std::move(default_text);
    field.spec.doc = std::move(doc);
    return field;
}

/// Variables that the parameters of transforms see; constraints also see the similarity.
inline constexpr unsigned kTransformGroups = kTime | kResolution | kLearnrate;
inline constexpr unsigned kConstraintGroups = kTransformGroups | kSimilarity;

/// A parameter with a default (YAML text). std::optional members are nullable. Without `default_text`: required.
template <class Op, class Base, class T>
[[nodiscard]] Field<Op> field_of(std::string name, T Base::*member, std::optional<std::string> default_text, std::string doc) {
    using Traits = detail::FieldTraits<T>;
    Field<Op> field;
    field.spec.name = std::move(name);
    field.spec.type = Traits::type;
    if constexpr (Traits::count == 0) {
        field.spec.list = true;
    } else {
        field.spec.counts = {Traits::count};
    }
    field.spec.nullable = detail::is_optional<T>::value;
    field.spec.required = !default_text.has_value();
    field.spec.default_text = default_text.value_or("");
    field.spec.doc = std::move(doc);
    field.assign = [member](Op& op, const std::vector<Value>& values) { Traits::set(op.*member, values); };
    return field;
}
template <class Op, class T>
[[nodiscard]] Field<Op> field(std::string name, T Op::*member, std::string default_text, std::string doc) {
    return field_of<Op>(std::move(name), member, std::move(default_text), std::move(doc));
}
template <class Op, class T>
[[nodiscard]] Field<Op> required(std::string name, T Op::*member, std::string doc) {
    return field_of<Op>(std::move(name), member, std::nullopt, std::move(doc));
}

}  // namespace clipig
