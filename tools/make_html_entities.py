#!/usr/bin/env python3
"""Writes src/models/html_entities.cpp: the named character references of HTML 5, from Python's own table (html.entities.html5)."""
import html.entities
import pathlib

HEAD = """// The named character references of HTML 5 (https://html.spec.whatwg.org/multipage/named-characters.html).
// Made by tools/make_html_entities.py. Each entry is NAME, then `=`, or `!` when the name also counts without its semicolon,
// then the code points in hexadecimal, joined by `+`.
#include "models/html_unescape.h"

namespace clipig {

const std::vector<const char*>& html_entity_lines() {
    static const std::vector<const char*> lines = {
"""
TAIL = """    };
    return lines;
}

}  // namespace clipig
"""

table = html.entities.html5
words = []
for name in sorted(name[:-1] for name in table if name.endswith(";")):
    points = "+".join(f"{ord(c):X}" for c in table[name + ";"])
    words.append(name + ("!" if name in table else "=") + points)
lines, line = [], ""
for word in words:
    if len(line) + len(word) > 120:
        lines.append(line)
        line = ""
    line += (" " if line else "") + word
lines.append(line)
path = pathlib.Path(__file__).parent.parent / "src/models/html_entities.cpp"
path.write_text(HEAD + "".join(f'        "{line}",\n' for line in lines) + TAIL)
