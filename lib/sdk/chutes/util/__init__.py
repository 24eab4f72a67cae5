# SPDX-License-Identifier: MIT
"""Helpers that modules import."""
