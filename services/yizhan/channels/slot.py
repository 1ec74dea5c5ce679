"""One push of a platform with all its repetitions, and what its answer carries to the customer."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum

from yizhan.channels.contract import Answer, Call, ReplySlot
from yizhan.core.messages.message import Message


class Phase(Enum):
    """``CLAIMED``: a reply is being noted. ``HANDED``: the answer carries it. ``CLOSED``: the answer is the plain one."""

    OPEN = 1
    CLAIMED = 2
    HANDED = 3
    CLOSED = 4


class Outcome(Enum):
    WRITTEN = 1
    NOT_WRITTEN = 2
    UNSURE = 3


@dataclass(slots=True, eq=False)
class Attempt:
    """One request of the platform that is to be answered until ``deadline`` (the loop's time)."""

    entry: "Entry"
    call: Call
    deadline: float
    alive: Callable[[], bool]
    wake: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(frozen=True, slots=True)
class Given:
    """What an attempt is to be told. ``answer`` None: nothing. ``replied``: it carries a reply, so ``writing`` comes first."""

    answer: Answer | None
    replied: bool = False


NOTHING = Given(None)


@dataclass(slots=True, eq=False)
class Entry:
    """One push with all its repetitions."""

    key: str
    slot: ReplySlot
    outcome: asyncio.Future[Outcome]
    phase: Phase = Phase.OPEN
    message_ids: frozenset[str] = frozenset()
    attempts: list[Attempt] = field(default_factory=list)
    messages: tuple[Message, ...] = ()
    calls: int = 0
    begun: bool = False
    looked_up: bool = False
    ready: bool = False
    hurried: bool = False
    expiry: asyncio.TimerHandle | None = None

    @property
    def undecided(self) -> bool:
        return self.phase in (Phase.OPEN, Phase.CLAIMED)

    def notify(self) -> None:
        for attempt in self.attempts:
            attempt.wake.set()

    def hand(self, messages: Sequence[Message]) -> bool:
        """Give a claimed slot its reply. False: nobody is there to be answered with it, or the time was up meanwhile."""
        if self.phase is not Phase.CLAIMED:
            return False
        if not self.attempts:
            self.close()
            return False
        self.phase = Phase.HANDED
        self.messages = tuple(messages)
        self.notify()
        return True

    def close(self) -> None:
        self.phase = Phase.CLOSED
        self.notify()

    def resolve(self, outcome: Outcome) -> None:
        if self.expiry is not None:
            self.expiry.cancel()
            self.expiry = None
        if not self.outcome.done():
            self.outcome.set_result(outcome)
