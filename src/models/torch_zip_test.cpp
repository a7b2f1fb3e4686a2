#include <gtest/gtest.h>

#include <cstdlib>
#include <set>

#include "base/files.h"
#include "models/tensor_file.h"
#include "models/torch_zip_test_tools.h"

namespace clipig {
namespace {

using namespace test;

const std::filesystem::path kGolden = CLIPIG_SOURCE_DIR "/tests/golden";

/// The same names, types, shapes and bits; views are compared element by element.
void expect_same(const TensorFile& a, const TensorFile& b, const std::set<std::string>& only_in_a = {}) {
    std::size_t extra = 0;
    for (const auto& tensor : a.tensors()) {
        if (only_in_a.contains(tensor.name)) {
            ++extra;
            continue;
        }
        const auto* other = b.find(tensor.name);
        ASSERT_NE(other, nullptr) << tensor.name;
        EXPECT_EQ(tensor.type, other->type) << tensor.name;
        EXPECT_EQ(tensor.shape, other->shape) << tensor.name;
        ASSERT_TRUE(tensor.contiguous() && other->contiguous()) << tensor.name;
        const auto size = static_cast<std::size_t>(tensor.elements()) * size_of(tensor.type);
        ASSERT_LE(size, tensor.data.size());
        EXPECT_EQ(std::memcmp(tensor.data.data(), other->data.data(), size), 0) << tensor.name;
    }
    EXPECT_EQ(a.tensors().size() - extra, b.tensors().size());
}

TEST(TorchZip, ReadsTheTinyVisionTransformerAlikeFromEveryFormat) {
    const auto expected = open_tensors(kGolden / "clip_vit_tiny.safetensors");
    const auto script = open_tensors(kGolden / "clip_vit_tiny.pt");
    const auto dict = open_tensors(kGolden / "clip_vit_tiny_state_dict.pt");
    EXPECT_EQ(expected->format(), "safetensors");
    EXPECT_EQ(script->format(), "torchscript");
    EXPECT_EQ(dict->format(), "torch zip");
    EXPECT_EQ(expected->tensors().size(), 62U);
    expect_same(*script, *expected);
    expect_same(*dict, *expected);
}

TEST(TorchZip, ReadsTheTinyResNetAlikeFromEveryFormat) {
    const char* folder = std::getenv("CLIPIG_GOLDEN");
    if (folder == nullptr) {
        GTEST_SKIP() << "SKIPPED: set CLIPIG_GOLDEN to a folder with clip_rn_tiny.pt, clip_rn_tiny_state_dict.pt, clip_rn_tiny.safetensors";
    }
    const std::filesystem::path golden = folder;
    const auto expected = open_tensors(golden / "clip_rn_tiny.safetensors");
    expect_same(*open_tensors(golden / "clip_rn_tiny.pt"), *expected);
    expect_same(*open_tensors(golden / "clip_rn_tiny_state_dict.pt"), *expected);
}

TEST(TorchZip, RefusesTheGoldenArchivesCutAnywhere) {
    const auto whole = read_file(kGolden / "clip_vit_tiny_state_dict.pt");
    for (std::size_t size = 4; size < whole.size(); size += 4999) {
        const auto text = refusal(std::string_view(whole).substr(0, size));
        EXPECT_EQ(text, "it is cut off: the table at the end of its zip archive is missing") << size;
    }
}

std::unique_ptr<TensorFile> open_archive(const std::string& archive) { return open_tensors(bytes_of(archive), "x"); }

TEST(TorchZip, ReadsAStateDict) {
    const std::string archive = archive_of("\x80\x02" + ordered_dict() + "(" + text_opcode("a") + tensor_opcodes({}) + text_opcode("b") +
                                           tensor_opcodes({.offset = 1, .shape = {2}, .strides = {2}, .device = "cuda:0"}) + "u}" +
                                           text_opcode("_metadata") + ordered_dict() + "sb.");
    const auto file = open_archive(archive);
    ASSERT_EQ(file->tensors().size(), 2U);
    EXPECT_EQ(element<float>(*file->find("a"), 3), 4.0F);
    const auto* view = file->find("b");
    EXPECT_FALSE(view->contiguous());
    EXPECT_EQ(view->strides, std::vector<std::int64_t>{2});
    EXPECT_EQ(element<float>(*view, 0), 2.0F);
    EXPECT_EQ(element<float>(*view, 2), 4.0F);
    EXPECT_EQ(view->data.size(), 12U) << "from the first element to the end of the storage";
}

TEST(TorchZip, ReadsNestedDictsAndStripsPrefixes) {
    const std::string inner = "}(" + text_opcode("module._orig_mod.a.module.b") + tensor_opcodes({}) + text_opcode("step") + "K\7" + "u";
    for (const char* key : {"state_dict", "model_state_dict", "model"}) {
        const auto file = open_archive(archive_of("\x80\x02}(" + text_opcode("epoch") + "K\3" + text_opcode("lr") +
                                                  std::string("G\x3f\xe0\0\0\0\0\0\0", 9) + text_opcode("optimizer") + "}" +
                                                  text_opcode(key) + inner + "u."));
        ASSERT_EQ(file->tensors().size(), 1U) << key;
        EXPECT_EQ(file->tensors()[0].name, "a.module.b");
        EXPECT_EQ(file->metadata().at("epoch"), "3");
        EXPECT_EQ(file->metadata().at("lr"), "0.5");
    }
}

TEST(TorchZip, ReadsParametersAndDeflatedEntries) {
    auto entries =
        archive_entries(dict_pickle("w", global_opcode("torch._utils", "_rebuild_parameter") +
                                             tensor_opcodes({.shape = {2, 2}, .strides = {2, 1}}) + "\x88" + ordered_dict() + "\x87R"));
    for (auto& entry : entries) entry.method = 8;
    entries.push_back({"m/byteorder", "little"});
    const auto file = open_archive(zip_of(entries));
    EXPECT_EQ(element<float>(*file->find("w"), 2), 3.0F);
}

TEST(TorchZip, ReadsTorchScriptModules) {
    const std::string inner =
        global_opcode("__torch__.torch.nn.modules.linear", "Linear") + ")\x81}" + text_opcode("weight") + tensor_opcodes({}) + "sb";
    const auto file =
        open_archive(archive_of("\x80\x02" + global_opcode("__torch__.clip", "CLIP") + ")\x81}(" + text_opcode("visual") + inner +
                                text_opcode("training") + "\x89" + text_opcode("input_resolution") + "K\x60" + "ub."));
    EXPECT_EQ(file->format(), "torchscript");
    ASSERT_EQ(file->tensors().size(), 1U);
    EXPECT_EQ(file->tensors()[0].name, "visual.weight");
    EXPECT_EQ(file->metadata().at("input_resolution"), "96");
}

TEST(TorchZip, AllowsEmptyTensorsAndBroadcastViews) {
    const auto file =
        open_archive(archive_of("\x80\x02}(" + text_opcode("none") + tensor_opcodes({.offset = 4, .shape = {0, 3}, .strides = {3, 1}}) +
                                text_opcode("wide") + tensor_opcodes({.shape = {5, 4}, .strides = {0, 1}}) + "u."));
    EXPECT_EQ(file->find("none")->elements(), 0);
    EXPECT_EQ(file->find("wide")->elements(), 20);
}

}  // namespace
}  // namespace clipig
