# SPDX-License-Identifier: MIT
"""What the runner writes for others to read."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any


def to_json(value: Any, default: Callable[[Any], Any] | None = None) -> str:
    """JSON has no NaN and no infinities: null, as pydantic writes them. `default` makes something
    else of what is not JSON; without it that is a TypeError, what is nested endlessly a
    ValueError or a RecursionError."""
    text = json.dumps(value, default=default)
    if "NaN" in text or "Infinity" in text:  # maybe in a string
        text = json.dumps(json.loads(text, parse_constant=lambda _: None))
    return text
