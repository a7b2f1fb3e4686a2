#include <gtest/gtest.h>

#include <cmath>
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

struct BadPickle {
    std::string pickle;
    std::string reason;  ///< the beginning of the refusal
};

std::string value_pickle(const std::string& value) { return dict_pickle("w", value); }

TEST(Pickle, RefusesGlobalsByName) {
    const std::string tail =
        "', which is not a tensor (nothing was run). If you trust its source, load it in Python and save only the weights: "
        "torch.save(model.state_dict(), 'y.pt')";
    for (const auto& [module, name] : {std::pair("os", "system"),
                                       {"builtins", "eval"},
                                       {"torch", "load"},
                                       {"torch._utils", "_rebuild_tensor_v2x"},
                                       {"collections", "deque"},
                                       {"torch.storage", "FloatStorage"},
                                       {"__torch__x", "y"},
                                       {"numpy.core.multiarray", "scalar"},
                                       {"torch._utils", "_rebuild_tensor"}}) {
        EXPECT_EQ(refusal(archive_of(value_pickle(global_opcode(module, name) + "(X\2\0\0\0lstR"))),
                  std::string("refused: the file asks for '") + module + "." + name + tail);
    }
    EXPECT_EQ(refusal(archive_of("\x80\x02" + global_opcode("o\x1b[1ms", "sys\xff") + ".")),
              "refused: the file asks for 'o\\x1b[1ms.sys\\xff" + tail);
}

TEST(Pickle, RefusesOpcodesByName) {
    for (const auto& [opcode, name] : {std::pair("0", "POP"),
                                       {"2", "DUP"},
                                       {"S'x'\n", "STRING"},
                                       {"ios\nsystem\n", "INST"},
                                       {"\x93", "STACK_GLOBAL"},
                                       {"\x94", "MEMOIZE"},
                                       {"\x95", "FRAME"},
                                       {"\x92", "NEWOBJ_EX"},
                                       {"\x82", "EXT1"},
                                       {"P0\n", "PERSID"},
                                       {"\xff", "0xff"}}) {
        const auto text = refusal(archive_of(std::string("\x80\x02N") + opcode + "."));
        EXPECT_EQ(text, std::string("its pickle is refused: it uses the opcode ") + name +
                            ", which weights saved with torch.save (pickle protocol 2) do not need (byte 4)");
    }
}

