#!/usr/bin/env python3
"""Paints a list of prompts with recipes and judges by retrieval: is each picture nearest to its own prompt among all of them?

  bench/quality/quality.py --out quality bench/quality/recipes/*.yaml

A recipe is a configuration whose first target has the text PROMPT; it is painted as a `matrix:` over the prompts, with a contact sheet. The
judges (--judge, again for more) are models that the recipes were not optimised with: by default the two of bench/quality/judges. Seconds are
those of one processor core. Spectrum: the slope of the power spectrum of every tenth picture, where
natural pictures have about -2. Writes pictures and results.md into --out; pictures that are there already are not painted again.
Needs no Python package.
"""
import argparse
import csv
import json
import os
import pathlib
import resource
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
EVERY = 10  # a spectrum is measured for one of so many pictures


def start(command):
    return subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def finish(process):
    output, errors = process.communicate()
    if process.returncode != 0:
        sys.exit(f"failed: {' '.join(process.args)}\n{errors}")
    return output


def run(command):
    return finish(start(command))


def prompts_of(path, count):
    """All prompts, and `count` of them evenly through the list (0: all)."""
    lines = [line.strip() for line in pathlib.Path(path).read_text().splitlines()]
    every = [line for line in lines if line and not line.startswith("#")]
    return every, [every[i * len(every) // count] for i in range(count)] if 0 < count < len(every) else every


def processor_seconds():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def painter(options, recipe, prompts, folder):
    """Starts the program on a configuration that paints all these prompts."""
    text = recipe.read_text()
    if "PROMPT" not in text:
        sys.exit(f"{recipe}: the word PROMPT must stand where the text belongs")
    config = folder / f"{file_part(prompts[0])}-{len(prompts)}.yaml"
    config.write_text(f"{text}\nseed: {options.seed}\nmatrix:\n  prompt: {json.dumps(prompts)}\n")
    return start([options.clipig, config, "-o", folder / "p.png", "-m", options.model, "--missing", "--threads", "1",
                  "--set", "snapshot_interval=0", "--set", "verbose=0"] + [part for pair in options.set for part in ("--set", pair)])


def paint(options, recipe, prompts, folder):
    """Answers with (pictures in the order of the prompts, processor seconds for each)."""
    (folder / "p-matrix.png").unlink(missing_ok=True)
    before = processor_seconds()
    parts = [prompts[i::options.jobs] for i in range(min(options.jobs, len(prompts)))]
    for process in [painter(options, recipe, part, folder) for part in parts]:
        finish(process)
    taken = processor_seconds() - before
    for sheet in folder.glob("p-matrix*.png"):  # of the parts
        sheet.unlink()
    finish(painter(options, recipe, prompts, folder))
    return [folder / f"p-prompt-{file_part(prompt)}.png" for prompt in prompts], taken / len(prompts)


def file_part(prompt):
    """As the program names the pictures of a matrix."""
    kept = "".join(letter if letter.isascii() and (letter.isalnum() or letter == ".") else "-" for letter in prompt[:40])
    return "-".join(part for part in kept.split("-") if part)


def ranks(options, judge, pictures, prompts, own):
    """The place of each picture's own prompt among all prompts, 1 is best."""
    table = options.out / "rate.csv"
    table.unlink(missing_ok=True)
    texts = [part for prompt in prompts for part in ("-t", prompt)]
    run([options.clipig, "rate", *pictures, *texts, "-m", judge, "-o", table])
    body = list(csv.reader(table.open()))[-len(pictures):]
    scores = [[float(cell) for cell in row[-len(prompts):]] for row in body]
    return [1 + sum(score > row[prompts.index(name)] for score in row) for row, name in zip(scores, own)]


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
    parser.add_argument("--clipig", default=HERE.parents[1] / "build" / "clipig", type=pathlib.Path)
    parser.add_argument("--out", required=True, type=pathlib.Path)
    parser.add_argument("--model", default="mini", help="paints")
    parser.add_argument("--judge", action="append", help="a model that judges")
    parser.add_argument("--prompts", default=HERE / "prompts.txt")
    parser.add_argument("--count", type=int, default=0, help="use that many of the prompts; all are always the wrong answers")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="programs that paint at the same time, one thread each")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--set", action="append", default=[], help="PATH=VALUE for every run")
    options = parser.parse_args()
    judges = options.judge or sorted(folder for folder in (HERE / "judges").iterdir() if folder.is_dir())
    every, prompts = prompts_of(options.prompts, options.count)
    table = ["| recipe | judge | top-1 | top-5 | mean rank | slope | seconds |", "|---|---|---|---|---|---|---|"]
    for recipe in options.recipes:
        folder = options.out / recipe.stem
        folder.mkdir(parents=True, exist_ok=True)
        pictures, seconds = paint(options, recipe, prompts, folder)
        some = pictures[::EVERY]
        steep = sum(slope(options, picture) for picture in some) / len(some)
        for judge in judges:
            found = ranks(options, judge, pictures, every, prompts)
            first, five = (sum(rank <= best for rank in found) / len(found) for best in (1, 5))
            table.append(f"| {recipe.stem} | {pathlib.Path(judge).name} | {first:.2f} | {five:.2f} | {sum(found) / len(found):.1f} "
                         f"| {steep:.2f} | {seconds:.1f} |")
            print(table[-1], flush=True)
    (options.out / "results.md").write_text("\n".join(table) + "\n")
    print(f"{len(prompts)} prompts painted, each among {len(every)}; written to {options.out / 'results.md'}")


if __name__ == "__main__":
    main()
