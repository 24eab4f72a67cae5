# SPDX-License-Identifier: MIT
"""The odd messages of tests/vectors/http; request.txt tells how they are written."""
import re
from pathlib import Path

VECTORS = Path(__file__).resolve().parent / "vectors" / "http"
REQUEST, REPLY, REPLY_TO_HEAD = range(3)
ESCAPE = re.compile(r"\\(x..|.)")
LETTERS = {"r": "\r", "n": "\n", "t": "\t"}


class Shape:
    def __init__(self, stem, text):
        self.name, *lines = [line for line in text.split("\n") if line and line[0] != "#"]
        self.kind = REQUEST if stem != "reply" else REPLY_TO_HEAD if "to HEAD" in lines else REPLY
        self.want = next(int(line.split(" ")[1]) for line in lines if line.startswith("want "))
        lines = [line for line in lines if line != "to HEAD" and not line.startswith("want ")]
        end = lines.index("behind") if "behind" in lines else len(lines)
        self.bytes = b"".join(unescape(line) for line in lines[:end])
        self.behind = b"".join(unescape(line) for line in lines[end + 1:])

    def __repr__(self):
        return self.name


def unescape(line):
    def byte(match):
        word = match[1]
        return chr(int(word[1:], 16)) if len(word) > 1 else LETTERS.get(word, word)

    return ESCAPE.sub(byte, line).encode("latin-1")


def shapes():
    return [Shape(path.stem, text) for path in sorted(VECTORS.glob("*.txt"))
            for text in re.split("^== ", path.read_text(), flags=re.M)[1:]]
