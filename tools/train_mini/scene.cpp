#include "scene.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace clipig::mini {
namespace {

int colours() { return static_cast<int>(colour_names().size()); }
int any_of(int count, Random& random) { return static_cast<int>(random.below(static_cast<std::uint64_t>(count))); }
double log_uniform(double low, double high, Random& random) { return std::exp(random.uniform(std::log(low), std::log(high))); }

Surface any_between(Surface first, Surface last, Random& random) {
    return static_cast<Surface>(static_cast<int>(first) + any_of(static_cast<int>(last) - static_cast<int>(first) + 1, random));
}

int any_thing(const World& world, Random& random) {
    const double shapes = world.emoji_count() > 0 ? 0.12 : 1;
    if (random.uniform() >= shapes) return any_of(world.emoji_count(), random);
    return world.emoji_count() + any_of(world.things() - world.emoji_count(), random);
}

/// The named colours of a pattern or gradient: two different ones, sometimes any.
void choose_colours(Backdrop& backdrop, double named, Random& random) {
    if (random.uniform() >= named) return;
    backdrop.first = any_of(colours(), random);
    backdrop.second = (backdrop.first + 1 + any_of(colours() - 1, random)) % colours();
}

Backdrop behind_things(double clutter, Random& random) {
    Backdrop b;
    const double roll = random.uniform() - clutter;
    if (roll < 0) {
        b.surface = Surface::clutter;
    } else if (roll < 0.34) {
        constexpr std::array<int, 3> kUsual{10, 9, 11};  // white, black, gray
        b.first = random.uniform() < 0.35 ? kUsual[random.below(3)] : any_of(colours(), random);
    } else if (roll < 0.40) {
        b.surface = random.uniform() < 0.5 ? Surface::dark : Surface::plain;
    } else if (roll < 0.47) {
        b.surface = Surface::gradient;
        choose_colours(b, 0.4, random);
    } else if (roll < 0.56) {
        b.surface = any_between(Surface::stripes_across, Surface::waves, random);
        choose_colours(b, 0.6, random);
    } else if (roll < 0.68) {
        b.surface = any_between(Surface::grass, Surface::leaves, random);
    } else if (roll < 0.80) {
        b.surface = any_between(Surface::grass, Surface::stone, random);
        b.sky = any_between(Surface::blue_sky, Surface::sunset_sky, random);
        b.horizon = random.uniform(0.25, 0.6);
    } else {
        b.surface = any_between(Surface::blue_sky, Surface::sunset_sky, random);
    }
    return b;
}

Backdrop on_its_own(Random& random) {
    Backdrop b;
    const double roll = random.uniform();
    if (roll < 0.15) {
        b.first = any_of(colours(), random);
    } else if (roll < 0.30) {
        b.surface = Surface::gradient;
        choose_colours(b, 1, random);
    } else if (roll < 0.60) {
        b.surface = any_between(Surface::stripes_across, Surface::waves, random);
        choose_colours(b, 0.9, random);
    } else if (roll < 0.80) {
        b.surface = any_between(Surface::grass, Surface::sunset_sky, random);
    } else {
        b.surface = any_between(Surface::grass, Surface::stone, random);
        b.sky = any_between(Surface::blue_sky, Surface::sunset_sky, random);
        b.horizon = random.uniform(0.25, 0.75);
    }
    return b;
}

/// Angle and mirror image.
Pose turned(const World& world, int thing, Use use, Random& random) {
    Pose pose;
    const bool directed = world.has_direction(thing);
    const double most = (use == Use::training ? 25 : 30) * (directed ? 0.4 : 1);
    pose.angle = random.uniform() < 0.3 ? 0 : random.uniform(-most, most) * 3.14159265358979 / 180;
    pose.mirrored = !directed && random.uniform() < 0.5;
    return pose;
}

void place_single(const World& world, Scene& scene, Use use, Random& random) {
    Pose pose = turned(world, scene.things[0], use, random);
    if (random.uniform() < 0.12) {  // small, in a corner or at an edge
        scene.corner = any_of(9, random);
        pose.size = random.uniform(0.3, 0.48);
        pose.x = (scene.corner % 3 + 0.5) / 3 + random.uniform(-0.05, 0.05);
        pose.y = static_cast<double>(scene.corner / 3) / 3 + 1.0 / 6 + random.uniform(-0.05, 0.05);
    } else {
        pose.size = log_uniform(0.42, 1.2, random);
        const double room = std::abs(1 - pose.size) / 2 * 0.8 + 0.06;
        pose.x += random.uniform(-room, room);
        pose.y += random.uniform(-room, room);
    }
    scene.poses = {pose};
}

/// Copies in a row, on a grid, or strewn; more than four are `many`.
void place_copies(const World& world, Scene& scene, Use use, Random& random) {
    scene.copies = random.uniform() < 0.75 ? 2 + any_of(3, random) : 6 + any_of(7, random);
    const int columns = scene.copies <= 3 ? (random.uniform() < 0.7 ? scene.copies : 1) : scene.copies == 4 ? 2 : scene.copies <= 9 ? 3 : 4;
    const int rows = (scene.copies + columns - 1) / columns;
    const double cell = 1.0 / std::max(columns, rows), size = cell * random.uniform(0.75, 1.05) * (std::max(columns, rows) <= 2 ? 1 : 1.1);
    const Pose first = turned(world, scene.things[0], use, random);
    for (int i = 0; i < scene.copies; ++i) {
        Pose pose = random.uniform() < 0.5 ? first : turned(world, scene.things[0], use, random);
        pose.size = size * random.uniform(0.9, 1.1);
        pose.x = (i % columns + 0.5) / columns + random.uniform(-0.06, 0.06);
        pose.y = (static_cast<double>(i / columns) + 0.5) / rows + random.uniform(-0.06, 0.06);
        scene.poses.push_back(pose);
    }
}

void place_pair(const World& world, Scene& scene, Use use, Random& random) {
    scene.relation = random.uniform() < 0.65 ? Relation::beside : Relation::above;
    const double apart = random.uniform(0.22, 0.27), drift = random.uniform(-0.12, 0.12);
    for (int i = 0; i < 2; ++i) {
        Pose pose = turned(world, scene.things[static_cast<std::size_t>(i)], use, random);
        pose.size = random.uniform(0.42, 0.6);
        const double along = 0.5 + (i == 0 ? -apart : apart) + random.uniform(-0.03, 0.03),
                     across = 0.5 + drift + random.uniform(-0.06, 0.06);
        pose.x = scene.relation == Relation::beside ? along : across;
        pose.y = scene.relation == Relation::beside ? across : along;
        scene.poses.push_back(pose);
    }
}

Scene propose(const World& world, Use use, double clutter, Random& random) {
    Scene scene;
    const double roll = use == Use::test_things ? 0 : random.uniform();
    if (roll >= 0.88) {
        scene.backdrop = on_its_own(random);
        return scene;
    }
    scene.backdrop = behind_things(use == Use::test_scenes ? 0 : clutter, random);
    scene.things = {any_thing(world, random)};
    if (roll < 0.62) {
        place_single(world, scene, use, random);
    } else if (roll < 0.74) {
        place_copies(world, scene, use, random);
    } else {
        do {
            scene.things.resize(1);
            scene.things.push_back(any_thing(world, random));
        } while (scene.things[1] == scene.things[0]);
        place_pair(world, scene, use, random);
    }
    return scene;
}

bool mentions_words(const std::string& name, std::initializer_list<const char*> words) {
    return std::any_of(words.begin(), words.end(), [&](const char* word) { return name.find(word) != std::string::npos; });
}

}  // namespace

