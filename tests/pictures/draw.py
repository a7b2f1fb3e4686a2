#!/usr/bin/env python3
"""Draws the pictures that make.sh hands to other programs. The formulas are repeated in src/image/fixtures_test.h."""
import struct
import sys

WIDTH, HEIGHT = 24, 16


def gradient(x, y):
    return x * 10, y * 16, 128 + (x - y) * 4


def gradient16(x, y):
    return x * 2700 + 7, y * 4000 + 11, 30000 + (x - y) * 1000


def quarters(x, y):
    """Red, green / blue, transparent white; asymmetric, so that every flip shows."""
    if y < 6:
        return (255, 0, 0, 255) if x < 10 else (0, 255, 0, 255)
    return (0, 0, 255, 255) if x < 10 else (255, 255, 255, 0)


def write(name, kind, depth, samples, top, pixel):
    data = bytearray()
    for y in range(HEIGHT):
        for x in range(WIDTH):
            data += struct.pack(">%d%s" % (samples, "H" if top > 255 else "B"), *pixel(x, y)[:samples])
    with open(name, "wb") as out:
        out.write(b"P7\nWIDTH %d\nHEIGHT %d\nDEPTH %d\nMAXVAL %d\nTUPLTYPE %s\nENDHDR\n" % (WIDTH, HEIGHT, samples, top, kind.encode()))
        out.write(data)


folder = sys.argv[1]
write(folder + "/gradient.pam", "RGB", 8, 3, 255, gradient)
write(folder + "/gradient16.pam", "RGB", 16, 3, 65535, gradient16)
write(folder + "/grey.pam", "GRAYSCALE", 8, 1, 255, gradient)
write(folder + "/grey16.pam", "GRAYSCALE", 16, 1, 65535, gradient16)
write(folder + "/quarters.pam", "RGB_ALPHA", 8, 4, 255, quarters)
write(folder + "/opaque.pam", "RGB", 8, 3, 255, quarters)
