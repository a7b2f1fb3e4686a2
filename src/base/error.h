// Errors with a place in a source text, and the one family of exceptions that the libraries throw.
#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace clipig {

/// A text that a person wrote: a YAML file, standard input, or a command-line option.
struct SourceText {
    std::string name;  ///< as the user gave it: `a.yaml`, `<stdin>`, `--set`
    std::string text;  ///< the whole content, UTF-8
};

/// A place in a SourceText. Lines and columns count from one; columns count code points; 0 is unknown.
struct SourceLoc {
    std::shared_ptr<const SourceText> source;
    int line = 0;
    int column = 0;

    [[nodiscard]] bool known() const { return source != nullptr; }
};

/// One complaint: where, what, and what to do about it.
struct Diagnostic {
    SourceLoc at;
    std::string message;
    std::string hint{};  ///< empty, or one sentence printed on a line of its own
    int length = 1;      ///< how many columns the caret underlines
};

/// `file:line:col: error: message`, the source line, a caret, the hint. Ends with a newline.
[[nodiscard]] std::string render(const Diagnostic& diagnostic);

/// Base of everything that is thrown on purpose. Exit code 1: something failed while running.
class Error : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
    [[nodiscard]] virtual int exit_code() const { return 1; }
};

/// Wrong usage, or an input (weights, picture, option) that cannot be used. Exit code 2.
class InputError : public Error {
public:
    using Error::Error;
    [[nodiscard]] int exit_code() const override { return 2; }
};

/// All errors of a configuration at once, in the order of their places. what() is the rendered text.
class ConfigError : public InputError {
public:
    explicit ConfigError(std::vector<Diagnostic> diagnostics);
    explicit ConfigError(Diagnostic diagnostic);
    [[nodiscard]] const std::vector<Diagnostic>& diagnostics() const { return diagnostics_; }

private:
    std::vector<Diagnostic> diagnostics_;
};

}  // namespace clipig