std::vector<BadPickle> bad_pickles() {
    const std::string rebuild = global_opcode("torch._utils", "_rebuild_tensor_v2");
    const std::string self = "\x80\x02";
    std::string deep = "\x80\x02" + global_opcode("__torch__", "M") + ")\x81q\1}q\2" + text_opcode("m") + "h\1sb.";
    return {
        {"", "its pickle does not begin with a protocol"},
        {"}.", "its pickle does not begin with a protocol"},
        {std::string("\x80\x01}.", 4), "its pickle is of the unknown protocol 1"},
        {self + "}", "its pickle is cut off"},
        {self + "X\xff\xff\xff\xff" + "ab", "its pickle is cut off"},
        {self + "ctorch", "its pickle is cut off in the middle of a name"},
        {self + ".", "its pickle ends with 0 values on its stack instead of one"},
        {self + "}}.", "its pickle ends with 2 values on its stack instead of one"},
        {self + "}(.", "its pickle ends with 1 values on its stack instead of one"},
        {self + "}..", "its pickle goes on after its end"},
        {self + "}s.", "its pickle takes a value from an empty stack"},
        {self + "t.", "its pickle closes a list that was not opened"},
        {self + "}(" + text_opcode("a") + "u.", "its pickle sets a key without a value"},
        {self + "](" + text_opcode("a") + "Nu.", "its pickle sets items of something that is no dict"},
        {self + "}Na.", "its pickle appends to something that is no list"},
        {self + "h\5.", "its pickle asks for the remembered value 5, which there is not"},
        {self + "q\5.", "its pickle looks at a value on an empty stack"},
        {self + "\x8a\x09" + std::string(9, '\1') + ".", "its pickle holds a whole number of more than 64 bits"},
        {self + text_opcode("\xff") + ".", "its pickle holds a text that is not valid UTF-8"},
        {self + std::string(2000, '('), "its pickle opens more than 1000 lists within each other"},
        {self + "N)R.", "its pickle calls something that is no function"},
        {self + global_opcode("collections", "OrderedDict") + "NR.",
         "its pickle calls 'collections.OrderedDict' with arguments that are no tuple"},
        {self + global_opcode("collections", "OrderedDict") + "N\x85R.", "its pickle makes an OrderedDict with arguments"},
        {self + global_opcode("__torch__", "M") + ")R.", "its pickle calls '__torch__.M', which is no function"},
        {self + global_opcode("torch", "FloatStorage") + ")R.", "its pickle calls 'torch.FloatStorage', which is no function"},
        {self + global_opcode("collections", "OrderedDict") + ")\x81.",
         "its pickle makes an object of something that is no TorchScript class"},
        {self + global_opcode("__torch__", "M") + "N\x85\x81.", "its pickle makes an object with arguments"},
        {self + global_opcode("__torch__", "M") + ")\x81Nb.", "its pickle gives the module 'M' a state that is no dict"},
        {self + global_opcode("__torch__", "M") + ")\x81}b}b.", "its pickle sets the state of the module 'M' twice"},
        {self + "N}b.", "its pickle sets the state of something that is no module"},
        {self + "NQ.", "its pickle refers to something outside of it that is no storage"},
        {value_pickle(rebuild + ")R"), "its pickle makes a tensor from 0 values instead of 6"},
        {value_pickle(rebuild + "(NNNNNNtR"), "its pickle makes a tensor from something that is no storage"},
        {value_pickle(global_opcode("torch._utils", "_rebuild_parameter") + "NNN\x87R"),
         "its pickle makes a parameter of something that is no tensor"},
        {value_pickle(tensor_opcodes({.elements = -1})), "its pickle names the storage '0' with a number of elements that is none"},
        {value_pickle(tensor_opcodes({.offset = -1})), "its pickle makes a tensor with an offset that is no whole number from 0"},
        {value_pickle(tensor_opcodes({.shape = {-4}})),
         "its pickle makes a tensor whose shape holds something that is no whole number from 0"},
        {value_pickle(tensor_opcodes({.strides = {-1}})),
         "its pickle makes a tensor whose strides holds something that is no whole number from 0"},
        {value_pickle(tensor_opcodes({.strides = {1, 1}})), "its pickle makes a tensor with as many strides as it has not dimensions"},
        {value_pickle(tensor_opcodes({.shape = std::vector<std::int64_t>(65, 1), .strides = std::vector<std::int64_t>(65, 1)})),
         "its pickle makes a tensor whose shape is not a tuple of at most 64 numbers"},
        {value_pickle(tensor_opcodes({.key = ""})), "its pickle names a storage without a key or device"},
        {value_pickle(tensor_opcodes({.key = "7"})), "its storage '7' is not in the archive"},
        {value_pickle(tensor_opcodes({.key = "../data/0"})), "its storage '../data/0' is not in the archive"},
        {value_pickle(tensor_opcodes({.type = "UntypedStorage"})), "its storage '0' does not say what type its elements have"},
        {value_pickle(tensor_opcodes({.elements = 5})),
         "its storage '0' should have 5 elements of 4 bytes, but its record has only 16 bytes"},
        {value_pickle(tensor_opcodes({.elements = INT64_MAX})), "its storage '0' should have 9223372036854775807 elements"},
        {value_pickle(tensor_opcodes({.shape = {5}})), "the tensor 'w' of shape [5] reaches to element 5 of its storage '0', which has 4"},
        {value_pickle(tensor_opcodes({.offset = 2})), "the tensor 'w' of shape [4] reaches to element 6 of its storage '0', which has 4"},
        {value_pickle(tensor_opcodes({.shape = {2}, .strides = {4}})),
         "the tensor 'w' of shape [2] reaches to element 5 of its storage '0', which has 4"},
        {value_pickle(tensor_opcodes({.offset = 5, .shape = {0}})),
         "the tensor 'w' of shape [0] reaches to element 5 of its storage '0', which has 4"},
        {value_pickle(tensor_opcodes({.shape = {INT64_MAX, INT64_MAX}, .strides = {1, 1}})),
         "the tensor 'w' of shape [9223372036854775807, 9223372036854775807] is too large to count"},
        {value_pickle(tensor_opcodes({.shape = {3}, .strides = {INT64_MAX}})),
         "the tensor 'w' of shape [3] reaches to element 18446744073709551615 of its storage"},
        {value_pickle(tensor_opcodes({.shape = {4}, .strides = {INT64_MAX}})), "the tensor 'w' of shape [4] is too large to count"},
        {value_pickle(tensor_opcodes({.offset = INT64_MAX, .shape = {3}, .strides = {INT64_MAX}})),
         "the tensor 'w' of shape [3] is too large to count"},
        {value_pickle(tensor_opcodes({.shape = {1LL << 40}, .strides = {0}})),
         "the tensor 'w' of shape [1099511627776] repeats the elements of its storage absurdly often"},
        {self + "}(" + text_opcode("a") + tensor_opcodes({}) + text_opcode("b") + tensor_opcodes({.type = "IntStorage"}) + "u.",
         "its storage '0' is used with two element types"},
        {self + "}(" + text_opcode("a") + tensor_opcodes({}) + text_opcode("a") + tensor_opcodes({}) + "u.", "the name 'a' comes twice"},
        {self + "}(" + text_opcode("a") + tensor_opcodes({}) + text_opcode("module.a") + tensor_opcodes({}) + "u.",
         "it holds two tensors with the name 'a'"},
        {self + "}K\1" + tensor_opcodes({}) + "s.", "it holds a tensor whose name is no text"},
        {dict_pickle(std::string(2000, 'n'), tensor_opcodes({})), "it holds the name 'nnnn"},
        {self + "}.", "it holds no named tensors"},
        {self + "].", "it holds neither a state dict nor a TorchScript module"},
        {self + tensor_opcodes({}) + ".", "it holds neither a state dict nor a TorchScript module"},
        {self + "]q\1h\1a.", "it holds neither a state dict nor a TorchScript module"},
        {self + "}q\1" + text_opcode("state_dict") + "h\1s.", "it holds no named tensors"},
        {deep, "its modules are nested more than 64 deep"},
    };
}

