// The vocabularies of SigLIP: libsentencepiece against the own readers of tokenizer.json, cleaning, padding, pieces of long prompts.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/error.h"
#include "base/files.h"
#include "models/piece_model.h"
#include "models/text_clean.h"
#include "models/token_rows.h"
#include "models/tokenizer.h"
#include "models/unicode.h"

namespace clipig {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using Ids = std::vector<std::int64_t>;
using Json = nlohmann::json;

// Two small vocabularies that spm_train (sentencepiece 0.1.97) made from this project's README: unigram, and BPE with byte fallback
// and no space before the first word, as Gemma's.
const fs::path kGolden = CLIPIG_SOURCE_DIR "/tests/golden";

/// The lines `piece <tab> score` that spm_train writes beside a model.
std::vector<std::pair<std::string, double>> vocabulary_lines(const std::string& name) {
    std::istringstream in(read_file(kGolden / name));
    std::vector<std::pair<std::string, double>> lines;
    for (std::string line; std::getline(in, line);) {
        const auto tab = line.find('\t');
        lines.emplace_back(line.substr(0, tab), std::stod(line.substr(tab + 1)));
    }
    return lines;
}

Json unigram_json() {
    Json vocab = Json::array();
    for (const auto& [piece, score] : vocabulary_lines("pieces_unigram.vocab")) vocab.push_back({piece, score});
    Json json = Json::parse(R"({"normalizer": {"type": "Sequence", "normalizers": [{"type": "Lowercase"}]},
                                "pre_tokenizer": {"type": "Metaspace", "add_prefix_space": true},
                                "model": {"type": "Unigram", "unk_id": 2}})");
    json["model"]["vocab"] = std::move(vocab);
    return json;
}

/// Every way to join two pieces into a third, in the order of the third's rank, as converters write it.
Json pairs_json(bool as_lists) {
    const auto lines = vocabulary_lines("pieces_pairs.vocab");
    Json vocab = Json::object(), merges = Json::array();
    for (std::size_t id = 0; id < lines.size(); ++id) vocab[lines[id].first] = id;
    for (std::size_t id = 4 + 256; id < lines.size(); ++id) {
        const std::string& piece = lines[id].first;
        for (std::size_t at = 1; at < piece.size(); ++at) {
            const std::string left = piece.substr(0, at), right = piece.substr(at);
            const bool inside = (static_cast<unsigned char>(right[0]) & 0xC0U) == 0x80U;  // of a character
            if (inside || !vocab.contains(left) || !vocab.contains(right)) continue;
            if (as_lists)
                merges.push_back({left, right});
            else
                merges.push_back(left + " " + right);
        }
    }
    Json json = Json::parse(R"({"normalizer": {"type": "Replace", "pattern": {"String": " "}, "content": "_"},
                                "pre_tokenizer": {"type": "Split", "pattern": {"String": " "}, "behavior": "MergedWithPrevious"},
                                "model": {"type": "BPE", "unk_token": "<unk>", "byte_fallback": true}})");
    json["model"]["vocab"] = std::move(vocab);
    json["model"]["merges"] = std::move(merges);
    return json;
}

