"""What slots need of the ledger of sends and of what waits for customers, and the times that they keep."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from yizhan.channels.store.sends import SendRow, SendState
from yizhan.core.messages.address import Address
from yizhan.core.messages.message import Message

LEAD_SECONDS = 0.3
"""How long a call to the API waits behind a reply that went in an answer: the platform has to read that answer first."""


class SlotLedger(Protocol):
    """What must be durable about replies in answers; ``ledger.Ledger`` is one. All raise StoreError."""

    async def begin_reply(self, message: Message, part: int, slot_key: str) -> SendRow:
        """The part, with its body, is about to go in the answer to this push. Raises AlreadyBegun."""

    async def finish(self, row: SendRow, state: SendState) -> None:
        """What became of it."""

    async def withdraw(self, row: SendRow) -> bool:
        """It was not put into the answer and may be sent in another way. False: a repetition of the push has it."""

    async def used(self, slot_key: str) -> bool:
        """Whether anything was ever to go in the answer to this push."""

    async def replied(self, slot_key: str) -> tuple[Message, ...]:
        """What was begun for the answer to this push and was not sent in another way: from now on it goes in this answer
        and counts as sent. Empty: nothing.
        """


class WaitingReplies(Protocol):
    """What waits for customers of accounts that can write in answers only. All raise StoreError.

    What was taken and of which neither ``given`` nor ``not_given`` was told may have reached the customer.
    """

    async def take(
        self, address: Address, slot_key: str, fits: Callable[[Sequence[Message]], int]
    ) -> tuple[Message, ...]:
        """The first of what waits, as many as fit into one answer, noted durably as going into the answer to this push."""

    async def given(self, slot_key: str) -> None:
        """The platform has what was taken."""

    async def not_given(self, slot_key: str) -> None:
        """The platform certainly has not what was taken: it waits again, in its old place."""

    async def unsure(self, slot_key: str) -> None:
        """Nobody knows whether the platform has what was taken, and no repetition of the push came for it."""


@dataclass(frozen=True, slots=True)
class Timing:
    """``patience``: how long the platform may take to push again, seconds. ``repeats``: how often it pushes in all.

    ``gather``: how long an account that can write in answers only waits for a second message to the first.
    ``remember``: answered pushes whose repetitions get the same answer without a look into the ledger.
    """

    patience: float = 6.0
    repeats: int = 3
    gather: float = 0.2
    lead: float = LEAD_SECONDS
    remember: int = 10_000


DEFAULT_TIMING = Timing()
