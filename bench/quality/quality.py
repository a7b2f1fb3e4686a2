#!/usr/bin/env python3
"""Paints a list of prompts with recipes and judges by retrieval: is each picture nearest to its own prompt among all of them?

  bench/quality/quality.py --clipig build/clipig --out quality bench/quality/recipes/*.yaml

A recipe is a configuration with the word PROMPT where the text belongs. The judge is any model that `clipig` knows; give one
that the recipes were NOT optimised with (--judge NAME, again for more). Judged with the model that painted them, pictures
are rated by what that model likes: each is therefore also changed in ways that no recipe trains with (perspective, elastic
bending, hue, blur: --variants of them), and only these are judged. Spectrum: the slope of the power spectrum, natural pictures have about -2.
Writes pictures and results.md into --out. Needs no Python package.
"""
import argparse
import csv
import pathlib
import re
import subprocess
import sys
import time

CHANGES = ["perspective: {distortion: .12, p: 1}", "elastic: {strength: .015}", "hue: -12 12", "random_blur: .3 1"]


def run(command, **options):
    result = subprocess.run([str(part) for part in command], capture_output=True, text=True, **options)
    if result.returncode != 0:
        sys.exit(f"failed: {' '.join(map(str, command))}\n{result.stderr}")
    return result.stdout


def prompts_of(path, count):
    lines = [line.strip() for line in pathlib.Path(path).read_text().splitlines()]
    lines = [line for line in lines if line and not line.startswith("#")]
    if count and count < len(lines):  # evenly through the list
        lines = [lines[i * len(lines) // count] for i in range(count)]
    return lines


def file_name(prompt):
    return re.sub(r"[^a-z0-9]+", "-", prompt.lower()).strip("-")


def paint(options, recipe, prompt, index, folder):
    """Paints one prompt and answers with (picture, seconds)."""
    picture = folder / f"{file_name(prompt)}.png"
    if picture.exists() and options.keep:
        return picture, None
    picture.unlink(missing_ok=True)
    config = folder / f"{file_name(prompt)}.yaml"
    config.write_text(recipe.read_text().replace("PROMPT", '"' + prompt.replace('"', "") + '"'))
    start = time.monotonic()
    run([options.clipig, config, "-o", picture, "--set", f"seed={options.seed + index}", "--set", f"model={options.model}",
         "--set", "snapshot_interval=0", "--set", "verbose=0"] + [part for pair in options.set for part in ("--set", pair)])
    return picture, time.monotonic() - start


def changed(options, picture, folder):
    """Copies of the picture, changed as no recipe trains with."""
    copies = []
    for seed in range(options.variants):
        copy = folder / f"{picture.stem}.v{seed}.png"
        copy.unlink(missing_ok=True)
        transforms = [part for change in CHANGES for part in ("-t", change)]
        run([options.clipig, "apply", picture, *transforms, "--seed", seed, "-o", copy])
        copies.append(copy)
    return copies or [picture]


def ranks(options, judge, pictures, prompts):
    """The place of each picture's own prompt among all prompts, 1 is best. pictures: (file, index of the prompt)."""
    table = options.out / "rate.csv"
    table.unlink(missing_ok=True)
    texts = [part for prompt in prompts for part in ("-t", prompt)]
    run([options.clipig, "rate", *[picture for picture, _ in pictures], *texts, "-m", judge, "-o", table])
    rows = list(csv.reader(table.open()))
    body = rows[-len(pictures):]
    found = []
    for (picture, own), row in zip(pictures, body):
        scores = [float(cell) for cell in row[-len(prompts):]]
        found.append(1 + sum(score > scores[own] for score in scores))
    return found


def slope(options, picture):
    """Slope of the power spectrum: the constraint `spectrum` with two wishes is two equations for one number."""
    values = []
    for wish in (0, -2):
        text = run([options.clipig, "apply", picture, "-c", f"spectrum: {{slope: {wish}}}"])
        values.append(float(text.split()[-1]))
    return (values[0] - values[1] + 4) / -4  # (s - 0)^2 - (s + 2)^2 = -4 s - 4


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipes", nargs="+", type=pathlib.Path)
    parser.add_argument("--clipig", default="build/clipig", type=pathlib.Path)
    parser.add_argument("--out", required=True, type=pathlib.Path)
    parser.add_argument("--model", default="mini", help="paints")
    parser.add_argument("--judge", action="append", help="judges; the painting model when not given")
    parser.add_argument("--prompts", default=pathlib.Path(__file__).parent / "prompts.txt")
    parser.add_argument("--count", type=int, default=0, help="use that many of the prompts; all are always the wrong answers")
    parser.add_argument("--variants", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--set", action="append", default=[], help="PATH=VALUE for every run")
    parser.add_argument("--keep", action="store_true", help="do not paint what is there already")
    options = parser.parse_args()
    all_prompts, prompts = prompts_of(options.prompts, 0), prompts_of(options.prompts, options.count)
    table = ["| recipe | judge | top-1 | top-5 | mean rank | slope | seconds |", "|---|---|---|---|---|---|---|"]
    for recipe in options.recipes:
        folder = options.out / recipe.stem
        folder.mkdir(parents=True, exist_ok=True)
        painted, seconds, judged = [], [], []
        for index, prompt in enumerate(prompts):
            picture, took = paint(options, recipe, prompt, index, folder)
            seconds += [took] if took else []
            painted.append(picture)
            judged += [(copy, all_prompts.index(prompt)) for copy in changed(options, picture, folder)]
        steep = sum(slope(options, picture) for picture in painted) / len(painted)
        mean_time = f"{sum(seconds) / len(seconds):.1f}" if seconds else "-"
        for judge in options.judge or [options.model]:
            found = ranks(options, judge, judged, all_prompts)
            share = [sum(rank <= best for rank in found) / len(found) for best in (1, 5)]
            table.append(f"| {recipe.stem} | {judge} | {share[0]:.2f} | {share[1]:.2f} | {sum(found) / len(found):.1f} | {steep:.2f} | {mean_time} |")
            print(table[-1], flush=True)
    (options.out / "results.md").write_text("\n".join(table) + "\n")
    print(f"{len(prompts)} prompts painted, each among {len(all_prompts)}; written to {options.out / 'results.md'}")


if __name__ == "__main__":
    main()
