# SPDX-License-Identifier: MIT
"""Usage: agreement.py CHUTES VERDICT schema|beyond|changes [COUNT SEED]

Real specs are changed at random, and two judges look at each: the reader of chute.yaml (VERDICT, by
its layers of text and structure) and a JSON Schema validator with the schema that CHUTES prints.
Ends with 1 and shows the documents when they disagree.

Scalars are typed by their key: `tag: 1.10` is the text 1.10. A validator only sees the number 1.1.
So numbers and booleans remember here how they were written, and the limits of texts count that."""
import copy
import json
import pathlib
import random
import re
import subprocess
import sys

import yaml
from jsonschema import Draft7Validator, ValidationError, validators

ROOT = pathlib.Path(__file__).resolve().parents[2]
REFERENCE = re.compile(r"(?<![$])[$][{]env:\w")
# What an overlay makes of the document, whether a reference to the environment is right, and
# whether quotes inside of a text are closed.
BEYOND_CODES = {"overlay", "E116", "E216"}
BATCH = 1000
SHOWN = 5
LONGEST = 20_000  # characters of a text, so that limits up to there are tried

# --- documents: a mapping is Map, a list is list, a scalar is Scalar


class Map(list):
    """Pairs of key and value; a key may stand there twice."""


class Scalar:
    def __init__(self, text, is_plain):
        self.text, self.is_plain = text, is_plain


def from_node(node):
    if isinstance(node, yaml.ScalarNode):
        return Scalar(node.value, not node.style)
    if isinstance(node, yaml.SequenceNode):
        return [from_node(item) for item in node.value]
    pairs, merged = Map(), []
    for key, value in node.value:
        if key.value == "<<":
            merged += value.value if isinstance(value, yaml.SequenceNode) else [value]
        else:
            pairs.append((key.value, from_node(value)))
    for other in merged:
        have = {key for key, _ in pairs}
        pairs += [pair for pair in from_node(other) if pair[0] not in have]
    return pairs


def load(text):
    return from_node(yaml.compose(text, Loader=yaml.CBaseLoader))


def read_text(path):
    text = path.read_text(encoding="utf-8", errors="replace")
    return re.sub("@[A-Z_]+@", "my-chute", text)  # as `chutes init` fills it in


NUMBER = re.compile(r"-?(0|[1-9][0-9]*)([.][0-9]+)?")
# what YAML reads as a number or nothing, and what is not written so in JSON
ODD = re.compile(r"[-+]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][-+]?[0-9]+)?|0x[0-9a-fA-F]+|0o[0-7]+"
                 r"|[-+]?[.](inf|Inf|INF)|[.](nan|NaN|NAN)")
PLAIN = re.compile(r"[A-Za-z0-9_.+~/-]([A-Za-z0-9_.+~/:@=-]*[A-Za-z0-9_.+~/@=-])?")


def is_plain(scalar):
    text = scalar.text
    if not scalar.is_plain or text in ("-", "---", "...") or not (text == "" or
                                                                  PLAIN.fullmatch(text)):
        return False
    return bool(NUMBER.fullmatch(text)) or not ODD.fullmatch(text)


def to_yaml(value):
    if isinstance(value, Map):
        return "{" + ", ".join(f"{json.dumps(key)}: {to_yaml(item)}" for key, item in value) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(to_yaml(item) for item in value) + "]"
    return (value.text or "~") if is_plain(value) else json.dumps(value.text)


# --- what the validator sees


class Integer(int):
    pass


class Real(float):
    pass


class Boolean:
    def __init__(self, text):
        self.text = text


class Duplicate(Exception):
    pass


def to_value(value):
    """By YAML 1.2's core schema."""
    if isinstance(value, Map):
        if len({key for key, _ in value}) != len(value):
            raise Duplicate
        return {key: to_value(item) for key, item in value}
    if isinstance(value, list):
        return [to_value(item) for item in value]
    text = value.text
    if not is_plain(value):
        return text
    if text in ("", "~", "null", "Null", "NULL"):
        return None
    if text in ("true", "True", "TRUE", "false", "False", "FALSE"):
        return Boolean(text)
    if NUMBER.fullmatch(text):
        number = Real(text) if "." in text else Integer(text)
        number.text = text
        return number
    return text


