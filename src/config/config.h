// The typed configuration of a run: immutable, every expression compiled. Made by validate(); needs no torch.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "config/document.h"
#include "config/schema.h"
#include "expr/expression.h"

namespace clipig {

/// `start` and `end`.
struct FrameTime {
    bool is_epoch = false;
    double value = 0;  ///< an epoch number, or a fraction 0..1 of the run

    /// The epoch: a fraction f of a run of n epochs is round-half-down-free floor(f * (n - 1) + .5).
    [[nodiscard]] std::int64_t epoch(std::int64_t epochs) const;
};

/// The value of one parameter: constants and compiled expressions, one for each entry of its list.
class Setting {
public:
    using Entry = std::variant<Value, Expression>;

    Setting() = default;
    Setting(const FieldSpec* field, std::string path, SourceLoc at, bool given, bool null, std::vector<Entry> entries);

    [[nodiscard]] bool null() const { return null_; }    ///< nullable and not set
    [[nodiscard]] bool given() const { return given_; }  ///< written by the user, not a default
    [[nodiscard]] const FieldSpec& field() const { return *field_; }
    [[nodiscard]] const std::string& path() const { return path_; }
    [[nodiscard]] const SourceLoc& at() const { return at_; }
    [[nodiscard]] const std::vector<Entry>& entries() const { return entries_; }
    /// VariableGroup bits used by any entry; and whether any draws random numbers.
    [[nodiscard]] unsigned uses() const;
    [[nodiscard]] bool uses_random() const;

    /// Evaluate all entries, converted to the declared type and checked against range and choices.
    /// A single entry is copied to the declared count. Throws ConfigError (place, path, values of variables).
    [[nodiscard]] std::vector<Value> evaluate(const Variables& variables, Random& random) const;
    [[nodiscard]] std::vector<double> reals(const Variables& variables, Random& random) const;
    [[nodiscard]] std::vector<std::int64_t> integers(const Variables& variables, Random& random) const;

    /// For parameters that see no variables (evaluated at load time). Precondition: type fits.
    [[nodiscard]] bool boolean() const;
    [[nodiscard]] std::int64_t integer() const;
    [[nodiscard]] double real() const;
    [[nodiscard]] const std::string& text() const;
    [[nodiscard]] FrameTime frame_time() const;

    /// A complaint at this parameter's place, for errors found later (a picture that is none, say).
    [[nodiscard]] Diagnostic complaint(std::string message, std::string hint = {}) const;

private:
    const FieldSpec* field_ = nullptr;
    std::string path_;
    SourceLoc at_;
    bool given_ = false;
    bool null_ = false;
    std::vector<Entry> entries_;
};

/// All parameters of one operator or section; defaults are filled in.
struct Settings {
    const OperatorSpec* spec = nullptr;
    std::string path;  ///< `targets[0].transforms[1].blur`
    SourceLoc at;
    std::map<std::string, Setting, std::less<>> values;
    std::map<std::string, Node, std::less<>> raw;            ///< FieldType::any
    std::map<std::string, Settings, std::less<>> operators;  ///< FieldType::op: the chosen operator with its parameters; FieldType::section

    /// The setting; throws std::logic_error when the spec has no such field.
    [[nodiscard]] const Setting& operator[](std::string_view name) const;
    /// The settings of a FieldType::section (`mask`), or nullptr when it is not given.
    [[nodiscard]] const Settings* section(std::string_view name) const;
    /// The same of a parameter that not every operator has.
    [[nodiscard]] const Setting* find(std::string_view name) const;
};

struct TargetConfig {
    Settings settings;                  ///< section `target`
    std::vector<Settings> features;     ///< section `feature`
    std::vector<Settings> transforms;   ///< spec->kind == "transform"
    std::vector<Settings> constraints;  ///< spec->kind == "constraint"; fields include weight, start, end, loss
};

struct PostprocConfig {
    Settings settings;  ///< section `postproc`: active, start, end, mask
    Settings effect;    ///< a transform that keeps the resolution
};

struct Config {
    std::shared_ptr<const Schema> schema;  ///< the specs that Settings point into
    Settings top;                          ///< section `top`
    Settings init;                         ///< section `init`
    std::vector<TargetConfig> targets;
    std::vector<PostprocConfig> postproc;
    std::optional<Settings> video;    ///< section `video`; nothing: no video
    std::optional<Settings> animate;  ///< section `animate`; nothing: the picture stands still
    std::vector<std::string> files;   ///< names of the sources, in order
    Node resolved;                    ///< everything with defaults filled in, expressions as written
};

/// Check a merged document against the schema. All errors at once: throws ConfigError.
[[nodiscard]] Config validate(const Node& document, std::shared_ptr<const Schema> schema);

/// JSON Schema (draft 2020-12) for editors.
[[nodiscard]] std::string json_schema(const Schema& schema);

/// The reference page of one operator or section as Markdown, or of everything when `name` is empty.
[[nodiscard]] std::string reference_page(const OperatorSpec& spec);

}  // namespace clipig
