#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "base/files.h"
#include "models/tensor_file.h"
#include "models/tensor_test_tools.h"

namespace clipig {
namespace {

using test::bytes_of;
using test::refusal;

std::string from_hex(const std::string& hex) {
    std::string bytes;
    for (std::size_t i = 0; i < hex.size(); i += 2) bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
    return bytes;
}

std::string file_of(const std::string& header, const std::string& data = "") {
    return test::little_endian(header.size(), 8) + header + data;
}

// every case of the file with the sentence it must give
const std::map<std::string, std::string> kCases = {
    {"ok_basic", "no error"},
    {"ok_scalar", "no error"},
    {"ok_zero_sized", "no error"},
    {"ok_trailing_ws", "no error"},
    {"ok_leading_ws", "no error"},
    {"ok_empty", "no error"},
    {"ok_metadata_only", "no error"},
    {"bad_empty_file", "it is no weight file: it has 0 bytes, and even an empty safetensors file has 8 and more"},
    {"bad_header_too_large",
     "it is neither safetensors nor a PyTorch zip archive: as safetensors its header would have 18446742974197923900 bytes, and 100000000 "
     "are the most"},
    {"bad_header_len_past_eof", "it is cut off: its header has 60 bytes, but only 0 follow"},
    {"bad_not_utf8", "its header is not valid UTF-8"},
    {"bad_not_json", "its header is not valid JSON, at byte 2"},
    {"bad_trailing_bytes", "34 bytes follow after its last tensor"},
    {"bad_truncated_data", "it is cut off: its tensors have 16 bytes, but only 14 are there"},
    {"bad_info", "the tensor 'test' lies at bytes 0 to 4, but its dtype and shape ask for 16 bytes"},
    {"bad_overflow_shape", "the shape of the tensor 'test' is too large to count"},
    {"bad_overflow_bytes", "the shape of the tensor 'test' is too large to count"},
    {"bad_overlap",
     "the tensor 'weight_1' lies at bytes 0 to 16, but should begin at byte 16: tensors may neither overlap nor leave holes"},
    {"bad_hole_derived", "the tensor 'b' lies at bytes 2 to 3, but should begin at byte 1: tensors may neither overlap nor leave holes"},
    {"bad_first_offset_derived",
     "the tensor 'a' lies at bytes 1 to 2, but should begin at byte 0: tensors may neither overlap nor leave holes"},
    {"bad_end_before_begin_derived",
     "the tensor 'b' lies at bytes 5 to 4, but should begin at byte 0: tensors may neither overlap nor leave holes"},
    {"bad_unknown_dtype_derived", "the tensor 'a' has the unknown dtype 'Q8'"},
    {"bad_negative_dim_derived", "the tensor 'a' has the number -1 in 'shape', where only whole numbers from 0 may be"},
    {"bad_float_dim_derived", "the tensor 'a' has the number 1.0 in 'shape', where only whole numbers from 0 may be"},
    {"bad_metadata_not_string_derived", "the value of 'x' in __metadata__ is the number 1, not a text"},
    {"bad_missing_field_derived", "the tensor 'a' has no data_offsets"},
    {"bad_subbyte_misaligned_derived", "the tensor 'a' does not fill whole bytes"},
    {"policy_duplicate_key", "the name 'a' comes twice in the header"},
};

TEST(Safetensors, TreatsEveryGoldenCaseByTheRules) {
    const auto file = nlohmann::json::parse(read_file(CLIPIG_SOURCE_DIR "/tests/golden/safetensors_cases.json"));
    std::size_t count = 0;
    for (const auto& example : file["cases"]) {
        const auto name = example["name"].get<std::string>();
        ++count;
        if (name == "serialize_over_cap") continue;  // Writer.RefusesAHeaderOver100MB
        const auto expected = kCases.find(name);
        ASSERT_NE(expected, kCases.end()) << name;
        EXPECT_EQ(refusal(from_hex(example["hex"].get<std::string>())), expected->second) << name;
    }
    EXPECT_EQ(count, 29U);
}

TEST(Safetensors, RefusesWhatTheFormatForbids) {
    const std::string entry = R"("dtype":"U8","shape":[1],"data_offsets":[0,1])";
    EXPECT_EQ(refusal(file_of("{\"a\":{" + entry + "}}", "x")), "no error");
    EXPECT_EQ(refusal(file_of("[1]")), "its header is a list, not an object");
    EXPECT_EQ(refusal(file_of("7")), "its header is the number 7, not an object");
    EXPECT_EQ(refusal(file_of("{} {}")), "its header is not valid JSON, at byte 4");
    EXPECT_EQ(refusal(file_of("\xEF\xBB\xBF{}")), "its header is not valid JSON, at byte 1");
    EXPECT_EQ(refusal(file_of("{\"a\":[]}")), "the header's entry 'a' is a list, not an object");
    EXPECT_EQ(refusal(file_of("{\"a\":null}")), "the header's entry 'a' is null, not an object");
    EXPECT_EQ(refusal(file_of("{\"a\":{" + entry + ",\"extra\":1}}", "x")), "the tensor 'a' has the unknown field 'extra'");
    EXPECT_EQ(refusal(file_of("{\"a\":{" + entry + ",\"dtype\":\"U8\"}}", "x")), "the name 'dtype' comes twice in the entry of 'a'");
    EXPECT_EQ(refusal(file_of(R"({"__metadata__":{"k":"1","k":"2"}})")), "the name 'k' comes twice in __metadata__");
    EXPECT_EQ(refusal(file_of(R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1,2]}})", "x")),
              "the tensor 'a' has data_offsets that are not two numbers");
    EXPECT_EQ(refusal(file_of(R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0]}})", "x")),
              "the tensor 'a' has data_offsets that are not two numbers");
    EXPECT_EQ(refusal(file_of(R"({"a":{"dtype":"U8","data_offsets":[0,1]}})", "x")), "the tensor 'a' has no shape");
    EXPECT_EQ(refusal(file_of(R"({"a":{"shape":[1],"data_offsets":[0,1]}})", "x")), "the tensor 'a' has no dtype");
    EXPECT_EQ(refusal(file_of(R"({"a":{"dtype":"U8","shape":[[1]],"data_offsets":[0,1]}})", "x")),
              "the tensor 'a' has a list in 'shape', where only whole numbers from 0 may be");
    EXPECT_EQ(refusal(file_of(R"({"a":{"dtype":8,"shape":[1],"data_offsets":[0,1]}})", "x")), "the tensor 'a' has the number 8 in 'dtype'");
    EXPECT_EQ(refusal(file_of(R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,99999999999999999999]}})", "x")),
              "the tensor 'a' has the number 99999999999999999999 in 'data_offsets', where only whole numbers from 0 may be");
    EXPECT_EQ(refusal(file_of(std::string(100000, '['))), "its header is a list, not an object");
    std::string many = "1";
    for (int i = 0; i < 64; ++i) many += ",1";
    EXPECT_EQ(refusal(file_of("{\"a\":{\"dtype\":\"U8\",\"shape\":[" + many + "],\"data_offsets\":[0,1]}}", "x")),
              "the tensor 'a' has more than 64 dimensions");
    // 0 * anything is 0 bytes, but the strides cannot be counted
    EXPECT_EQ(refusal(file_of(R"({"a":{"dtype":"U8","shape":[0,4611686018427387904,4],"data_offsets":[0,0]}})")),
              "the shape of the tensor 'a' is too large to count");
}

