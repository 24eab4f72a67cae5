# SPDX-License-Identifier: MIT
"""The small local SDK: what a chute's module needs to be served on this machine.

It has the names and the behaviour of the platform's SDK as far as serving goes, and nothing that
talks to the platform. ``python3 -m chutes.serve MODULE:OBJECT`` serves a chute.
"""
