#!/usr/bin/env python3
"""Paints the examples of docs/gallery.md with the bundled model and writes the page.

    tools/make_gallery.py                     all of them (some minutes on two cores)
    tools/make_gallery.py travel pixel_art    only these; the others keep their picture and time
    tools/make_gallery.py --page              only the page

The words under a picture say what a person saw in it; read them again after painting with another model.
"""
import argparse
import json
import pathlib
import subprocess
import tempfile
import time

SOURCE = pathlib.Path(__file__).resolve().parents[1]
IMAGES = SOURCE / "docs" / "images"
TIMES = IMAGES / "gallery.json"
LARGEST = 150_000  # bytes of one picture

# name of the example: title, what `clipig apply` does with its picture for the page (None: the video is shown), what one sees
GALLERY = {
    "strawberries": ("Two commands", [],
                     "Two red berries in the middle, each with a dark edge and a light spot, and a part of a third; yellow and green leaves behind them, pale upright blades "
                     "of grass above and below, a piece of blue sky. Strawberries on grass, softly drawn; they have no seeds."),
    "large_canvas": ("One composition on 2048 x 2048 pixels", ["-t", "resize: {size: 256, interpolation: cubic}"],
                     "Here at an eighth of its size. A violet and orange sky with forms like sails, a horizon, below it light and blue water with bands of waves; one "
                     "scene, no wallpaper, and no grain. A boat has to be imagined. It has nothing finer than about thirty pixels, since the model sees the whole in 64."),
    "seamless_tile": ("A seamless tile, shown 2 x 2", ["-t", "repeat: 2"],
                      "Dark green ridges like folded leaves with lighter edges between them. The four copies meet without a seam; a few yellow edges show "
                      "where the copies are. Grainy."),
    "pixel_art": ("Eight colours", ["-t", "resize: {size: 192, interpolation: nearest}"],
                  "Clean squares: a red form with a few lighter and darker dots and a pale edge in the middle of several greens, more red below it. One may see a "
                  "strawberry; the words help."),
    "two_regions": ("Two regions with their own wishes", [],
                    "On the left a yellow and orange flower head with a dark middle on light blue, on the right the brown and white pattern of an owl's feathers before a "
                    "dark night with light specks; the border between day and night is soft. The flower can be named, the owl by its feathers only."),
    "travel": ("A video: flight into the picture", None,
               "Dark blue water with bright waves, and a striped fish in the middle of it that comes nearer; then the ground turns light blue and white, and a yellow and "
               "orange flower head grows at the upper edge. The movement is smooth."),
}


def image_name(name):
    shown = GALLERY[name][1]
    return f"{name}.webp" if shown is None else f"{name}.png" if name in {"strawberries", "two_regions", "pixel_art"} else f"{name}.jpg"


def run(program, *arguments, cwd):
    subprocess.run([str(program), *map(str, arguments)], cwd=cwd, check=True)


def paint(program, name, seconds):
    """The picture of one example as the page shows it."""
    shown = GALLERY[name][1]
    with tempfile.TemporaryDirectory(prefix="clipig-gallery-") as folder:
        start = time.monotonic()
        run(program, SOURCE / "examples" / f"{name}.yaml", "-m", "mini", "-o", f"{name}.png", "-v", "1", cwd=folder)
        seconds[name] = round(time.monotonic() - start, 1)
        made = pathlib.Path(folder) / image_name(name)
        if shown is not None:
            made = pathlib.Path(folder) / f"shown-{image_name(name)}"
            run(program, "apply", f"{name}.png", *shown, "-o", made.name, cwd=folder)
        if made.stat().st_size > LARGEST:
            raise SystemExit(f"{made.name} has {made.stat().st_size} bytes, more than {LARGEST}")
        (IMAGES / image_name(name)).write_bytes(made.read_bytes())
    TIMES.write_text(json.dumps(seconds, indent=1, sort_keys=True) + "\n")


def page(seconds):
    text = ("# Gallery\n\nEvery picture was painted by `clipig examples/NAME.yaml` with the bundled model `mini` (8 million parameters, 64 pixel\n"
            "views) on two processor cores that had other work, too, so the times are upper bounds. `tools/make_gallery.py` paints them\n"
            "again and writes this page. The words say what one sees, not what was asked for. A larger model (`-m ViT-B/32`) paints more detail.\n")
    for name, (title, _, seen) in GALLERY.items():
        if not (IMAGES / image_name(name)).exists():
            continue
        yaml = (SOURCE / "examples" / f"{name}.yaml").read_text()
        whole = round(seconds.get(name, 0))
        unit = "second" if whole == 1 else "seconds"
        took = f" Painted in {whole} {unit}." if name in seconds else ""
        text += f"\n## {title}\n\n![{title}](images/{image_name(name)})\n\n{seen}{took}\n\n`examples/{name}.yaml`:\n\n```yaml\n{yaml}```\n"
    (SOURCE / "docs" / "gallery.md").write_text(text)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help="examples to paint; all when none is named")
    parser.add_argument("--clipig", default=SOURCE / "build" / "clipig", type=pathlib.Path, help="the program")
    parser.add_argument("--page", action="store_true", help="write the page only")
    options = parser.parse_args()
    unknown = set(options.names) - set(GALLERY)
    if unknown:
        parser.error(f"no such example: {', '.join(sorted(unknown))}")
    seconds = json.loads(TIMES.read_text()) if TIMES.exists() else {}
    for name in [] if options.page else options.names or GALLERY:
        paint(options.clipig.resolve(), name, seconds)
    page(seconds)


if __name__ == "__main__":
    main()
