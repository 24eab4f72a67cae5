# SPDX-License-Identifier: MIT
"""Runs a chute's module inside its image: serves its cords, or runs one of its jobs.

    python3 -m chutes_run serve FILE:OBJECT --fd N
    python3 -m chutes_run job FILE:OBJECT NAME --args FILE --output DIR --result FILE

The module finds the platform's SDK where the image has it, else ours.
"""

import sys

MINIMUM = (3, 10)

if sys.version_info < MINIMUM:
    sys.stderr.write(
        "error: the image has Python %d.%d, and %d.%d or newer is needed: take another base\n"
        % (*sys.version_info[:2], *MINIMUM)
    )
    sys.exit(15)
