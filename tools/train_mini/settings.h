// What one training run is: read from a YAML file, every key optional.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>

#include "towers/architecture.h"

namespace clipig::mini {

struct Settings {
    std::uint64_t seed = 1;

    // the network
    std::string tower = "resnet";                    ///< resnet: CLIP's ModifiedResNet; vit
    std::array<std::int64_t, 4> stages{1, 2, 3, 1};  ///< resnet: bottlenecks per stage
    std::int64_t width = 32;                         ///< resnet: channels after the stem; vit: width
    std::int64_t layers = 4, patch = 8;              ///< vit
    std::int64_t side = 64;                          ///< of the views, in pixels
    std::int64_t embedding = 256;
    std::int64_t text_width = 192, text_layers = 3, context = 32;
    std::int64_t merges = 2600;  ///< of the byte-pair vocabulary, at most

    // the data
    bool emoji = true;  ///< false: shapes, patterns and grounds only (no font needed)
    std::string font = "/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf";
    std::string annotations = "/usr/share/unicode/cldr/common/annotations/en.xml";
    double clutter = 0.12;  ///< share of pictures of things in front of unnamed noise

    // the training
    std::int64_t batch = 192;
    std::int64_t steps = 20000;                      ///< updates of the weights over which the learning rate falls
    std::int64_t warm_up = 300;                      ///< updates
    double learning_rate = 1e-3, final_rate = 0.02;  ///< the last one as a share of the first
    double weight_decay = 0.05;                      ///< of matrices and kernels
    double clip = 1.0;                               ///< largest norm of the gradient
    double average = 0.999;                          ///< decay of the mean of the weights, which is what is exported
    double proxies = 0.5;                            ///< weight of the loss against one learned vector per thing
    std::string device = "cpu";                      ///< or cuda, with a libtorch that has it; pictures are drawn on the processor
    bool bf16 = true;                                ///< compute in bfloat16 with float32 weights

    // the attack: each batch is trained on twice, as drawn and after one step of length `attack` up the loss
    double attack = 1.2;              ///< L2 length for a view of 64 px, in sRGB 0..1; scaled by the side
    double attack_gate = 0.75;        ///< the length grows only while this share of a clean batch is right
    std::int64_t attack_ramp = 3000;  ///< attacked updates until the full length, if the gate is open all the time

    double checkpoint_minutes = 4;
};

/// Throws InputError for an unknown key or a bad value.
[[nodiscard]] Settings read_settings(const std::filesystem::path& path);

/// The network for these settings and a vocabulary of this size.
[[nodiscard]] Architecture architecture_of(const Settings& settings, std::int64_t vocabulary);

}  // namespace clipig::mini
