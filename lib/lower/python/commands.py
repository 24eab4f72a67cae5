# SPDX-License-Identifier: MIT
# Jobs that are commands. What they print goes where the chute's own output goes.
import asyncio
import contextlib
import json
import os
import signal

GRACE_S = 10


async def end(process):
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    try:
        await asyncio.wait_for(process.wait(), GRACE_S)
    except asyncio.TimeoutError:
        pass
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # and what it left running


def command(name, words):
    async def job(self, output_dir=None, **arguments):
        given = {key: value for key, value in arguments.items() if not key.startswith("_")}
        env = {**os.environ, "JOB_ARGS": json.dumps(given)}
        if output_dir:
            env.update(OUTPUT_DIR=output_dir, TMPDIR=output_dir)
        process = await asyncio.create_subprocess_exec(*words, env=env, start_new_session=True)
        try:
            status = await process.wait()
        except asyncio.CancelledError:
            await end(process)
            raise
        if status:
            raise RuntimeError(f"'{name}' ended with status {status}")

    job.__name__ = name
    return job
