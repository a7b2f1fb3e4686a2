// How well a model folder finds the captions of pictures that training does not show: the same test for any CLIP.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "ops/tensor.h"
#include "scene.h"

namespace clipig::mini {

/// Pictures of one side and the captions among which each must find its own.
struct Exam {
    std::string name;
    std::vector<std::string> captions;             ///< all different
    Tensor views;                                  ///< [N,3,S,S]
    Tensor own;                                    ///< [N] int64: the caption of each
    std::vector<std::vector<std::int64_t>> right;  ///< every caption that is true of it, its own among them
};

/// Single things among the names of all, or held-out compositions, fully described, among at least `captions` captions.
[[nodiscard]] Exam things_exam(const World& world, std::int64_t side, std::int64_t pictures, std::uint64_t seed);
[[nodiscard]] Exam scenes_exam(const World& world, std::int64_t side, std::int64_t pictures, std::int64_t captions, std::uint64_t seed);

struct Result {
    std::string model, exam;
    std::int64_t pictures = 0, captions = 0;
    double attack = 0;                 ///< L2 length at 64 px; 0: the pictures as drawn
    double first = 0, first_five = 0;  ///< shares of pictures with a right caption there
};

struct ExamOptions {
    std::int64_t pictures = 400, captions = 1000;
    std::vector<double> attacks{0, 0.5, 1.0, 2.0};
    int attack_steps = 8;
    std::uint64_t seed = 1;
};

/// Both exams for one model folder, clean and attacked.
[[nodiscard]] std::vector<Result> examine(const World& world, const std::filesystem::path& model, const ExamOptions& options);

/// A table in Markdown.
[[nodiscard]] std::string table_of(const std::vector<Result>& results);

}  // namespace clipig::mini
