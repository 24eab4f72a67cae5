# SPDX-License-Identifier: MIT
"""The platform's ready-made chutes. FILE.json has the cords of each as they are sent, with @NAME@
where the model's name stands."""

from chutes.chute.template.vllm import build_vllm_chute

__all__ = ["build_vllm_chute"]
