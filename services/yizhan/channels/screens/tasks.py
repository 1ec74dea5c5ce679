"""Short tasks that nobody awaits, owned until they end."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import structlog

log = structlog.get_logger(__name__)


class Tasks:
    """Keeps references, logs what fails, and cancels what is left at the end."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[Any]] = set()

    def start(self, work: Coroutine[Any, Any, None], name: str) -> None:
        """Run it until it ends."""
        _ = self.started(work, name)

    def started(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        """Run it until it ends; the task is for waiting."""
        task = asyncio.create_task(work, name=name)
        self._running.add(task)
        task.add_done_callback(self._ended)
        return task

    async def settled(self, within: float) -> None:
        """Returns when nothing runs, or after ``within`` seconds."""
        if self._running:
            await asyncio.wait(set(self._running), timeout=within)

    async def stop(self, within: float = 2.0) -> None:
        """Let what runs end by itself for ``within`` seconds, then cancel it."""
        await self.settled(within)
        left = set(self._running)
        for task in left:
            task.cancel()
        if left:
            await asyncio.wait(left, timeout=within)

    def __len__(self) -> int:
        return len(self._running)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("task_failed", task=task.get_name(), exc_info=error)
