"""Settling a known loss: a person says that messages are gone, and the books balance with their word in them."""

from collections.abc import Sequence
from dataclasses import dataclass

from yizhan.core.messages.ids import NewId
from yizhan.core.runtime.clock import Clock
from yizhan.core.store.database import Database
from yizhan.metrics import store
from yizhan.metrics.store import ProducerCounts, Settlement

MOST_BY = 64
MOST_REASON = 500


class SettlementInvalid(ValueError):
    """Nothing is written; the text says what is wrong."""


@dataclass(frozen=True, slots=True)
class Books:
    """The books of a workspace, for the command line."""

    database: Database
    workspace: str
    clock: Clock
    new_id: NewId

    async def producers(self) -> Sequence[ProducerCounts]:
        """What each channel process accepted, and what became of it. Raises StoreUnavailable."""
        async with self.database.read() as tx:
            return await store.producer_counts(tx, self.workspace)

    async def settlements(self) -> Sequence[Settlement]:
        """Every loss that was settled, the oldest first. Raises StoreUnavailable."""
        async with self.database.read() as tx:
            return await store.settlements_of(tx, self.workspace)

    async def settle(self, channel: str, producer: str, n: int, *, by: str, reason: str) -> Settlement:
        """Count ``n`` of the messages that are missing at a process as lost. Raises SettlementInvalid, StoreUnavailable.

        A message that turns up after all is counted where it belongs, and so many fewer as lost.
        """
        by, reason = by.strip(), reason.strip()
        if n < 1:
            raise SettlementInvalid("at least one message is settled at a time")
        if not by or len(by) > MOST_BY:
            raise SettlementInvalid(f"say who settles it, in 1 to {MOST_BY} characters")
        if not reason or len(reason) > MOST_REASON:
            raise SettlementInvalid(f"say why it is known to be lost, in 1 to {MOST_REASON} characters")
        async with self.database.begin() as tx:
            counts = await store.producer_counts(tx, self.workspace)
            found = next((item for item in counts if (item.channel, item.producer) == (channel, producer)), None)
            if found is None:
                raise SettlementInvalid(f"no process {producer} of {channel} has accepted anything")
            if n > found.missing:
                raise SettlementInvalid(f"{found.missing} messages of {producer} are missing, not {n}")
            settlement = Settlement(
                self.new_id(), self.workspace, channel, producer, n, by=by, reason=reason, at=self.clock()
            )
            await store.settle(tx, settlement)
        return settlement
