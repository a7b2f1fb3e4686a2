// clipig rate: a table of 100 x cosine between pictures and texts or other pictures.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <sstream>

#include "app/devices.h"
#include "app/embeddings.h"
#include "app/engine_commands.h"
#include "app/tensor_io.h"
#include "base/error.h"
#include "base/files.h"
#include "base/text.h"
#include "image/read_picture.h"
#include "models/tensor_file.h"

namespace clipig {
namespace {

namespace fs = std::filesystem;

struct Row {
    std::string name;
    std::vector<double> values;
};

/// `list` and the lines of a file that are not empty; no file: the list alone.
std::vector<std::string> with_lines(std::vector<std::string> lines, const std::string& path) {
    if (path.empty()) return lines;
    std::istringstream stream(read_file(path));
    for (std::string line; std::getline(stream, line);) {
        if (!trim(line).empty()) lines.emplace_back(trim(line));
    }
    return lines;
}

/// Files as given; a folder stands for the files in it, in order of their names.
std::vector<std::string> expanded(const std::vector<std::string>& paths) {
    std::vector<std::string> files;
    for (const std::string& path : paths) {
        if (!fs::is_directory(path)) {
            files.push_back(path);
            continue;
        }
        std::vector<std::string> found;
        for (const auto& entry : fs::directory_iterator(path)) {
            if (entry.is_regular_file()) found.push_back(entry.path().string());
        }
        std::sort(found.begin(), found.end());
        files.insert(files.end(), found.begin(), found.end());
    }
    return files;
}

/// Features of picture files by content and model, kept between calls.
class FeatureCache {
public:
    FeatureCache(const ClipModel& model, bool enabled) : model_(model), enabled_(enabled) {
        if (!enabled) return;
        const char* base = std::getenv("XDG_CACHE_HOME");
        folder_ = (base != nullptr && *base != '\0' ? fs::path(base) : expand_home("~/.cache")) / "clipig" / "features" /
                  model.hash().substr(0, 16);
        fs::create_directories(folder_);
    }

    /// [1,E] of norm 1. Throws InputError for a file that is no picture.
    Tensor features(const std::string& path) {
        if (!enabled_) return compute(path);
        const fs::path file = folder_ / fmt::format("{}.safetensors", sha256_file(path));
        if (fs::exists(file)) return stored(file);
        const Tensor result = compute(path);
        write_tensors(file.string(), {{"features", result}});
        return result;
    }

private:
    Tensor compute(const std::string& path) const { return unit_rows(encode_pictures(model_, {read_picture(path)})); }

    Tensor stored(const fs::path& file) const {
        const auto tensors = open_tensors(file);
        const TensorInfo* info = tensors->find("features");
        if (info == nullptr || info->elements() != model_.embedding_size()) {
            throw InputError(fmt::format("'{}' is not a feature cache of this model; delete it", file.string()));
        }
        Tensor result = at::empty({1, model_.embedding_size()}, at::kFloat);
        std::memcpy(result.data_ptr<float>(), info->data.data(), static_cast<std::size_t>(info->elements()) * sizeof(float));
        return result;
    }

