// clipig docs: reference pages, made from the operators' own declarations.
#include <algorithm>
#include <filesystem>
#include <iostream>

#include "app/embedded_schema.h"
#include "app/front_commands.h"
#include "base/error.h"
#include "base/files.h"
#include "base/text.h"
#include "config/config.h"
#include "expr/expression.h"

namespace clipig {
namespace {

constexpr const char* kKinds[] = {"section", "transform", "constraint", "loss", "optimizer", "pixels"};

std::string expressions_page() {
    std::string page = "# expressions\n\nThe expression part of Python. Names:\n\n| name | kind | meaning |\n|---|---|---|\n";
    for (const LanguageName& name : language_names()) page += "| `" + name.name + "` | " + name.kind + " | " + name.text + " |\n";
    return page;
}

std::string overview(const Schema& schema) {
    std::string page = "# clipig reference\n\n`clipig docs NAME` prints one page.\n";
    for (const char* kind : kKinds) {
        page += "\n## " + std::string(kind) + "\n\n";
        for (const OperatorSpec& spec : schema.operators) {
            if (spec.kind == kind) page += "- `" + spec.name + "`: " + spec.summary + "\n";
        }
    }
    return page + "\n## language\n\n- `expressions`: variables, functions and constants\n";
}

std::vector<const OperatorSpec*> named(const Schema& schema, const std::string& name) {
    std::vector<const OperatorSpec*> found;
    for (const OperatorSpec& spec : schema.operators) {
        if (spec.name == name || std::find(spec.aliases.begin(), spec.aliases.end(), name) != spec.aliases.end()) found.push_back(&spec);
    }
    return found;
}

void print_pages(const Schema& schema, const std::string& name) {
    if (name == "expressions") {
        std::cout << expressions_page();
        return;
    }
    const auto found = named(schema, name);
    if (found.empty()) {
        std::vector<std::string> names{"expressions"};
        for (const OperatorSpec& spec : schema.operators) names.push_back(spec.name);
        const std::string hint = did_you_mean(name, names);
        throw InputError("there is no page '" + name + "'; " + (hint.empty() ? "`clipig docs` lists them" : hint));
    }
    for (const OperatorSpec* spec : found) std::cout << reference_page(*spec) << "\n";
}

/// One file for each kind, so that a reader can search in it.
void write_pages(const Schema& schema, const std::filesystem::path& folder) {
    std::filesystem::create_directories(folder);
    for (const char* kind : kKinds) {
        std::string text;
        for (const OperatorSpec& spec : schema.operators) {
            if (spec.kind == kind) text += reference_page(spec) + "\n";
        }
        write_file_atomic(folder / (std::string(kind) + ".md"), text);
    }
    write_file_atomic(folder / "expressions.md", expressions_page());
    write_file_atomic(folder / "README.md", overview(schema));
}

}  // namespace

int docs_command(const DocsOptions& options) {
    const auto schema = embedded_schema();
    if (options.json_schema) {
        std::cout << json_schema(*schema) << "\n";
    } else if (!options.markdown.empty()) {
        write_pages(*schema, options.markdown);
    } else if (options.name.empty()) {
        std::cout << overview(*schema);
    } else {
        print_pages(*schema, options.name);
    }
    return 0;
}

}  // namespace clipig
