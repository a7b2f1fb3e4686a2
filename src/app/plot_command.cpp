// clipig plot: the curves of a run from its table of metrics.
#include <fmt/format.h>

#include <cmath>
#include <cstdlib>
#include <iostream>
#include <limits>
#include <utility>

#include "app/front_commands.h"
#include "app/line_plot.h"
#include "base/error.h"
#include "base/files.h"
#include "image/write_picture.h"

namespace clipig {
namespace {

using Row = std::vector<std::string>;

/// Cells of CSV text: RFC 4180 with quotes; line ends inside of quotes do not occur in our tables.
std::vector<Row> read_csv(const std::string& text) {
    std::vector<Row> rows;
    Row row{""};
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (quoted) {
            if (c != '"') {
                row.back() += c;
            } else if (i + 1 < text.size() && text[i + 1] == '"') {
                row.back() += text[++i];
            } else {
                quoted = false;
            }
        } else if (c == '"') {
            quoted = true;
        } else if (c == ',') {
            row.emplace_back();
        } else if (c == '\n') {
            rows.push_back(std::exchange(row, Row{""}));
        } else if (c != '\r') {
            row.back() += c;
        }
    }
    return rows;  // a last line without its end was cut short
}

double number_in(const Row& row, std::size_t column) {
    if (column >= row.size() || row[column].empty()) return std::numeric_limits<double>::quiet_NaN();
    char* end = nullptr;
    const double value = std::strtod(row[column].c_str(), &end);
    return *end == '\0' ? value : std::numeric_limits<double>::quiet_NaN();
}

Curve curve_of(const std::vector<Row>& rows, std::size_t column) {
    Curve curve{rows[0][column], {}};
    for (std::size_t i = 1; i < rows.size(); ++i) curve.y.push_back(number_in(rows[i], column));
    return curve;
}

}  // namespace

int plot_command(const PlotOptions& options) {
    const std::vector<Row> rows = read_csv(read_file(expand_home(options.input)));
    constexpr std::size_t kFixed = 4;  // epoch, loss, learnrate, seconds
    if (rows.size() < 2 || rows[0].size() < kFixed || rows[0][0] != "epoch" || rows[0][1] != "loss") {
        throw InputError(fmt::format("'{}' is no table of metrics with at least one epoch; `metrics: true` writes one", options.input));
    }
    const std::vector<double> x = curve_of(rows, 0).y;
    for (std::size_t i = 0; i < x.size(); ++i) {
        if (!std::isfinite(x[i]) || (i > 0 && x[i] <= x[i - 1]))
            throw InputError(fmt::format("'{}': its epochs are no rising numbers", options.input));
    }
    Panel similarities{"similarity", {}};
    for (std::size_t column = kFixed; column < rows[0].size(); ++column) similarities.curves.push_back(curve_of(rows, column));
    std::vector<Panel> panels{{"loss", {curve_of(rows, 1)}}};
    if (!similarities.curves.empty()) panels.push_back(std::move(similarities));
    panels.push_back({"learnrate", {curve_of(rows, 2)}});
    const auto path = reserve_name(options.output);
    try {
        write_picture(path, line_plot(x, "epoch", panels, options.width, options.height));
    } catch (...) {
        std::error_code code;
        std::filesystem::remove(path, code);
        throw;
    }
    std::cout << path.string() << "\n";
    return 0;
}

}  // namespace clipig
