"""One life of a channel's service, which can end as a process ends: orderly, or in the middle of a word."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine
from contextvars import Context, ContextVar, copy_context
from typing import Any, cast

from yizhan.core.runtime.lifespan import Lifespan

GENTLE_SECONDS = 20.0
DEATH_SECONDS = 10.0

_born_in: ContextVar["set[asyncio.Task[Any]] | None"] = ContextVar("born_in", default=None)


def note_tasks() -> None:
    """From now on every task of this loop is written down in the life that it was born in."""
    asyncio.get_running_loop().set_task_factory(cast(Any, _task))


def _task(loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, Any], **options: Any) -> "asyncio.Task[Any]":
    context: Context | None = options.get("context")
    task: asyncio.Task[Any] = asyncio.Task(work, loop=loop, **options)
    family = context.get(_born_in) if context is not None else _born_in.get()
    if family is not None:
        family.add(task)
        task.add_done_callback(family.discard)
    return task


class Life:
    """Everything that ``begin`` starts, and everything that comes of it (requests, consumers, timers), is this life's."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()
        self._stop = asyncio.Event()
        self._main: asyncio.Task[None] | None = None

    async def begin(self, start: Callable[[Lifespan], Awaitable[None]]) -> None:
        """Returns when ``start`` has. Raises what it raises."""
        started: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        async def run() -> None:
            lifespan = Lifespan(drain_seconds=GENTLE_SECONDS)
            await lifespan.__aenter__()
            try:
                await start(lifespan)
            except Exception as error:  # noqa: BLE001 - raised where it was asked for
                await lifespan.__aexit__(None, None, None)
                started.set_exception(error)
                return
            started.set_result(None)
            await self._stop.wait()  # not a ``finally``: who is killed unwinds nothing
            await lifespan.__aexit__(None, None, None)

        context = copy_context()
        context.run(_born_in.set, self._tasks)
        self._main = asyncio.get_running_loop().create_task(run(), name="life", context=context)
        await started

    async def stop(self) -> None:
        """As a process that is told to stop."""
        self._stop.set()
        if self._main is not None:
            await self._main

    async def kill(self) -> None:
        """As kill -9: nothing more is done. See that nothing that is done in passing away reaches the outside before."""
        async with asyncio.timeout(DEATH_SECONDS):
            while self._tasks:
                for task in list(self._tasks):
                    task.cancel()
                await asyncio.wait(set(self._tasks), timeout=0.2)
        if self._main is not None:
            with contextlib.suppress(asyncio.CancelledError):
                await self._main
