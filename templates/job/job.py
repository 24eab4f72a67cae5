"""A job: a function that runs once, and leaves files that are kept when it has ended."""

import collections
import json
import pathlib
import re


async def count_words(self, text, output_dir, top=10, **more):
    words = re.findall(r"\w+", text.lower())
    counts = collections.Counter(words).most_common(top)
    file = pathlib.Path(output_dir) / "words.json"
    file.write_text(json.dumps(dict(counts), indent=1) + "\n")
    return {"words": len(words), "file": file.name}
