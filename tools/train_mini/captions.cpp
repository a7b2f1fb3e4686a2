#include "captions.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace clipig::mini {
namespace {

/// FNV-1a
std::uint64_t claim(const std::string& text) {
    std::uint64_t hash = 0xCBF29CE484222325u;
    for (const char letter : text) hash = (hash ^ static_cast<unsigned char>(letter)) * 0x100000001B3u;
    return hash;
}

constexpr std::array<const char*, static_cast<std::size_t>(Surface::count)> kSurfaces{"plain",
                                                                                      "dark",
                                                                                      "gradient",
                                                                                      "clutter",
                                                                                      "horizontal stripes",
                                                                                      "vertical stripes",
                                                                                      "diagonal stripes",
                                                                                      "dots",
                                                                                      "checks",
                                                                                      "rings",
                                                                                      "waves",
                                                                                      "grass",
                                                                                      "sand",
                                                                                      "water",
                                                                                      "snow",
                                                                                      "stone",
                                                                                      "wood",
                                                                                      "bricks",
                                                                                      "leaves",
                                                                                      "blue sky",
                                                                                      "cloudy sky",
                                                                                      "night sky",
                                                                                      "sunset sky"};

std::string surface_name(Surface surface) { return kSurfaces[static_cast<std::size_t>(surface)]; }
std::string colour_name(int colour) { return std::string(colour_names()[static_cast<std::size_t>(colour)]); }

template <std::size_t N>
std::string one_of(const std::array<const char*, N>& list, Random& random) {
    return list[static_cast<std::size_t>(random.below(N))];
}

std::string surface_words(Surface surface, Random& random) {
    switch (surface) {
        case Surface::grass: return one_of(std::array{"grass", "green grass", "a meadow"}, random);
        case Surface::sand: return one_of(std::array{"sand", "a sandy beach", "yellow sand"}, random);
        case Surface::water: return one_of(std::array{"water", "blue water", "the sea"}, random);
        case Surface::snow: return one_of(std::array{"snow", "white snow"}, random);
        case Surface::stone: return one_of(std::array{"stone", "gray stone", "rock"}, random);
        case Surface::wood: return one_of(std::array{"wood", "brown wood", "a wooden table"}, random);
        case Surface::bricks: return one_of(std::array{"bricks", "a brick wall"}, random);
        case Surface::leaves: return one_of(std::array{"leaves", "green leaves"}, random);
        case Surface::blue_sky: return one_of(std::array{"a blue sky", "a clear sky"}, random);
        case Surface::cloudy_sky: return one_of(std::array{"a cloudy sky", "white clouds"}, random);
        case Surface::night_sky: return one_of(std::array{"a night sky", "a starry sky", "stars at night"}, random);
        case Surface::sunset_sky: return one_of(std::array{"a sunset sky", "a sunset"}, random);
        default: return surface_name(surface);
    }
}

class Writer {
public:
    Writer(const World& world, const Scene& scene, bool full, Random& random)
        : world_(world), scene_(scene), full_(full), random_(random) {}

    Caption write() {
        std::string text = scene_.things.empty() ? alone() : things();
        if (!scene_.things.empty() && random_.uniform() < (full_ ? 1 : 0.55)) text += behind();
        if (!full_ && random_.uniform() < 0.25) {
            constexpr std::array kKinds{"a picture of ", "a drawing of ", "an image of ", "a photo of ", "an icon of ", "a painting of "};
            text = one_of(kKinds, random_) + text;
        }
        std::sort(caption_.claims.begin(), caption_.claims.end());
        caption_.text = std::move(text);
        return std::move(caption_);
    }

private:
    void say(const std::string& what) { caption_.claims.push_back(claim(what)); }
    bool chance(double share) { return full_ || random_.uniform() < share; }

    /// The name, or now and then another word for it.
    std::string word(int thing) {
        std::string name = world_.name(thing);
        const auto keywords = world_.keywords(thing);
        if (!full_ && !keywords.empty() && random_.uniform() < 0.12) {
            name = keywords[random_.below(keywords.size())];
            caption_.named = false;
        }
        say(name);
        return name;
    }

