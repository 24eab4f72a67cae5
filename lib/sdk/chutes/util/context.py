# SPDX-License-Identifier: MIT
"""Where the module runs."""

import os


def is_remote() -> bool:
    """In its image, being served; else it is only read."""
    return os.getenv("CHUTES_EXECUTION_CONTEXT") == "REMOTE"


def is_local() -> bool:
    return not is_remote()
