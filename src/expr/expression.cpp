#include "expr/expression.h"

#include "base/text.h"
#include "expr/evaluate.h"
#include "expr/report.h"

namespace clipig {

struct Expression::Program {
    std::string text;
    SourceLoc where;
    std::string path;
    expr::Syntax syntax;
};

namespace {

/// `with epoch = 7, t = 0.02`, or empty.
std::string values_text(const expr::Syntax& syntax, const Variables& variables) {
    std::vector<std::string> pieces;
    for (const auto& used : syntax.variables) pieces.push_back(used.spelling + " = " + used.variable->read(variables).repr());
    return pieces.empty() ? std::string{} : "with " + join(pieces, ", ");
}

/// `MESSAGE in PATH: 'TEXT'`
std::string with_expression(const std::string& message, const std::string& path, const std::string& text) {
    return message + " in " + (path.empty() ? "" : path + ": ") + expr::quoted(text);
}

}  // namespace

Expression::Expression(std::shared_ptr<const Program> program) : program_(std::move(program)) {}

Expression Expression::compile(std::string_view text, SourceLoc where, std::string path, unsigned groups) {
    auto program = std::make_shared<Program>();
    program->syntax = expr::parse(text, where, path, groups);
    program->text = std::string(text);
    program->where = std::move(where);
    program->path = std::move(path);
    return Expression(std::move(program));
}

Value Expression::evaluate(const Variables& variables, Random& random) const {
    expr::Runtime runtime{variables, random};
    try {
        return expr::evaluate(program_->syntax, runtime);
    } catch (const expr::Fault& fault) {
        throw ConfigError(expr::complaint_inside(program_->text, program_->where, fault.offset, fault.length,
                                                 with_expression(fault.message, program_->path, program_->text),
                                                 values_text(program_->syntax, variables)));
    }
}

Diagnostic Expression::complaint(std::string message, const Variables& variables) const {
    return expr::complaint_inside(program_->text, program_->where, 0, program_->text.size(),
                                  with_expression(message, program_->path, program_->text), values_text(program_->syntax, variables));
}

const std::string& Expression::text() const { return program_->text; }
const SourceLoc& Expression::where() const { return program_->where; }
const std::string& Expression::path() const { return program_->path; }
unsigned Expression::uses() const { return program_->syntax.groups; }
bool Expression::uses_random() const { return program_->syntax.draws; }

const std::vector<LanguageName>& language_names() {
    static const auto names = [] {
        std::vector<LanguageName> result;
        for (const auto& variable : expr::variable_names()) {
            result.push_back({variable.name, "variable", variable.group, variable.text});
            if (variable.alias != nullptr)
                result.push_back({variable.alias, "variable", variable.group, std::string("short for ") + variable.name});
        }
        for (const auto& function : expr::functions()) {
            result.push_back({function.name, "function", function.group, function.signature + ": " + function.text});
        }
        for (const auto& constant : expr::constant_names()) result.push_back({constant.name, "constant", kNoVariables, constant.text});
        return result;
    }();
    return names;
}

}  // namespace clipig
