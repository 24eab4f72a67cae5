# SPDX-License-Identifier: MIT
"""Our reader of Python files against Python's own parser: the standard library must read the same."""

import ast
import inspect
import json
import os
import pathlib
import random
import re
import subprocess
import sys
import sysconfig

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("CHUTES_BUILD", ROOT / "build")).resolve()
READER = BUILD / "tests/sdk/pymodule"
STDLIB = pathlib.Path(sysconfig.get_path("stdlib"))
MAX_BYTES = 1024 * 1024
NAMED_CHARACTER = re.compile(r"(?<!\\)(\\\\)*\\N\{")
TYPE_ALIAS = getattr(ast, "TypeAlias", ())
CONSTANTS = {True: "true", False: "false", None: "none", ...: "ellipsis"}


def read(paths):
    out = subprocess.run([READER, *map(str, paths)], capture_output=True, check=True, timeout=300)
    return [json.loads(line) for line in out.stdout.splitlines()]


class Shape:
    """A file as Python's parser sees it, in the words of our reader."""

    def __init__(self, text):
        self.lines = text.encode().splitlines(keepends=True)
        starts = [0]
        for line in self.lines:
            starts.append(starts[-1] + len(line))
        self.starts = starts
        self.bytes = text.encode()
        self.module = {"open": 0, "imports": [], "names": [], "functions": [], "classes": []}
        self.walk(ast.parse(text).body, self.module, "module", False, False)

    def segment(self, node):
        start = self.starts[node.lineno - 1] + node.col_offset
        end = self.starts[node.end_lineno - 1] + node.end_col_offset
        return self.bytes[start:end].decode()

    def other(self, node):
        text = self.segment(node)
        if isinstance(node, ast.GeneratorExp) and text.startswith("("):
            text = text[1:-1].strip()
        return ["other", None, text, [], []]

    def number(self, node, sign=""):
        value = node.value
        if type(value) is int and (value < 2**64 or self.segment(node)[:2].lower() not in ("0x", "0o", "0b")):
            return ["integer", node.lineno, sign + str(value), [], []]
        if type(value) is float:
            return ["float", node.lineno, sign + self.segment(node).replace("_", ""), [], []]
        return None

    def constant(self, node):
        value = node.value
        if isinstance(value, (bool, type(None), type(...))):
            return [CONSTANTS[value], node.lineno, "", [], []]
        if isinstance(value, str):
            odd = "\0" in value or any("\ud800" <= c < "\ue000" for c in value)
            if odd or NAMED_CHARACTER.search(self.segment(node)):
                return self.other(node)
            return ["string", node.lineno, value, [], []]
        if isinstance(value, bytes):
            return ["bytes", node.lineno, None, [], []]
        return self.number(node) or self.other(node)

    def parts(self, node):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            return self.parts(node.left) + self.parts(node.right)
        return [self.expr(node)]

    def call(self, node):
        keywords = [[k.arg or "**", self.expr(k.value)] for k in node.keywords]
        args = [self.expr(a) for a in node.args]
        if isinstance(node, ast.Call):
            args.insert(0, self.expr(node.func))
        return args, keywords

    def plain(self, node):
        line = node.lineno
        if isinstance(node, ast.Constant):
            return self.constant(node)
        if isinstance(node, ast.Name):
            return ["name", line, node.id, [], []]
        if isinstance(node, ast.Attribute):
            return ["attribute", line, node.attr, [self.expr(node.value)], []]
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            if isinstance(node.operand, ast.Constant) and self.segment(node)[1:].strip()[0] != "(":
                return self.number(node.operand, "-") or self.other(node)
            return self.other(node)
        if isinstance(node, ast.Call):
            return ["call", line, "", *self.call(node)]
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            return ["or", line, "", self.parts(node), []]
        return None

    def display(self, node):
        kinds = {ast.List: "list", ast.Tuple: "tuple", ast.Set: "set"}
        if type(node) in kinds:
            return [kinds[type(node)], node.lineno, "", [self.expr(e) for e in node.elts], []]
        if isinstance(node, ast.Dict) and None not in node.keys:
            pairs = [self.expr(e) for pair in zip(node.keys, node.values) for e in pair]
            return ["dict", node.lineno, "", pairs, []]
        if isinstance(node, ast.Subscript):
            index = [node.slice]
            if isinstance(node.slice, ast.Tuple) and node.slice.elts:
                index = node.slice.elts
            args = [self.expr(e) for e in [node.value, *index]]
            return ["subscript", node.lineno, "", args, []]
        return None

    def expr(self, node):
        return node and (self.plain(node) or self.display(node) or self.other(node))

    def parameters(self, a):
        plain = a.posonlyargs + a.args
        defaults = [None] * (len(plain) - len(a.defaults)) + a.defaults
        rows = [("plain", p, d) for p, d in zip(plain, defaults)]
        rows += [("star", a.vararg, None)] if a.vararg else []
        rows += [("keyword", p, d) for p, d in zip(a.kwonlyargs, a.kw_defaults)]
        rows += [("stars", a.kwarg, None)] if a.kwarg else []
        return [[kind, p.arg, self.expr(p.annotation), self.expr(d)] for kind, p, d in rows]

    def function(self, node, guarded):
        doc = ast.get_docstring(node)
        return {
            "line": node.lineno,
            "name": node.name,
            "async": int(isinstance(node, ast.AsyncFunctionDef)),
            "generator": int(has_yield(node)),
            "guarded": int(guarded),
            "parameters": self.parameters(node.args),
            "returns": self.expr(node.returns),
            "decorators": [self.expr(d) for d in node.decorator_list],
            "doc": doc,
        }

    def klass(self, node, guarded, inner):
        scope = {"names": [], "functions": [], "classes": []}
        self.walk(node.body, scope, "class", guarded, inner)
        return {
            "line": node.lineno,
            "name": node.name,
            "guarded": int(guarded),
            "bases": [self.expr(b) for b in node.bases],
            "keywords": [[k.arg or "**", self.expr(k.value)] for k in node.keywords],
            "decorators": [self.expr(d) for d in node.decorator_list],
            "doc": ast.get_docstring(node),
            "fields": scope["names"],
            "methods": scope["functions"],
            "classes": scope["classes"],
        }

    def name(self, scope, target, annotation, value):
        if isinstance(target, ast.Name):
            scope["names"].append({
                "line": target.lineno,
                "name": target.id,
                "annotation": self.expr(annotation),
                "value": self.expr(value),
            })

    def imports(self, node, guarded, inner):
        for alias in node.names:
            row = {"line": node.lineno, "guarded": int(guarded), "inner": int(inner)}
            if isinstance(node, ast.Import):
                bound = alias.asname or alias.name.partition(".")[0]
                row |= {"name": None, "module": alias.name, "alias": bound}
            else:
                module = "." * node.level + (node.module or "")
                bound = alias.asname or alias.name
                row |= {"name": alias.name, "module": module, "alias": bound}
            self.module["imports"].append(row)

    def walk(self, body, scope, kind, guarded, inner):
        for node in body:
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                self.imports(node, guarded, inner)
            elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                scope["functions"].append(self.function(node, guarded))
                self.walk(node.body, {"names": [], "functions": [], "classes": []}, "function", guarded, True)
            elif isinstance(node, ast.ClassDef):
                scope["classes"].append(self.klass(node, guarded, inner))
            elif isinstance(node, ast.Assign):
                for target in node.targets:
                    self.name(scope, target, None, node.value)
            elif isinstance(node, TYPE_ALIAS):
                self.name(scope, node.name, None, node.value)
            elif isinstance(node, ast.AnnAssign) and node.simple:
                self.name(scope, node.target, node.annotation, node.value)
            for part in ("body", "handlers", "cases", "orelse", "finalbody"):
                if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                    break
                inside = getattr(node, part, [])
                if part in ("handlers", "cases"):
                    inside = [n for case in inside for n in case.body]
                if isinstance(inside, list):
                    self.walk(inside, scope, kind, True, inner)