TEST(Pickle, RefusesBrokenOnesWithASentenceEach) {
    for (const auto& bad : bad_pickles()) {
        const auto text = refusal(archive_of(bad.pickle));
        EXPECT_TRUE(text.starts_with(bad.reason)) << "expected: " << bad.reason << "\n     got: " << text;
    }
}

TEST(Pickle, RefusesEveryTruncation) {
    const std::string whole =
        "\x80\x02" + ordered_dict() + "q\1(" + text_opcode("a") + tensor_opcodes({}) + "u}" + text_opcode("_metadata") + "}sb.";
    EXPECT_EQ(refusal(archive_of(whole)), "no error");
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const auto text = refusal(archive_of(whole.substr(0, size)));
        EXPECT_TRUE(text.starts_with(size == 0 ? "its pickle does not begin" : "its pickle is cut off")) << size << ": " << text;
    }
}

TEST(Pickle, StopsAtModulesThatMultiply) {
    // each of 40 modules holds the next one twice: 2^40 paths to one tensor
    std::string modules = global_opcode("__torch__", "M") + ")\x81}" + text_opcode("w") + tensor_opcodes({}) + "sb";
    for (int i = 0; i < 40; ++i) {
        const char slot = static_cast<char>(100 + i);
        modules += std::string("q") + slot;
        modules =
            modules + global_opcode("__torch__", "M") + ")\x81}(" + text_opcode("a") + "h" + slot + text_opcode("b") + "h" + slot + "ub";
    }
    // only the last module may stay: the others are put in a tuple that becomes a value of its dict
    const std::string pickle = "\x80\x02(" + modules + "t.";
    EXPECT_EQ(refusal(archive_of(pickle)), "it holds neither a state dict nor a TorchScript module");
    const std::string doubled = "\x80\x02" + global_opcode("__torch__", "M") + ")\x81}(" + text_opcode("unused") + "(" + modules +
                                "q\xf0t" + text_opcode("top") + "h\xf0ub.";
    EXPECT_EQ(refusal(archive_of(doubled)), "it holds more than 100000 tensors");
}