/// What libsentencepiece 0.1.97 gives for the two models in tests/golden.
using Recorded = std::vector<std::pair<std::string, Ids>>;
const Recorded kUnigramIds{
    {"a", {8}},
    {"strawberries", {99}},
    {"a picture of a green meadow", {8, 45, 31, 27, 8, 3, 19, 28, 5, 9, 118, 14, 12, 6, 199}},
    {"paint the sky blue and the sea bluer", {55, 11, 3, 4, 79, 52, 66, 10, 17, 5, 3, 23, 11, 3, 4, 5, 14, 66, 10, 17, 5, 15}},
    {"gradient descent on raw pixels", {3, 19, 15, 14, 12, 13, 5, 9, 7, 156, 4, 123, 9, 7, 34, 3, 179, 32, 157, 115}},
    {"the same bytes for any number of threads", {11, 3, 4, 98, 87, 51, 4, 3, 61, 38, 52, 69, 160, 22, 5, 15, 31, 27, 39, 143, 4}},
    {"clip networks see what a file asks for", {121, 69, 5, 101, 155, 4, 91, 73, 16, 8, 46, 8, 4, 79, 4, 3, 61}},
    {"zzz qqq xxx", {3, 102, 102, 102, 3, 2, 3, 97, 97, 97}},
    {"w o r d s", {30, 31, 3, 15, 3, 12, 3, 4}},
    {"\u00E9t\u00E9", {3, 2, 7, 2}},
    {"\u732B\u732B a \u732B", {3, 2, 8, 3, 2}},
    {"7\u00FC7", {3, 2}},
    {"\u732B a \u732B", {3, 2, 8, 3, 2}},
};
const Recorded kPairIds{
    {"a", {368}},
    {"strawberries", {301, 330}},
    {"a picture of a green meadow", {368, 321, 346, 265, 385, 261, 352, 267, 290, 285, 367, 368, 377, 336}},
    {"paint the sky blue and the sea bluer",
     {380, 354, 369, 274, 271, 388, 386, 279, 375, 382, 367, 298, 274, 271, 367, 368, 279, 375, 382, 288}},
    {"gradient descent on raw pixels", {381, 266, 377, 371, 290, 369, 310, 262, 376, 290, 369, 317, 366, 316, 321, 389, 367, 294}},
    {"the same bytes for any number of threads",
     {369, 264, 271, 341, 279, 386, 369, 262, 280, 284, 358, 386, 295, 382, 379, 319, 265, 385, 312, 267, 368, 377, 370}},
    {"clip networks see what a file asks for",
     {376, 281, 295, 309, 383, 284, 388, 370, 271, 367, 367, 323, 278, 261, 280, 371, 277, 261, 370, 388, 370, 280, 284}},
    {"zzz qqq xxx", {398, 398, 398, 366, 117, 117, 117, 366, 389, 389, 389}},
    {"w o r d s", {383, 265, 366, 374, 310, 271}},
    {"\u00E9t\u00E9", {199, 173, 369, 199, 173}},
    {"\u732B\u732B a \u732B", {235, 144, 175, 235, 144, 175, 261, 366, 235, 144, 175}},
    {"7\u00FC7", {59, 199, 192, 59}},
    {"\u732B a \u732B", {235, 144, 175, 261, 366, 235, 144, 175}},
};

TEST(Pieces, UnigramGivesTheIdsOfSentencepiece) {
    const auto model = read_sentencepiece(kGolden / "pieces_unigram.model");
    const auto json = read_tokenizer_json(unigram_json().dump(), "test");
    ASSERT_EQ(model->size(), 200);
    ASSERT_EQ(json->size(), model->size());
    for (const auto& [text, ids] : kUnigramIds) {
        EXPECT_EQ(model->encode(text), ids) << text;
        EXPECT_EQ(json->encode(text), ids) << text;
    }
}

TEST(Pieces, PairsGiveTheIdsOfSentencepiece) {
    const auto model = read_sentencepiece(kGolden / "pieces_pairs.model");
    ASSERT_EQ(model->size(), 400);
    for (const auto& [text, ids] : kPairIds) EXPECT_EQ(model->encode(text), ids) << text;
    for (const bool as_lists : {false, true}) {
        const auto json = read_tokenizer_json(pairs_json(as_lists).dump(), "test");
        for (const auto& [text, ids] : kPairIds) EXPECT_EQ(json->encode(text), ids) << text;
    }
}

TEST(Pieces, ATruncatedModelIsRefused) {
    const std::string whole = read_file(kGolden / "pieces_unigram.model");
    const auto path = std::filesystem::temp_directory_path() / "clipig-truncated.model";
    for (std::size_t size = 1; size < whole.size(); size += 37) {
        write_file_atomic(path, std::string_view(whole).substr(0, size));
        try {
            EXPECT_LE(read_sentencepiece(path)->size(), 200);  // cut between two pieces it is a smaller model
        } catch (const InputError& error) {
            EXPECT_THAT(error.what(), HasSubstr("clipig-truncated.model"));
        }
    }
    std::filesystem::remove(path);
}

