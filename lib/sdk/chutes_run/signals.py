# SPDX-License-Identifier: MIT
"""What INT and TERM do before the event loop takes care of them."""

from __future__ import annotations

import signal
from types import FrameType
from typing import NoReturn

from chutes_run.failure import EXIT_SIGNAL, Stopped

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def end_on_signals() -> None:
    for number in STOP_SIGNALS:
        signal.signal(number, _leave)


def _leave(number: int, frame: FrameType | None) -> NoReturn:
    raise Stopped(EXIT_SIGNAL + number)
