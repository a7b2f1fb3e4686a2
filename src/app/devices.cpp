#include "app/devices.h"

#include <ATen/Parallel.h>
#include <sched.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <thread>

#include "app/download_display.h"
#include "base/error.h"
#include "base/text.h"
#include "models/catalogue.h"

namespace clipig {
namespace {

/// Processors that this process may run on (containers and taskset limit them).
int usable_processors() {
    cpu_set_t set;
    CPU_ZERO(&set);
    if (::sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0) return CPU_COUNT(&set);
    return static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
}

/// What the catalogue says, for weights without a configuration beside them.
ModelHints hints_of(const FoundModel& found) {
    if (!found.known) return {};
    ModelHints hints;
    hints.quick_gelu = found.known->quick_gelu;
    hints.vision_head_width = found.known->vision_head_width;
    hints.half_statistics = found.known->preprocess.starts_with("half");
    hints.squash = found.known->preprocess.ends_with("squash");
    return hints;
}

ModelOptions model_options(const FoundModel& found, at::Device device, const std::string& precision) {
    ModelOptions options;
    options.device = device;
    options.precision = precision;
    options.hints = hints_of(found);
    return options;
}

}  // namespace

at::Device find_device(const std::string& name) {
    const std::string wanted = lower(name);
    const bool cuda = at::hasCUDA();
    if (wanted == "auto") return cuda ? at::Device(at::kCUDA, 0) : at::Device(at::kCPU);
    if (wanted == "cpu") return at::kCPU;
    if (!wanted.starts_with("cuda")) throw InputError("there is no device '" + name + "'; devices are auto, cpu, cuda, cuda:1 ...");
    if (!cuda) throw InputError("device '" + name + "' needs a libtorch with CUDA and a GPU; this one has none (use cpu or auto)");
    return at::Device(wanted);
}

void set_threads(int threads) {
    if (threads == 0) {
        const char* wanted = std::getenv("OMP_NUM_THREADS");
        threads = wanted != nullptr ? std::atoi(wanted) : 0;
    }
    at::set_num_threads(threads > 0 ? threads : usable_processors());
}

ModelLoader model_loader(at::Device device, const std::string& precision) {
    return [device, precision](const std::string& name) {
        const FoundModel found = find_model(name, true, download_display());
        return LoadedModel{load_clip(found.path, found.name, model_options(found, device, precision)), found.name, found.note};
    };
}

ModelMeasure model_measure(at::Device device, const std::string& precision) {
    return [device, precision](const std::string& name) {
        const FoundModel found = find_model(name, false);
        return model_need(found.path, found.name, model_options(found, device, precision));
    };
}

}  // namespace clipig
