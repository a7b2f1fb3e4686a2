#include "trainer.h"

#include <fmt/format.h>
#include <torch/csrc/autograd/autograd.h>

#include <chrono>
#include <cstdio>
#include <fstream>

#include "attack.h"
#include "base/error.h"
#include "base/text.h"
#include "loss.h"
#include "models/tensor_file.h"
#include "towers/weight_table.h"

namespace clipig::mini {
namespace {

TensorToWrite written(const std::string& name, const Tensor& array) {
    return {name,
            DataType::f32,
            array.sizes().vec(),
            {static_cast<const std::byte*>(array.data_ptr()), static_cast<std::size_t>(array.nbytes())}};
}

void read_into(const TensorFile& file, const std::string& name, Tensor& array, const std::string& where) {
    const TensorInfo* info = file.find(name);
    if (info == nullptr || info->type != DataType::f32 || info->elements() != array.numel()) {
        throw InputError(fmt::format("{}: `{}` does not fit the settings; train another network in another folder", where, name));
    }
    if (array.numel() > 0) array.copy_(to_float(*info));
}

/// What a checkpoint consists of.
std::vector<std::pair<std::string, Tensor*>> arrays_of(Model& model, AdamState& state) {
    return {{"weights", &model.weights()}, {"statistics", &model.statistics()},   {"first", &state.first},
            {"second", &state.second},     {"mean_weights", &state.mean_weights}, {"mean_statistics", &state.mean_statistics}};
}

/// All but the ids, which the text tower takes from anywhere.
Batch moved(const Batch& batch, const at::Device& device) {
    return {batch.views.to(device), batch.ids, batch.also_right.to(device), batch.picture_targets.to(device),
            batch.caption_targets.to(device)};
}

double stored(const TensorFile& file, const std::string& key) {
    const auto found = file.metadata().find(key);
    if (found == file.metadata().end()) throw InputError(fmt::format("the checkpoint has no `{}`", key));
    return std::stod(found->second);
}

}  // namespace

Trainer::Trainer(const Settings& settings, const std::filesystem::path& folder)
    : settings_(settings),
      folder_(folder),
      source_(settings, folder),
      model_(architecture_of(settings, source_.tokenizer().vocabulary_size()), source_.proxies(), settings.seed, settings.bf16,
             at::Device(settings.device)),
      adam_(model_, settings) {
    const auto file = folder / "checkpoint.safetensors";
    if (std::filesystem::exists(file)) load(file);
}

void Trainer::load(const std::filesystem::path& path) {
    const auto file = open_tensors(path);
    for (const auto& [name, array] : arrays_of(model_, adam_.state())) read_into(*file, name, *array, path.string());
    progress_.step = static_cast<std::int64_t>(stored(*file, "step"));
    progress_.batch = static_cast<std::uint32_t>(stored(*file, "batch"));
    progress_.attack = stored(*file, "attack");
    progress_.right = stored(*file, "right");
    progress_.attacked_right = stored(*file, "attacked_right");
}

void Trainer::save() {
    std::vector<TensorToWrite> arrays;
    std::vector<Tensor> kept;
    for (const auto& [name, array] : arrays_of(model_, adam_.state())) {
        kept.push_back(array->to(at::kCPU));
        arrays.push_back(written(name, kept.back()));
    }
    write_safetensors(folder_ / "checkpoint.safetensors", arrays,
                      {{"step", std::to_string(progress_.step)},
                       {"batch", std::to_string(progress_.batch)},
                       {"attack", number_text(progress_.attack)},
                       {"right", number_text(progress_.right)},
                       {"attacked_right", number_text(progress_.attacked_right)}});
}

void Trainer::write_model(const std::filesystem::path& to) {
    std::filesystem::create_directories(to);
    for (const char* name : {"vocab.json", "merges.txt"}) {
        if (!std::filesystem::equivalent(folder_, to))
            std::filesystem::copy_file(folder_ / name, to / name, std::filesystem::copy_options::overwrite_existing);
    }
    model_.write(to, adam_.state().mean_weights, adam_.state().mean_statistics);
}

Update Trainer::update(const Batch& batch, const Tensor& views, Tensor* view_gradient) {
    Tensor shown = views.detach();
    if (view_gradient != nullptr) shown.requires_grad_(true);
    const Loss loss = loss_of(batch, model_.encode_views(shown, true), model_.encode_ids(batch.ids), model_, settings_.proxies);
    std::vector<Tensor> inputs;
    for (const Model::Parameter& parameter : model_.parameters()) inputs.push_back(parameter.values);
    if (view_gradient != nullptr) inputs.push_back(shown);
    auto gradients = torch::autograd::grad({loss.total}, inputs, {}, false, false, true);
    if (view_gradient != nullptr) {
        *view_gradient = gradients.back();
        gradients.pop_back();
    }
    Update done{loss.total.item<double>(), loss.contrast, loss.right, 0, view_gradient == nullptr};
    if (!std::isfinite(done.loss)) throw Error(fmt::format("the loss is no number after {} updates; lower learning_rate", progress_.step));
    done.norm = adam_.update(gradients, progress_.step);
    ++progress_.step;
    return done;
}

std::vector<Update> Trainer::step() {
    constexpr double kMemory = 0.02;  // of the running means of what is right
    const Batch batch = moved(source_.draw(progress_.batch), model_.device());
    Tensor gradient;
    std::vector<Update> updates{update(batch, batch.views, &gradient)};
    progress_.right += kMemory * (updates[0].right - progress_.right);
    if (progress_.right > settings_.attack_gate) {
        progress_.attack = std::min(settings_.attack, progress_.attack + settings_.attack / static_cast<double>(settings_.attack_ramp));
    }
    if (progress_.attack > 0) {
        const double length = progress_.attack * static_cast<double>(settings_.side) / 64;
        const Tensor views = attacked_once(batch.views, gradient, length, settings_.seed, progress_.batch);
        updates.push_back(update(batch, views, nullptr));
        updates.back().attacked = true;
        progress_.attacked_right += kMemory * (updates[1].right - progress_.attacked_right);
    }
    ++progress_.batch;
    return updates;
}

void train(const Settings& settings, const std::filesystem::path& folder, double minutes) {
    using Clock = std::chrono::steady_clock;
    std::filesystem::create_directories(folder);
    Trainer trainer(settings, folder);
    std::ofstream log(folder / "log.tsv", std::ios::app);
    const auto begin = Clock::now();
    auto saved = begin, told = begin;
    const auto since = [](Clock::time_point then) { return std::chrono::duration<double>(Clock::now() - then).count(); };
    std::int64_t shown = 0;
    while (trainer.progress().step < settings.steps && since(begin) < 60 * minutes) {
        for (const Update& update : trainer.step()) {
            shown += settings.batch;
            log << fmt::format("{}\t{}\t{:.9g}\t{:.6g}\t{:.4f}\t{:.3f}\n", trainer.progress().step, update.attacked ? "attacked" : "clean",
                               update.loss, update.contrast, update.right, update.norm);
        }
        if (since(told) > 30) {
            const Progress& p = trainer.progress();
            fmt::print("step {} right {:.3f}, attacked by {:.2f}: {:.3f}, rate {:.2g}, {:.0f} pictures/s\n", p.step, p.right, p.attack,
                       p.attacked_right, learning_rate(settings, p.step), static_cast<double>(shown) / since(told));
            std::fflush(stdout);
            told = Clock::now();
            shown = 0;
        }
        if (since(saved) > 60 * settings.checkpoint_minutes) {
            trainer.save();
            log.flush();
            saved = Clock::now();
        }
    }
    trainer.save();
    trainer.write_model(folder / "model");
}

}  // namespace clipig::mini
