# SPDX-License-Identifier: MIT
"""Specs and files made to confuse: each gets its code, its place and its exit status, in little time
and memory, and nothing of it reaches the terminal as it is."""
import os
import re
import resource
import subprocess
import tempfile

import pytest
from harness import PROGRAM, is_instrumented

SPEC = """\
version: 1
name: hello
handlers: {file: app.py}
image: {name: hello, base: {debian: bookworm}, steps: [user: chutes, workdir: /app]}
cords: [{function: hello, public: POST /hello}]
"""
CODE = "async def hello(self, args):\n    return args\n"
IS_INSTRUMENTED = is_instrumented()
SECONDS = 4 if IS_INSTRUMENTED else 1
MEMORY = resource.RLIM_INFINITY if IS_INSTRUMENTED else 64 * 1024 * 1024
MEGABYTE = 1024 * 1024


def limit_memory():
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


class Done:
    """`chutes validate` of a spec: what it said, and what it took."""

    def __init__(self, directory, spec, *arguments):
        path = directory / "chute.yaml"
        path.write_bytes(spec if isinstance(spec, bytes) else spec.encode())
        if not os.path.lexists(directory / "app.py"):
            (directory / "app.py").write_text(CODE)
        environment = {name: os.environ[name] for name in ("PATH", "ASAN_OPTIONS")
                       if name in os.environ}
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            process = subprocess.Popen([PROGRAM, "validate", *arguments], cwd=directory, stdout=out,
                                       stderr=err, env=environment,
                                       preexec_fn=limit_memory)
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            out.seek(0)
            err.seek(0)
            self.out, self.err = out.read(), err.read().decode()
        self.status = process.returncode
        assert used.ru_utime + used.ru_stime < SECONDS
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", self.err)

    def finding(self):
        """Code, line and column of the first."""
        match = re.match(r"(?:error|warning)\[(\w+)\]: .*\n  --> chute\.yaml(?::(\d+):(\d+))?\n", self.err)
        return (match[1], int(match[2] or 0), int(match[3] or 0)) if match else self.err


@pytest.fixture
def validate(tmp_path):
    return lambda spec, *arguments: Done(tmp_path, spec, *arguments)


BOMB = "x-a: &a [b, b, b, b, b, b, b, b, b, b]\n" + "".join(
    f"x-{new}: &{new} [{', '.join(['*' + old] * 10)}]\n" for old, new in zip("abcdefgh", "bcdefghi"))


@pytest.mark.parametrize("spec, finding", [
    ("", ("E103", 0, 0)),
    ("\ufeff", ("E103", 0, 0)),
    (SPEC.encode("utf-16"), ("E102", 0, 0)),
    (SPEC.encode("utf-16-le"), ("E102", 1, 2)),
    (SPEC.replace("hello", "h\u00e9llo").encode("latin-1"), ("E102", 2, 8)),
    (SPEC.replace("hello", "he\0llo", 1), ("E102", 2, 9)),
    (SPEC.replace("hello", "he\x1b[31mllo", 1), ("E102", 2, 9)),
    (SPEC + "node_selector:\n\tgpu_count: 1\n", ("E105", 7, 1)),
    (SPEC + "name: other\n", ("E106", 6, 1)),
    (SPEC + "environments:\n  a:\n    tagline: b\n    tagline: c\n", ("E106", 9, 5)),
    (SPEC + "tagline: !!python/name:os.system\n", ("E107", 6, 10)),
    (SPEC + "---\n" + SPEC, ("E107", 6, 1)),
    (SPEC + "x-a: &a [*a]\n", ("E108", 6, 10)),
    (SPEC + "x-a: *b\n", ("E108", 6, 6)),
    (SPEC + BOMB, ("E104", 9, 38)),
    (SPEC + "x-a: " + "[" * 31 + "]" * 31 + "\n", None),
    (SPEC + "x-a: " + "[" * 32 + "]" * 32 + "\n", ("E104", 6, 37)),
    (SPEC + "x-a: " + "{a: " * 100000 + "\n", ("E104", 6, 130)),
    (SPEC + "tagline: " + "a" * (10 * MEGABYTE) + "\n", ("E104", 0, 0)),
    (SPEC + "#" * (MEGABYTE - len(SPEC)), None),
    (SPEC + "#" * (MEGABYTE - len(SPEC) + 1), ("E104", 0, 0)),
    (SPEC + "k" * 1024 + ": a\n", ("E110", 6, 1)),
    (SPEC + "\"a\\e]0;title\\a\": b\n", ("E110", 6, 1)),
    (SPEC + "\"a\\u202eb\": b\n", ("E110", 6, 1)),
    (SPEC + "scaling: {concurrency: " + "9" * 100000 + "}\n", ("E113", 6, 24)),
    (SPEC.replace("name: hello", "name: no", 1), ("E113", 2, 7)),
    (SPEC.replace("version: 1", "version: 1.0"), ("E111", 1, 10)),
    (SPEC.replace("version: 1", "version: 0x1"), ("E111", 1, 10)),
    (SPEC.replace("version: 1", "version: \"1\""), ("E111", 1, 10)),
    (SPEC + "public: on\n", ("E111", 6, 9)),
    (SPEC + "scaling: {concurrency: 1e1}\n", ("E111", 6, 24)),
    (SPEC + "scaling: {concurrency: 1_0}\n", ("E111", 6, 24)),
    (SPEC + "scaling: {shutdown_after_seconds: 5:00}\n", ("E111", 6, 35)),
    (SPEC + "env: {A: ~}\n", ("E111", 6, 10)),
    (SPEC + "env: {A: no, B: 1e3, C: 0777, D: 12:30, E: 2001-01-01, F: .inf, G: 1_000}\n", None),
    (SPEC.replace("\n", "\r\n"), None),
    ("\ufeff" + SPEC, None),
    (SPEC + "environments:\n  a: {scaling: {concurrency: 0}}\n", ("E113", 7, 30)),
    (SPEC + "environments:\n  a: {handlers: {file: ../../../etc/passwd.py}}\n", ("E220", 7, 24)),
])
def test_spec(validate, spec, finding):
    got = validate(spec)
    if finding is None:
        assert (got.status, got.err) == (0, "")
    else:
        assert (got.status, got.out) == (3, b"")
        assert got.finding() == finding


