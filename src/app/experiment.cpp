#include "app/experiment.h"

#include <fstream>

#include "app/story.h"
#include "config/include.h"

namespace clipig {
namespace {

/// A YAML file, or a picture that carries its configuration.
Node load_one(const std::string& file) {
    if (file != "-") {
        std::ifstream stream(file, std::ios::binary);
        std::string start(12, '\0');
        stream.read(start.data(), static_cast<std::streamsize>(start.size()));
        start.resize(static_cast<std::size_t>(stream.gcount()));
        if (looks_like_picture(start)) return configuration_of(file);
    }
    return load_yaml(file);
}

Node load(const std::string& file) { return with_includes(load_one(file), file, load_one); }

}  // namespace

std::shared_ptr<const Config> load_experiment(const ConfigOptions& options, std::shared_ptr<const Schema> schema) {
    Node document;
    if (!options.text.empty()) document = parse_yaml(std::make_shared<SourceText>(SourceText{"<command line>", options.text}));
    for (const std::string& file : options.files) document = merge(std::move(document), load(file));
    for (const std::string& assignment : options.assignments) set_path(document, assignment);
    auto config = validate(document, std::move(schema));
    config.files = options.files;
    if (!options.name.empty()) config.files.push_back(options.name);
    return std::make_shared<const Config>(std::move(config));
}

std::shared_ptr<const Config> change_experiment(Node document, const ConfigOptions& changes, std::shared_ptr<const Schema> schema) {
    for (const std::string& file : changes.files) {
        Node change = load(file);
        const bool whole = change.find("targets") != nullptr;
        const bool postproc = whole || change.find("postproc") != nullptr;
        std::erase_if(document.entries, [&](const MapEntry& entry) {
            return (whole && entry.key == "targets") || (postproc && entry.key == "postproc");
        });
        document = merge(std::move(document), std::move(change));
    }
    for (const std::string& assignment : changes.assignments) set_path(document, assignment);
    auto config = validate(document, std::move(schema));
    config.files = changes.files;
    return std::make_shared<const Config>(std::move(config));
}

}  // namespace clipig