struct BadArchive {
    std::string archive;
    std::string reason;
};

std::string with(std::string archive, std::size_t at, std::string_view bytes) {
    archive.replace(at, bytes.size(), bytes);
    return archive;
}

std::vector<BadArchive> bad_archives() {
    const std::string pickle = value_pickle(tensor_opcodes({}));
    const auto good = archive_entries(pickle);
    const auto changed = [&](std::size_t index, auto change) {
        auto entries = good;
        change(entries[index]);
        return zip_of(entries);
    };
    const auto added = [&](TestEntry entry) {
        auto entries = good;
        entries.push_back(std::move(entry));
        return zip_of(entries);
    };
    const std::string whole = zip_of(good);
    const std::size_t end = whole.size() - 22;
    const std::size_t table = whole.find("PK\1\2");
    return {
        {whole.substr(0, whole.size() - 1), "it is cut off: the table at the end of its zip archive is missing"},
        {whole + "x", "it is cut off: the table at the end of its zip archive is missing"},
        {zip_of({}), "it is a zip archive, but not one of PyTorch: it has no data.pkl"},
        {zip_of({{"a.txt", "hello"}}), "it is a zip archive, but not one of PyTorch: it has no data.pkl"},
        {added({"other/data.pkl", pickle}), "it is a zip archive with more than one data.pkl"},
        {zip_of({good[0], good[2]}), "its record 'version' is missing"},
        {changed(1, [](auto& entry) { entry.data = "x\n"; }), "its record 'version' is 'x', which is no number"},
        {changed(1, [](auto& entry) { entry.data = "11\n"; }), "it has the file format version 11, and only 1 to 10 are known"},
        {changed(1, [](auto& entry) { entry.data = "0"; }), "it has the file format version 0, and only 1 to 10 are known"},
        {changed(1, [](auto& entry) { entry.data = std::string(100, '3'); }),
         "its entry 'm/version' has 100 bytes, and at most 64 are read"},
        {added({"m/byteorder", "big"}), "it was saved on a big-endian machine; save it again on an ordinary one"},
        {added({"m/byteorder", "odd"}), "its record 'byteorder' is 'odd', neither 'little' nor 'big'"},
        {added({"m/version", "3"}), "its zip archive has two entries 'm/version'"},
        {changed(0, [](auto& entry) { entry.crc_off = 1; }), "its entry 'm/data.pkl' is damaged: its CRC-32 is not the recorded one"},
        {changed(2, [](auto& entry) { entry.crc_off = 1; }), "its entry 'm/data/0' is damaged: its CRC-32 is not the recorded one"},
        {changed(2, [](auto& entry) { entry.flags = 1; }), "its entry 'm/data/0' is encrypted"},
        {changed(2, [](auto& entry) { entry.method = 12; }),
         "its entry 'm/data/0' is packed by method 12; only stored and deflated ones are read"},
        {changed(2, [](auto& entry) { entry.size_off = 1; }), "its entry 'm/data/0' is larger than the file"},
        {changed(0, [](auto& entry) { entry.size_off = 1; }), "its entries 'm/data.pkl' and 'm/version' overlap"},
        {changed(2, [](auto& entry) { entry.size_off = 0xFFFFFF00; }), "its entry 'm/data/0' is larger than the file"},
        {changed(2, [](auto& entry) { entry.begin_off = 1; }), "its entry 'm/data/0' has no header where the table says"},
        {changed(2, [](auto& entry) { entry.begin_off = 1 << 20; }), "its entry 'm/data/0' lies outside of the file"},
        {changed(2, [](auto& entry) { entry.local_name = "m/data/1"; }), "its entry 'm/data/0' is named 'm/data/1' in its own header"},
        {changed(2,
                 [](auto& entry) {
                     entry.method = 8;
                     entry.size_off = 1;
                 }),
         "its entry 'm/data/0' cannot be unpacked: its deflated data are damaged"},
        {changed(2,
                 [](auto& entry) {
                     entry.method = 8;
                     entry.size_off = 1 << 30;
                 }),
         "its entry 'm/data/0' claims to unpack to 1073741840 bytes, more than deflated data can"},
        {with(whole, table, "PKxx"), "the table of its zip archive is damaged at byte " + std::to_string(table)},
        {with(whole, table + 28, "\xff\xff"), "the table of its zip archive is damaged at byte " + std::to_string(table)},
        {with(whole, table + 34, "\1"), "its zip archive is spread over several disks"},
        {with(whole, end + 4, "\1"), "its zip archive is spread over several disks"},
        {with(whole, end + 8, "\2"), "the end record of its zip archive counts its entries in two ways"},
        {with(whole, end + 8, std::string("\2\0\2\0", 4)), "the table of its zip archive has more than the 2 entries that it claims"},
        {with(whole, end + 8, "\xff\xff\xff\xff"), "its zip archive claims 65535 entries, which do not fit in its table"},
        {with(whole, end + 12, "\1"), "the table of its zip archive does not lie where its end record says"},
        {"PK\3\4junk" + whole, "the table of its zip archive does not lie where its end record says"},
        {with(whole, table + 20, "\xff\xff\xff\xff"), "its entry 'm/data.pkl' has no zip64 field, but needs one"},
    };
}

