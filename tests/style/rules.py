# SPDX-License-Identifier: MIT
"""Rules that a line can show: functions that are not used, sizes, who prints, who reads the
environment. Tests may be as long as their tables."""
import re

from sources import lines, report, sources

FILE_LINES = 600
FUNCTION_LINES = 60

BANNED = re.compile(r"\b(strcpy|strcat|strncpy|sprintf|vsprintf|strtok|atoi|atol|atof|gets|v?f?scanf|"
                    r"system|popen|alloca|tmpnam|mktemp)\s*\(")
PRINTS = re.compile(r"\b(printf|puts|putchar|perror|exit)\s*\(|\bstdout\b")
ENVIRONMENT = re.compile(r"\b(getenv|secure_getenv|setenv|putenv)\b")
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
STRING_OR_COMMENT = re.compile(r'"(\\.|[^"\\])*"|/\*.*?\*/|//.*')

# what the rules are made of
EXEMPT = {
    ENVIRONMENT: {"lib/base/env.c"},
}


def functions(text):
    """(first line, number of lines between the braces) of each function: braces in column one."""
    start = None
    for number, line in enumerate(text, 1):
        if line == "{":
            start = number
        elif line == "}" and start:
            yield start, number - start - 1
            start = None


def check(path):
    text = lines(path)
    in_tests = path.parts[0] == "tests"
    in_lib = path.parts[0] == "lib"
    prints = path.parts[0] == "cli" and not path.name.startswith("print")
    if len(text) - 1 > FILE_LINES and not in_tests:
        yield f"{path}: {len(text) - 1} lines, at most {FILE_LINES}"
    if not text[0].startswith("/* SPDX-License-Identifier: MIT"):
        yield f"{path}:1: starts without its licence"
    if not in_tests:
        for number, length in functions(text):
            if length > FUNCTION_LINES:
                yield f"{path}:{number}: function of {length} lines, at most {FUNCTION_LINES}"
    in_comment = False
    for number, line in enumerate(text, 1):
        if UNFINISHED.search(line):
            yield f"{path}:{number}: unfinished"
        code = STRING_OR_COMMENT.sub('""', line)
        if in_comment:
            in_comment = "*/" not in code
            continue
        code, opening, _ = code.partition("/*")
        in_comment = bool(opening)
        rules = [(BANNED, "is not used here")]
        if not in_tests:
            rules.append((ENVIRONMENT, "belongs to lib/base/env.c"))
        if in_lib or prints:
            rules.append((PRINTS, "belongs to cli/print.c"))
        for pattern, sentence in rules:
            match = pattern.search(code)
            if match and str(path) not in EXEMPT.get(pattern, set()):
                yield f"{path}:{number}: {match[0].rstrip('( ')} {sentence}"


report([fault for path in sources(".c", ".h") for fault in check(path)])
