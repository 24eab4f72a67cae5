# SPDX-License-Identifier: MIT
"""Images of the platform, one for each of its templates."""

from chutes.image.standard.vllm import VLLM

__all__ = ["VLLM"]