TEST(Safetensors, SizesNarrowAndUnknownTypesByTheirBits) {
    const auto content =
        file_of(R"({"a":{"dtype":"F4","shape":[4],"data_offsets":[0,2]},"b":{"dtype":"F6_E2M3","shape":[4],"data_offsets":[2,5]},)"
                R"("c":{"dtype":"F8_E4M3","shape":[1],"data_offsets":[5,6]},"d":{"dtype":"C64","shape":[],"data_offsets":[6,14]}})",
                std::string(14, 'x'));
    const auto file = open_tensors(bytes_of(content), "x");
    ASSERT_EQ(file->tensors().size(), 4U);
    for (const auto& tensor : file->tensors()) EXPECT_EQ(tensor.type, DataType::other);
    EXPECT_EQ(file->find("b")->data.size(), 3U);
}

TEST(Safetensors, NamesFilesOfOtherKinds) {
    EXPECT_EQ(refusal("version https://git-lfs.github.com/spec/v1\n"),
              "it is a Git LFS pointer, not the weights themselves; fetch them with: git lfs pull");
    EXPECT_EQ(refusal("<!DOCTYPE html><html>"), "it is a web page, not a weight file; the download went wrong");
    EXPECT_EQ(refusal("GGUF\3\0\0\0"), "it is a GGUF file; use safetensors or a PyTorch file");
    EXPECT_EQ(refusal("\x80\x02}q\1(X\1\1\1"), "it is a bare pickle; save the weights with torch.save");
    // what torch.save wrote until 1.5: the magic number, the protocol, the system, then the object
    EXPECT_EQ(refusal(std::string("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.\x80\x02M\xe9\x03.", 21)),
              "it is in the format of torch 1.5 and older, which is no zip archive. Convert it with a Python that has torch: "
              "python -c \"import torch; torch.save(torch.load('x.pt'), 'y.pt')\"");
}

