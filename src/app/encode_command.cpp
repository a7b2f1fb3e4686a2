// clipig encode: embeddings and their cosines.
#include <fmt/format.h>

#include "app/devices.h"
#include "app/embeddings.h"
#include "app/engine_commands.h"
#include "app/tensor_io.h"
#include "base/error.h"
#include "base/files.h"
#include "image/read_picture.h"

namespace clipig {

int encode_command(const EmbedOptions& options) {
    if (options.texts.empty() && options.images.empty()) throw InputError("there is nothing to encode: give --text or --image");
    set_threads(0);
    std::vector<Picture> pictures;
    for (const std::string& path : options.images) pictures.push_back(read_picture(expand_home(path)));
    const auto model = load_for_command(options.model, options.device);
    std::vector<std::string> names;
    std::vector<Tensor> rows;
    std::vector<std::pair<std::string, Tensor>> tensors;
    if (!options.texts.empty()) {
        rows.push_back(model->encode_text(options.texts).to(at::kCPU));
        names = options.texts;
        tensors.emplace_back("text_features", rows.back());
    }
    if (!pictures.empty()) {
        rows.push_back(encode_pictures(*model, pictures));
        names.insert(names.end(), options.images.begin(), options.images.end());
        tensors.emplace_back("image_features", rows.back());
    }
    const Tensor unit = unit_rows(at::cat(rows));
    const Tensor cosines = unit.matmul(unit.t()).to(at::kDouble).contiguous();
    const auto count = static_cast<std::int64_t>(names.size());
    for (std::int64_t i = 0; i < count; ++i) {
        fmt::print("{}", names[static_cast<std::size_t>(i)]);
        for (std::int64_t j = 0; j < count; ++j) fmt::print("\t{:.4f}", cosines.data_ptr<double>()[i * count + j]);
        fmt::print("\n");
    }
    if (!options.output.empty()) write_tensors(options.output, tensors);
    return 0;
}

}  // namespace clipig
