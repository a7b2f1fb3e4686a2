#!/usr/bin/env python3
"""Seconds from the start of the program to the end of its first epoch with mini, and of `clipig check`, as JSON. The engine is also started
from a folder without the links of cmake/ClipigUnusedLibraries.cmake, in turns with the other, so that it loads all that libtorch names.

    bench/start.py [--build build] [--example examples/strawberries.yaml] [--runs 15]
"""
import argparse
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import tempfile
import time

SOURCE = pathlib.Path(__file__).resolve().parents[1]


def first_epoch(folder, example):
    """Paints until the first epoch is reported, then stops the program."""
    with tempfile.TemporaryDirectory() as out:
        begin = time.perf_counter()
        with subprocess.Popen([str(folder / "clipig"), str(example), "-m", "mini", "-o", out + "/", "--json"], text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
            for line in process.stdout:
                if '"event":"step"' in line:
                    seconds = time.perf_counter() - begin
                    process.kill()
                    return seconds
    raise SystemExit(f"error: {folder / 'clipig'} painted nothing")


def check(folder, example):
    begin = time.perf_counter()
    subprocess.run([str(folder / "clipig"), "check", str(example)], check=True, capture_output=True)
    return time.perf_counter() - begin


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, default=SOURCE / "build")
    parser.add_argument("--example", type=pathlib.Path, default=SOURCE / "examples" / "strawberries.yaml")
    parser.add_argument("--runs", type=int, default=15)
    options = parser.parse_args()
    os.environ.setdefault("CLIPIG_MODELS", str(SOURCE / "models"))
    with tempfile.TemporaryDirectory() as bare:
        for program in ("clipig", "clipig-engine"):
            shutil.copy2(options.build / program, bare)
        measures = {
            "check": lambda: check(options.build, options.example),
            "first_epoch": lambda: first_epoch(options.build, options.example),
            "first_epoch_all_libraries": lambda: first_epoch(pathlib.Path(bare), options.example),
        }
        times = {name: [] for name in measures}
        for _ in range(options.runs):
            for name, measure in measures.items():
                times[name].append(measure())
    print(json.dumps({"benchmark": "start", "runs": options.runs,
                      "seconds": {name: {"best": min(t), "median": statistics.median(t)} for name, t in times.items()}}, indent=1))


if __name__ == "__main__":
    main()
