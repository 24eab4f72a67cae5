# SPDX-License-Identifier: MIT
"""`chutes run --job`: functions through the runner, commands as the generated module starts them,
and what they leave."""
import json
import os
import signal
import subprocess
import time

import pytest
from harness import wait_for

SPEC = """\
version: 1
name: jobs
handlers: {file: work.py}
image:
  name: jobs
  base: {debian: bookworm}
  steps:
    - pip: ["fastapi>=0.110,<1", "uvicorn>=0.29,<1", "pydantic>=2.9,<3"]
node_selector: {gpu_count: 0}
jobs:
  - function: train
    timeout: 1m
    args: {rounds: {type: integer, default: 1}}
  - {function: fails, timeout: 1m}
"""
WORK = '''\
import os
def train(self, rounds=1, output_dir=None):
    with open(os.path.join(output_dir, "model"), "w") as file:
        file.write("weights" * rounds)
    return {"loss": 0.5}
def fails(self, output_dir=None):
    open(os.path.join(output_dir, "partial"), "w").close()
    raise ValueError("no luck")
'''
COMMANDS = """\
version: 1
name: commands
image: {name: commands, base: BASE, steps: [{run: "mkdir -m 777 /w"}, {user: worker}]}
node_selector: {gpu_count: 0}
jobs:
  - function: good
    command: [sh, -c, 'echo $JOB_ARGS > $OUTPUT_DIR/args; mkdir $TMPDIR/d; touch $TMPDIR/d/f; cat /proc/net/dev']
    timeout: 1m
    args: {n: {type: integer, default: 3}}
  - {function: bad, command: [sh, -c, 'touch $OUTPUT_DIR/partial; exit 3'], timeout: 1m}
  - {function: slow, command: [sh, -c, 'touch $OUTPUT_DIR/begun; echo begun; sleep 100'], timeout: 30s}
"""


@pytest.fixture
def functions(images):
    (images.cwd / "work.py").write_text(WORK)
    images.write(SPEC)
    return images


@pytest.fixture
def commands(own, tiny):
    own.write(COMMANDS.replace("BASE", tiny))
    return own


def test_a_function(functions):
    done = functions("run", "--job", "train", "--args", '{"rounds": 2}', "-o", "out", timeout=120,
                     check=0)
    assert json.loads(done.out) == {"loss": 0.5}
    model = functions.cwd / "out/model"
    assert model.read_text() == "weightsweights" and model.stat().st_uid == os.getuid()


def test_a_function_that_fails(functions):
    done = functions("run", "--job", "fails", "-o", "out", timeout=120, check=17)
    assert "error: the job 'fails' failed: no luck\n" in done.err
    assert (functions.cwd / "out/partial").exists()


def test_each_test_of_a_function_runs_it(functions):
    functions.write(SPEC + "tests:\n"
                    "  - {name: one, cord: train, expect: {json: {loss: 0.5}}}\n"
                    "  - {name: two, cord: train, input: {rounds: 2}}\n")
    done = functions("test", timeout=240, check=0)
    assert done.out.endswith("2 passed, 0 failed\n")


def test_a_command(commands):
    done = commands("run", "--job", "good", "--args", '{"n": 5}', "-o", "out", timeout=120, check=0)
    assert json.loads((commands.cwd / "out/args").read_text()) == {"n": 5}
    assert (commands.cwd / "out/d/f").stat().st_uid == os.getuid()
    # as deployed: nothing but loopback
    assert "lo:" in done.err and "eth" not in done.err


def test_a_command_that_fails(commands):
    done = commands("run", "--job", "bad", "-o", "out", timeout=120, check=17)
    assert "error: job 'bad' ended with status 3\n" in done.err
    assert (commands.cwd / "out/partial").exists()


def test_a_command_that_takes_too_long(commands):
    begin = time.monotonic()
    done = commands("run", "--job", "slow", "-o", "out", timeout=120, check=17)
    assert time.monotonic() - begin >= 30
    assert "error: job 'slow' took more than 30 s\n" in done.err
    assert (commands.cwd / "out/begun").exists()


@pytest.mark.parametrize("number, code", [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal(commands, number, code):
    commands.build()
    process = commands.start("run", "--job", "slow", "-o", "out", stdout=subprocess.DEVNULL,
                             stderr=subprocess.PIPE)
    wait_for(lambda: "begun" in process.stderr.readline())
    process.send_signal(number)
    assert process.wait(20) == code
    assert (commands.cwd / "out/begun").exists()
    commands.has_nothing_running()
