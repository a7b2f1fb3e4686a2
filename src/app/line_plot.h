// Curves as a picture: panels one above the other that share their horizontal axis.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "image/picture.h"

namespace clipig {

struct Curve {
    std::string name;
    std::vector<double> y;  ///< one for each x; NaN is a gap
};

struct Panel {
    std::string title;
    std::vector<Curve> curves;
};

/// A white RGB picture of 8 bits. `x` holds at least one number, rising. A panel without any finite value says so.
[[nodiscard]] Picture line_plot(const std::vector<double>& x, const std::string& x_name, const std::vector<Panel>& panels, int width,
                                int height);

}  // namespace clipig