def has_yield(function):
    def own(node):
        if isinstance(node, (ast.Yield, ast.YieldFrom)):
            return True
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            outside = node.decorator_list + node.args.defaults + node.args.kw_defaults
            return any(own(n) for n in outside if n)
        if isinstance(node, (ast.Lambda, ast.ClassDef)):
            return False
        return any(own(n) for n in ast.iter_child_nodes(node))

    return any(own(n) for n in function.body)


def same_expr(ours):
    """Ours in the form that both sides can have: without what the other does not know."""
    if ours is None:
        return None
    kind, line, text, args, keywords = ours
    args = [same_expr(a) for a in args]
    if kind == "or":
        args = [part for a in args for part in (a[3] if a[0] == "or" else [a])]
    if kind == "other":
        line = None
    if kind == "bytes":
        text = None
    return [kind, line, text, args, [[k, same_expr(v)] for k, v in keywords]]


def same(value):
    if isinstance(value, dict):
        drop = {"open", "column"}
        return {k: same(v) for k, v in value.items() if k not in drop}
    if isinstance(value, list):
        if len(value) == 5 and isinstance(value[0], str) and isinstance(value[3], list):
            return same_expr(value)
        return [same(v) for v in value]
    return value


def known_names(module):
    """Names that are bound in another way have neither value nor annotation."""
    for scope in [module, *all_classes(module["classes"])]:
        key = "names" if "names" in scope else "fields"
        scope[key] = [n for n in scope[key] if n["value"] or n["annotation"]]
    return module


def all_classes(classes):
    for one in classes:
        yield one
        yield from all_classes(one["classes"])


def text_of(path):
    """The file as text; None when Python refuses it, or it is in another encoding."""
    try:
        compile(path.read_bytes(), path, "exec", ast.PyCF_ONLY_AST)
        return path.read_text(encoding="utf-8-sig")
    except (SyntaxError, ValueError):
        return None


