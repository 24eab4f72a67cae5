# SPDX-License-Identifier: MIT
"""Our check of values against JSON Schemas says what the official test suite says, and, to random
schemas and values, what the Python package says. The suite is part of that package's source."""
import fcntl
import json
import os
import pathlib
import random
import subprocess
import sys
import tarfile

import pytest
from conftest import ROOT, environment

PROGRAM = pathlib.Path(os.environ.get("CHUTES_BUILD", ROOT / "build")) / "tests/sdk/json_schema"
VERSION = "4.26.0"
ROUNDS = 400 * int(os.environ.get("CHUTES_TEST_ROUNDS", "3"))
# What needs another document, such as the schema of schemas (vocabulary.json asks for one of its
# own, which says that keywords have no meaning); what needs Unicode's tables; numbers
# that are longer than 64 bits.
BEYOND = ("which is not in it", "Unicode property", "looks around", "too big integer",
          "real number overflow", "\\u0000 is not allowed")


@pytest.fixture(scope="session")
def suite():
    """The folder of the official suite for draft 2020-12, downloaded once."""
    cache = os.environ.get("XDG_CACHE_HOME") or str(pathlib.Path.home() / ".cache")
    home = pathlib.Path(cache) / "chutes-tests" / f"json-schema-suite-{VERSION}"
    home.mkdir(parents=True, exist_ok=True)
    with open(home / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        found = list(home.glob("*/json/tests/draft2020-12"))
        if not found:
            done = subprocess.run(
                [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps",
                 "--no-binary", "jsonschema", "--dest", home, f"jsonschema=={VERSION}"],
                capture_output=True, text=True, timeout=300)
            if done.returncode:
                pytest.skip(f"cannot download: {done.stderr.strip().splitlines()[-1:]}")
            with tarfile.open(next(home.glob("jsonschema-*.tar.gz"))) as tar:
                tar.extractall(home, filter="data") if hasattr(tarfile, "data_filter") else \
                    tar.extractall(home)
            found = list(home.glob("*/json/tests/draft2020-12"))
    return found[0]


@pytest.fixture(scope="session")
def validator_python():
    if given := os.environ.get("CHUTES_TEST_VALIDATOR_PYTHON"):
        return pathlib.Path(given)
    return environment("validator", ["jsonschema>=4.20", "pyyaml"])


def ask(pairs):
    """Our answers to (schema, value), each of them JSON text."""
    text = "".join(f"{schema}\0{value}\0" for schema, value in pairs)
    done = subprocess.run([PROGRAM], input=text, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    answers = done.stdout.splitlines()
    assert len(answers) == len(pairs)
    return answers


def cases(folder):
    for file in sorted(folder.glob("*.json")):
        if file.stem == "vocabulary":
            continue
        for group in json.loads(file.read_text()):
            for test in group["tests"]:
                yield file.stem, group, test


def compare(folder, least):
    found = list(cases(folder))
    answers = ask([(json.dumps(group["schema"]), json.dumps(test["data"]))
                   for _, group, test in found])
    wrong, beyond = [], 0
    for (file, group, test), answer in zip(found, answers):
        if answer.startswith("error") and any(word in answer for word in BEYOND):
            beyond += 1
        elif answer.split()[0] != ("yes" if test["valid"] else "no"):
            wrong.append(f"{file}: {group['description']}: {test['description']}: {answer}")
    print(f"{len(found)} cases, {beyond} beyond, {len(wrong)} wrong")
    assert not wrong, "\n".join(wrong)
    assert len(found) - beyond >= least


def test_the_official_suite(suite):
    compare(suite, 1200)


@pytest.mark.parametrize("name,least", [
    ("anchor", 4), ("dynamicRef", 0), ("ecmascript-regex", 40), ("id", 2), ("no-schema", 3),
    ("non-bmp-regex", 12), ("refOfUnknownKeyword", 6), ("unknownKeyword", 3),
    ("float-overflow", 1)])
def test_what_is_optional(suite, tmp_path, name, least):
    (tmp_path / "one.json").write_text((suite / "optional" / f"{name}.json").read_text())
    compare(tmp_path, least)


NAMES = ["a", "b", "ab", "c/d"]
PATTERNS = ["^a", "b$", "^[ab]+$", "a|b", "^(ab)*$", "^.{1,2}$", "[^a]", "\\d", "^[a-z1]+$", "^a?b{0,2}"]


def some_value(r, depth=0):
    kind = r.randrange(9 if depth < 3 else 7)
    if kind < 2:
        return r.choice([None, True, False])
    if kind < 4:
        return r.choice([0, 1, 2, -1, 3, 1.0, 2.5, 0.5, 10])
    if kind < 7:
        return "".join(r.choice(["a", "b", "1", "é"]) for _ in range(r.randrange(5)))
    if kind == 7:
        return [some_value(r, depth + 1) for _ in range(r.randrange(5))]
    return {name: some_value(r, depth + 1) for name in r.sample(NAMES, r.randrange(4))}


def some_schema(r, depth=0):
    if r.random() < 0.08 or depth > 3:
        return r.choice([True, True, False, {}])
    deeper = depth + 1
    some = [some_schema(r, deeper) for _ in range(3)]
    rules = {
        "type": lambda: r.choice(["null", "boolean", "number", "integer", "string", "array",
                                  "object", ["string", "number"], ["object", "array"]]),
        "enum": lambda: [some_value(r) for _ in range(3)],
        "const": lambda: some_value(r),
        "multipleOf": lambda: r.choice([1, 2, 0.5]),
        "maximum": lambda: r.choice([1, 2.5]),
        "exclusiveMaximum": lambda: 2,
        "minimum": lambda: r.choice([0, 0.5]),
        "exclusiveMinimum": lambda: 0,
        "maxLength": lambda: r.randrange(4),
        "minLength": lambda: r.randrange(3),
        "pattern": lambda: r.choice(PATTERNS),
        "maxItems": lambda: r.randrange(4),
        "minItems": lambda: r.randrange(3),
        "uniqueItems": lambda: True,
        "maxProperties": lambda: r.randrange(4),
        "minProperties": lambda: r.randrange(3),
        "required": lambda: r.sample(NAMES, r.randrange(3)),
        "dependentRequired": lambda: {r.choice(NAMES): r.sample(NAMES, 1)},
        "prefixItems": lambda: some[:2],
        "items": lambda: some[0],
        "contains": lambda: some[1],
        "maxContains": lambda: r.randrange(1, 3),
        "minContains": lambda: r.randrange(3),
        "properties": lambda: {name: some_schema(r, deeper) for name in r.sample(NAMES, 2)},
        "patternProperties": lambda: {r.choice(PATTERNS): some[2]},
        "additionalProperties": lambda: some[1],
        "propertyNames": lambda: some[2],
        "allOf": lambda: some[:2],
        "anyOf": lambda: some[:2],
        "oneOf": lambda: some,
        "not": lambda: some[0],
        "if": lambda: some[0],
        "then": lambda: some[1],
        "else": lambda: some[2],
        "dependentSchemas": lambda: {r.choice(NAMES): some[0]},
        "unevaluatedItems": lambda: r.choice([False, some[0]]),
        "unevaluatedProperties": lambda: r.choice([False, some[0]]),
        "$ref": lambda: r.choice(["#/$defs/one", "#two"]),
    }
    return {key: rules[key]() for key in r.sample(list(rules), r.randrange(1, 5))}


def some_document(r):
    document = some_schema(r)
    if isinstance(document, bool):
        document = {"not": {"not": document}}
    # definitions without references of their own: nothing leads into itself
    def plain(schema):
        if isinstance(schema, dict):
            return {k: plain(v) for k, v in schema.items() if k != "$ref"}
        return [plain(v) for v in schema] if isinstance(schema, list) else schema
    two = plain(some_schema(r, 2))
    document["$defs"] = {"one": plain(some_schema(r, 1)),
                         "two": {"$anchor": "two", "allOf": [two]}}
    return document


THEIRS = """
import json, sys, jsonschema
for line in sys.stdin:
    schema, value = json.loads(line)
    print("yes" if jsonschema.Draft202012Validator(schema).is_valid(value) else "no")
"""


def test_random_schemas(validator_python):
    r = random.Random(int(os.environ.get("CHUTES_TEST_SEED", "1")))
    pairs = []
    for _ in range(ROUNDS):
        document = some_document(r)
        pairs += [(document, some_value(r)) for _ in range(4)]
    ours = ask([(json.dumps(s), json.dumps(v)) for s, v in pairs])
    done = subprocess.run([validator_python, "-c", THEIRS], capture_output=True, text=True,
                          input="".join(json.dumps(pair) + "\n" for pair in pairs), timeout=600)
    assert done.returncode == 0, done.stderr
    theirs = done.stdout.split()
    wrong = [f"{their} / {our}\n  {json.dumps(s)}\n  {json.dumps(v)}"
             for our, their, (s, v) in zip(ours, theirs, pairs) if our.split()[0] != their]
    assert not wrong, f"{len(wrong)} of {len(pairs)}:\n" + "\n".join(wrong[:5])
    assert 0.1 < theirs.count("yes") / len(pairs) < 0.9
