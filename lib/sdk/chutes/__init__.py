# SPDX-License-Identifier: MIT
"""The small local SDK: what a chute's module is written with, recorded.

It has the names and the behaviour of the platform's SDK, and nothing that talks to the platform.
``python3 -m chutes_run`` serves what is recorded here.
"""
