// Build tool: asks every registered operator for its declaration and writes the schema as a C++ source.
#include <fstream>
#include <iostream>

#include "ops/full_schema.h"

int main(int argc, char** argv) {
    if (argc != 2) {
        std::cerr << "usage: schema_dump OUTPUT.cpp\n";
        return 2;
    }
    std::ofstream out(argv[1]);
    out << "// made by schema_dump from the operators' declarations\n#include \"app/embedded_schema.h\"\n\nnamespace clipig {\n"
        << "namespace {\nconstexpr char kSchema[] = R\"schema(" << clipig::schema_to_json(clipig::full_schema()) << ")schema\";\n}\n\n"
        << "std::shared_ptr<const Schema> embedded_schema() {\n    return std::make_shared<const Schema>(schema_from_json(kSchema));\n}\n\n"
        << "}  // namespace clipig\n";
    return out.flush() ? 0 : 1;
}
