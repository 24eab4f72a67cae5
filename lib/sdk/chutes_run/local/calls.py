# SPDX-License-Identifier: MIT
"""Runs the author's functions in threads, as the platform does.

A handler that blocks, even an ``async def`` one, must stop neither the other requests nor the
readiness probe. So every call has a thread and, if it is asynchronous, an event loop of its own;
only hooks run on the server's loop.
"""

from __future__ import annotations

import asyncio
import functools
import inspect
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

MIN_THREADS = 4


class _Abandoned(Exception):
    """Nobody waits for the items of a stream any more."""


def _left(leaving: SystemExit) -> Exception:
    """What sys.exit() in a handler means: a failed request, not the end of the server."""
    error = RuntimeError(f"the function called sys.exit({leaving.code!r})")
    return error.with_traceback(leaving.__traceback__)


class _Call:
    """One call in its thread. cancel() may come from another thread at any time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[Any] | None = None
        self.is_cancelled = False

    def cancel(self) -> None:
        """Cancel at the next ``await``; a function that never awaits runs to its end."""
        with self._lock:
            self.is_cancelled = True
            if self._loop and self._task:
                self._loop.call_soon_threadsafe(self._task.cancel)

    def run(self, function: Callable[..., Any], *args: Any) -> Any:
        try:
            result = function(*args)
            return self.wait(result) if inspect.isawaitable(result) else result
        except SystemExit as leaving:
            raise _left(leaving) from None

    def wait(self, awaitable: Awaitable[Any]) -> Any:
        """The result of an awaitable, in a new event loop of this thread."""
        return asyncio.run(self._supervise(awaitable))

    async def _supervise(self, awaitable: Awaitable[Any]) -> Any:
        with self._lock:
            self._loop = asyncio.get_running_loop()
            self._task = asyncio.current_task()
            if self.is_cancelled and self._task:
                self._task.cancel()
        try:
            return await awaitable
        finally:
            with self._lock:
                self._loop = self._task = None


class _Handover:
    """Items on their way from a thread to the server's loop, one at a time."""

    def __init__(self, call: _Call) -> None:
        self._call = call
        self._loop = asyncio.get_running_loop()
        self._items: asyncio.Queue[tuple[Any, BaseException | None, bool]] = asyncio.Queue(1)

    def produce(self, function: Callable[..., Any], *args: Any) -> None:
        """Run a generator function to its end; called in the thread."""
        failure = self._run(function, *args)
        if not self._call.is_cancelled:
            asyncio.run_coroutine_threadsafe(self._items.put((None, failure, True)), self._loop)

    def _run(self, function: Callable[..., Any], *args: Any) -> BaseException | None:
        try:
            source = function(*args)
            if hasattr(source, "__aiter__"):
                self._call.wait(self._drain(source))
            else:
                try:
                    for item in source:
                        self._put(item).result()
                finally:  # of a generator: its own clean-up runs now, in its thread
                    getattr(source, "close", lambda: None)()
        except SystemExit as leaving:
            return _left(leaving)
        except BaseException as raised:  # it belongs to the request, not to the thread
            return raised
        return None

    async def _drain(self, source: AsyncIterator[Any]) -> None:
        async for item in source:
            await asyncio.wrap_future(self._put(item))

    def _put(self, item: Any) -> Any:
        if self._call.is_cancelled:
            raise _Abandoned
        return asyncio.run_coroutine_threadsafe(self._items.put((item, None, False)), self._loop)

    async def take(self) -> AsyncIterator[Any]:
        """The items; called on the server's loop."""
        while True:
            item, failure, is_end = await self._items.get()
            if failure:
                raise failure
            if is_end:
                return
            yield item

    def abandon(self) -> None:
        self._call.cancel()
        while not self._items.empty():  # so that a waiting producer sees the cancellation
            self._items.get_nowait()


class Calls:
    """The threads of one chute, enough for its concurrency."""

    def __init__(self, concurrency: int) -> None:
        self._threads = ThreadPoolExecutor(
            max(MIN_THREADS, concurrency + 1), thread_name_prefix="cord"
        )

    async def call(self, function: Callable[..., Any], *args: Any) -> Any:
        """The result of a function, synchronous or not. Cancelling this cancels the function."""
        call = _Call()
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(
                self._threads, functools.partial(call.run, function, *args)
            )
        except asyncio.CancelledError:
            call.cancel()
            raise

    async def stream(self, function: Callable[..., Any], *args: Any) -> AsyncGenerator[Any, None]:
        """The items of a generator function, synchronous or not, each as soon as it exists."""
        handover = _Handover(_Call())
        work = functools.partial(handover.produce, function, *args)
        asyncio.get_running_loop().run_in_executor(self._threads, work)
        try:
            async for item in handover.take():
                yield item
        finally:
            handover.abandon()
