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

/// Files that are named one after the other: what several of them include acts once.
class Files {
public:
    Node load(const std::string& file) { return with_includes(load_one(file), file, load_one, seen_); }

private:
    std::vector<std::string> seen_;
};

}  // namespace

Node load_document(const ConfigOptions& options) {
    Node document;
    if (!options.text.empty()) document = parse_yaml(std::make_shared<SourceText>(SourceText{"<command line>", options.text}));
    Files files;
    for (const std::string& file : options.files) document = merge(std::move(document), files.load(file));
    for (const std::string& assignment : options.assignments) set_path(document, assignment);
    return document;
}

std::shared_ptr<const Config> check_document(const Node& document, const ConfigOptions& options, std::shared_ptr<const Schema> schema) {
    auto config = validate(document, std::move(schema));
    config.files = options.files;
    if (!options.name.empty()) config.files.push_back(options.name);
    return std::make_shared<const Config>(std::move(config));
}

std::shared_ptr<const Config> check_matrix(const Matrix& matrix, const ConfigOptions& options,
                                           const std::shared_ptr<const Schema>& schema) {
    std::shared_ptr<const Config> first;
    for (const std::size_t cell : matrix.every_value()) {
        auto config = check_document(matrix.cell(cell).document, options, schema);
        if (!first) first = std::move(config);
    }
    return first;
}

std::shared_ptr<const Config> load_experiment(const ConfigOptions& options, std::shared_ptr<const Schema> schema) {
    return check_matrix(Matrix(load_document(options)), options, schema);
}

std::shared_ptr<const Config> change_experiment(Node document, const ConfigOptions& changes, std::shared_ptr<const Schema> schema) {
    Files files;
    for (const std::string& file : changes.files) {
        Node change = files.load(file);
        const bool whole = change.find("targets") != nullptr;
        const bool postproc = whole || change.find("postproc") != nullptr;
        const bool stages = whole || change.find("stages") != nullptr;
        std::erase_if(document.entries, [&](const MapEntry& entry) {
            return (stages && entry.key == "stages") || (whole && entry.key == "targets") || (postproc && entry.key == "postproc");
        });
        document = merge(std::move(document), std::move(change));
    }
    for (const std::string& assignment : changes.assignments) set_path(document, assignment);
    auto config = validate(document, std::move(schema));
    config.files = changes.files;
    return std::make_shared<const Config>(std::move(config));
}

}  // namespace clipig