def test_a_thousand_mistakes(validate):
    spec = SPEC + "".join(f"key{i}: a\n" for i in range(5000))
    got = validate(spec)
    assert got.status == 3
    assert got.err.count("error[E110]: unknown key 'key") == 20
    assert got.err.endswith("... and 4980 more\nerror: 1000 errors found\n")
    assert len(got.err) < 20000
    assert len(validate(spec, "--json").out) < MEGABYTE


def test_a_long_line_is_shown_in_part(validate):
    got = validate(SPEC + "env: {A: b, " + "B: c, " * 100 + "}\n")
    assert got.finding() == ("E106", 6, 19)
    assert max(len(line) for line in got.err.splitlines()) < 400


@pytest.mark.parametrize("code, finding", [
    (b"\xef\xbb\xbf" + CODE.encode(), None),
    (CODE.replace("\n", "\r\n").encode(), None),
    (b"@decorator(a=[1, 2], b='x')\n@other\n" + CODE.encode(), ("W310", 5, 20)),
    (b"# caf\xc3\xa9\n" + CODE.encode(), None),
    (b"# -*- coding: latin-1 -*-\n# caf\xe9\n" + CODE.encode(), ("E220", 3, 18)),
    (CODE.encode("utf-16"), ("E220", 3, 18)),
    (b"", ("E223", 5, 20)),
    (b"#" * 150000, ("E223", 5, 20)),
    (b"#" * 150001, ("E222", 3, 18)),
    (b"(" * 100000, None),
    (b"'''" + CODE.encode() + b"'''\n", ("E223", 5, 20)),
    (b"if True:\n    pass\n" + CODE.encode(), None),
])
def test_python(tmp_path, validate, code, finding):
    (tmp_path / "app.py").write_bytes(code)
    got = validate(SPEC)
    if code.startswith(b"((("):
        assert got.status == 3  # whatever the reader says of it
    elif finding is None:
        assert (got.status, got.err) == (0, "")
    else:
        assert got.status == (0 if finding[0].startswith("W") else 3)
        assert got.finding() == finding


def test_python_is_not_run(tmp_path, validate):
    (tmp_path / "app.py").write_text("open('ran', 'w')\nimport os; os._exit(7)\n" + CODE)
    assert validate(SPEC).status == 0
    assert not (tmp_path / "ran").exists()


def test_files_that_never_end(tmp_path, validate):
    os.mkfifo(tmp_path / "app.py")
    assert validate(SPEC).finding() == ("E220", 3, 18)
    (tmp_path / "app.py").unlink()
    (tmp_path / "app.py").symlink_to("/dev/zero")
    assert validate(SPEC).finding() == ("E221", 3, 18)
    (tmp_path / "app.py").unlink()
    (tmp_path / "app.py").mkdir()
    assert validate(SPEC).finding() == ("E220", 3, 18)
    (tmp_path / "app.py").rmdir()
    (tmp_path / "app.py").symlink_to("app.py")
    assert validate(SPEC).finding() == ("E220", 3, 18)


def test_a_name_with_escape_codes(tmp_path):
    name = "a\x1b[31m\n.yaml"
    (tmp_path / name).write_text("name: [\n")
    done = subprocess.run([PROGRAM, "validate", name], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 3
    assert "\x1b" not in done.stderr and "a\\x1b[31m" in done.stderr


def test_a_schema_of_many_properties(tmp_path, validate):
    properties = ",".join(f'"p{i}": {{"type": "string"}}' for i in range(30000))
    (tmp_path / "s.json").write_text(f'{{"type": "object", "properties": {{{properties}}}}}')
    got = validate(SPEC.replace("POST /hello}", "POST /hello, input: {schema: s.json}}"))
    assert got.status == 0
