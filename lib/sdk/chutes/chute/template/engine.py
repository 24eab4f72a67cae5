# SPDX-License-Identifier: MIT
"""An inference engine: a process behind passthrough cords, started by a startup hook."""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import http.client
import os
import shlex
import signal
import subprocess
import sys
import uuid
from typing import Any

PORT = 10101
PROBE_LIMIT_S = 30
PROBE_INTERVAL_S = 0.5
GRACE_S = 10
# where the caches of what is compiled go: beside the model, unless the author says otherwise
CACHES = (
    "TRITON_CACHE_DIR",
    "TORCHINDUCTOR_CACHE_DIR",
    "FLASHINFER_WORKSPACE_BASE",
    "XFORMERS_CACHE_DIR",
    "DG_JIT_CACHE_DIR",
    "SGL_DG_CACHE_DIR",
    "SGLANG_DG_CACHE_DIR",
    "VLLM_CACHE_ROOT",
    "SGLANG_CACHE_DIR",
)


class Engine:
    """`command` are words before those that every engine gets: the port and the key."""

    def __init__(self, command: list[str], env: dict[str, str]) -> None:
        self._key = str(uuid.uuid4())
        where = ["--host", "127.0.0.1", "--port", str(PORT), "--api-key", self._key]
        self._command = [sys.executable, "-m", *command, *where]
        self._env = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **env}
        self._process: subprocess.Popen[bytes] | None = None
        self._watcher: asyncio.Task[None] | None = None

    async def start(self, chute: Any) -> None:
        """Returns when it answers. From then on this process ends with it."""
        shown = shlex.join(self._command).replace(self._key, "***")
        print(f"starting {shown}", file=sys.stderr, flush=True)
        self._process = subprocess.Popen(
            self._command, env=self._env, stderr=subprocess.STDOUT, start_new_session=True
        )
        atexit.register(self._end)
        while not await asyncio.to_thread(self._answers):
            if self._process.poll() is not None:
                raise RuntimeError(f"the engine ended with status {self._process.returncode}")
            await asyncio.sleep(PROBE_INTERVAL_S)
        chute.passthrough_headers["Authorization"] = f"Bearer {self._key}"
        self._watcher = asyncio.create_task(self._watch(self._process))

    def _answers(self) -> bool:
        upstream = http.client.HTTPConnection("127.0.0.1", PORT, timeout=PROBE_LIMIT_S)
        with contextlib.closing(upstream), contextlib.suppress(OSError, http.client.HTTPException):
            upstream.request("GET", "/v1/models", headers={"Authorization": f"Bearer {self._key}"})
            return upstream.getresponse().status == 200
        return False

    async def _watch(self, process: subprocess.Popen[bytes]) -> None:
        while process.poll() is None:
            await asyncio.sleep(PROBE_INTERVAL_S)
        print(
            f"error: the engine ended with status {process.returncode}", file=sys.stderr, flush=True
        )
        os._exit(1)

    def _end(self) -> None:
        assert self._process
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(GRACE_S)
            os.killpg(self._process.pid, signal.SIGKILL)  # and what it left running


async def fetch(model: str, revision: str) -> dict[str, str]:
    """Fetch a model into the cache, where the image can; the environment of an engine that has it
    there."""
    try:
        from huggingface_hub import snapshot_download
    except ModuleNotFoundError:
        return {}
    print(f"fetching {model}", file=sys.stderr, flush=True)
    folder = await asyncio.to_thread(snapshot_download, repo_id=model, revision=revision)
    caches = {name: os.path.join(folder, f"_{name.lower()}") for name in CACHES}
    missing = {name: cache for name, cache in caches.items() if not os.getenv(name)}
    return {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", **missing}


def gpu_count() -> int:
    """As the platform says, else what is there; 1 where nobody knows."""
    if given := os.getenv("CUDA_DEVICE_COUNT"):
        return int(given)
    try:
        import torch
    except ModuleNotFoundError:
        return 1
    return max(1, torch.cuda.device_count())
