// Draws the columns of a CSV file, one panel each, over its first column. Usage: curve_plot TABLE.csv PICTURE.png
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "app/line_plot.h"
#include "base/error.h"
#include "image/write_picture.h"

namespace clipig {
namespace {

std::vector<std::string> cells(const std::string& line) {
    std::vector<std::string> result;
    std::istringstream stream(line);
    for (std::string cell; std::getline(stream, cell, ',');) {
        if (!cell.empty() && cell.back() == '\r') cell.pop_back();
        result.push_back(cell);
    }
    return result;
}

/// The first column is drawn by its logarithm to the base 2: canvases and batches double from row to row.
void draw(const char* table, const char* picture) {
    std::ifstream file(table);
    std::string line;
    if (!std::getline(file, line)) throw InputError(std::string(table) + " cannot be read or is empty");
    const std::vector<std::string> names = cells(line);
    std::vector<double> x;
    std::vector<Panel> panels;
    for (std::size_t i = 1; i < names.size(); ++i) panels.push_back({names[i], {{names[i], {}}}});
    while (std::getline(file, line)) {
        const std::vector<std::string> row = cells(line);
        if (row.size() != names.size()) throw InputError(std::string(table) + ": a row of another length than the first");
        x.push_back(std::log2(std::atof(row[0].c_str())));
        for (std::size_t i = 1; i < row.size(); ++i) panels[i - 1].curves[0].y.push_back(std::atof(row[i].c_str()));
    }
    write_picture(picture, line_plot(x, "log2 of " + names[0], panels, 800, 600));
}

}  // namespace
}  // namespace clipig

int main(int argc, char** argv) {
    if (argc != 3) {
        std::fprintf(stderr, "usage: curve_plot TABLE.csv PICTURE.png\n");
        return 2;
    }
    try {
        clipig::draw(argv[1], argv[2]);
    } catch (const clipig::Error& error) {
        std::fprintf(stderr, "error: %s\n", error.what());
        return error.exit_code();
    }
    return 0;
}
