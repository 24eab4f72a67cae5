# SPDX-License-Identifier: MIT
# Jobs that are plain functions: the SDK awaits what it calls.
import asyncio
import inspect


def awaitable(function):
    if inspect.iscoroutinefunction(function):
        return function

    async def job(self, **arguments):
        return await asyncio.to_thread(function, self, **arguments)

    job.__name__ = function.__name__
    return job
