"""When a ticket's answer and solution are due."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from yizhan.core.store.database import Transaction
from yizhan.routing.tickets.ticket import PAUSED, Priority, Status, Ticket


@dataclass(frozen=True, slots=True)
class Due:
    """Both moments, and the versions of contract and calendar that they were reckoned under (empty: none)."""

    response_due: datetime
    solution_due: datetime
    contract_version: str = ""
    calendar_version: str = ""


class Deadlines(Protocol):
    """Reckons due times. A ticket keeps the versions it was made under: ``resumed`` goes by them, not by newer ones."""

    def due(self, workspace: str, priority: Priority, at: datetime) -> Due:
        """The due times of a ticket made at this moment."""

    def resumed(self, ticket: Ticket, paused_at: datetime, at: datetime) -> datetime:
        """The solution's due time when its clock has rested between the two moments: that much open time is added."""

    def pauses(self, status: Status) -> bool:
        """Whether the solution's clock rests in this status."""


@dataclass(frozen=True, slots=True)
class ElapsedDeadlines(Deadlines):
    """Real time, day and night, the same for every priority."""

    response: timedelta = timedelta(hours=2)
    solution: timedelta = timedelta(hours=24)

    def due(self, workspace: str, priority: Priority, at: datetime) -> Due:  # noqa: ARG002 - as all deadlines
        return Due(at + self.response, at + self.solution)

    def resumed(self, ticket: Ticket, paused_at: datetime, at: datetime) -> datetime:
        return ticket.due + max(at - paused_at, timedelta(0))

    def pauses(self, status: Status) -> bool:
        return status in PAUSED


class Rules(Protocol):
    """Gives the deadlines that hold: for a new ticket those of today, for one that exists those it was made under."""

    async def deadlines(self, tx: Transaction, workspace: str, at: datetime, ticket: Ticket | None = None) -> Deadlines:
        """Raises StoreUnavailable."""


@dataclass(frozen=True, slots=True)
class SameForAll(Rules):
    """One set of deadlines for every workspace, at all times."""

    given: Deadlines

    async def deadlines(
        self,
        tx: Transaction,  # noqa: ARG002 - the same, whatever is asked
        workspace: str,  # noqa: ARG002
        at: datetime,  # noqa: ARG002
        ticket: Ticket | None = None,  # noqa: ARG002
    ) -> Deadlines:
        return self.given