TEST(TensorFile, SaysWhatCannotBeOpened) {
    const test::TemporaryFolder folder;
    const auto says = [](const std::filesystem::path& path) {
        try {
            (void)open_tensors(path);
        } catch (const InputError& error) {
            return std::string(error.what());
        }
        return std::string("no error");
    };
    EXPECT_EQ(says(folder / "none.pt"), "cannot read '" + (folder / "none.pt").string() + "': No such file or directory");
    EXPECT_EQ(says(folder / ""), "cannot read '" + (folder / "").string() + "': it is a folder, not a weight file");
    EXPECT_EQ(says("/dev/null"), "cannot read '/dev/null': it is not a regular file");
    std::ofstream(folder / "empty.pt");
    EXPECT_EQ(says(folder / "empty.pt"), "cannot use '" + (folder / "empty.pt").string() +
                                             "': it is no weight file: it has 0 bytes, and even an empty safetensors file has 8 and more");
}

TEST(Writer, RoundTripsBytesAndMetadata) {
    const test::TemporaryFolder folder;
    const std::string halves = "abcdef";
    const std::string doubles = "0123456789abcdef";
    const std::string odd = "xyz";
    write_safetensors(folder / "t.safetensors",
                      {{"z", DataType::u8, {3}, bytes_of(odd)},
                       {"b \"\u00E9\"", DataType::f16, {3, 1}, bytes_of(halves)},
                       {"a", DataType::f64, {2}, bytes_of(doubles)},
                       {"none", DataType::f32, {0, 5}, {}},
                       {"flag", DataType::boolean, {}, bytes_of(std::string_view(odd).substr(0, 1))}},
                      {{"format", "pt"}, {"note", "line\nbreak"}});
    const auto content = read_file(folder / "t.safetensors");
    EXPECT_EQ(content.find("0123456789abcdef") % 8, 0U) << "the widest elements come first, aligned";
    const auto file = open_tensors(folder / "t.safetensors");
    EXPECT_EQ(file->format(), "safetensors");
    EXPECT_EQ(file->metadata().at("note"), "line\nbreak");
    ASSERT_EQ(file->tensors().size(), 5U);
    const auto* tensor = file->find("b \"\u00E9\"");
    ASSERT_NE(tensor, nullptr);
    EXPECT_EQ(tensor->shape, (std::vector<std::int64_t>{3, 1}));
    EXPECT_EQ(tensor->strides, (std::vector<std::int64_t>{1, 1}));
    EXPECT_EQ(std::memcmp(tensor->data.data(), halves.data(), 6), 0);
    EXPECT_EQ(file->find("none")->elements(), 0);
    EXPECT_EQ(file->find("flag")->elements(), 1);
    EXPECT_EQ(file->find("missing"), nullptr);
}

