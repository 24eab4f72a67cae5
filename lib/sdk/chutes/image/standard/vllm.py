# SPDX-License-Identifier: MIT
VLLM = "chutes/vllm:nightly-2025111700"
