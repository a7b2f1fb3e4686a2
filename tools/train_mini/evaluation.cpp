#include "evaluation.h"

#include <ATen/Parallel.h>
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "attack.h"
#include "captions.h"
#include "towers/clip_model.h"

namespace clipig::mini {
namespace {

constexpr std::uint32_t kExamStream = 4;

struct Sample {
    Scene scene;
    Caption caption;
};

/// Scene `index` of an exam, painted into row `index` of the views when there are any.
Sample make_sample(const World& world, Use use, std::uint64_t seed, std::int64_t index, Tensor* views) {
    Random random({.seed = seed, .target = kExamStream, .view = static_cast<std::uint32_t>(index), .op = static_cast<std::uint32_t>(use)});
    Sample sample;
    sample.scene = draw_scene(world, use, 0, random);
    sample.caption = describe(world, sample.scene, true, random);
    if (views != nullptr) {
        const auto side = views->size(2);
        paint(world, sample.scene, use, {side, views->data_ptr<float>() + index * 3 * side * side}, random);
    }
    return sample;
}

std::vector<Sample> make_samples(const World& world, Use use, std::uint64_t seed, std::int64_t count, Tensor& views) {
    std::vector<Sample> samples(static_cast<std::size_t>(count));
    at::parallel_for(0, count, 1, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin; i < end; ++i) {
            samples[static_cast<std::size_t>(i)] = make_sample(world, use, seed, i, i < views.size(0) ? &views : nullptr);
        }
    });
    return samples;
}

Result grade(const Exam& exam, const Tensor& similarities) {
    Result result{{}, exam.name, exam.views.size(0), static_cast<std::int64_t>(exam.captions.size()), 0, 0, 0};
    const Tensor best = std::get<1>(similarities.topk(std::min<std::int64_t>(5, similarities.size(1)), 1)).contiguous();
    for (std::int64_t i = 0; i < best.size(0); ++i) {
        const auto& right = exam.right[static_cast<std::size_t>(i)];
        const auto* row = best.data_ptr<std::int64_t>() + i * best.size(1);
        const auto is_right = [&](std::int64_t caption) { return std::find(right.begin(), right.end(), caption) != right.end(); };
        result.first += is_right(row[0]) ? 1 : 0;
        result.first_five += std::any_of(row, row + best.size(1), is_right) ? 1 : 0;
    }
    result.first /= static_cast<double>(best.size(0));
    result.first_five /= static_cast<double>(best.size(0));
    return result;
}

Tensor unit(const Tensor& x) { return x / x.norm(2, 1, true); }

Result sit(const ClipModel& model, const Exam& exam, double length, int steps) {
    constexpr std::int64_t kAtOnce = 50;
    const Tensor captions = unit(model.encode_text(exam.captions, true));
    std::vector<Tensor> similarities;
    for (std::int64_t i = 0; i < exam.views.size(0); i += kAtOnce) {
        const auto count = std::min(kAtOnce, exam.views.size(0) - i);
        Tensor views = exam.views.narrow(0, i, count);
        if (length > 0)
            views =
                attacked(model, views, captions, exam.own.narrow(0, i, count), length * static_cast<double>(model.view_size()) / 64, steps);
        const at::NoGradGuard frozen;
        similarities.push_back(at::matmul(unit(model.encode_image(views)), captions.t()));
    }
    Result result = grade(exam, at::cat(similarities));
    result.attack = length;
    return result;
}

}  // namespace

Exam things_exam(const World& world, std::int64_t side, std::int64_t pictures, std::uint64_t seed) {
    Exam exam{"things", {}, at::zeros({pictures, 3, side, side}), at::zeros({pictures}, at::kLong), {}};
    std::map<std::string, std::int64_t> known;
    for (int thing = 0; thing < world.things(); ++thing) {
        if (known.try_emplace(world.name(thing), static_cast<std::int64_t>(known.size())).second)
            exam.captions.push_back(world.name(thing));
    }
    const auto samples = make_samples(world, Use::test_things, seed, pictures, exam.views);
    for (std::int64_t i = 0; i < pictures; ++i) {
        const std::int64_t own = known.at(world.name(samples[static_cast<std::size_t>(i)].scene.things[0]));
        exam.own.data_ptr<std::int64_t>()[i] = own;
        exam.right.push_back({own});
    }
    return exam;
}

Exam scenes_exam(const World& world, std::int64_t side, std::int64_t pictures, std::int64_t captions, std::uint64_t seed) {
    Exam exam{"scenes", {}, at::zeros({pictures, 3, side, side}), at::zeros({pictures}, at::kLong), {}};
    // captions repeat now and then: more scenes than captions are imagined
    const auto samples = make_samples(world, Use::test_scenes, seed, std::max(pictures, captions + captions / 2 + 20), exam.views);
    std::map<std::string, std::int64_t> known;
    std::vector<const Caption*> list;
    for (std::size_t i = 0; i < samples.size(); ++i) {
        if (static_cast<std::int64_t>(i) >= pictures && static_cast<std::int64_t>(known.size()) >= captions) break;
        const auto [at, fresh] = known.try_emplace(samples[i].caption.text, static_cast<std::int64_t>(known.size()));
        if (fresh) list.push_back(&samples[i].caption);
        if (static_cast<std::int64_t>(i) < pictures) exam.own.data_ptr<std::int64_t>()[i] = at->second;
    }
    for (const Caption* caption : list) exam.captions.push_back(caption->text);
    for (std::int64_t i = 0; i < pictures; ++i) {
        const auto truth = truths(world, samples[static_cast<std::size_t>(i)].scene);
        exam.right.emplace_back();
        for (std::size_t k = 0; k < list.size(); ++k) {
            if (fits(list[k]->claims, truth)) exam.right.back().push_back(static_cast<std::int64_t>(k));
        }
    }
    return exam;
}

std::vector<Result> examine(const World& world, const std::filesystem::path& model_folder, const ExamOptions& options) {
    const auto model = load_clip(model_folder, model_folder.string(), {.precision = "fp32"});
    std::vector<Result> results;
    for (const Exam& exam : {things_exam(world, model->view_size(), options.pictures, options.seed),
                             scenes_exam(world, model->view_size(), options.pictures, options.captions, options.seed)}) {
        for (const double attack : options.attacks) {
            results.push_back(sit(*model, exam, attack, options.attack_steps));
            results.back().model = model_folder.string();
        }
    }
    return results;
}

std::string table_of(const std::vector<Result>& results) {
    std::string text = "| model | pictures | captions | L2 attack | top-1 | top-5 |\n|---|---|---|---|---|---|\n";
    for (const Result& r : results) {
        text += fmt::format("| {} | {} {} | {} | {} | {:.3f} | {:.3f} |\n", r.model, r.pictures, r.exam, r.captions,
                            r.attack > 0 ? fmt::format("{:.1f}", r.attack) : "clean", r.first, r.first_five);
    }
    return text;
}

}  // namespace clipig::mini
