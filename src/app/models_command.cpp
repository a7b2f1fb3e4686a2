// clipig models: known CLIP models, and which are on this machine.
#include <fmt/format.h>

#include <cstdio>

#include "app/download_display.h"
#include "app/front_commands.h"
#include "base/error.h"
#include "base/text.h"
#include "models/catalogue.h"

namespace clipig {
namespace {

int list_models() {
    fmt::print("{:<34} {:>8} {:>6}  {:<10} {}\n", "name", "size", "view", "licence", "where");
    for (const ModelStatus& status : model_statuses()) {
        const std::string size = status.here() && status.bytes > 0 ? byte_text(static_cast<double>(status.bytes))
                                 : status.model.megabytes > 0      ? byte_text(status.model.megabytes * 1048576)
                                                                   : "?";
        fmt::print("{:<34} {:>8} {:>6}  {:<10} {}\n", status.model.name, size, status.model.view_size, status.model.licence,
                   status.here() ? status.path.string() : "-");
    }
    return 0;
}

int verify(const std::string& name) {
    bool good = true;
    for (const FileCheck& check : verify_model(name)) {
        const std::string verdict = !check.problem.empty() ? check.problem : check.expected.empty() ? "no checksum is known" : "ok";
        fmt::print("{}\n  found    {}\n  expected {}\n  {}\n", check.path.string(), check.found,
                   check.expected.empty() ? "-" : check.expected, verdict);
        good = good && check.problem.empty();
    }
    return good ? 0 : 2;
}

}  // namespace

int models_command(const ModelsOptions& options) {
    if (options.action == "list") return list_models();
    if (options.name.empty()) throw InputError("clipig models " + options.action + " needs the name of a model");
    if (options.action == "verify") return verify(options.name);
    const FoundModel found = get_model(options.name, download_display());
    fmt::print("{}\n", found.path.string());
    return 0;
}

}  // namespace clipig
