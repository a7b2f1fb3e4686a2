#include "ops/full_schema.h"

#include <algorithm>

#include "config/sections.h"
#include "ops/constraint.h"
#include "ops/loss.h"
#include "ops/optimizer.h"
#include "ops/pixel_model.h"
#include "ops/transform.h"

namespace clipig {
namespace {

/// In alphabetical order: the order in which objects are linked says nothing to a reader.
template <class Base>
void append(Schema& schema) {
    std::vector<OperatorSpec> specs;
    for (const auto& item : Registry<Base>::instance().items()) specs.push_back(item.spec);
    std::sort(specs.begin(), specs.end(), [](const OperatorSpec& a, const OperatorSpec& b) { return a.name < b.name; });
    schema.operators.insert(schema.operators.end(), specs.begin(), specs.end());
}

}  // namespace

Schema full_schema() {
    Schema schema;
    schema.operators = section_specs();
    append<Transform>(schema);
    append<Constraint>(schema);
    append<Loss>(schema);
    append<Optimizer>(schema);
    append<PixelModel>(schema);
    return schema;
}

}  // namespace clipig
