// One imagined picture: which things stand where in front of what. Drawn from a random stream, then painted, then described.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "data_backdrops.h"
#include "data_emoji.h"

namespace clipig::mini {

/// All that can be drawn. A thing is an emoji (its index) or, behind those, a shape in a colour.
class World {
public:
    explicit World(std::vector<Emoji> emoji) : emoji_(std::move(emoji)) {}
    [[nodiscard]] int things() const { return emoji_count() + static_cast<int>(shape_names().size() * colour_names().size()); }
    [[nodiscard]] int emoji_count() const { return static_cast<int>(emoji_.size()); }
    /// `strawberry`, `red circle`
    [[nodiscard]] std::string name(int thing) const;
    /// Other words for a thing; the bare name of a shape.
    [[nodiscard]] std::vector<std::string> keywords(int thing) const;
    void draw(const Canvas& canvas, int thing, const Pose& pose, Random& random) const;
    /// Does its name speak of left and right, or is it writing? Then it must not be mirrored.
    [[nodiscard]] bool has_direction(int thing) const;

private:
    std::vector<Emoji> emoji_;
};

enum class Relation { none, beside, above };  ///< the first thing is left of, or above, the second

struct Scene {
    std::vector<int> things;  ///< none, one, or two different ones
    int copies = 1;           ///< of a single thing
    std::vector<Pose> poses;  ///< one per copy, or per thing
    Relation relation = Relation::none;
    int corner = 4;  ///< where a small single thing stands: column + 3 * row; 4 is the middle
    Backdrop backdrop;
};

/// How scenes are drawn for training and for tests: tests use compositions and disturbances that training never sees.
enum class Use { training, test_scenes, test_things };

/// The share of compositions (two things; thing and ground or colour) that are kept for tests.
[[nodiscard]] bool kept_for_tests(const Scene& scene);

[[nodiscard]] Scene draw_scene(const World& world, Use use, double clutter, Random& random);
void paint(const World& world, const Scene& scene, Use use, const Canvas& canvas, Random& random);

}  // namespace clipig::mini
