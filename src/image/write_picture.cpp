#include "image/write_picture.h"

#include "base/error.h"
#include "base/files.h"
#include "base/text.h"
#include "image/codec.h"
#include "image/convert.h"

namespace clipig {
namespace {

void check_key(const std::string& key) {
    bool good = !key.empty() && key.size() <= 79 && key.front() != ' ' && key.back() != ' ' && key.find("  ") == std::string::npos;
    for (const char character : key) good = good && character >= ' ' && character <= '~';
    if (!good)
        throw InputError("'" + key +
                         "' cannot name a text inside a picture: 1 to 79 printable ASCII characters, no outer or double spaces");
}

void check_limits(const Picture& picture, PictureFormat format, const EncodeOptions& options) {
    const auto count =
        static_cast<std::size_t>(picture.width) * static_cast<std::size_t>(picture.height) * static_cast<std::size_t>(picture.channels);
    if (picture.width < 1 || picture.height < 1 || picture.channels < 1 || picture.channels > 4 || picture.samples.size() != count)
        throw Error("a picture without pixels cannot be written");
    const int largest = format == PictureFormat::jpeg ? 65500 : format == PictureFormat::webp ? 16383 : 1'000'000;
    if (picture.width > largest || picture.height > largest)
        throw InputError("this format holds at most " + std::to_string(largest) + " pixels a side, and the picture has " +
                         std::to_string(picture.width) + " x " + std::to_string(picture.height) + "; write a .png or .tif instead");
    if (options.quality < 1 || options.quality > 100)
        throw InputError("the quality of a picture is 1 to 100, not " + std::to_string(options.quality));
}

}  // namespace

std::optional<PictureFormat> picture_format(std::string_view extension) {
    if (extension.starts_with('.')) extension.remove_prefix(1);
    const std::string name = lower(extension);
    if (name == "png") return PictureFormat::png;
    if (name == "jpg" || name == "jpeg") return PictureFormat::jpeg;
    if (name == "webp") return PictureFormat::webp;
    if (name == "tif" || name == "tiff") return PictureFormat::tiff;
    return std::nullopt;
}

std::string encode_picture(const Picture& picture, PictureFormat format, const PictureText& metadata, const EncodeOptions& options) {
    check_limits(picture, format, options);
    for (const auto& [key, value] : metadata) check_key(key);
    switch (format) {
        case PictureFormat::png: return codec::encode_png(picture, metadata);
        case PictureFormat::jpeg: return codec::encode_jpeg(without_alpha(to_depth(picture, 8)), metadata, options.quality);
        case PictureFormat::webp: return codec::encode_webp(to_depth(picture, 8), metadata, options.lossless ? 0 : options.quality);
        case PictureFormat::tiff: return codec::encode_tiff(picture, metadata);
    }
    throw Error("unknown picture format");
}

void write_picture(const std::filesystem::path& path, const Picture& picture, const PictureText& metadata, const EncodeOptions& options) {
    const auto format = picture_format(path.extension().string());
    if (!format) throw InputError("'" + path.string() + "': the extension must be .png, .jpg, .jpeg, .webp, .tif or .tiff");
    write_file_atomic(path, encode_picture(picture, *format, metadata, options));
}

}  // namespace clipig