TEST(Pieces, BestCutOfAHandMadeVocabulary) {
    const auto model =
        read_tokenizer_json(R"({"pre_tokenizer": {"type": "Metaspace", "prepend_scheme": "always"}, "model": {"type": "Unigram",
        "unk_id": 0, "vocab": [["<unk>", 0], ["\u2581", -1], ["a", -2], ["b", -2], ["ab", -3], ["\u2581a", -2.5], ["ba", -3.5]]}})",
                            "test");
    // _ab: "_" "ab" costs 4, "_a" "b" 4.5
    EXPECT_EQ(model->encode("ab"), (Ids{1, 4}));
    EXPECT_EQ(model->encode("ba"), (Ids{1, 6}));
    EXPECT_EQ(model->encode("a?b"), (Ids{5, 0, 3}));
    EXPECT_EQ(model->encode("a??b a"), (Ids{5, 0, 3, 5}));
}

std::string refusal(const std::string& text) {
    try {
        static_cast<void>(read_tokenizer_json(text, "t.json"));
    } catch (const InputError& error) {
        return error.what();
    }
    return "no error";
}

TEST(Pieces, RefusesWhatIsNoVocabulary) {
    EXPECT_THAT(refusal("{}"), HasSubstr("no object \"model\""));
    EXPECT_THAT(refusal(R"({"model": {"type": "WordPiece"}})"), HasSubstr("WordPiece"));
    EXPECT_THAT(refusal(R"({"model": {"type": "Unigram", "vocab": []}})"), HasSubstr("0 pieces"));
    EXPECT_THAT(refusal(R"({"model": {"type": "Unigram", "vocab": [["a", "b"]]}})"), HasSubstr("entry 0"));
    EXPECT_THAT(refusal(R"({"model": {"type": "Unigram", "unk_id": 5, "vocab": [["a", 1]]}})"), HasSubstr("unk_id"));
    EXPECT_THAT(refusal(R"({"model": {"type": "BPE", "vocab": {"a": 1}, "merges": []}})"), HasSubstr("below 1"));
    EXPECT_THAT(refusal(R"({"model": {"type": "BPE", "vocab": {"a": 0}, "merges": ["a b"]}})"), HasSubstr("not in the vocabulary"));
    EXPECT_THAT(refusal(R"({"normalizer": {"type": "BertNormalizer"}, "model": {"type": "BPE"}})"), HasSubstr("BertNormalizer"));
    EXPECT_THROW(static_cast<void>(read_sentencepiece(kGolden / "tokens.json")), InputError);
}

TEST(Pieces, AScoreThatIsNoNumberIsRefused) {
    const std::string no_number(
        "\x0A\x08\x0A\x01"
        "a\x15\x00\x00\xC0\x7F",
        10);  // the piece `a` with the score NaN
    EXPECT_THROW(static_cast<void>(parse_sentencepiece(no_number, "nan")), InputError);
}

TEST(Pieces, CanonicalText) {
    const auto canonical = [](const char* text) { return to_utf8(canonical_prompt(text)); };
    EXPECT_EQ(canonical("  A Photo,\tof_a \"Caf\u00E9\"! (really?) "), "a photo of a caf\u00E9 really");
    EXPECT_EQ(canonical("don\u2019t &amp;amp; 100%"), "dont 100");
    EXPECT_EQ(canonical("!\"#$%&'()*+,-./:;<=>?@[\\]^`{|}~"), "");
    EXPECT_EQ(canonical("\u00BFqu\u00E9?"), "\u00BFqu\u00E9");  // only ASCII punctuation goes
}

