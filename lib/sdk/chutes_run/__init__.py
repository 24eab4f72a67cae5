# SPDX-License-Identifier: MIT
"""Runs a chute's module inside its image: serves its cords, or runs one of its jobs.

    python3 -m chutes_run serve FILE:OBJECT --fd N
    python3 -m chutes_run job FILE:OBJECT NAME --args FILE --output DIR --result FILE

The module finds the platform's SDK where the image has it, else ours.
"""
