"""A Markov chain over words: what came after these two, comes after them again."""

import asyncio
import collections
import json
import pathlib
import random
import re

CORPUS = pathlib.Path("/app/corpus.txt")


def learn(self):
    """Runs before traffic; `self` is the chute, and keeps what is learned."""
    text = re.findall(r"[a-z']+|[.,;]", CORPUS.read_text().lower())
    self.after = collections.defaultdict(list)
    for first, second, third in zip(text, text[1:], text[2:]):
        self.after[first, second].append(third)
        self.after[second].append(third)
    self.starts = text


def follow(self, params):
    """The prompt's words, then those that follow, one by one."""
    chance = random.Random(params.seed)
    words = params.prompt.lower().split() or [chance.choice(self.starts)]
    yield from words
    first, second = (["", *words])[-2:]
    for _ in range(params.words):
        choices = self.after.get((first, second)) or self.after.get(second) or self.starts
        first, second = second, chance.choice(choices)
        yield second


async def generate(self, params):
    words = list(follow(self, params))
    return {"text": " ".join(words), "n_words": len(words)}


async def stream(self, params):
    for index, word in enumerate(follow(self, params)):
        if index > 0:
            await asyncio.sleep(params.delay_ms / 1000)
        yield f"data: {json.dumps({'word': word})}\n\n"
    yield "data: [DONE]\n\n"
