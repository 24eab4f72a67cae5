# SPDX-License-Identifier: MIT
"""`chutes run` up to where it needs an image."""
import pytest

SPEC = """\
version: 1
name: ranker
image: {name: ranker, base: {debian: bookworm}}
server:
  command: [/ranker]
  port: 9000
  headers: {X-A: "1"}
  restart: on-failure
  stop: {signal: INT}
dev: {mounts: ["/tmp:/data"]}
cords:
  - {function: rank, public: POST /rank, forward: POST /rank}
"""


@pytest.mark.parametrize("args, message", [
    (["--port", "0"], "--port must be 1 to 65535, not 0"),
    (["--port", "65536"], "--port must be 1 to 65535, not 65536"),
    (["--env", "A"], "--env 'A' is not NAME=VALUE"),
    (["--env", "=A"], "--env '=A' is not NAME=VALUE"),
    (["--port", "8000"], "--port: this chute is a server with a port of its own"),
])
def test_wrong_options(chutes, args, message):
    (chutes.cwd / "chute.yaml").write_text(SPEC)
    assert f"error: {message}\n" in chutes("run", *args, check=2).err


def test_what_a_plain_run_does_not_do(chutes):
    (chutes.cwd / "chute.yaml").write_text(SPEC)
    told = [line for line in chutes("run", "--no-build", check=5).err.splitlines()
            if line.startswith("warning: ")]
    assert told == [
        *(f"warning: '{key}' has no effect in 'chutes run'"
          for key in ("server.headers", "dev.mounts")),
        "warning: the chute asks for GPUs, and 'chutes run' passes none",
    ]
    quiet = SPEC.split("  headers")[0] + SPEC[SPEC.index("cords:"):]
    (chutes.cwd / "chute.yaml").write_text(quiet + "node_selector: {gpu_count: 0}\n")
    assert "warning: " not in chutes("run", "--no-build", check=5).err
