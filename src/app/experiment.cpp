#include "app/experiment.h"

namespace clipig {

std::shared_ptr<const Config> load_experiment(const ConfigOptions& options, std::shared_ptr<const Schema> schema) {
    Node document;
    for (const std::string& file : options.files) document = merge(std::move(document), load_yaml(file));
    for (const std::string& assignment : options.assignments) set_path(document, assignment);
    auto config = validate(document, std::move(schema));
    config.files = options.files;
    return std::make_shared<const Config>(std::move(config));
}

}  // namespace clipig
