// An expression of the configuration: compiled once, evaluated each epoch (or each view).
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/random.h"
#include "expr/value.h"

namespace clipig {

/// Groups of variables that a parameter's expression may see; a bit set.
enum VariableGroup : unsigned {
    kNoVariables = 0,
    kTime = 1,        ///< epoch time t time2.. time_inverse ti .. time_step ts
    kResolution = 2,  ///< resolution res width height
    kLearnrate = 4,   ///< learnrate lr learnrate_scale lrs
    kSimilarity = 8,  ///< similarity sim
    kPosition = 16,   ///< x y in 0..1 (shape expressions of masks)
    kFrame = 32,      ///< reserved for animation
};

/// The values of all variables at one moment. Groups that an expression does not use are not read.
struct Variables {
    std::int64_t epoch = 0;
    std::int64_t epochs = 1;                       ///< of the run; time = epoch / max(1, epochs - 1)
    std::array<std::int64_t, 2> resolution{0, 0};  ///< width, height in pixels
    double learnrate = 1;
    double learnrate_scale = 1;
    double similarity = 0;  ///< 100 x cosine, -100..100
    double x = 0;
    double y = 0;

    [[nodiscard]] double time() const;
};

class Expression {
public:
    /// Compile. `where` is the place of the first character of `text` in its source, so that carets point inside;
    /// `path` is the parameter (`targets[0].transforms[1].blur.sigma`); `groups` the VariableGroup bits it may see.
    /// Throws ConfigError for a syntax error, an unknown name (with a suggestion) or a limit that is exceeded.
    [[nodiscard]] static Expression compile(std::string_view text, SourceLoc where, std::string path, unsigned groups);

    /// Evaluate. `random` feeds the drawing functions (random, uniform, ...); each call continues the stream.
    /// Throws ConfigError naming file, line, column, path, the expression and the values of its variables.
    [[nodiscard]] Value evaluate(const Variables& variables, Random& random) const;

    [[nodiscard]] const std::string& text() const;
    [[nodiscard]] const SourceLoc& where() const;
    [[nodiscard]] const std::string& path() const;
    /// The VariableGroup bits that it really uses.
    [[nodiscard]] unsigned uses() const;
    [[nodiscard]] bool uses_random() const;
    /// True when it uses no variable and no random function: may be evaluated at load time.
    [[nodiscard]] bool constant() const { return uses() == kNoVariables && !uses_random(); }
    /// A complaint about this expression's result (a wrong type, say) at the place of the expression,
    /// with its text and the values of its variables as evaluate() would add them.
    [[nodiscard]] Diagnostic complaint(std::string message, const Variables& variables) const;

private:
    struct Program;
    explicit Expression(std::shared_ptr<const Program> program);
    std::shared_ptr<const Program> program_;
};

/// A name of the language with one line of explanation: for `clipig docs`, completion and suggestions.
struct LanguageName {
    std::string name;
    std::string kind;  ///< `variable`, `function`, `constant`
    unsigned group = 0;
    std::string text;
};
[[nodiscard]] const std::vector<LanguageName>& language_names();

}  // namespace clipig
