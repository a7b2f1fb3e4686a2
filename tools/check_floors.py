#!/usr/bin/env python3
"""Fails when a source file includes a file of a higher floor, or a torch header where torch is not allowed.

The floors are those of docs/architecture.md: data flow upwards, and a file may include its own floor and lower ones.
"""
import pathlib
import re
import sys

SOURCE = pathlib.Path(__file__).resolve().parents[1] / "src"
OPERATORS = ["transforms", "constraints", "pixels", "losses", "optimizers"]
# name -> height; the operator folders stand side by side and do not see each other
FLOORS = {"base": 0, "expr": 1, "config": 2, "image": 2, "video": 2, "models": 3, "ops": 4, "towers": 5, **{name: 6 for name in OPERATORS},
          "engine": 7, "sinks": 8, "web": 8, "app": 9}
WITHOUT_TORCH = {"base", "expr", "config", "image", "video", "models"}
TORCH = re.compile(r"^(torch|ATen|c10|caffe2)/")


def complaints(path):
    floor = path.relative_to(SOURCE).parts[0]
    for number, line in enumerate(path.read_text().splitlines(), 1):
        match = re.match(r'\s*#include\s+[<"]([^>"]+)[>"]', line)
        if not match:
            continue
        included = match.group(1)
        other = included.split("/")[0]
        if TORCH.match(included) and floor in WITHOUT_TORCH:
            yield f"{path}:{number}: {floor} must not know torch"
        elif other in FLOORS and "/" in included and other != floor and FLOORS[other] >= FLOORS[floor]:
            yield f"{path}:{number}: {floor} must not include {included}: it is on a higher floor, or beside"


def main():
    files = sorted(p for p in SOURCE.rglob("*") if p.suffix in {".h", ".cpp"})
    found = [text for path in files if path.relative_to(SOURCE).parts[0] in FLOORS for text in complaints(path)]
    unknown = {p.relative_to(SOURCE).parts[0] for p in files} - set(FLOORS)
    found += [f"src/{name}: this folder has no floor in tools/check_floors.py" for name in sorted(unknown)]
    print("\n".join(found) or f"{len(files)} files keep to their floors")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
