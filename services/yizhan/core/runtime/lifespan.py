"""Start in order, stop in reverse, and never wait without a limit.

Every process owns one ``Lifespan``. What is entered or spawned is left or cancelled in the opposite order, each step
within its own limit and all of them within the drain budget. A start step that fails unwinds what was started before
it; a task that dies ends the process, because a process that half works is worse than one that is started again.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self, TypeVar

import structlog

from yizhan.core.runtime.clock import Monotonic

log = structlog.get_logger(__name__)
T = TypeVar("T")

STEP_SECONDS = 5.0
"""What a stop step gets where nothing else is said."""

MANAGER_SECONDS = 10.0
"""What leaving a context manager gets where nothing else is said: servers let requests finish."""

LAST_SECONDS = 1.0
"""What a stop step gets at least, also when earlier ones have used up the budget."""


class TaskDied(Exception):
    """A task that should have run as long as the process ended with an error, which is the cause."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


@dataclass(frozen=True, slots=True, eq=False)
class _Step:
    """One thing to undo. ``task`` is cancelled when stopping takes longer than ``within`` seconds."""

    name: str
    stop: Callable[[], Awaitable[object]]
    within: float
    task: asyncio.Task[Any] | None = None


class Lifespan:
    """Owns everything that a process has open and running."""

    def __init__(self, *, drain_seconds: float = 20.0, monotonic: Monotonic = time.monotonic) -> None:
        self._drain_seconds = drain_seconds
        self._monotonic = monotonic
        self._steps: list[_Step] = []
        self._stop = asyncio.Event()
        self._cause: BaseException | None = None
        self._on_stopping: list[Callable[[], None]] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.request_stop("left")
        await self._unwind()

    @property
    def stopping(self) -> bool:
        """Whether the process was told to stop, or must."""
        return self._stop.is_set()

    def when_stopping(self, tell: Callable[[], None]) -> None:
        """Call ``tell`` the moment stopping begins (to answer ``not ready``, say). It must not wait or raise."""
        self._on_stopping.append(tell)

    async def enter(
        self, manager: AbstractAsyncContextManager[T], *, name: str = "", within: float = MANAGER_SECONDS
    ) -> T:
        """Enter a context manager; it is left in turn, within ``within`` seconds, in the task that entered it.

        When it ends on its own (a task group in it failed), the process stops.
        """
        label = name or _name_of(manager)
        entered: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        leave = asyncio.Event()
        keeper = asyncio.create_task(_keep(manager, entered, leave), name=f"keep {label}")
        first: set[asyncio.Future[Any]] = {keeper, entered}
        try:
            await asyncio.wait(first, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            await _cancel({keeper}, within)
            raise
        if not entered.done():
            entered.cancel()
            keeper.result()
            raise RuntimeError(f"{label} was left before it was entered")
        keeper.add_done_callback(lambda task: self._ended(label, task))

        async def stop() -> None:
            leave.set()
            await asyncio.wait({keeper})

        self._steps.append(_Step(label, stop, within, keeper))
        return entered.result()

    def spawn(self, name: str, work: Coroutine[Any, Any, object], *, within: float = STEP_SECONDS) -> None:
        """Run ``work`` until it ends by itself or its turn to be cancelled comes. An exception ends the process."""
        task = asyncio.create_task(work, name=name)

        async def stop() -> None:
            task.cancel()
            await asyncio.wait({task})

        step = _Step(name, stop, within, task)
        self._steps.append(step)

        def ended(done: asyncio.Task[object]) -> None:
            if step in self._steps:
                self._steps.remove(step)
            self._ended(name, done)

        task.add_done_callback(ended)

    def on_stop(self, name: str, stop: Callable[[], Awaitable[object]], *, within: float = STEP_SECONDS) -> None:
        """Await ``stop()`` when the turn of this step comes."""
        self._steps.append(_Step(name, stop, within))

    def request_stop(self, reason: str) -> None:
        """Begin to stop. Safe to call again; only the first counts."""
        if self._stop.is_set():
            return
        log.info("stopping", reason=reason)
        self._stop.set()
        for tell in self._on_stopping:
            tell()

    async def stopped(self) -> None:
        """Wait until stopping begins. Raises TaskDied when the reason is a task's error."""
        await self._stop.wait()
        if self._cause is not None:
            raise self._cause

    def _ended(self, name: str, task: asyncio.Task[Any]) -> None:
        """A keeper or a spawned task is done: was it meant to be?"""
        if task.cancelled() and task.cancelling():
            return
        error = RuntimeError("cancelled, by nobody who owns it") if task.cancelled() else task.exception()
        if error is None:
            return
        if self._stop.is_set():
            log.error("task_failed_while_stopping", task=name, exc_info=error)
            return
        self._cause = TaskDied(name)
        self._cause.__cause__ = error
        self.request_stop(f"task died: {name}")

    async def _unwind(self) -> None:
        deadline = self._monotonic() + self._drain_seconds
        while self._steps:
            step = self._steps.pop()
            limit = min(step.within, max(LAST_SECONDS, deadline - self._monotonic()))
            await self._stop_step(step, limit)

    async def _stop_step(self, step: _Step, limit: float) -> None:
        """Never raises: a step that fails must not keep the others from being stopped."""
        began = self._monotonic()
        task = asyncio.create_task(_awaited(step.stop), name=f"stop {step.name}")
        _, late = await asyncio.wait({task}, timeout=limit)
        if late:
            log.error("stop_step_late", step=step.name, limit_seconds=limit)
            await _cancel({task} if step.task is None else {task, step.task}, LAST_SECONDS)
        elif not task.cancelled() and task.exception() is not None:
            log.error("stop_step_failed", step=step.name, exc_info=task.exception())
        else:
            log.debug("stop_step_done", step=step.name, seconds=round(self._monotonic() - began, 3))


def _name_of(manager: object) -> str:
    """The function behind ``asynccontextmanager``, or the class."""
    return getattr(getattr(manager, "func", None), "__name__", type(manager).__name__)


async def _awaited(stop: Callable[[], Awaitable[object]]) -> None:
    await stop()


async def _keep(manager: AbstractAsyncContextManager[T], entered: "asyncio.Future[T]", leave: asyncio.Event) -> None:
    """Enter and leave in one task, as cancel scopes and task groups inside the manager need it."""
    async with manager as value:
        entered.set_result(value)
        await leave.wait()
    if not leave.is_set():
        raise RuntimeError("left before its turn")


async def _cancel(tasks: set[asyncio.Task[Any]], within: float) -> None:
    """Cancel and wait, but not for ever: a task that ignores its cancellation is left behind."""
    for task in tasks:
        task.cancel()
    _, deaf = await asyncio.wait(tasks, timeout=within)
    for task in deaf:
        log.error("task_ignores_cancellation", task=task.get_name())