    const ClipModel& model_;
    bool enabled_;
    fs::path folder_;
};

std::string csv_cell(const std::string& text) {
    if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
    std::string quoted = "\"";
    for (const char c : text) quoted.append(c == '"' ? 2 : 1, c);
    return quoted + "\"";
}

std::string csv(const std::vector<std::string>& columns, const std::vector<Row>& rows) {
    std::string text = "image";
    for (const auto& column : columns) text += fmt::format(",{}", csv_cell(column));
    text += "\n";
    for (const Row& row : rows) {
        text += csv_cell(row.name);
        for (const double value : row.values) text += fmt::format(",{:.4f}", value);
        text += "\n";
    }
    return text;
}

void print_line(const std::string& name, std::size_t width, const std::vector<double>& values) {
    fmt::print("{}{}", name, fmt::format("{:{}}", "", width - std::min(width, utf8_length(name))));
    for (const double value : values) fmt::print(" {:>8.2f}", value);
    fmt::print("\n");
}

void print_table(const std::vector<std::string>& columns, const std::vector<Row>& rows) {
    std::size_t width = 6;
    for (const Row& row : rows) width = std::max(width, utf8_length(row.name));
    for (std::size_t i = 0; i < columns.size(); ++i) fmt::print("[{}] {}\n", i + 1, columns[i]);
    fmt::print("{}", std::string(width, ' '));
    for (std::size_t i = 0; i < columns.size(); ++i) fmt::print(" {:>8}", fmt::format("[{}]", i + 1));
    fmt::print("\n");
    for (const Row& row : rows) print_line(row.name, width, row.values);
    std::vector<double> low(columns.size(), INFINITY), mean(columns.size()), high(columns.size(), -INFINITY), deviation(columns.size());
    for (std::size_t i = 0; i < columns.size(); ++i) {
        for (const Row& row : rows) {
            low[i] = std::min(low[i], row.values[i]);
            high[i] = std::max(high[i], row.values[i]);
            mean[i] += row.values[i] / static_cast<double>(rows.size());
        }
        for (const Row& row : rows)
            deviation[i] += (row.values[i] - mean[i]) * (row.values[i] - mean[i]) / static_cast<double>(rows.size());
        deviation[i] = std::sqrt(deviation[i]);
    }
    fmt::print("\n");
    print_line("min", width, low);
    print_line("mean", width, mean);
    print_line("max", width, high);
    print_line("std", width, deviation);
}

void sort_rows(std::vector<Row>& rows, int column, std::size_t columns) {
    if (column == 0) return;
    const auto index = static_cast<std::size_t>(std::abs(column)) - 1;
    if (index >= columns) throw InputError(fmt::format("--sort {}: there are only {} columns", column, columns));
    std::stable_sort(rows.begin(), rows.end(), [&](const Row& a, const Row& b) {
        return column > 0 ? a.values[index] < b.values[index] : a.values[index] > b.values[index];
    });
}

}  // namespace

int rate_command(const RateOptions& options) {
    const std::vector<std::string> texts = with_lines(options.texts, options.text_file);
    const std::vector<std::string> pictures = with_lines(options.image_features, options.image_file);
    if (texts.empty() && pictures.empty()) throw InputError("there is nothing to rate by: give -t TEXT, -i IMAGE, -tf FILE or -if FILE");
    set_threads(0);
    const at::NoGradGuard no_grad;
    const auto model = load_for_command(options.model, options.device);
    FeatureCache cache(*model, options.cache);
    std::vector<Tensor> wanted;
    if (!texts.empty()) wanted.push_back(unit_rows(model->encode_text(texts).to(at::kCPU)));
    for (const auto& picture : pictures) wanted.push_back(cache.features(picture));
    const Tensor features = at::cat(wanted);
    std::vector<std::string> columns = texts;
    columns.insert(columns.end(), pictures.begin(), pictures.end());
    std::vector<Row> rows;
    for (const std::string& path : expanded(options.images)) {
        try {
            const Tensor cosines = (100 * cache.features(path).matmul(features.t())).to(at::kDouble).contiguous();
            rows.push_back({path, {cosines.data_ptr<double>(), cosines.data_ptr<double>() + cosines.numel()}});
        } catch (const InputError& error) {
            std::cerr << "skipped: " << error.what() << "\n";
        }
    }
    if (rows.empty()) throw InputError("none of the files is a picture");
    sort_rows(rows, options.sort, columns.size());
    if (options.output != "-") print_table(columns, rows);
    if (options.output == "-") std::cout << csv(columns, rows);
    if (!options.output.empty() && options.output != "-") write_file_atomic(options.output, csv(columns, rows));
    return 0;
}

}  // namespace clipig
