// libFuzzer target: any text as an expression compiles and evaluates, or throws clipig::Error.
#include "expr/expression.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace clipig;
    const std::string text(reinterpret_cast<const char*>(data), size);
    auto source = std::make_shared<SourceText>(SourceText{"fuzz.yaml", "weight: " + text});
    Variables variables;
    variables.epoch = 7;
    variables.epochs = 300;
    variables.resolution = {640, 480};
    variables.similarity = 23.5;
    try {
        Random random(RandomAddress{1});
        const auto expression = Expression::compile(text, {source, 1, 9}, "targets[0].weight", ~0u);
        const Value value = expression.evaluate(variables, random);
        (void)value.repr();
        (void)value.truth();
        (void)expression.complaint("expected float", variables);
    } catch (const Error&) {
        // the expected end of most inputs
    }
    return 0;
}