def first_difference(ours, theirs, where=""):
    if type(ours) is not type(theirs):
        return f"{where}: {ours!r} is not {theirs!r}"
    if isinstance(ours, dict):
        for key in theirs:
            if ours[key] != theirs[key]:
                return first_difference(ours[key], theirs[key], f"{where}.{key}")
    if isinstance(ours, list):
        for i, (a, b) in enumerate(zip(ours, theirs)):
            if a != b:
                return first_difference(a, b, f"{where}[{i}]")
        return f"{where}: {len(ours)} items, not {len(theirs)}: {ours[len(theirs):][:1]} {theirs[len(ours):][:1]}"
    return f"{where}: {ours!r} is not {theirs!r}"


def sources():
    files = sorted(p for p in STDLIB.rglob("*.py") if "site-packages" not in p.parts and "dist-packages" not in p.parts)
    return [p for p in files if p.stat().st_size <= MAX_BYTES]


def compare(path, ours):
    text = text_of(path)
    if text is None:
        return None
    if "error" in ours:
        return f"{path}: {ours['error']}"
    theirs = Shape(text).module
    ours, theirs = same(known_names(ours)), same(theirs)
    return None if ours == theirs else f"{path}{first_difference(ours, theirs)}"


def test_standard_library():
    files = sources()
    step = max(1, len(files) // 400)
    sample = files[::step] if not os.environ.get("CHUTES_TEST_LONG") else files
    differences = [d for path, ours in zip(sample, read(sample)) if (d := compare(path, ours))]
    assert not differences, "\n".join(differences)


FORMS = '''\
import a.b.c as d, e
from . import f as g, h
from ..i import (j, k as l,)
from __future__ import annotations
async def m(n, /, o: int = 1, *p: str, q: 'List[r]' = None, s=lambda t, u=(1, 2): t[u:v], **w) -> {"x": y}:
    """Doc.

        More.
    """
    z = yield
    async with a as (b, c), d: import late
    return (lambda: (yield)) and [(yield) for a in b]
@a.b(c, d=1)
@e
class F(G[H], metaclass=I, **J):
    'doc' "string"
    k: int
    l: Optional[Union[M, None]] = Field(default=-1.5e3, ge=0x10, le=1_000)
    n = o = p, q
    r.s: t = u
    class V: w = 1
    if x: y = 1
try: a = {1, *b}; c = {**d, 'e': f}; g = {'h': [], (): ...}
except* (i, j) as k: pass
else:
\tl = f'{m!r:>{n}}' if rb'o' else q
finally: del r, s
match t:
    case [u, *v] | {"w": x, **y} if z: a: b
    case _: match = case = type = 1
while (c := d): e += f; continue
for g, (h, i) in j: global_ = k @ l
with m as n.o, p as q[r]: assert s, t
x = not a < b | c & d << e if f else -g ** ~h
print(* a, * b, sep="", ** c) ; d[e, f:g, ...] = h[i,] = j[(k, l)]
'''


def pieces():
    text = FORMS if sys.version_info >= (3, 11) else FORMS.replace("except*", "except")
    return re.findall(r"\w+|\s|[^\w\s]", text)


def test_forms(tmp_path):
    file = tmp_path / "forms.py"
    file.write_text("".join(pieces()))
    assert text_of(file)
    assert (difference := compare(file, *read([file]))) is None, difference


def test_what_is_refused_is_no_python(tmp_path):
    """Files with random mistakes: what we refuse, Python refuses; what it takes, we read the same."""
    seed = int(os.environ.get("CHUTES_TEST_SEED", "1"))
    numbers = random.Random(seed)
    files = []
    for number in range(2000 if os.environ.get("CHUTES_TEST_LONG") else 400):
        words = pieces()
        for _ in range(numbers.randrange(1, 3)):
            at = numbers.randrange(len(words))
            words[at : at + numbers.randrange(2)] = [numbers.choice(words)] * numbers.randrange(2)
        files.append(tmp_path / f"{number}.py")
        files[-1].write_text("".join(words))
    n_read = 0
    for path, ours in zip(files, read(files)):
        text = text_of(path)
        n_read += text is not None
        difference = text is not None and compare(path, ours)
        assert not difference, (seed, difference, text)
    assert n_read > len(files) / 20


def test_modules_of_python():
    """Those of this Python are in the table of what needs no package."""
    table = (ROOT / "lib/spec/python_stdlib.txt").read_text().splitlines()
    assert table == sorted(table)
    assert not set(sys.stdlib_module_names) - set(table)


def test_table_of_packages():
    rows = [line.split() for line in (ROOT / "lib/spec/python_packages.txt").read_text().splitlines()]
    assert [row[0] for row in rows] == sorted({row[0] for row in rows})
    for name, *modules in rows:
        assert re.fullmatch("[a-z0-9]+(-[a-z0-9]+)*", name) and modules
        assert all(module.isidentifier() for module in modules)
        assert len(modules) == len(set(modules))
