# SPDX-License-Identifier: MIT
"""Which SDK a module gets: the image's own where it has one, so that it runs as it is deployed,
else ours, which lies beside the runner as ``sdk``."""

from __future__ import annotations

import importlib.util
import os
import sys

RUNNER = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SDK = os.path.join(os.path.dirname(RUNNER), "sdk")


def prepare() -> bool:
    """True when the image has the platform's SDK. Before the module is loaded."""
    os.environ["CHUTES_EXECUTION_CONTEXT"] = "REMOTE"  # what modules ask to know where they run
    sys.path[:] = [folder for folder in sys.path if os.path.abspath(folder) != SDK]
    has_own = _has_own()
    if not has_own:
        sys.path.append(SDK)
    return has_own


def _has_own() -> bool:
    """A folder that is only called 'chutes' is none."""
    try:
        return importlib.util.find_spec("chutes.chute") is not None
    except ImportError:
        return False
    finally:
        if getattr(sys.modules.get("chutes"), "__file__", None) is None:
            sys.modules.pop("chutes", None)
