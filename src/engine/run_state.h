// Everything that the rest of a run depends on: with it, a run that was stopped goes on as if nothing had happened.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "engine/events.h"
#include "engine/kept_pictures.h"
#include "ops/tensor.h"

namespace clipig {

/// The picture's parameters and the optimiser's state, as copies on the CPU.
struct PixelState {
    Tensor image;                    ///< [1,3,H,W], not clamped; undefined when it is parameters[0] itself
    std::vector<Tensor> parameters;  ///< of the PixelModel
    std::map<std::string, std::vector<Tensor>> optimizer;
    KeptPictures kept;

    [[nodiscard]] const Tensor& picture() const { return image.defined() ? image : parameters.at(0); }
};

/// There are no generator counters: every random number is addressed by seed, epoch, target, view and operator.
struct RunState {
    PixelState pixels;
    std::int64_t epoch = 0;  ///< the next one
    std::int64_t epochs = 0;
    std::uint64_t seed = 0;
    double rate_factor = 1;                                    ///< smaller than 1 after steps that were taken back (on_nan: skip)
    std::int64_t skipped = 0;                                  ///< epochs skipped one after the other, up to now
    std::map<std::uint32_t, std::vector<double>> fair_scales;  ///< by number of the target, where its first frame is past
    StepEvent last;                                            ///< statistics of the last step
    std::string configuration;                                 ///< resolved YAML
    std::vector<ModelFact> models;
    std::string version;  ///< of the program
};

}  // namespace clipig
