// Devices and threads.
#pragma once

#include <string>

#include "engine/memory_plan.h"
#include "engine/models.h"

namespace clipig {

/// `auto`, `cpu`, `cuda`, `cuda:1` as a device of this machine. Throws InputError when there is none.
[[nodiscard]] at::Device find_device(const std::string& name);

/// Sets the number of threads for tensor operations; 0: OMP_NUM_THREADS, or as many as this process may use.
void set_threads(int threads);

/// Finds a model on this machine (or downloads it) and loads it.
[[nodiscard]] ModelLoader model_loader(at::Device device, const std::string& precision);

/// Finds a model on this machine and reads its sizes only.
[[nodiscard]] ModelMeasure model_measure(at::Device device, const std::string& precision);

}  // namespace clipig
