# SPDX-License-Identifier: MIT
"""python3 -I -B chutes_import read|record FILE

Writes one JSON document to stdout; what the module prints there goes to stderr. The document is
`{"error": …, "line": …}` when the file is no Python or fails while it is loaded.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
from pathlib import Path
from typing import Any

if __name__ == "__main__":  # with -I the folder around us is not on the path
    sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from chutes_import.surface import add_others
from chutes_import.values import to_json

# Bytes, and seconds of processor time: of a module that is run, for which whoever runs it waits, and
# of reading one, whose text may ask for any amount of work.
MEMORY_LIMITS = {"record": 4 << 30, "read": 1 << 30}
READ_SECONDS = 10


def read_document(path: Path) -> dict[str, Any]:
    from chutes_import.models import models_of
    from chutes_import.read import Reader
    from chutes_import.wiring import separate

    source = path.read_text(encoding="utf-8-sig")
    reader = Reader(source, path)
    document = reader.read()
    return {**document, "models": models_of(reader.tree), "handlers": separate(source, reader)}


def on_late(*_: Any) -> None:
    signal.signal(signal.SIGXCPU, signal.SIG_IGN)  # it comes again every second
    raise TimeoutError(f"reading it takes more than {READ_SECONDS} s")


def limit(command: str) -> None:
    memory = MEMORY_LIMITS[command]
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    if command == "read":
        signal.signal(signal.SIGXCPU, on_late)
        resource.setrlimit(resource.RLIMIT_CPU, (READ_SECONDS, 2 * READ_SECONDS))


def describe(command: str, path: Path) -> str:
    if command == "record":
        from chutes_import.record import record

        document = record(path)
    else:
        document = read_document(path)
    return json.dumps(to_json(add_others(document)))


def attempt(command: str, path: Path) -> tuple[str, str, int]:
    """The document, or why there is none and the line that says so."""
    try:
        return describe(command, path), "", 0
    except SyntaxError as error:
        return "", error.msg, error.lineno or 0
    except UnicodeDecodeError as error:
        return "", f"not UTF-8 at byte {error.start}", 0
    except OSError as error:
        return "", error.strerror or str(error), 0
    except (MemoryError, RecursionError, ValueError):  # before Python 3.12 a NUL is a ValueError
        return "", "it is nested too deeply, too large, or no text", 0


def main(arguments: list[str]) -> int:
    command, file = arguments
    result = os.dup(1)
    os.dup2(2, 1)
    limit(command)
    try:
        text, why, line = attempt(command, Path(file).absolute())
        signal.signal(signal.SIGXCPU, signal.SIG_IGN)
    except TimeoutError as error:  # while another failure was being handled
        text, why, line = "", str(error), 0
    if why:  # only here the failure holds no more of what filled the memory
        text = json.dumps({"error": why, "line": line})
    with os.fdopen(result, "w", encoding="utf-8") as out:
        out.write(text)
    return 0


if __name__ == "__main__":
    code = main(sys.argv[1:])
    os._exit(code)  # threads of the module must not keep the process