TEST(Writer, RefusesWhatNoReaderTakes) {
    const test::TemporaryFolder folder;
    const auto path = folder / "t.safetensors";
    const std::string four = "1234";
    EXPECT_THROW(write_safetensors(path, {{"a", DataType::f32, {2}, bytes_of(four)}}), Error);
    EXPECT_THROW(write_safetensors(path, {{"a", DataType::f32, {-1}, bytes_of(four)}}), Error);
    EXPECT_THROW(write_safetensors(path, {{"a", DataType::other, {1}, bytes_of(four)}}), Error);
    EXPECT_THROW(write_safetensors(path, {{"a\xFF", DataType::f32, {1}, bytes_of(four)}}), Error);
    EXPECT_THROW(write_safetensors(path, {{"__metadata__", DataType::f32, {1}, bytes_of(four)}}), Error);
    EXPECT_THROW(write_safetensors(path, {{"a", DataType::f32, {1}, bytes_of(four)}, {"a", DataType::u8, {4}, bytes_of(four)}}), Error);
    EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(Writer, RefusesAHeaderOver100MB) {
    const test::TemporaryFolder folder;
    EXPECT_THROW(write_safetensors(folder / "t.safetensors", {}, {{"long", std::string(100'000'000, 'a')}}), Error);
    EXPECT_FALSE(std::filesystem::exists(folder / "t.safetensors"));
}

class Shards : public testing::Test {
protected:
    Shards() {
        write_safetensors(folder_ / "model-1.safetensors",
                          {{"a", DataType::u8, {2}, bytes_of(data_)}, {"unlisted", DataType::u8, {2}, bytes_of(data_)}});
        std::filesystem::create_directory(folder_ / "more");
        write_safetensors(folder_ / "more/model-2.safetensors", {{"b", DataType::i16, {1}, bytes_of(data_)}}, {{"format", "pt"}});
    }
    std::string open(const std::string& map) {
        const auto path = folder_ / "model.safetensors.index.json";
        std::ofstream(path) << "{\"metadata\": {\"total_size\": 4}, \"weight_map\": " << map << "}\n";
        try {
            file_ = open_tensors(path);
        } catch (const InputError& error) {
            const std::string text = error.what();
            const auto prefix = "cannot use '" + path.string() + "': ";
            return text.starts_with(prefix) ? text.substr(prefix.size()) : text;
        }
        return "no error";
    }
    test::TemporaryFolder folder_;
    std::string data_ = "xy";
    std::unique_ptr<TensorFile> file_;
};

TEST_F(Shards, AreOneModel) {
    EXPECT_EQ(open(R"({"b": "more/model-2.safetensors", "a": "model-1.safetensors"})"), "no error");
    ASSERT_EQ(file_->tensors().size(), 2U);
    EXPECT_EQ(test::element<char>(*file_->find("a"), 1), 'y');
    EXPECT_EQ(file_->find("b")->type, DataType::i16);
    EXPECT_EQ(file_->metadata().at("format"), "pt");
}

TEST_F(Shards, StayInTheirFolder) {
    for (const char* path :
         {"../x.safetensors", "/etc/passwd", "more/../../x", "", "./model-1.safetensors", "a\\b", "model.safetensors.index.json"}) {
        const auto text = open("{\"a\": " + nlohmann::json(path).dump() + "}");
        EXPECT_TRUE(text.starts_with("it names the shard '")) << path << ": " << text;
    }
}

TEST_F(Shards, RefuseWrongIndices) {
    EXPECT_EQ(open(R"({"c": "model-1.safetensors"})"), "the tensor 'c' is not in the shard 'model-1.safetensors'");
    EXPECT_EQ(open(R"({"a": "model-1.safetensors", "a": "model-1.safetensors"})"), "the key 'a' comes twice");
    EXPECT_EQ(open(R"({"a": 7})"), "the file of the tensor 'a' is not a text");
    EXPECT_EQ(open("[]"), "it is JSON, but has no 'weight_map' that says which tensor lies in which file; name the weight file itself");
    EXPECT_TRUE(open(R"({"a": "gone.safetensors"})").starts_with("one of its shards fails: cannot read '"));
    EXPECT_EQ(open(std::string(40, '[')), "its JSON is nested more than 32 levels deep");
}

}  // namespace
}  // namespace clipig
