// The sections video and animate.
#include <utility>

#include "config/section_parts.h"

namespace clipig::sections {

OperatorSpec video_section() {
    return section(
        "video", "A video of the run, beside the picture.",
        "`video: true` is an MP4 with all defaults, `video: webp` an animated WebP. Frames are the first picture, the picture after every\n"
        "`interval` epochs, and the last one. The video is NAME.mp4 or NAME.webp (NAME.png.mp4 where that is somebody else's), and is "
        "whole\n"
        "when the run ends: by itself, by a stop, and also when it is killed. `clipig resume` continues it; it then shows the same frames\n"
        "as that of a run that was never stopped, though not in the same bytes. Where it cannot be continued (its frames were lost, or "
        "have\n"
        "another size or interval now), a new one begins and the older one stays.\n\n"
        "MP4 is H.264 (MPEG-4 part 2 where libavcodec lacks libx264), 4:2:0; odd sizes get another column or row. Where the resolution "
        "changes\n"
        "during the run, frames are scaled to the largest one. WebP keeps its coded frames in memory until the end.",
        "video: {format: mp4, fps: 30, interval: 2, hold: 1}\n",
        {one_of(field("format", FieldType::text, "mp4", "mp4 or webp."), {"mp4", "webp"}),
         unit(at_most(at_least(field("fps", FieldType::real, "25", "Frames in a second."), .1), 240), "frames per second"),
         unit(at_least(field("interval", FieldType::integer, "1", "Epochs from one frame to the next."), 1), "epochs"),
         at_most(at_least(field("quality", FieldType::real, "75", "0 smallest, 100 best: WebP's own scale; in MP4 75 is a CRF of 20."), 0),
                 100),
         unit(at_most(at_least(field("hold", FieldType::real, "0", "How long the last frame stands still."), 0), 3600), "seconds")});
}

OperatorSpec animate_section() {
    const auto moves = [](FieldSpec spec) { return sees(std::move(spec), kTime | kResolution); };
    return section(
        "animate", "Moves the picture between epochs, so that a video of the run travels through it.",
        "Each move zooms and turns the picture about `center`, then shifts it; the three are composed and sampled once. The picture then "
        "goes\n"
        "on being painted. The optimiser's state moves along where its tensors are pictures (rgb, pyramid, the choices of palette), and "
        "so\n"
        "does the average of `ema`; waves and wavelets (fft, dwt, das) and lbfgs keep theirs. The first picture is not moved. Sampling "
        "softens the picture a little, which painting\n"
        "makes good; moves by whole pixels alone soften nothing. With pixels: palette take interpolation: nearest.",
        "animate:\n  zoom: 1.01\n  rotate: sin(ts(0, 6.283))\n  shift: 2 0\nvideo: true\n",
        {active_field(), start_field(), end_field(),
         moves(unit(
             at_most(at_least(field("zoom", FieldType::real, "1", "How much larger things are after a move; above 1 goes in."), .01), 100),
             "factor")),
         moves(unit(field("rotate", FieldType::real, "0", "Angle of a move; positive is counter-clockwise."), "degrees")),
         moves(unit(count(field("shift", FieldType::real, "0 0",
                                "How far things go to the right, and down. Between -1 and 1 parts of the width or height, else pixels, "
                                "which need not be whole."),
                          2),
                    "pixels or fractions")),
         moves(unit(
             count(field("center", FieldType::real, ".5 .5", "The point that zoom and rotate leave where it is: 0 is left or top."), 2),
             "fractions")),
         unit(at_least(field("interval", FieldType::integer, "1", "Epochs from one move to the next."), 1), "epochs"),
         one_of(field("border", FieldType::text, "mirror",
                      "What comes in at the borders: the mirrored picture, the opposite side (wrap), the edge's pixels, or black."),
                {"mirror", "wrap", "edge", "black"}),
         one_of(field("interpolation", FieldType::text, "cubic", "How values between pixels are found."), {"nearest", "linear", "cubic"})});
}

}  // namespace clipig::sections
