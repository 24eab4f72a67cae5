# SPDX-License-Identifier: MIT
"""Our schemas are those that the platform's own SDK registers for the same module, and they, the
generated classes and the checks of the spec agree on what a request may be."""

import json
import os
import pathlib
import random
import string
import subprocess

import pytest
import schema_classes

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("CHUTES_BUILD", ROOT / "build")).resolve() / "tests/sdk"
REAL = ROOT / "tests/sdk/schemas_real.py"
KEYS = ["input_schema", "minimal_input_schema", "output_schema", "output_content_type"]
SPEC = """\
version: 1
name: demo
handlers: {file: app.py}
image: {name: demo, base: scratch}
node_selector: {gpu_count: 0}
cords:
"""


def ours(specs):
    """One answer of schemas.c for each spec."""
    done = subprocess.run([BUILD / "schemas", *specs], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def module(spec):
    done = subprocess.run([BUILD / "module", spec], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def real(real_python, files):
    """One answer of schemas_real.py for each module."""
    done = subprocess.run(
        [real_python, "-I", REAL, *files],
        capture_output=True,
        text=True,
        timeout=500,
        env={"PATH": os.defpath, "HOME": "/nonexistent"},
    )
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(answers) == len(files), done.stderr[-2000:]
    return answers


class Project:
    """A spec with its Python file, and what becomes of both."""

    def __init__(self, folder, name, code, cords, bodies=None):
        self.folder = folder / name
        self.folder.mkdir(parents=True)
        # functions that no cord can call have schemas, too: what a loop binds is not judged
        self.code = code + "".join(f"\nfor {c['function']} in [{c['function']}]: pass\n" for c in cords)
        self.cords = cords
        self.bodies = bodies
        (self.folder / "app.py").write_text(self.code)
        self.spec = self.folder / "chute.yaml"
        self.spec.write_text(SPEC + "".join(f"- {json.dumps(cord)}\n" for cord in cords))
        self.module = self.folder / f"{name}.py"

    def generate(self):
        self.module.write_text(module(self.spec))
        if self.bodies is not None:
            self.module.with_suffix(".bodies").write_text(json.dumps(self.bodies))
        return self.module


def in_any_order(schema):
    """The same schema with its unions in order: typing takes Union[A, B] for Union[B, A] where it
    has made that before."""
    if isinstance(schema, list):
        return [in_any_order(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    ordered = {key: in_any_order(value) for key, value in schema.items()}
    for key in ("anyOf", "oneOf"):
        if key in ordered:
            ordered[key] = sorted(ordered[key], key=lambda one: json.dumps(one, sort_keys=True))
    return ordered


def compare(real_python, projects, is_whole=True):
    """Number of cords whose schemas are equal, and of those that we do not know."""
    mine = ours([project.spec for project in projects])
    for project, answer in zip(projects, mine, strict=True):
        assert answer["errors"] == [], (project.code, project.cords, answer["errors"])
    theirs = real(real_python, [project.generate() for project in projects])
    equal = unknown = reordered = 0
    for project, mine_one, real_one in zip(projects, mine, theirs, strict=True):
        assert "error" not in real_one, (project.code, project.cords, real_one)
        for cord, a, b in zip(project.cords, mine_one["cords"], real_one["cords"], strict=True):
            is_unknown = False
            for key in KEYS:
                if a[key] is None and b[key] is not None:
                    is_unknown = True
                    continue
                if a[key] != b[key] and in_any_order(a[key]) == in_any_order(b[key]):
                    reordered += 1
                elif a[key] != b[key]:
                    show = f"{project.code}\n{cord}\n{key}\nours: {json.dumps(a[key])}\n"
                    raise AssertionError(f"{show}real: {json.dumps(b[key])}")
            if is_unknown:
                assert any("W310" in line for line in mine_one["warnings"]), (cord, mine_one)
                assert not is_whole, (project.code, cord, mine_one["warnings"])
            equal += not is_unknown
            unknown += is_unknown
    assert reordered <= (equal + unknown) / 50, f"{reordered} unions in another order"
    return equal, unknown


# --- field maps


class Fields:
    """Random field maps that make sense, and bodies for them."""

    TYPES = ["string", "integer", "number", "boolean", "array", "object", "any", "file"]
    NAMES = ["a", "prompt", "max_tokens", "class", "fooBar", "list", "json", "x1y", "dict", "B_c"]

    def __init__(self, seed):
        self.random = random.Random(seed)

    def chance(self, probability):
        return self.random.random() < probability

    def text(self, longest=8):
        letters = string.ascii_letters + " é😀\"'\\-_0"
        return "".join(self.random.choices(letters, k=self.random.randint(0, longest)))

    def fields(self, depth=0):
        names = self.random.sample(self.NAMES, self.random.randint(1, 4 if depth else 6))
        return {name: self.named(depth) for name in names}

    def named(self, depth):
        field = self.field(depth)
        if isinstance(field, str):
            return field
        if self.chance(0.3):
            field["required"] = True
        elif self.chance(0.5):
            field["default"] = self.value(field)
        if self.chance(0.3):
            field["description"] = self.text(20) + "x"
        return field

    def field(self, depth, is_inside=False):
        kind = self.random.choice(self.TYPES if depth < 3 else self.TYPES[:4])
        if is_inside and kind == "any":
            kind = "boolean"
        if self.chance(0.15):
            return kind + ("?" if self.chance(0.3) and not is_inside else "")
        if kind == "any" and depth < 3 and self.chance(0.5):
            return self.union(depth)
        field = {"type": kind}
        if not is_inside and self.chance(0.25):
            field["nullable"] = True
        getattr(self, "rules_of_" + kind, lambda field, depth: None)(field, depth)
        return field

    def union(self, depth):
        members = []
        kinds = set()
        for _ in range(self.random.randint(2, 4)):
            member = self.field(depth + 1, is_inside=True)
            kind = member if isinstance(member, str) else member["type"]
            if "any_of" in member or (kind in ("string", "file") and kinds & {"string", "file"}):
                continue
            kinds.add(kind)
            members.append(member)
        while len(members) < 2:
            members.append("integer" if len(members) else "boolean")
        return {"any_of": members, **({"nullable": True} if self.chance(0.3) else {})}

    def rules_of_string(self, field, depth):
        if self.chance(0.2):
            field["enum"] = self.random.sample(["a", "b", "c d", "é", '"'], self.random.randint(1, 4))
            return
        if self.chance(0.4):
            field["min_length"] = self.random.randint(0, 3)
        if self.chance(0.4):
            field["max_length"] = self.random.randint(3, 6)
        if self.chance(0.2):
            field["pattern"] = self.random.choice(["^[a-z]+$", "a|b", "^.{2}", "[^x]$", r"\d", "é"])
        if self.chance(0.2):
            field["format"] = "date-time"

    def rules_of_integer(self, field, depth):
        if self.chance(0.2):
            field["enum"] = self.random.sample([1, 2, -3, 400, 0], self.random.randint(1, 4))
            return
        if self.chance(0.5):
            field[self.random.choice(["ge", "gt"])] = self.random.randint(-5, 2)
        if self.chance(0.5):
            field[self.random.choice(["le", "lt"])] = self.random.choice([6, 100, 4294967295])
        if self.chance(0.2):
            field["multiple_of"] = self.random.choice([2, 3])

    def rules_of_number(self, field, depth):
        if self.chance(0.5):
            field[self.random.choice(["ge", "gt"])] = self.random.choice([-1, 0, 0.5, -2.25])
        if self.chance(0.5):
            field[self.random.choice(["le", "lt"])] = self.random.choice([2, 3.5, 1e3])
        if self.chance(0.2):
            field["multiple_of"] = self.random.choice([0.5, 0.25, 2])

    def rules_of_array(self, field, depth):
        if self.chance(0.8):
            field["items"] = self.field(depth + 1)
        if self.chance(0.3):
            field["min_length"] = self.random.randint(0, 1)
        if self.chance(0.3):
            field["max_length"] = self.random.randint(1, 3)

    def rules_of_object(self, field, depth):
        if self.chance(0.7):
            field["properties"] = self.fields(depth + 1)

    def rules_of_file(self, field, depth):
        if self.chance(0.3):
            field["max_length"] = 3 * self.random.randint(1, 3)
        if self.chance(0.3):
            field["min_length"] = 1
        if self.chance(0.3):
            field["content_type"] = "image/png"

    # values: the right ones, mostly

    def body(self, fields, wrong):
        body = {}
        for name, field in fields.items():
            is_required = isinstance(field, dict) and field.get("required")
            if self.chance(0.95 if is_required else 0.6):
                body[name] = self.any_value(field, wrong)
        return body

    def any_value(self, field, wrong):
        if self.chance(wrong):
            return self.random.choice(
                [None, 0, 7, -1, 2.5, True, "", "a", "1", "QUJD", "QUI=", "QU I", [], ["a"], [1], {}]
            )
        return self.value(field, wrong)

    def value(self, field, wrong=0):
        if isinstance(field, str):
            field = {"type": field.rstrip("?"), "nullable": field.endswith("?")}
        if field.get("nullable") and self.chance(0.2):
            return None
        if "enum" in field:
            return self.random.choice(field["enum"])
        if "any_of" in field:
            return self.value(self.random.choice(field["any_of"]), wrong)
        return getattr(self, "value_of_" + field["type"])(field, wrong)

    def value_of_string(self, field, wrong):
        low = field.get("min_length", 0)
        if pattern := field.get("pattern"):
            text = {"^[a-z]+$": "abc", "a|b": "aab", r"\d": "123", "é": "éé2"}.get(pattern, "abc")
        else:
            text = self.text(field.get("max_length", 8)).ljust(low, "y")
        return text

    def value_of_integer(self, field, wrong):
        low = field.get("ge", field.get("gt", 0) + 1)
        step = field.get("multiple_of", 1)
        return (low + step - 1) // step * step

    def value_of_number(self, field, wrong):
        low = field.get("ge", field.get("gt", 0) + 0.5)
        step = field.get("multiple_of", 0.25)
        value = -(-low // step) * step
        return int(value) if value == int(value) and self.chance(0.5) else value

    def value_of_boolean(self, field, wrong):
        return self.chance(0.5)

    def value_of_array(self, field, wrong):
        low = field.get("min_length", 0)
        n = self.random.randint(low, min(field.get("max_length", 3), 3))
        items = field.get("items", "any")
        return [self.any_value(items, wrong) for _ in range(n)]

    def value_of_object(self, field, wrong):
        if "properties" not in field:
            return {"k": [1, None]} if self.chance(0.5) else {}
        fields = field["properties"]
        body = self.body(fields, wrong)
        for name, inner in fields.items():
            if not wrong and isinstance(inner, dict) and inner.get("required"):
                body.setdefault(name, self.value(inner))
        return body

    def value_of_any(self, field, wrong):
        return self.random.choice([None, 1, "x", [1], {"a": 2}])

    def value_of_file(self, field, wrong):
        return self.random.choice(["QUJD", "QUI=", "QQ=="])


def cord_of_fields(number, fields, **more):
    return {"function": f"f{number}", "public": f"POST /f{number}", "input": fields, **more}


def projects_of_fields(folder, seed, count, n_cords=20, n_bodies=0):
    """Specs with random field maps. Those that the spec's own checks refuse, because a random
    default breaks a random rule, are made again."""
    fields = Fields(seed)
    maps = []
    while len(maps) < count:
        tried = [fields.fields() for _ in range(count - len(maps) + 40)]
        specs = [
            Project(folder, f"try{len(maps)}_{i}", "def f0(self, p): pass\n", [cord_of_fields(0, one)])
            for i, one in enumerate(tried)
        ]
        answers = ours([project.spec for project in specs])
        maps += [one for one, answer in zip(tried, answers, strict=True) if not answer["errors"]]
    maps = maps[:count]
    projects = []
    for start in range(0, count, n_cords):
        some = maps[start : start + n_cords]
        code = "".join(f"def f{i}(self, p) -> dict: return {{}}\n" for i in range(len(some)))
        cords = [cord_of_fields(i, one) for i, one in enumerate(some)]
        for cord in cords:
            if fields.chance(0.3):
                cord["minimal_input"] = dict(list(cord["input"].items())[:2])
        bodies = [[fields.body(one, 0.1) for _ in range(n_bodies)] for one in some]
        projects.append(Project(folder, f"fields{start}", code, cords, bodies if n_bodies else None))
    return projects


def test_field_maps(real_python, tmp_path):
    projects = projects_of_fields(tmp_path, 1, 400)
    equal, unknown = compare(real_python, projects)
    print(f"field maps: {equal} equal, {unknown} unknown")
    assert (equal, unknown) == (400, 0)


def refused_lines(spec):
    """The lines of a spec that have a finding E206."""
    (answer,) = ours([spec])
    return {int(line.split()[1]) for line in answer["errors"] if line.startswith("E206 ")}


def checked(project):
    """For each cord, which of its bodies the spec's checks take."""
    text = project.spec.read_text() + "tests:\n"
    lines = {}
    line = text.count("\n")
    for i, bodies in enumerate(project.bodies):
        for k, body in enumerate(bodies):
            line += 1
            lines[line] = (i, k)
            test = {"name": f"t{i}_{k}", "cord": f"f{i}", "input": body}
            text += f"- {json.dumps(test, ensure_ascii=False)}\n"
    spec = project.folder / "tests.yaml"
    spec.write_text(text)
    refused = refused_lines(spec)
    assert refused <= set(lines)
    wrong = {lines[one] for one in refused}
    return [
        [(i, k) not in wrong for k in range(len(bodies))] for i, bodies in enumerate(project.bodies)
    ]


def test_requests(real_python, tmp_path):
    """Class, schema and check take and refuse the same bodies."""
    projects = projects_of_fields(tmp_path, 2, 200, n_cords=10, n_bodies=25)
    theirs = real(real_python, [project.generate() for project in projects])
    taken = refused = 0
    for project, answer in zip(projects, theirs, strict=True):
        assert "error" not in answer, answer
        for i, (cord, mine) in enumerate(zip(answer["cords"], checked(project), strict=True)):
            for body, a, b, c in zip(
                project.bodies[i], cord["taken"], cord["valid"], mine, strict=True
            ):
                show = json.dumps({"input": project.cords[i]["input"], "body": body})
                assert a == b == c, f"class {a}, schema {b}, check {c}: {show}"
                taken += a
                refused += not a
    print(f"requests: {taken} taken, {refused} refused, by class, schema and check alike")
    assert taken > 1000 and refused > 1000


# --- classes and annotations


@pytest.mark.parametrize("kind", ["known", "unknown"])
def test_written_classes(real_python, tmp_path, kind):
    cases = schema_classes.KNOWN if kind == "known" else schema_classes.UNKNOWN
    projects = [
        Project(
            tmp_path,
            f"case{i}",
            schema_classes.HEAD + schema_classes.optional(code),
            schema_classes.cords(code),
        )
        for i, code in enumerate(cases)
    ]
    equal, unknown = compare(real_python, projects, is_whole=kind == "known")
    print(f"written classes, {kind}: {equal} cords equal, {unknown} unknown")
    assert (unknown == 0) == (kind == "known")


def test_random_classes(real_python, tmp_path):
    generator = schema_classes.Classes(3)
    projects = []
    for i in range(300):
        code = generator.module()
        projects.append(Project(tmp_path, f"random{i}", code, schema_classes.cords(code)))
    equal, unknown = compare(real_python, projects)
    print(f"random classes: {equal} cords of 300 files equal, {unknown} unknown")
    assert unknown == 0


def test_random_annotations(real_python, tmp_path):
    generator = schema_classes.Classes(4)
    projects = []
    for i in range(100):
        code = generator.functions(8)
        projects.append(Project(tmp_path, f"hints{i}", code, schema_classes.cords(code)))
    equal, unknown = compare(real_python, projects)
    print(f"random annotations: {equal} functions equal, {unknown} unknown")
    assert (equal, unknown) == (800, 0)


# --- files and servers


def test_schema_files(real_python, tmp_path):
    """A JSON Schema is sent as it is, beside what the function's annotations still say."""
    schema = {"type": "object", "properties": {"b": {"type": "number", "maximum": 1.5}, "a": {}}}
    file = {"schema": "in.json"}
    cords = [
        {"function": "f", "public": "POST /f", "input": file},
        {"function": "f1", "input": file, "minimal_input": file, "output": file},
        {"function": "f2", "output": {"content_type": "image/png", **file}},
    ]
    code = "def f(self, p: int) -> str: pass\ndef f1(self, p): pass\ndef f2(self, p: int): pass\n"
    project = Project(tmp_path, "files", code, cords)
    (project.folder / "in.json").write_text(json.dumps(schema, indent=2))
    assert compare(real_python, [project]) == (3, 0)


def test_servers(real_python, tmp_path):
    text = SPEC.replace("handlers: {file: app.py}", "server: {command: [sh], port: 9000}")
    cords = [
        {"function": "f", "forward": "POST /a", "input": {"a": "string"}},
        {"function": "f1", "forward": "GET /b", "output": {"content_type": "text/html"}},
        {"function": "f2", "forward": "POST /c", "input": {"schema": "in.json"}},
    ]
    project = Project(tmp_path, "server", "", cords)
    project.spec.write_text(text + "".join(f"- {json.dumps(cord)}\n" for cord in cords))
    (project.folder / "in.json").write_text('{"type": "object"}')
    assert compare(real_python, [project]) == (3, 0)


def test_where_they_differ(real_python, tmp_path):
    """What is unknown is a mistake in an example, and ignored in a request. 1.0 is an integer for
    JSON Schema only."""
    fields = {"a": {"type": "integer"}}
    bodies = [[{"a": 1, "b": 2}, {"a": 1.0}, {"a": 1}]]
    project = Project(tmp_path, "differ", "def f0(self, p): pass\n", [cord_of_fields(0, fields)], bodies)
    (answer,) = real(real_python, [project.generate()])
    assert answer["cords"][0]["taken"] == [True, False, True]
    assert answer["cords"][0]["valid"] == [True, True, True]
    assert checked(project) == [[False, False, True]]
