"""Work that several wait for and that is done once: a token to fetch, a file to bring up or down."""

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from functools import partial
from typing import Any, Generic, TypeVar

import structlog

from yizhan.channels.contract import SendError

log = structlog.get_logger(__name__)

Outcome = TypeVar("Outcome")
Work = Coroutine[Any, Any, Outcome]


class Flights(Generic[Outcome]):
    """One piece of work per key at a time. Who waits for it may go away; it goes on for the others.

    The work itself must end: no wait here has a limit of its own.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._tasks: dict[Hashable, asyncio.Task[Outcome]] = {}

    def flying(self, key: Hashable) -> bool:
        task = self._tasks.get(key)
        return task is not None and not task.done()

    def start(self, key: Hashable, work: Work[Outcome]) -> None:
        """Begin what nobody need wait for; the key must not be flying."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks[key] = task
        task.add_done_callback(partial(self._landed, key))

    async def join(self, key: Hashable, make: Callable[[], Work[Outcome]]) -> Outcome:
        """The outcome of the work under way, or of what ``make`` begins. Raises what the work raises."""
        if not self.flying(key):
            self.start(key, make())
        return await asyncio.shield(self._tasks[key])

    async def close(self, *, finish_within: float = 0.0) -> None:
        """Stop all of it, once it has had so many seconds to end by itself."""
        tasks = list(self._tasks.values())
        if tasks and finish_within:
            await asyncio.wait(tasks, timeout=finish_within)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _landed(self, key: Hashable, task: "asyncio.Task[Outcome]") -> None:
        if self._tasks.get(key) is task:
            del self._tasks[key]
        if not task.cancelled() and (error := task.exception()) is not None and not isinstance(error, SendError):
            log.error("shared_work_failed", work=self._name, error=type(error).__name__, exc_info=error)
