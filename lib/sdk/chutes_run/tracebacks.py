# SPDX-License-Identifier: MIT
"""Tracebacks that begin in the author's code: what leads there is the same every time."""

from __future__ import annotations

import logging
import os
from types import TracebackType
from typing import Any

from chutes_run.sdk import SDK

RUNNER = os.path.dirname(os.path.abspath(__file__))
STANDARD_LIBRARY = os.path.dirname(os.__file__)
LIBRARIES = tuple(folder + os.sep for folder in (RUNNER, SDK, STANDARD_LIBRARY))


def author_part(frames: TracebackType | None) -> TracebackType | None:
    """From the first frame that is neither ours nor a library's; None if there is none."""
    while frames and _is_library(frames.tb_frame.f_code.co_filename):
        frames = frames.tb_next
    return frames


def _is_library(file: str) -> bool:
    is_installed = (
        f"{os.sep}site-packages{os.sep}" in file or f"{os.sep}dist-packages{os.sep}" in file
    )
    return is_installed or file.startswith((*LIBRARIES, "<frozen "))


class Formatter(logging.Formatter):
    """Of a failed request, the author's part; all of it where the fault is elsewhere."""

    def formatException(self, ei: Any) -> str:  # noqa: N802
        kind, error, frames = ei
        return super().formatException((kind, error, author_part(frames) or frames))