std::string World::name(int thing) const {
    if (thing < emoji_count()) return emoji_[static_cast<std::size_t>(thing)].name;
    const auto index = static_cast<std::size_t>(thing - emoji_count()), count = colour_names().size();
    return std::string(colour_names()[index % count]) + " " + std::string(shape_names()[index / count]);
}

std::vector<std::string> World::keywords(int thing) const {
    if (thing < emoji_count()) return emoji_[static_cast<std::size_t>(thing)].keywords;
    return {std::string(shape_names()[static_cast<std::size_t>(thing - emoji_count()) / colour_names().size()])};
}

void World::draw(const Canvas& canvas, int thing, const Pose& pose, Random& random) const {
    if (thing < emoji_count()) return emoji_[static_cast<std::size_t>(thing)].sprite.draw(canvas, pose);
    const int index = thing - emoji_count(), count = static_cast<int>(colour_names().size());
    draw_shape(canvas, index / count, shade_of(index % count, random), pose);
}

bool World::has_direction(int thing) const {
    if (thing >= emoji_count()) return false;
    return mentions_words(name(thing),
                          {"left", "right", "button", "clock", "arrow", "thirty", "letter", "input", "play", "track", "hundred"});
}

bool kept_for_tests(const Scene& scene) {
    if (scene.things.empty()) return false;
    const auto part =
        static_cast<std::uint32_t>(scene.things.size() == 2 ? scene.things[1] : -1 - static_cast<int>(scene.backdrop.surface));
    const bool composed = scene.things.size() == 2 || scene.backdrop.first >= 0 || scene.backdrop.surface >= Surface::grass;
    const auto colour = static_cast<std::uint32_t>(scene.backdrop.first);
    return composed && philox({static_cast<std::uint32_t>(scene.things[0]), part, colour, 0}, {0x7465u, 0x7374u})[0] % 10 == 0;
}

Scene draw_scene(const World& world, Use use, double clutter, Random& random) {
    while (true) {
        Scene scene = propose(world, use, clutter, random);
        if (use == Use::test_things || kept_for_tests(scene) == (use == Use::test_scenes)) return scene;
    }
}

void paint(const World& world, const Scene& scene, Use use, const Canvas& canvas, Random& random) {
    draw_backdrop(canvas, scene.backdrop, random);
    for (std::size_t i = 0; i < scene.poses.size(); ++i) {
        world.draw(canvas, scene.things[scene.things.size() == 2 ? i : 0], scene.poses[i], random);
    }
    disturb(canvas, use == Use::training ? 1.0 : 1.25, random);
}

}  // namespace clipig::mini
