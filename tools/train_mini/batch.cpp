#include "batch.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <map>

#include "vocabulary.h"

namespace clipig::mini {
namespace {

constexpr std::uint32_t kPictures = 1, kVocabulary = 2;  // random streams

}  // namespace

Source::Source(const Settings& settings, const std::filesystem::path& folder)
    : settings_(settings), world_(settings.emoji ? load_emoji(settings.font, settings.annotations) : std::vector<Emoji>{}) {
    std::map<std::string, int> known;
    for (int thing = 0; thing < world_.things(); ++thing) {
        proxy_of_thing_.push_back(known.try_emplace(world_.name(thing), static_cast<int>(known.size())).first->second);
    }
    proxy_count_ = static_cast<std::int64_t>(known.size()) + static_cast<std::int64_t>(Surface::count);
    if (!std::filesystem::exists(folder / "merges.txt")) write_vocabulary(folder, sample_captions(), settings.merges);
    tokenizer_ = load_bpe(folder / "vocab.json", folder / "merges.txt");
}

std::vector<std::string> Source::sample_captions() const {
    std::vector<std::string> captions;
    for (int thing = 0; thing < world_.things(); ++thing) {
        for (int i = 0; i < 3; ++i) captions.push_back(world_.name(thing));
        captions.push_back(plural(world_.name(thing)));
        for (const std::string& word : world_.keywords(thing)) captions.push_back(word);
    }
    for (std::uint32_t i = 0; i < 20000; ++i) {
        Random random({.seed = settings_.seed, .target = kVocabulary, .view = i});
        const Scene scene = draw_scene(world_, Use::training, settings_.clutter, random);
        captions.push_back(describe(world_, scene, false, random).text);
    }
    return captions;
}

void Source::add_targets(const Scene& scene, float* row) const {
    const auto surfaces = proxy_count_ - static_cast<std::int64_t>(Surface::count);
    for (const int thing : scene.things) {
        row[proxy_of_thing_[static_cast<std::size_t>(thing)]] += 1.0F / static_cast<float>(scene.things.size());
    }
    if (!scene.things.empty()) return;
    const bool split = scene.backdrop.sky != Surface::count;
    row[surfaces + static_cast<int>(scene.backdrop.surface)] += split ? 0.5F : 1.0F;
    if (split) row[surfaces + static_cast<int>(scene.backdrop.sky)] += 0.5F;
}

Batch Source::draw(std::uint32_t index) const {
    const std::int64_t count = settings_.batch, side = settings_.side;
    Batch batch{at::zeros({count, 3, side, side}), at::zeros({count, settings_.context}, at::kLong), at::zeros({count, count}, at::kBool),
                at::zeros({count, proxy_count_}), at::zeros({count, proxy_count_})};
    std::vector<Caption> captions(static_cast<std::size_t>(count));
    std::vector<std::vector<std::uint64_t>> truth(static_cast<std::size_t>(count));
    at::parallel_for(0, count, 1, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin; i < end; ++i) {
            Random random({.seed = settings_.seed, .epoch = index, .target = kPictures, .view = static_cast<std::uint32_t>(i)});
            const Scene scene = draw_scene(world_, Use::training, settings_.clutter, random);
            paint(world_, scene, Use::training, {side, batch.views.data_ptr<float>() + i * 3 * side * side}, random);
            Caption caption = describe(world_, scene, false, random);
            const auto ids = tokenizer_->encode_padded(caption.text, settings_.context, true);
            std::copy(ids.begin(), ids.end(), batch.ids.data_ptr<std::int64_t>() + i * settings_.context);
            add_targets(scene, batch.picture_targets.data_ptr<float>() + i * proxy_count_);
            if (caption.named) add_targets(scene, batch.caption_targets.data_ptr<float>() + i * proxy_count_);
            captions[static_cast<std::size_t>(i)] = std::move(caption);
            truth[static_cast<std::size_t>(i)] = truths(world_, scene);
        }
    });
    bool* right = batch.also_right.data_ptr<bool>();
    for (std::int64_t i = 0; i < count; ++i) {
        for (std::int64_t j = 0; j < count; ++j) {
            right[i * count + j] = i != j && fits(captions[static_cast<std::size_t>(j)].claims, truth[static_cast<std::size_t>(i)]);
        }
    }
    return batch;
}

}  // namespace clipig::mini
