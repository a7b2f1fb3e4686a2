// libFuzzer target: any bytes as a configuration. Whatever is accepted must come back unchanged from its own resolved text.
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "config/test_schema.h"

namespace {

void require(bool held, const char* what) {
    if (held) return;
    std::fprintf(stderr, "broken: %s\n", what);
    std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace clipig;
    try {
        const Node tree = test::parse(std::string(reinterpret_cast<const char*>(data), size));
        require(same_tree(test::parse(dump_yaml(tree)), tree), "a dumped tree reads back equal");
        const Config config = validate(tree, test::shared_schema());
        const std::string resolved = dump_yaml(config.resolved);
        require(dump_yaml(test::configure(resolved).resolved) == resolved, "the resolved configuration is a fixed point");
    } catch (const ConfigError& error) {
        require(!error.diagnostics().empty(), "an error says something");
    }
    return 0;
}
