// clipig check --memory: what a run will take, before it begins.
#include <fmt/format.h>

#include <cstdio>

#include "app/devices.h"
#include "app/engine_commands.h"
#include "app/experiment.h"
#include "base/memory.h"
#include "base/text.h"
#include "engine/memory_plan.h"
#include "ops/full_schema.h"

namespace clipig {

int memory_command(const CheckOptions& options) {
    const auto config = load_experiment(options.config, std::make_shared<const Schema>(full_schema()));
    const at::Device device = find_device(config->top["device"].text());
    const MemoryPlan plan = plan_memory(config, model_measure(device, config->top["precision"].text()));
    for (const MemoryPlan::Line& line : plan.lines) fmt::print("{:>10}  {}\n", byte_text(line.bytes), line.what);
    const double available = available_memory();
    fmt::print("{:>10}  together; {} are free now\n", byte_text(plan.total()), byte_text(available));
    if (plan.total() > available) fmt::print("warning: that is more than is free; a smaller resolution or model needs less\n");
    return 0;
}

}  // namespace clipig
