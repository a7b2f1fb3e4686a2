// `clipig paint`: an experiment from words.
#pragma once

#include <string>
#include <vector>

namespace clipig {

/// What `clipig paint` was asked for.
struct PaintWords {
    std::vector<std::string> prompt;  ///< words, or one text
    std::vector<std::string> avoid;
    std::string style;
    std::string quality = "normal";
    bool tile = false;
};

/// The YAML of that experiment.
[[nodiscard]] std::string paint_document(const PaintWords& words);

/// A file's name made of a text: small letters, digits and hyphens, at most 60 characters; letters of other alphabets stay. `picture` when
/// nothing is left.
[[nodiscard]] std::string file_stem(const std::string& text);

}  // namespace clipig
