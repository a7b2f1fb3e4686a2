// clipig list: the names of one kind of thing.
#include <iostream>

#include "app/embedded_schema.h"
#include "app/front_commands.h"
#include "base/error.h"
#include "base/text.h"
#include "expr/expression.h"

namespace clipig {
namespace {

const std::vector<std::string> kKinds{"transforms", "constraints", "optimizers", "losses", "pixels", "functions", "variables"};

/// `transforms` -> `transform`, `losses` -> `loss`; singular words pass.
std::string singular(const std::string& kind) {
    if (kind == "losses") return "loss";
    return kind != "pixels" && kind.ends_with("s") && !kind.ends_with("ss") ? kind.substr(0, kind.size() - 1) : kind;
}

}  // namespace

int list_command(const ListOptions& options) {
    if (options.kind.empty()) {
        for (const auto& kind : kKinds) std::cout << kind << "\n";
        return 0;
    }
    const std::string kind = singular(options.kind);
    bool any = false;
    for (const LanguageName& name : language_names()) {
        if (name.kind != kind) continue;
        std::cout << name.name << "\t" << name.text << "\n";
        any = true;
    }
    const auto schema = embedded_schema();
    for (const OperatorSpec& spec : schema->operators) {
        if (spec.kind != kind) continue;
        std::cout << spec.name << "\t" << spec.summary << "\n";
        any = true;
    }
    if (!any) {
        const std::string hint = did_you_mean(options.kind, kKinds);
        throw InputError("there is nothing to list called '" + options.kind + "'; " +
                         (hint.empty() ? "there are " + join(kKinds, ", ") : hint));
    }
    return 0;
}

}  // namespace clipig
