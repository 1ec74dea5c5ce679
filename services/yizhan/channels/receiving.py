"""Makes the facts of pushes durable: each push once, however often it comes, and each customer's in the order of coming.

A push is handled by a task of its own, so that a request that breaks or takes too long stops nothing: the platform pushes
again, and the repetition joins what is under way. What could not be made durable is kept, so that the repetition brings
the very same facts, with the same ids.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass

import structlog

from yizhan.channels.contract import Accept, Fact, InboundMessage, NotAccepted, Push
from yizhan.channels.lanes import Lanes

log = structlog.get_logger(__name__)

FINISH_SECONDS = 90.0
"""What a push may take to finish. Longer than any download's own limit; the customer's next messages wait behind it."""

REMEMBER = 10_000
"""Pushes remembered so that their repetitions are known."""

MOST_IN_HAND = 5_000
"""Pushes handled at a time, most of them waiting for their customer's turn; what comes on top is to come again."""

Expect = Callable[[frozenset[str]], None]
"""Is told the ids of the push's messages before they are on the bus."""

Stamp = Callable[[tuple[Fact, ...]], tuple[Fact, ...]]
"""Marks the push's messages before they are on the bus."""


def _unstamped(facts: tuple[Fact, ...]) -> tuple[Fact, ...]:
    return facts


@dataclass(slots=True, eq=False)
class _Known:
    """``facts`` None: not finished. ``message_ids`` None: not yet on their way to the bus."""

    facts: tuple[Fact, ...] | None = None
    message_ids: frozenset[str] | None = None
    durable: bool = False
    task: asyncio.Task[None] | None = None
    waiters: int = 0


class Receiving:
    """The pushes of one channel."""

    def __init__(self, accept: Accept, *, finish_within: float = FINISH_SECONDS, remember: int = REMEMBER) -> None:
        self._accept = accept
        self._finish_within = finish_within
        self._remember = remember
        self._lanes = Lanes()
        self._known: OrderedDict[tuple[str, str], _Known] = OrderedDict()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def busy(self) -> int:
        """Pushes and lanes in hand."""
        return len(self._tasks) + len(self._lanes)

    async def bring(self, account: str, push: Push, until: float, expect: Expect, stamp: Stamp = _unstamped) -> None:
        """Returns when the push's facts are durable. ``until`` is the loop's time.

        Raises NotAccepted, also when it takes longer: then it goes on, and the repetition may find it done. Raises whatever
        the channel or the host failed with.
        """
        known = self._of(account, push)
        if known.message_ids is not None:
            expect(known.message_ids)
        if known.durable:
            return
        if known.task is None or known.task.done():
            if len(self._tasks) >= MOST_IN_HAND:
                raise NotAccepted
            known.task = self._begin(account, push, known, expect, stamp)
        left = until - asyncio.get_running_loop().time()
        known.waiters += 1
        try:
            done, _ = await asyncio.wait({known.task}, timeout=max(0.0, left))
        finally:
            known.waiters -= 1
        if not done:
            raise NotAccepted
        known.task.result()

    async def stop(self, within: float = 5.0) -> None:
        """Let what is in hand finish, at most ``within`` seconds."""
        if self._tasks:
            _, late = await asyncio.wait(set(self._tasks), timeout=within)
            for task in late:
                task.cancel()
            if late:
                await asyncio.wait(late, timeout=1.0)

    def _of(self, account: str, push: Push) -> _Known:
        key = push.key or (push.slot.key if push.slot is not None else "")
        if not key:
            return _Known()
        known = self._known.setdefault((account, key), _Known())
        if len(self._known) > self._remember:
            self._known.popitem(last=False)
        return known

    def _begin(self, account: str, push: Push, known: _Known, expect: Expect, stamp: Stamp) -> asyncio.Task[None]:
        task = asyncio.create_task(self._bring(account, push, known, expect, stamp), name="bring push")
        self._tasks.add(task)
        task.add_done_callback(lambda done: self._ended(done, known))
        return task

    def _ended(self, task: asyncio.Task[None], known: _Known) -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None and not known.waiters and not isinstance(error, NotAccepted):
            # No request is there any more to tell it.
            log.error("push_failed", exc_info=error)

    async def _bring(self, account: str, push: Push, known: _Known, expect: Expect, stamp: Stamp) -> None:
        async with self._turn(account, push.lane):
            if known.facts is None:
                known.facts = stamp((*push.facts, *await self._finished(push)))
            known.message_ids = frozenset(fact.message.id for fact in known.facts if isinstance(fact, InboundMessage))
            expect(known.message_ids)
            if known.facts:
                await self._accept(known.facts)
            known.durable, known.facts = True, ()

    def _turn(self, account: str, lane: str) -> AbstractAsyncContextManager[None]:
        return self._lanes.turn((account, lane)) if lane else nullcontext()

    async def _finished(self, push: Push) -> tuple[Fact, ...]:
        if push.finish is None:
            return ()
        try:
            async with asyncio.timeout(self._finish_within):
                return await push.finish()
        except TimeoutError as error:
            log.warning("push_not_finished", within=self._finish_within)
            raise NotAccepted from error
