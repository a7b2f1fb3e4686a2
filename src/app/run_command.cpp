// clipig run: paint the picture.
#include "app/devices.h"
#include "app/engine_commands.h"
#include "app/experiment.h"
#include "app/paint_matrix.h"
#include "app/painter.h"
#include "base/error.h"
#include "ops/full_schema.h"

namespace clipig {
namespace {

/// The same experiment with the seed that follows that of the picture before; a drawn seed is drawn anew.
ConfigOptions with_next_seed(ConfigOptions options, const Config& before) {
    const Setting& seed = before.top["seed"];
    if (!seed.null()) options.assignments.push_back("seed=" + std::to_string(seed.integer() + 1));
    return options;
}

}  // namespace

int run_command(const RunOptions& options) {
    set_threads(options.threads);
    const auto schema = std::make_shared<const Schema>(full_schema());
    const Matrix matrix(load_document(options.config));
    if (options.missing && !matrix.given()) throw InputError("--missing is for experiments with a `matrix:`");
    auto config = check_matrix(matrix, options.config, schema);
    catch_signals();
    if (matrix.given()) return paint_matrix(matrix, *config, options, schema);
    Outlets outlets(options.log);
    for (int i = 0; i < options.repeat; ++i) {
        if (i > 0) config = load_experiment(with_next_seed(options.config, *config), schema);
        if (paint(config, outlets).interrupted) return kInterrupted;
    }
    return 0;
}

}  // namespace clipig
