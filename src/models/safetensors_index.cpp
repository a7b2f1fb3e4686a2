// Weights in several files: `model.safetensors.index.json` says which tensor lies in which shard.
#include <map>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/files.h"
#include "models/strict_json.h"
#include "models/tensor_table.h"

namespace clipig {
namespace {

namespace fs = std::filesystem;

/// A shard's path must lead to a file below the folder of the index. (The file itself may be a link: the Hugging Face cache is made of
/// them.)
void check_shard_path(const std::string& shard, const std::string& name) {
    const fs::path path(shard);
    bool inside = !shard.empty() && path.is_relative() && shard.find('\0') == std::string::npos && shard.find('\\') == std::string::npos;
    for (const auto& part : path) inside = inside && part != ".." && part != "." && !part.empty();
    if (!inside) refuse(name, "it names the shard '" + shown(shard) + "', which does not lie in its own folder");
    if (path.extension() == ".json") refuse(name, "it names the shard '" + shown(shard) + "', which is not a weight file");
}

std::map<std::string, std::vector<std::string>> tensors_by_shard(const nlohmann::json& index, const std::string& name) {
    const auto map = index.is_object() ? index.find("weight_map") : index.end();
    if (!index.is_object() || map == index.end() || !map->is_object()) {
        refuse(name, "it is JSON, but has no 'weight_map' that says which tensor lies in which file; name the weight file itself");
    }
    std::map<std::string, std::vector<std::string>> shards;
    for (const auto& [tensor, shard] : map->items()) {
        if (!shard.is_string()) refuse(name, "the file of the tensor '" + shown(tensor) + "' is not a text");
        check_shard_path(shard.get_ref<const std::string&>(), name);
        shards[shard.get<std::string>()].push_back(tensor);
    }
    return shards;
}

}  // namespace

TensorTable read_shards(const fs::path& index) {
    const std::string name = index.string();
    const auto shards = tensors_by_shard(parse_strict_json(read_file(index), name), name);
    TensorTable table;
    for (const auto& [shard, tensors] : shards) {
        std::shared_ptr<const TensorFile> file;
        try {
            file = open_tensors(index.parent_path() / shard);
        } catch (const InputError& error) {
            refuse(name, std::string("one of its shards fails: ") + error.what());
        }
        for (const auto& tensor : tensors) {
            const auto* found = file->find(tensor);
            if (found == nullptr) refuse(name, "the tensor '" + shown(tensor) + "' is not in the shard '" + shown(shard) + "'");
            table.tensors.push_back(*found);
        }
        for (const auto& [key, value] : file->metadata()) table.metadata.emplace(key, value);
        table.format = file->format();
        table.owned.push_back(std::move(file));
    }
    return table;
}

}  // namespace clipig