def to_plain(value):
    """What an editor sees: the same without the memory of how it was written."""
    if isinstance(value, dict):
        return {key: to_plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [to_plain(item) for item in value]
    if isinstance(value, Boolean):
        return value.text in ("true", "True", "TRUE")
    return int(value) if isinstance(value, Integer) else float(value) if isinstance(
        value, Real) else value


def written(value):
    return getattr(value, "text", value)


def on_text(check):
    """A keyword that looks at texts, and at what was written where a number or boolean stands."""
    def keyword(_, wanted, instance, schema):
        text = written(instance)
        if isinstance(text, str) and not check(text, wanted):
            yield ValidationError(f"{text[:80]!r} is not {str(wanted)[:80]!r}")
    return keyword


def in_enum(_, words, instance, schema):
    if written(instance) not in words:
        yield ValidationError(f"{str(instance)[:80]!r} is none of {words}")


UNITS = {"": 1, "ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "b": 1}
SIZES = {"": 1, "b": 1, **{letter + end: base ** power for power, letter in enumerate("kmgt", 1)
                           for end, base in (("", 1024), ("ib", 1024), ("b", 1000))}}


def amount(value, schema):
    """Seconds or bytes of a text with a unit, which a keyword for numbers cannot compare."""
    if isinstance(value, (Integer, Real)):
        return value
    match = re.fullmatch("([0-9]+[.]?[0-9]*)([a-zA-Z]*)", value) if isinstance(value, str) else None
    if not match or "pattern" not in schema:
        return None
    units = SIZES if "gG" in schema["pattern"] else UNITS
    factor = units.get(match[2].lower())
    return None if factor is None else float(match[1]) * factor


def on_amount(check):
    def keyword(_, limit, instance, schema):
        number = amount(instance, schema)
        if number is not None and not check(number, limit):
            yield ValidationError(f"{number} is beyond {limit}")
    return keyword


CHECKER = Draft7Validator.TYPE_CHECKER.redefine_many({
    "integer": lambda _, value: isinstance(value, Integer),
    "number": lambda _, value: isinstance(value, (Integer, Real)),
    "boolean": lambda _, value: isinstance(value, Boolean),
})
Validator = validators.extend(Draft7Validator, {
    "pattern": on_text(lambda text, pattern: re.search(pattern, text)),
    "minLength": on_text(lambda text, least: len(text) >= least),
    "maxLength": on_text(lambda text, most: len(text) <= most),
    "enum": in_enum,
    "minimum": on_amount(lambda number, limit: number >= limit),
    "maximum": on_amount(lambda number, limit: number <= limit),
    "exclusiveMinimum": on_amount(lambda number, limit: number > limit),
}, type_checker=CHECKER)


def translate(schema):
    """ECMAScript's $ is the end of the text; Python's also stands before a last line break."""
    def end(pattern):
        return pattern[:-1] + r"\Z" if pattern.endswith("$") else pattern

    if isinstance(schema, list):
        return [translate(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    out = {}
    for key, value in schema.items():
        if key == "pattern" and isinstance(value, str):
            value = end(value)
        elif key == "patternProperties":
            value = {end(pattern): translate(item) for pattern, item in value.items()}
        else:
            value = translate(value)
        out[key] = value
    return out


# --- changes

ODD_TEXTS = ["", "~", "null", "true", "True", "tRUE", "no", "yes", "0", "1", "-1", "5", "1.5",
             "1.10", "text", "a b", "/", "/a", "a/b", "POST /x", "GET /x/y_z", "PUT /x", "x" * 41,
             "0123456789abcdef" * 3, "30s", "10m", "12h", "5 m", "2GiB", "10XB", "two\nlines",
             "tab\there", "bell\a", "\u0085", "\u2028", "é" * 3, "none", "auto",
             "${env:HOME}", "${env:X:-y}", "$${env:", "a ${env:", "a $${env:X}", "${env:X}${env:Y}",
             "string?", "integer", "[x]", "{a: b}", "#", "a:b", "/a:/b", "/a:/b:ro", "TERM", "http",
             "sha256:" + "a" * 64, "git=1.0", "-q", "A", "a.py", "A.py", "x.json", "logo.png"]
CHARACTERS = "aZ0_-./:@=+ $%{}[]#?*\t\n\x07\x7f\u0080é\u2028"


class Changer:
    def __init__(self, schema, documents, seed):
        self.random = random.Random(seed)
        self.documents = documents
        self.tables = list(self.find_tables(schema))
        self.numbers = sorted(self.find_limits(schema, ("minimum", "maximum", "exclusiveMinimum")))
        self.lengths = sorted(self.find_limits(schema, ("minLength", "maxLength")))
        self.counts = sorted(n for n in self.find_limits(schema, ("minItems", "maxItems"))
                             if n <= 1000)

    def find_tables(self, schema):
        """All maps of known keys, each key with an example where it has one."""
        if isinstance(schema, dict):
            if schema.get("type") == "object" and "properties" in schema:
                yield schema["properties"]
            schema = schema.values()
        elif not isinstance(schema, list):
            return
        for value in schema:
            yield from self.find_tables(value)

    def find_limits(self, schema, names):
        if isinstance(schema, dict):
            found = {value for key, value in schema.items()
                     if key in names and isinstance(value, (int, float))}
            schema = schema.values()
        elif isinstance(schema, list):
            found = set()
        else:
            return set()
        return found.union(*(self.find_limits(value, names) for value in schema))

    def limit_text(self):
        """A number at a limit, or one beside it."""
        limit = self.random.choice(self.numbers) + self.random.choice((-1, 0, 0, 1))
        return str(int(limit)) if limit == int(limit) else f"{limit:.6f}".rstrip("0")

    def scalar(self):
        kind = self.random.randrange(10)
        if kind < 3:
            return Scalar(self.limit_text(), self.random.random() < 0.9)
        if kind < 4:
            length = self.random.choice(self.lengths) + self.random.choice((-1, 0, 1))
            return Scalar(self.random.choice("a1") * max(0, min(length, LONGEST)), False)
        return Scalar(self.random.choice(ODD_TEXTS), self.random.random() < 0.7)

    def value(self, depth=0):
        kind = self.random.randrange(8)
        if kind == 0 and depth < 3:
            return [self.value(depth + 1) for _ in range(self.random.randrange(3))]
        if kind == 1 and depth < 3:
            return Map((self.random.choice(("a", "x-a", "B_1", "c-d", "")), self.value(depth + 1))
                       for _ in range(self.random.randrange(3)))
        return self.scalar()

    def places(self, value, out):
        """Every (container, index) of a document."""
        for i, item in enumerate(value):
            out.append((value, i))
            item = item[1] if isinstance(value, Map) else item
            if isinstance(item, list):
                self.places(item, out)
        return out

    @staticmethod
    def get(place):
        container, i = place
        return container[i][1] if isinstance(container, Map) else container[i]

    @staticmethod
    def set(place, value):
        container, i = place
        container[i] = (container[i][0], value) if isinstance(container, Map) else value

    def known_pair(self, container):
        """A key that the mapping might know: of the table that it looks most like."""
        have = {key for key, _ in container}
        best = max(self.tables, key=lambda table: (len(have & table.keys()), self.random.random()))
        if self.random.random() < 0.1:
            best = self.random.choice(self.tables)
        key = self.random.choice(list(best))
        return key, self.value_for(best[key])

    def value_for(self, row):
        """The example of a key, or something at one of its own limits."""
        limits = [name for name in ("minimum", "maximum", "exclusiveMinimum", "minLength",
                                    "maxLength", "minItems", "maxItems") if name in row]
        examples = row.get("examples")
        if limits and self.random.random() < 0.5:
            name = self.random.choice(limits)
            limit = row[name] + self.random.choice((-1, 0, 1))
            if "Length" in name:
                sample = written(examples[0])[:1] if examples and examples[0] else "a"
                return Scalar(sample * max(0, min(limit, LONGEST)), False)
            if "Items" in name:
                item = examples[0][0] if examples and isinstance(examples[0], list) else "a"
                return [from_value(item)] * max(0, min(limit, LONGEST))
            return Scalar(self.random.choice(("{:g}", "{:g}", "{:g}.5", "{:g}s")).format(limit),
                          self.random.random() < 0.9)
        if row.get("type") == "boolean":
            return Scalar(self.random.choice(("true", "True", "TRUE", "tRUE", "yes", "false", "0")),
                          self.random.random() < 0.8)
        if "enum" in row and self.random.random() < 0.5:
            return Scalar(self.random.choice([*row["enum"], row["enum"][0].upper()]),
                          self.random.random() < 0.8)
        if examples and self.random.random() < 0.6:
            return from_value(examples[0])
        return self.value()

    def edit(self, text):
        i = self.random.randrange(len(text) + 1)
        return text[:i] + self.random.choice(CHARACTERS) + text[i + self.random.randrange(2):]

    def change(self, document):
        if self.random.random() < 0.4:  # a value for a key that is known there
            maps = [document, *filter(lambda value: isinstance(value, Map),
                                      map(self.get, self.places(document, [])))]
            chosen = self.random.choice(maps)
            key, value = self.known_pair(chosen)
            chosen[:] = [pair for pair in chosen if pair[0] != key] + [(key, value)]
            return
        place = self.random.choice(self.places(document, []))
        container, i = place
        value = self.get(place)
        kind = self.random.randrange(13)
        if kind == 0:
            del container[i]
        elif kind == 1:
            container.insert(i, copy.deepcopy(container[i]))
        elif kind == 2 and isinstance(container, Map):
            key = self.random.choice(("unknown", "x-note", "X-note", self.edit(container[i][0])))
            container.insert(i, (key, self.value()))
        elif kind == 3 and isinstance(container, Map):
            container[i] = (self.edit(container[i][0]), value)
        elif kind == 4 and isinstance(value, Scalar):
            self.set(place, Scalar(value.text, not value.is_plain))
        elif kind in (5, 6) and isinstance(value, Scalar):
            self.set(place, Scalar(self.edit(value.text), value.is_plain))
        elif kind == 7:
            self.set(place, [value])
        elif kind == 8 and isinstance(value, list) and value:
            self.set(place, self.get((value, self.random.randrange(len(value)))))
        elif kind == 9:
            other = self.random.choice(self.places(document, []))
            self.set(place, copy.deepcopy(self.get(other)))
        elif kind == 10 and isinstance(value, list) and not isinstance(value, Map) and value:
            count = self.random.choice(self.counts) + self.random.choice((-1, 0, 1))
            self.set(place, (value * (count // len(value) + 1))[:max(0, count)])
        elif kind == 11 and isinstance(value, Scalar):
            self.set(place, Scalar(self.limit_text(), True))
        else:
            self.set(place, self.value())

    def next(self):
        document = copy.deepcopy(self.random.choice(self.documents))
        for _ in range(self.random.choice((1, 1, 1, 2, 3))):
            if document:
                self.change(document)
        return document


def from_value(value):
    if isinstance(value, dict):
        return Map((key, from_value(item)) for key, item in value.items())
    if isinstance(value, list):
        return [from_value(item) for item in value]
    if isinstance(value, str):
        return Scalar(value, False)
    return Scalar(json.dumps(value), True)


# --- the two judges


class Judges:
    def __init__(self, chutes, verdict):
        done = subprocess.run([chutes, "schema"], check=True, capture_output=True, text=True)
        self.schema = json.loads(done.stdout)
        self.validator = Validator(translate(self.schema))
        self.editor = Draft7Validator(self.schema)
        self.verdict = verdict

    def read(self, texts):
        """The codes that the reader finds in each document, and its first message."""
        # what ${env:HOME} stands for may stand anywhere
        done = subprocess.run([self.verdict], input="\0".join(texts) + "\0", check=True,
                              capture_output=True, text=True, env={"HOME": "home"})
        lines = done.stdout.split("\n")[:-1]
        assert len(lines) == len(texts), f"{len(lines)} verdicts about {len(texts)} documents"
        return [line.split("\t") for line in lines]

    def errors(self, document):
        try:
            return self.validator.iter_errors(to_value(document))
        except Duplicate:
            return iter(["a key twice"])


def show(text, codes, message, error):
    where = "" if isinstance(error, (str, type(None))) else error.json_path
    return (f"--- reader: {codes or 'valid'}: {message}\n--- schema: {where} {str(error)[:600]}\n"
            f"{text[:3000]}")


def compare(judges, documents):
    """How many both accept, how many both refuse, and texts about the others."""
    texts = [to_yaml(document) for document in documents]
    n_accepted, n_refused, differences = 0, 0, []
    for document, text, (codes, message) in zip(documents, texts, judges.read(texts)):
        error = next(judges.errors(document), None)
        # nor does a schema know what a reference stands for
        if not set(codes.split()) - BEYOND_CODES or REFERENCE.search(text):
            codes = codes if error else ""
        if bool(codes) != (error is not None):
            differences.append(show(text, codes, message, error))
        elif codes:
            n_refused += 1
        else:
            n_accepted += 1
            error = next(judges.editor.iter_errors(to_plain(to_value(document))), None)
            if error:
                differences.append(show(text, codes, "an editor would complain", error))
    return n_accepted, n_refused, differences


def run_changes(judges, count, seed):
    paths = [*ROOT.glob("examples/*/chute.yaml"), *ROOT.glob("templates/*/chute.yaml"),
             *ROOT.glob("tests/fuzz/corpus/spec/*")]
    # what is no YAML at all, wrong from the start, or depends on the machine is for the reader alone
    texts = [text for text in map(read_text, sorted(paths))
             if "\0" not in text and "${env:" not in text]
    verdicts = judges.read(texts)
    documents = [load(text) for text, (codes, _) in zip(texts, verdicts) if not codes]
    changer = Changer(judges.schema, documents, seed)
    n_accepted, n_refused, differences = compare(judges, documents)
    for start in range(0, count, BATCH):
        batch = [changer.next() for _ in range(min(BATCH, count - start))]
        accepted, refused, more = compare(judges, batch)
        n_accepted, n_refused = n_accepted + accepted, n_refused + refused
        differences += more
        if len(differences) >= SHOWN:
            break
    print(f"accepted by both: {n_accepted} , refused by both: {n_refused}")
    print("\n".join(differences[:SHOWN]))
    return not differences


def run_schema(judges):
    """The schema itself, and what it offers."""
    Draft7Validator.check_schema(judges.schema)
    bad = []

    def walk(schema, path):
        if isinstance(schema, list):
            for i, item in enumerate(schema):
                walk(item, f"{path}/{i}")
            return
        if not isinstance(schema, dict):
            return
        here = {**schema, "definitions": judges.schema["definitions"]}
        offered = schema.get("examples", []) if isinstance(schema.get("examples"), list) else []
        if "default" in schema and "description" in schema and path.count("/"):
            offered = [*offered, schema["default"]]
        for value in offered if isinstance(schema.get("description"), str) else []:
            for error in Draft7Validator(here).iter_errors(value):
                bad.append(f"{path}: {value!r}: {error.message}")
        for key, value in schema.items():
            walk(value, f"{path}/{key}")

    walk(judges.schema, "#")
    print("\n".join(bad))
    return not bad


# Documents about which they cannot agree: lines for the top level, what the reader says, whether
# the schema takes them.
BEYOND = [
    # how a number was written is lost behind a parser of YAML
    ("node_selector: {gpu_count: 01}", "E111", True),
    ("node_selector: {gpu_count: 1.0}", "E111", True),
    ("scaling: {scaling_threshold: 5.0e-1}", "E111", True),
    ("node_selector: {max_hourly_price_per_gpu: 1.1234567}", "E113", True),
    # a pattern cannot compare
    ("scaling: {shutdown_after_seconds: 59s}", "E113", True),
    ("image: {name: abc, limits: {context: 2TiB}}", "E113", True),
]


def run_beyond(judges):
    base = [pair for pair in load(read_text(ROOT / "examples/hello/chute.yaml"))]
    validator = Draft7Validator(judges.schema)
    bad = []
    for line, codes, is_taken in BEYOND:
        rest = Map(pair for pair in base if pair[0] != line.split(":")[0])
        text = to_yaml(rest)[:-1] + ", " + line + "}"
        got, taken = judges.read([text])[0][0].strip(), validator.is_valid(yaml.safe_load(text))
        if got != codes or taken != is_taken:
            bad.append(f"{line}: reader: {got or 'valid'}; schema: {'valid' if taken else 'not'}")
    print("\n".join(bad))
    return not bad


def main(chutes, verdict, what, count="5000", seed="1"):
    judges = Judges(chutes, verdict)
    if what == "schema":
        return run_schema(judges)
    if what == "beyond":
        return run_beyond(judges)
    return run_changes(judges, int(count), int(seed))


if __name__ == "__main__":
    sys.exit(0 if main(*sys.argv[1:]) else 1)
