# SPDX-License-Identifier: MIT
"""python3 -I -B chutes_import read|record FILE

Writes one JSON document to stdout; what the module prints there goes to stderr. The document is
`{"error": …, "line": …}` when the file is no Python or fails while it is loaded.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from pathlib import Path
from typing import Any

if __name__ == "__main__":  # with -I the folder around us is not on the path
    sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from chutes_import.surface import add_others
from chutes_import.values import to_json

MEMORY_LIMIT = 4 << 30  # bytes: of a module that is run, and of what its text says


def read_document(path: Path) -> dict[str, Any]:
    from chutes_import.models import models_of
    from chutes_import.read import Reader
    from chutes_import.wiring import separate

    source = path.read_text(encoding="utf-8-sig")
    reader = Reader(source, path)
    document = reader.read()
    return {**document, "models": models_of(reader.tree), "handlers": separate(source, reader)}


def main(arguments: list[str]) -> int:
    command, file = arguments
    path = Path(file).absolute()
    result = os.dup(1)
    os.dup2(2, 1)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))
    try:
        if command == "record":
            from chutes_import.record import record

            document = record(path)
        else:
            document = read_document(path)
    except SyntaxError as error:
        document = {"error": error.msg, "line": error.lineno or 0}
    except UnicodeDecodeError as error:
        document = {"error": f"not UTF-8 at byte {error.start}", "line": 0}
    except OSError as error:
        document = {"error": error.strerror or str(error), "line": 0}
    except (MemoryError, RecursionError, ValueError):  # before Python 3.12 a NUL is a ValueError
        document = {"error": "it is nested too deeply, too large, or no text", "line": 0}
    with os.fdopen(result, "w", encoding="utf-8") as out:
        json.dump(to_json(add_others(document)), out)
    return 0


if __name__ == "__main__":
    code = main(sys.argv[1:])
    os._exit(code)  # threads of the module must not keep the process
