# SPDX-License-Identifier: MIT
"""Beside the modules."""

ANSWER = 42
