# SPDX-License-Identifier: MIT
"""The public surface of the SDK: which names there are, and what their arguments are called."""

from __future__ import annotations

from typing import Any

_COMMON = ["tagline", "readme"]
_SCALING = ["max_instances", "scaling_threshold", "shutdown_after_seconds"]
_ENGINE = [
    "username",
    "model_name",
    "node_selector",
    "image",
    *_COMMON,
    "concurrency",
    "engine_args",
    "revision",
    *_SCALING,
]

# Parameters in order; what else is given by name is kept, too.
PARAMETERS: dict[str, list[str]] = {
    "Chute": [
        "username",
        "name",
        "image",
        *_COMMON,
        "standard_template",
        "revision",
        "node_selector",
        "concurrency",
        "max_instances",
        "shutdown_after_seconds",
        "scaling_threshold",
        "allow_external_egress",
        "encrypted_fs",
        "passthrough_headers",
        "tee",
        "lock_modules",
    ],
    "NodeSelector": [
        "gpu_count",
        "min_vram_gb_per_gpu",
        "max_hourly_price_per_gpu",
        "include",
        "exclude",
    ],
    "Image": ["username", "name", "tag", "readme"],
    "Port": ["name", "port", "proto"],
    "ChutePack": ["chute"],
    "build_vllm_chute": [*_ENGINE, "allow_external_egress", "tee"],
    "build_sglang_chute": [*_ENGINE, "allow_external_egress", "tee"],
    "build_embedding_chute": [
        *_ENGINE,
        "pooling_type",
        "max_embed_len",
        "enable_chunked_processing",
        "allow_external_egress",
        "tee",
    ],
    "build_tei_chute": _ENGINE,
    "build_diffusion_chute": [
        "username",
        "name",
        "model_name_or_url",
        "node_selector",
        *_COMMON,
        "concurrency",
        "version",
        "revision",
        "image",
        "pipeline_args",
        *_SCALING,
        "tee",
    ],
}

# Methods of an Image, each one step; `*` takes all that is left.
IMAGE_METHODS: dict[str, list[str]] = {
    "from_base": ["base_image"],
    "with_maintainer": ["maintainer"],
    "set_user": ["user"],
    "set_workdir": ["directory"],
    "with_python": ["version"],
    "apt_install": ["package"],
    "apt_remove": ["package"],
    "with_env": ["key", "value"],
    "run_command": ["command"],
    "add": [
        "source",
        "dest",
        "keep_git_dir",
        "checksum",
        "chown",
        "chmod",
        "exclude",
        "build_dir",
    ],
    "with_entrypoint": ["*args"],
}

# Decorators of a Chute.
DECORATORS: dict[str, list[str]] = {
    "cord": [
        "stream",
        "path",
        "passthrough_path",
        "passthrough",
        "passthrough_port",
        "public_api_path",
        "public_api_method",
        "method",
        "provision_timeout",
        "input_schema",
        "minimal_input_schema",
        "output_content_type",
        "output_schema",
        "sglang_passthrough",
    ],
    "job": ["ports", "timeout", "upload", "ssh"],
    "on_startup": ["priority"],
    "on_shutdown": ["priority"],
}

TEMPLATES = {
    "build_vllm_chute": "vllm",
    "build_sglang_chute": "sglang",
    "build_embedding_chute": "embedding",
    "build_tei_chute": "tei",
    "build_diffusion_chute": "diffusion",
}

# The platform's own images, by the name of the constant: what a template takes anyway.
STANDARD_IMAGES = ("VLLM", "SGLANG", "DIFFUSION", "EMBEDDING")


def bind(parameters: list[str], args: list[Any], keywords: dict[str, Any]) -> dict[str, Any]:
    """Arguments by name. More positional ones than parameters are kept under their number."""
    if parameters and parameters[0].startswith("*"):
        return {parameters[0][1:]: list(args), **keywords}
    named = dict(zip(parameters, args, strict=False))
    for number, value in enumerate(args[len(parameters) :], len(parameters)):
        named[f"argument {number + 1}"] = value
    return {**named, **keywords}


def add_others(document: dict[str, Any]) -> dict[str, Any]:
    """Beside the arguments of each Chute and cord those that the SDK does not know itself: a Chute
    hands them to FastAPI, a cord to the session of its HTTP client."""
    for chute in document.get("chutes", []):
        chute["others"] = _unknown(PARAMETERS[chute["call"]], chute["arguments"])
        for cord in chute["cords"]:
            cord["others"] = _unknown(DECORATORS["cord"], cord["arguments"])
    return document


def _unknown(parameters: list[str], arguments: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in arguments.items() if name not in parameters}
