// A byte-pair vocabulary in CLIP's conventions, learned from captions.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace clipig::mini {

/// Learn at most `merges` joins of the most frequent neighbours (Sennrich et al., "Neural machine translation of rare words with
/// subword units", 2016; ties go to the pair that sorts first; pairs seen once are not joined) from lower-case captions, and write
/// `vocab.json` and `merges.txt` into the folder: 256 bytes, the same with `</w>`, the joins, start, end.
void write_vocabulary(const std::filesystem::path& folder, const std::vector<std::string>& captions, std::int64_t merges);

}  // namespace clipig::mini
