#!/usr/bin/env python3
"""Writes pillow_resize.txt: SHA-256 of what Pillow (9.4.0 when the file was made) makes of pictures of noise.
Lines: mode width height, then `resize filter width height` or `clip size`, then the hash of the result's samples."""
import hashlib
import os

from PIL import Image

FILTERS = {"bicubic": Image.BICUBIC, "bilinear": Image.BILINEAR, "nearest": Image.NEAREST}


def noise(mode, width, height):
    """Every sample is a hash of its place, a third of the alphas are 0 or 255; also in src/image/pillow_resize_test.cpp."""
    data = bytearray()
    channels = len(mode)
    for y in range(height):
        for x in range(width):
            for c in range(channels):
                value = ((x * 7919 + y * 104729 + c * 1299709) * 2654435761 & 0xFFFFFFFF) >> 24
                if mode[c] == "A" and value < 80:
                    value = 255 if value < 40 else 0
                data.append(value)
    return Image.frombytes(mode, (width, height), bytes(data))


def clip(image, size):
    """clip.py's _transform up to ToTensor, as torchvision 0.14 does it."""
    width, height = image.size
    short, long = min(width, height), max(width, height)
    scaled = int(size * long / short)
    new = (size, scaled) if width <= height else (scaled, size)
    image = image.resize(new, Image.BICUBIC)
    top, left = int(round((new[1] - size) / 2.0)), int(round((new[0] - size) / 2.0))
    return image.crop((left, top, left + size, top + size)).convert("RGB")


with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "pillow_resize.txt"), "w") as out:
    for mode in ("L", "LA", "RGB", "RGBA"):
        for size in ((37, 23), (64, 64), (5, 90), (1, 1), (300, 7)):
            image = noise(mode, *size)
            for name, number in FILTERS.items():
                for new in ((16, 16), (100, 41), (size[0], 30), (size[0] * 2, size[1]), (1, 1)):
                    digest = hashlib.sha256(image.resize(new, number).tobytes()).hexdigest()
                    print(mode, *size, "resize", name, *new, digest, file=out)
        for size in ((37, 23), (23, 38), (64, 64), (75, 50), (101, 32)):
            for n in (16, 31, 64):
                print(mode, *size, "clip", n, hashlib.sha256(clip(noise(mode, *size), n).tobytes()).hexdigest(), file=out)