TEST(ZipArchive, RefusesBrokenOnesWithASentenceEach) {
    for (const auto& bad : bad_archives()) {
        const auto text = refusal(bad.archive);
        EXPECT_TRUE(text.starts_with(bad.reason)) << "expected: " << bad.reason << "\n     got: " << text;
    }
}

/// The end records of an archive rewritten as zip64.
std::string zip64_of(const std::string& pickle) {
    const auto whole = archive_of(pickle);
    const std::size_t end = whole.size() - 22;
    const std::size_t table = whole.find("PK\1\2");
    return whole.substr(0, end) + "PK\6\6" + little_endian(44, 8) + little_endian(0, 4) + little_endian(0, 8) + little_endian(3, 8) +
           little_endian(3, 8) + little_endian(end - table, 8) + little_endian(table, 8) + "PK\6\7" + little_endian(0, 4) +
           little_endian(end, 8) + little_endian(1, 4) + "PK\5\6" + little_endian(0, 4) + std::string(12, '\xff') + little_endian(0, 2);
}

TEST(ZipArchive, ReadsZip64) {
    const auto good = zip64_of(value_pickle(tensor_opcodes({})));
    EXPECT_EQ(refusal(good), "no error");
    const std::size_t record = good.find("PK\6\6");
    EXPECT_EQ(refusal(with(good, record, "PKxx")), "its zip64 end record is not where it should be");
    EXPECT_EQ(refusal(with(good, record + 4, "x")), "its zip64 end record has the wrong length");
    EXPECT_EQ(refusal(with(good, record + 24, "x")), "its zip64 end record counts its entries in two ways");
    EXPECT_EQ(refusal(with(good, record + 16, "x")), "its zip archive is spread over several disks");
    EXPECT_EQ(refusal(with(good, good.size() - 4, "xxxx")).substr(0, 14), "it is cut off:");
    EXPECT_EQ(refusal(with(good, good.size() - 12, "\1")), "the two end records of its zip archive contradict each other");
    EXPECT_TRUE(refusal(with(good, record + 40, std::string(8, '\xff'))).starts_with("the table of its zip archive does not lie"));
}

TEST(ZipArchive, TakesAnyByteChangeWithoutACrash) {
    const auto whole = archive_of(value_pickle(tensor_opcodes({})));
    std::size_t refused = 0;
    for (std::size_t at = 4; at < whole.size(); ++at) {
        for (const char byte : {'\0', '\x01', '\x7f', '\xff'})
            refused += refusal(with(whole, at, std::string(1, byte))) != "no error" ? 1U : 0U;
    }
    EXPECT_GT(refused, whole.size()) << "checksums and double entries catch most changes";
}

}  // namespace
}  // namespace clipig
