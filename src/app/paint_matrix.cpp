#include "app/paint_matrix.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <nlohmann/json.hpp>

#include "app/experiment.h"
#include "app/painter.h"
#include "app/story.h"
#include "base/error.h"
#include "base/files.h"
#include "base/text.h"
#include "engine/checkpoint.h"
#include "image/contact_sheet.h"
#include "image/convert.h"
#include "image/read_picture.h"
#include "image/resample.h"
#include "image/write_picture.h"

namespace clipig {
namespace {

namespace fs = std::filesystem;

constexpr int kSheetCell = 256;         // pixels of the longer side of a picture on the sheet
constexpr std::size_t kMaxSheet = 400;  // pictures

/// One cell and what became of it.
struct Cell {
    std::string title, caption;
    fs::path picture;
    std::string trouble;
    int code = 0;
    bool there = false;  ///< painted before
};

/// The picture is there and all its epochs are done.
bool is_whole(const fs::path& picture) {
    std::error_code code;
    if (!fs::exists(picture, code) || fs::file_size(picture, code) == 0) return false;
    try {
        const PictureText text = read_story(picture.string());
        const auto epochs = text.find("clipig-epochs");  // `12 of 300`
        const auto words = epochs == text.end() ? std::vector<std::string>{} : split_words(epochs->second);
        return words.size() == 3 && words[0] == words[2];
    } catch (const InputError&) {
        return false;
    }
}

/// The state of a run that was stopped, when it left one.
std::optional<Continuation> stopped_run(const fs::path& picture) {
    try {
        return continuation_of(picture.string());
    } catch (const InputError&) {
        return std::nullopt;
    }
}

Picture sheet_picture(const Cell& cell) {
    if (cell.trouble.empty()) {
        try {
            Picture picture = read_picture(cell.picture);
            if (std::max(picture.width, picture.height) <= kSheetCell) return picture;
            return from_planes(fit_planes(to_planes(picture), kSheetCell, kSheetCell), 8);
        } catch (const InputError&) {  // gone since
        }
    }
    return {kSheetCell / 4, kSheetCell / 4, 3, 8, std::vector<std::uint16_t>(3 * kSheetCell * kSheetCell / 16, 200), {}};
}

fs::path write_sheet(const std::vector<Cell>& cells, const Matrix& matrix, const fs::path& wanted) {
    const std::size_t last = matrix.axes().back().values.size(), columns = last > 1 && last <= 12 ? last : 0;
    std::vector<Picture> pictures;
    std::vector<std::string> captions;
    for (const Cell& cell : cells) {
        if (pictures.size() == kMaxSheet) break;
        pictures.push_back(sheet_picture(cell));
        captions.push_back(cell.trouble.empty() ? cell.caption : fmt::format("failed: {}", cell.caption));
    }
    const fs::path path = reserve_name(wanted);
    write_picture(path, contact_sheet(pictures, static_cast<int>(columns), 8, captions), {});
    return path;
}

class MatrixPainter {
public:
    MatrixPainter(const Matrix& matrix, const Config& first, const RunOptions& options, const std::shared_ptr<const Schema>& schema)
        : matrix_(matrix), options_(options), schema_(schema), outlets_(options.log) {
        verbose_ = first.top["verbose"].integer() > 0;
        base_ = picture_path(first.top["output"].text(), first.files.empty() ? "-" : first.files.back());
    }

    int paint_all() {
        for (std::size_t i = 0; i < matrix_.size(); ++i) {
            if (paint_cell(i)) return stopped();
        }
        const fs::path sheet = write_sheet(cells_, matrix_, named("-matrix"));
        say(fmt::format("{}: all of them on one sheet", sheet.string()));
        outlets_.tell({{"event", "sheet"}, {"path", sheet.string()}});
        return summary();
    }

private:
    [[nodiscard]] fs::path named(const std::string& ending) const {
        fs::path path = base_;
        return path.replace_filename(base_.stem().string() + ending + base_.extension().string());
    }

    void say(const std::string& line) {
        if (verbose_) std::cerr << line << "\n";
        outlets_.say(line);
    }

    void tell(std::size_t index, const char* state, const Cell& cell, std::optional<double> loss = std::nullopt) {
        nlohmann::json event{{"event", "matrix"},          {"state", state},      {"number", index + 1},
                             {"pictures", matrix_.size()}, {"title", cell.title}, {"path", cell.picture.string()}};
        if (loss) event["loss"] = *loss;
        if (!cell.trouble.empty()) event["message"] = cell.trouble;
        outlets_.tell(event);
    }

    /// True when a signal came.
    bool paint_cell(std::size_t index) {
        Cell cell;
        try {
            MatrixCell wanted = matrix_.cell(index);
            cell.title = wanted.title;
            cell.caption = wanted.caption;
            cell.picture = named(wanted.stem);
            say(fmt::format("{} of {}: {}", index + 1, matrix_.size(), cell.title));
            tell(index, "begins", cell);
            set_scalar(wanted.document, "output", cell.picture.string());
            const auto config = check_document(wanted.document, options_.config, schema_);
            cell.there = options_.missing && is_whole(cell.picture);
            if (cell.there) {
                tell(index, "there", cell);
            } else {
                const Painted painted = paint(config, outlets_, options_.missing ? stopped_run(cell.picture) : std::nullopt);
                cell.picture = painted.picture;
                tell(index, painted.interrupted ? "stopped" : "painted", cell, painted.loss);
                if (painted.interrupted) return true;
            }
        } catch (const Error& error) {
            fail(index, cell, error.what(), error.exit_code());
        } catch (const std::exception& error) {
            fail(index, cell, error.what(), 1);
        }
        cells_.push_back(std::move(cell));
        return false;
    }

    void fail(std::size_t index, Cell& cell, const std::string& message, int code) {
        cell.trouble = message;
        cell.code = code;
        tell(index, "failed", cell);
        std::cerr << (message.ends_with('\n') ? message : fmt::format("error: {}\n", message));
    }

    [[nodiscard]] int stopped() {
        say(fmt::format("stopped with {} of {} pictures painted; the same command with --missing paints the others", cells_.size(),
                        matrix_.size()));
        return kInterrupted;
    }

    [[nodiscard]] int summary() {
        std::size_t failed = 0, there = 0;
        int code = 0;
        for (const Cell& cell : cells_) {
            failed += cell.code != 0 ? 1 : 0;
            there += cell.there ? 1 : 0;
            if (code == 0) code = cell.code;
        }
        say(fmt::format("{} of {} pictures painted{}{}", cells_.size() - failed - there, cells_.size(),
                        there > 0 ? fmt::format(", {} were there already", there) : "",
                        failed > 0 ? fmt::format(", {} failed:", failed) : ""));
        for (const Cell& cell : cells_) {
            if (cell.code != 0) std::cerr << "  " << cell.title << "\n";
        }
        return code;
    }

    const Matrix& matrix_;
    const RunOptions& options_;
    const std::shared_ptr<const Schema>& schema_;
    Outlets outlets_;
    fs::path base_;
    bool verbose_ = true;
    std::vector<Cell> cells_;
};

}  // namespace

int paint_matrix(const Matrix& matrix, const Config& first, const RunOptions& options, const std::shared_ptr<const Schema>& schema) {
    if (options.repeat > 1) throw InputError("--repeat does not go with a matrix; write `seed: [1, 2, 3]` into it");
    return MatrixPainter(matrix, first, options, schema).paint_all();
}

}  // namespace clipig