    std::string things() {
        if (scene_.things.size() == 2) return pair();
        if (scene_.copies > 1) return copies();
        const std::string name = word(scene_.things[0]);
        const double size = scene_.poses[0].size;
        if (size > 0.95 && random_.uniform() < 0.3) {
            say("close");
            return random_.uniform() < 0.6 ? "close-up of " + with_article(name) : "a big " + name;
        }
        if (scene_.corner != 4 && chance(0.5)) return with_article(name) + place();
        if (size < 0.48 && random_.uniform() < 0.3) {
            say("small");
            return one_of(std::array{"a small ", "a tiny "}, random_) + name;
        }
        return !full_ && random_.uniform() < 0.4 ? name : with_article(name);
    }

    std::string place() {
        say(fmt::format("corner {}", scene_.corner));
        constexpr std::array kPlaces{
            "in the top left corner",    "at the top",    "in the top right corner",   "on the left", "", "on the right",
            "in the bottom left corner", "at the bottom", "in the bottom right corner"};
        return std::string(" ") + kPlaces[static_cast<std::size_t>(scene_.corner)];
    }

    std::string copies() {
        const std::string name = word(scene_.things[0]);
        if (!chance(0.85)) return plural(name);
        say(scene_.copies > 4 ? "many" : fmt::format("{} copies", scene_.copies));
        constexpr std::array kNumbers{"two", "three", "four"};
        return (scene_.copies > 4 ? one_of(std::array{"many ", "a lot of ", "a pattern of "}, random_)
                                  : std::string(kNumbers[static_cast<std::size_t>(scene_.copies - 2)]) + " ") +
               plural(name);
    }

    std::string pair() {
        const std::string first = with_article(word(scene_.things[0])), second = with_article(word(scene_.things[1]));
        if (!chance(0.6)) {
            const bool swap = random_.uniform() < 0.5;
            return (swap ? second : first) + one_of(std::array{" and ", " next to ", " with "}, random_) + (swap ? first : second);
        }
        const bool beside = scene_.relation == Relation::beside;
        say(fmt::format("{} {} {}", world_.name(scene_.things[0]), beside ? "beside" : "above", world_.name(scene_.things[1])));
        if (random_.uniform() < 0.5) return first + (beside ? " left of " : " above ") + second;
        return second + (beside ? " right of " : " below ") + first;
    }

    /// `blue and white`, or nothing
    std::string colours() {
        const Backdrop& b = scene_.backdrop;
        if (b.first < 0 || !chance(0.8)) return {};
        say("colour " + colour_name(b.first));
        if (b.second < 0) return colour_name(b.first) + " ";
        say("colour " + colour_name(b.second));
        const bool swap = random_.uniform() < 0.5;
        return colour_name(swap ? b.second : b.first) + " and " + colour_name(swap ? b.first : b.second) + " ";
    }

    std::string pattern() {
        const std::string colour = colours();
        const Surface s = scene_.backdrop.surface;
        std::string name = surface_name(s);
        say(name);
        if (s == Surface::dots) name = one_of(std::array{"dots", "polka dots", "spots"}, random_);
        if (s == Surface::checks) name = one_of(std::array{"checks", "squares in a checkerboard", "checkerboard"}, random_);
        if (s == Surface::rings) name = one_of(std::array{"rings", "concentric circles"}, random_);
        if (s == Surface::waves) name = one_of(std::array{"waves", "wavy stripes"}, random_);
        return colour + name;
    }

    /// The surface where there are no things.
    std::string alone() {
        const Backdrop& b = scene_.backdrop;
        if (is_pattern(b.surface)) return pattern();
        if (b.sky != Surface::count) {
            say(surface_name(b.surface));
            say(surface_name(b.sky));
            const std::string ground = surface_words(b.surface, random_);
            return ground + one_of(std::array{" under ", " below ", " and "}, random_) + surface_words(b.sky, random_);
        }
        if (b.surface == Surface::gradient && b.first >= 0) {
            say("gradient");
            return one_of(std::array{"a gradient of ", "a smooth gradient of ", "blurry "}, random_) + colours();
        }
        if (b.surface == Surface::plain && b.first >= 0) {
            say("colour " + colour_name(b.first));
            return fmt::format(fmt::runtime(one_of(std::array{"{}", "plain {}", "a {} background", "the color {}"}, random_)),
                               colour_name(b.first));
        }
        say(surface_name(b.surface));
        return surface_words(b.surface, random_);
    }

