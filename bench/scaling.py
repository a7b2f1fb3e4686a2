#!/usr/bin/env python3
"""Time and memory of an epoch over the canvas (256 to 8192 pixels a side) and over the number of views (1 to 512).

    bench/scaling.py --build build --out docs/images [--model ViT-B/32] [--precision fp32] [--quick]

Runs epoch_bench once for each setting, each in a process of its own, so that the largest resident set is that setting's own. Writes
canvas.csv, views.csv, and with curve_plot their pictures; prints Markdown tables."""
import argparse
import csv
import json
import os
import pathlib
import subprocess
import sys


def measure(build, model, precision, size, views, epochs):
    command = [str(build / "epoch_bench"), model, precision, str(size), str(views), str(epochs)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    text = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit(f"error: {' '.join(command)} failed")
    result = json.loads(text)
    return {"size": size, "views": views, "seconds": result["seconds_median"], "views_per_second": result["views_per_second"],
            "memory_mib": round(usage.ru_maxrss / 1024)}


def table(rows, out, name, axis, build):
    path = out / f"{name}.csv"
    with open(path, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([axis, "seconds per epoch", "memory (MiB)"])
        writer.writerows([row["size" if axis == "pixels a side" else "views"], row["seconds"], row["memory_mib"]] for row in rows)
    subprocess.run([build / "curve_plot", path, out / f"{name}.png"], check=True)
    print(f"| {axis} | seconds per epoch | views/s | peak memory (MiB) |\n|---|---|---|---|")
    for row in rows:
        print(f"| {row['size' if axis == 'pixels a side' else 'views']} | {row['seconds']:.3f} | {row['views_per_second']:.1f} | {row['memory_mib']} |")
    print()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, default=pathlib.Path("build"))
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("."))
    parser.add_argument("--model", default="ViT-B/32")
    parser.add_argument("--precision", default="fp32")
    parser.add_argument("--quick", action="store_true", help="fewer settings and epochs")
    options = parser.parse_args()
    sizes = [256, 1024, 4096] if options.quick else [256, 512, 1024, 2048, 4096, 8192]
    counts = [1, 8, 64] if options.quick else [1, 2, 4, 8, 16, 32, 64, 128, 256, 512]
    options.out.mkdir(parents=True, exist_ok=True)
    measured = [measure(options.build, options.model, options.precision, size, 5, 6 if options.quick else 10) for size in sizes]
    table(measured, options.out, "canvas", "pixels a side", options.build)
    measured = [measure(options.build, options.model, options.precision, 512, count, 8 if count <= 16 else 3 if count <= 64 else 2) for count in counts]
    table(measured, options.out, "views", "views", options.build)


if __name__ == "__main__":
    main()
