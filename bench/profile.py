#!/usr/bin/env python3
"""Where the time of an epoch goes, by perf's samples: the network's arithmetic against everything else.

    bench/profile.py --build build [--model ViT-B/32] [--precision fp32] [--size 512] [--views 8] [--epochs 40] [--skip SECONDS]

One thread, so that waiting does not count. The first --skip seconds (random weights are drawn and packed) are left out. Needs Debian's
package linux-perf."""
import argparse
import os
import pathlib
import re
import subprocess
import tempfile

GROUPS = [
    ("network: matrix products and convolutions (oneDNN)", r"\[JIT\]|libdnnl|libopenblas"),
    ("network: attention, norms, activations", r"epoch_bench .*(attention|softmax|tile<|normalise|apply<|gather_across|scatter|rows|Gelu|patches|pack|pool|bottleneck)"),
    ("views: positions, sampling and its gradient", r"epoch_bench .*(ViewPlan|detail::|transposed|Sampl|Taps|forward<|backward<|sincos)"),
    ("optimiser", r"epoch_bench .*(::update|Adam)"),
    ("kernel: fresh pages, scheduling", r"\[kernel"),
    ("libtorch: everything else with tensors", r"libtorch|libc10"),
]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, default=pathlib.Path("build"))
    parser.add_argument("--model", default="ViT-B/32")
    parser.add_argument("--precision", default="fp32")
    parser.add_argument("--size", default="512")
    parser.add_argument("--views", default="8")
    parser.add_argument("--epochs", default="40")
    parser.add_argument("--skip", type=float, default=10)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        data = os.path.join(folder, "perf.data")
        subprocess.run(["perf", "record", "-q", "-D", str(int(options.skip * 1000)), "-e", "cpu-clock", "-F", "199", "-o", data,
                        options.build / "epoch_bench", options.model, options.precision, options.size, options.views, options.epochs],
                       check=True, env={**os.environ, "OMP_NUM_THREADS": "1"})
        report = subprocess.run(["perf", "report", "-i", data, "--no-children", "-n", "--sort", "dso,symbol"], check=True, capture_output=True, text=True).stdout
    samples = {name: 0 for name, _ in GROUPS} | {"other": 0}  # not the printed shares: a thousand of them are rounded
    for line in report.splitlines():
        match = re.match(r"\s+[\d.]+%\s+(\d+)\s+(.*)", line)
        if match:
            name = next((name for name, pattern in GROUPS if re.search(pattern, match.group(2))), "other")
            samples[name] += int(match.group(1))
    print("| | share of the time |\n|---|---|")
    for name, count in samples.items():
        print(f"| {name} | {100 * count / sum(samples.values()):.1f} % |")


if __name__ == "__main__":
    main()
