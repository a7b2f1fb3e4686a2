// Pickles that are refused: what they ask for, or where they are broken.
#include <gtest/gtest.h>

#include <cstdint>

#include "models/torch_zip_test_tools.h"

namespace clipig {
namespace {

using namespace test;

struct BadPickle {
    std::string pickle;
    std::string reason;  ///< the beginning of the refusal
};

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

}  // namespace
}  // namespace clipig
