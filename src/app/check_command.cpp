// clipig check: all errors of experiment files at once.
#include <iostream>

#include "app/embedded_schema.h"
#include "app/experiment.h"
#include "app/front_commands.h"

namespace clipig {

int check_command(const CheckOptions& options) {
    const auto config = load_experiment(options.config, embedded_schema());
    if (options.print) {
        std::cout << dump_yaml(config->resolved);
    } else {
        std::cout << "ok: " << config->targets.size() << (config->targets.size() == 1 ? " target, " : " targets, ")
                  << config->top["epochs"].integer() << " epochs\n";
    }
    return 0;
}

}  // namespace clipig