TEST(Pieces, RowsEndAndPadAsTheirModelsDo) {
    const auto tokenizer = load_pieces(kGolden / "pieces_unigram.model");
    const Ids ids = tokenizer->encode("Paint!");
    const Ids row = tokenizer->encode_padded("paint", 16, false);
    ASSERT_EQ(row.size(), 16U);
    EXPECT_TRUE(std::equal(ids.begin(), ids.end(), row.begin()));
    for (std::size_t i = ids.size(); i < 16; ++i) EXPECT_EQ(row[i], 1) << "the end token is the padding, too";
    EXPECT_EQ(tokenizer->decode(row), " paint");
    EXPECT_EQ(tokenizer->encode_padded("a sea of strawberries", 4, true).back(), 1);
    EXPECT_THROW(static_cast<void>(tokenizer->encode_padded("a sea of strawberries", 4, false)), InputError);

    const fs::path folder = fs::temp_directory_path() / ("clipig-pieces-" + std::to_string(::getpid()));
    fs::create_directories(folder);
    fs::copy_file(kGolden / "pieces_pairs.model", folder / "tokenizer.model");
    write_file_atomic(folder / "tokenizer_config.json", R"({"eos_token": "</s>", "pad_token": {"content": "<pad>"}})");
    const auto found = tokenizer_for(folder, 400);
    EXPECT_EQ(found->encode_padded("a", 8, false).back(), 0);
    EXPECT_THROW(static_cast<void>(tokenizer_for(folder, 399)), InputError) << "more pieces than the model has embeddings";
    fs::remove_all(folder);
}

TEST(Chunks, AreEvenAndEndWhereWordsEnd) {
    const auto every = [](std::size_t) { return true; };
    EXPECT_EQ(even_cuts(0, 5, every), (std::vector<std::size_t>{0}));
    EXPECT_EQ(even_cuts(5, 5, every), (std::vector<std::size_t>{5}));
    EXPECT_EQ(even_cuts(6, 5, every), (std::vector<std::size_t>{3, 6}));
    EXPECT_EQ(even_cuts(11, 5, every), (std::vector<std::size_t>{4, 8, 11}));
    const auto fourth = [](std::size_t i) { return i % 4 == 3; };
    EXPECT_EQ(even_cuts(12, 5, fourth), (std::vector<std::size_t>{4, 8, 12}));
    EXPECT_EQ(even_cuts(7, 5, [](std::size_t) { return false; }), (std::vector<std::size_t>{4, 7}));
    for (std::size_t count = 1; count < 60; ++count) {
        std::size_t begin = 0;
        for (const std::size_t end : even_cuts(count, 7, [](std::size_t i) { return i % 3 == 1; })) {
            EXPECT_GT(end, begin);
            EXPECT_LE(end - begin, 7U);
            begin = end;
        }
        EXPECT_EQ(begin, count);
    }
}

TEST(Chunks, PiecesOfALongPromptJoinToTheWhole) {
    const auto clip = load_bpe_gz(CLIPIG_SOURCE_DIR "/models/bpe_simple_vocab_16e6.txt.gz");
    std::string text;
    for (int i = 0; i < 40; ++i) text += "an unbelievably strawberrylike landscape ";
    const Ids whole = clip->encode(text);
    const auto rows = clip->encode_pieces(text, 77);
    EXPECT_EQ(rows.size(), (whole.size() + 74) / 75);
    Ids joined;
    for (const Ids& row : rows) {
        ASSERT_EQ(row.size(), 77U);
        EXPECT_EQ(row[0], 49406);
        const auto end = std::find(row.begin(), row.end(), 49407);
        ASSERT_NE(end, row.end());
        joined.insert(joined.end(), row.begin() + 1, end);
        EXPECT_TRUE(clip->decode({row.begin() + 1, end}).ends_with(' ')) << "a word is cut";
    }
    EXPECT_EQ(joined, whole);
    EXPECT_EQ(clip->encode_pieces("a cat", 77), (std::vector<Ids>{clip->encode_padded("a cat", 77, false)}));
    const auto pieces = load_pieces(kGolden / "pieces_unigram.model");
    joined.clear();
    for (const Ids& row : pieces->encode_pieces(text, 64)) joined.insert(joined.end(), row.begin(), std::find(row.begin(), row.end(), 1));
    EXPECT_EQ(joined, pieces->encode(text));
}

}  // namespace
}  // namespace clipig
