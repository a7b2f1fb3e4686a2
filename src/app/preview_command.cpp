// clipig preview: a contact sheet of views as the model would see them.
#include <charconv>
#include <cmath>
#include <iostream>

#include "app/devices.h"
#include "app/engine_commands.h"
#include "app/experiment.h"
#include "base/files.h"
#include "base/text.h"
#include "engine/run.h"
#include "image/contact_sheet.h"
#include "image/convert.h"
#include "image/write_picture.h"
#include "ops/full_schema.h"
#include "ops/planes.h"

namespace clipig {
namespace {

/// `12` is an epoch, `.5` a fraction, `50%` a percentage of the run.
std::int64_t moment(const std::string& text, std::int64_t epochs) {
    const bool percent = text.ends_with('%');
    const std::string number = percent ? text.substr(0, text.size() - 1) : text;
    double value = 0;
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), value);
    if (error != std::errc{} || end != number.data() + number.size() || value < 0) {
        throw InputError("--at " + text + " is no moment of the run; give an epoch (12), a fraction (.5) or a percentage (50%)");
    }
    FrameTime time;
    time.is_epoch = !percent && number.find_first_of(".eE") == std::string::npos;
    time.value = percent ? value / 100 : value;
    return std::min(time.epoch(epochs), epochs - 1);
}

}  // namespace

int preview_command(const PreviewOptions& options) {
    set_threads(options.threads);
    const auto config = load_experiment(options.config, std::make_shared<const Schema>(full_schema()));
    const at::Device device = find_device(config->top["device"].text());
    Run run(config, {model_loader(device, config->top["precision"].text()), device, 0});
    std::vector<Picture> pictures;
    std::vector<std::string> captions;
    for (const auto& [name, views] : run.preview(moment(options.at, run.epochs()), options.count)) {
        for (std::int64_t i = 0; i < views.size(0); ++i) {
            pictures.push_back(from_planes(image_planes(views[i]), 8));
            captions.push_back(name);
        }
    }
    if (pictures.empty()) throw InputError("no target is active at " + options.at + "; there is nothing to show");
    const int columns = static_cast<int>(std::ceil(std::sqrt(static_cast<double>(pictures.size()))));
    const auto path = reserve_name(options.output);
    write_picture(path, contact_sheet(pictures, columns, 4, captions), {});
    std::cout << path.string() << "\n";
    return 0;
}

}  // namespace clipig
