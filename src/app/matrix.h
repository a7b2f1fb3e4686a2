// `matrix:` - many runs from one file.
#pragma once

#include <string>
#include <vector>

#include "config/document.h"

namespace clipig {

/// One parameter of the matrix and its values.
struct Axis {
    std::string key;   ///< as written
    std::string path;  ///< as for --set
    SourceLoc at;
    std::vector<Node> values;
};

/// One combination.
struct MatrixCell {
    Node document;        ///< without the matrix
    std::string title;    ///< `seed=1, learnrate=0.5`
    std::string caption;  ///< the title; of a matrix with one axis the value alone
    std::string stem;     ///< for file names: `-seed-1-learnrate-0.5`
};

class Matrix {
public:
    /// Takes `matrix` out of a document; without one there is one cell. Throws ConfigError for a matrix that is no map of lists, and for
    /// one with more than 10 000 combinations.
    explicit Matrix(Node document);

    [[nodiscard]] bool given() const { return !axes_.empty(); }
    [[nodiscard]] std::size_t size() const;
    [[nodiscard]] const std::vector<Axis>& axes() const { return axes_; }
    /// Combination `index`: the last axis moves first. Throws ConfigError at the key when its path leads nowhere.
    [[nodiscard]] MatrixCell cell(std::size_t index) const;
    /// Numbers of the cells that together hold every value once: what has to be checked.
    [[nodiscard]] std::vector<std::size_t> every_value() const;

private:
    Node document_;
    std::vector<Axis> axes_;
};

}  // namespace clipig
