"""A job as its runner has it, and what carries out a kind of job."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Protocol

from yizhan.core.messages.address import Address


class JobState(IntEnum):
    """WAITING: no try has had an effect. BEGUN: one is on its way, or was when its process ended. UNSURE: waiting for the
    next try, and nobody knows whether an earlier one had an effect.
    """

    WAITING = 1
    BEGUN = 2
    UNSURE = 3


@dataclass(frozen=True, slots=True)
class Job:
    """A job that this process has claimed. ``id`` is the idempotency key of everything that is done for it.

    ``tries`` counts this one. ``interrupted``: an earlier try was cut off together with its process. ``unsure``: nobody
    knows whether an earlier try had an effect.
    """

    id: str
    conversation_id: str
    address: Address
    kind: str
    body: bytes
    tries: int
    created_at: datetime
    deadline: datetime
    interrupted: bool = False
    unsure: bool = False


class JobFailed(Exception):
    """The job will not succeed; ``reason`` is a static name. The conversation is told so at once."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class TryAgain(Exception):
    """This try did not succeed, and another is safe, the same job id being given.

    When there is no time or try left the job ends with ``reason``: failed, or timed out where nobody knows whether it had
    an effect (``unsure``, this time or before). ``after``: how long the other side wants to be left alone; without it
    the runner's own back-off counts.
    """

    def __init__(self, reason: str, after: timedelta | None = None, *, unsure: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.after = after
        self.unsure = unsure


class OutcomeUnknown(Exception):
    """The job may have had its effect, and must not be tried again. It ends as one that timed out, with ``reason``."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class JobHandler(Protocol):
    """Carries out the jobs of one kind."""

    @property
    def at_once(self) -> int:
        """How many of them a process does at a time."""

    def repeatable(self, job: Job) -> bool:
        """Whether a job whose earlier try was cut off may be tried again. Must not raise."""

    async def carry_out(self, job: Job) -> bytes:
        """Do it; the result's bytes. Cancelled at the deadline. Raises JobFailed, TryAgain, OutcomeUnknown."""
