# SPDX-License-Identifier: MIT
"""Serves a chute of our SDK as the platform's runtime serves one of its own."""