    std::string behind() {
        const Backdrop& b = scene_.backdrop;
        if (is_ground(b.surface)) {
            say(surface_name(b.surface));
            std::string text = one_of(std::array{" on ", " on ", " in front of "}, random_) + surface_words(b.surface, random_);
            if (b.sky != Surface::count && chance(0.6)) {
                say(surface_name(b.sky));
                text += " under " + surface_words(b.sky, random_);
            }
            return text;
        }
        if (is_sky(b.surface)) {
            say(surface_name(b.surface));
            return one_of(std::array{" in ", " in front of ", " against "}, random_) + surface_words(b.surface, random_);
        }
        if (is_pattern(b.surface)) return one_of(std::array{" on ", " in front of ", " with "}, random_) + pattern();
        if (b.surface == Surface::dark) {
            say("dark");
            return one_of(std::array{" on a dark background", ", dark background", " in the dark"}, random_);
        }
        if (b.first < 0) return {};
        if (b.surface == Surface::gradient) {
            say("gradient");
            return " on a gradient of " + colours();
        }
        say("colour " + colour_name(b.first));
        return fmt::format(
            fmt::runtime(one_of(std::array{" on {}", " on a {} background", ", {} background", " in front of a {} wall"}, random_)),
            colour_name(b.first));
    }

    const World& world_;
    const Scene& scene_;
    bool full_;
    Random& random_;
    Caption caption_;
};

}  // namespace

Caption describe(const World& world, const Scene& scene, bool full, Random& random) { return Writer(world, scene, full, random).write(); }

std::vector<std::uint64_t> truths(const World& world, const Scene& scene) {
    std::vector<std::uint64_t> all;
    for (const int thing : scene.things) {
        all.push_back(claim(world.name(thing)));
        for (const std::string& word : world.keywords(thing)) all.push_back(claim(word));
    }
    const auto add = [&all](const std::string& what) { all.push_back(claim(what)); };
    if (scene.copies > 1) add(scene.copies > 4 ? "many" : fmt::format("{} copies", scene.copies));
    if (scene.things.size() == 1 && scene.copies == 1) {
        if (scene.poses[0].size > 0.95) add("close");
        if (scene.poses[0].size < 0.48) add("small");
        add(fmt::format("corner {}", scene.corner));
    }
    if (scene.things.size() == 2) {
        add(fmt::format("{} {} {}", world.name(scene.things[0]), scene.relation == Relation::beside ? "beside" : "above",
                        world.name(scene.things[1])));
    }
    add(surface_name(scene.backdrop.surface));
    if (scene.backdrop.sky != Surface::count) add(surface_name(scene.backdrop.sky));
    for (const int colour : {scene.backdrop.first, scene.backdrop.second}) {
        if (colour >= 0) add("colour " + colour_name(colour));
    }
    std::sort(all.begin(), all.end());
    return all;
}

bool fits(const std::vector<std::uint64_t>& claims, const std::vector<std::uint64_t>& truths) {
    return std::includes(truths.begin(), truths.end(), claims.begin(), claims.end());
}

std::string plural(const std::string& name) {
    // `piece of cake`, `face with tears of joy`: the first noun takes the ending
    for (const char* joint : {" of ", " with ", " in ", " on ", " and "}) {
        if (const auto at = name.find(joint); at != std::string::npos) return plural(name.substr(0, at)) + name.substr(at);
    }
    const auto ends = [&](const char* ending) { return name.ends_with(ending); };
    if (ends("s") && !ends("ss") && !ends("us")) return name;
    if (ends("s") || ends("x") || ends("ch") || ends("sh")) return name + "es";
    constexpr std::string_view kVowels = "aeiou";
    if (ends("y") && name.size() > 1 && kVowels.find(name[name.size() - 2]) == std::string_view::npos) {
        return name.substr(0, name.size() - 1) + "ies";
    }
    if (ends("fish") || ends("sheep")) return name;
    return name + "s";
}

std::string with_article(const std::string& name) {
    if (name.ends_with("s") && !name.ends_with("ss") && !name.ends_with("us")) return name;
    constexpr std::string_view kVowels = "aeiou";
    return (!name.empty() && kVowels.find(name[0]) != std::string_view::npos ? "an " : "a ") + name;
}

}  // namespace clipig::mini
