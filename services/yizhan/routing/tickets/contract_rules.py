"""Due times by the contract: business time under the versions that a ticket was made under."""

from dataclasses import dataclass
from datetime import datetime

from yizhan.contract import business_time
from yizhan.contract.calendar import Calendar
from yizhan.contract.clauses import Priority as ClausePriority
from yizhan.contract.contract import Contract
from yizhan.core.store.database import Transaction
from yizhan.routing.terms import Terms, TermsBook
from yizhan.routing.tickets.due import Deadlines, Due, ElapsedDeadlines, Rules
from yizhan.routing.tickets.ticket import Priority, Status, Ticket


@dataclass(frozen=True, slots=True)
class NewDeadlines(Deadlines):
    """What the terms in force say of a ticket that is made now."""

    terms: Terms

    def due(self, workspace: str, priority: Priority, at: datetime) -> Due:  # noqa: ARG002 - as all deadlines
        times = self.terms.contract.tickets.of(ClausePriority(priority.word))
        calendar = self.terms.calendars[times.calendar]
        return Due(
            response_due=business_time.add(calendar, at, times.response),
            solution_due=business_time.add(calendar, at, times.solution),
            contract_version=self.terms.version,
            calendar_version=calendar.version,
        )

    def resumed(self, ticket: Ticket, paused_at: datetime, at: datetime) -> datetime:
        times = self.terms.contract.tickets.of(ClausePriority(ticket.priority.word))
        kept = KeptDeadlines(self.terms.contract, self.terms.calendars[times.calendar])
        return kept.resumed(ticket, paused_at, at)

    def pauses(self, status: Status) -> bool:
        return _pauses(self.terms.contract, status)


@dataclass(frozen=True, slots=True)
class KeptDeadlines(Deadlines):
    """What the versions of a ticket say of its clock."""

    contract: Contract
    calendar: Calendar

    def due(self, workspace: str, priority: Priority, at: datetime) -> Due:  # noqa: ARG002 - as all deadlines
        times = self.contract.tickets.of(ClausePriority(priority.word))
        return Due(
            response_due=business_time.add(self.calendar, at, times.response),
            solution_due=business_time.add(self.calendar, at, times.solution),
            contract_version=self.contract.version,
            calendar_version=self.calendar.version,
        )

    def resumed(self, ticket: Ticket, paused_at: datetime, at: datetime) -> datetime:
        return business_time.add(self.calendar, ticket.due, business_time.between(self.calendar, paused_at, at))

    def pauses(self, status: Status) -> bool:
        return _pauses(self.contract, status)


class ContractRules(Rules):
    """Deadlines out of the workspace's contract and calendars."""

    def __init__(self, terms: TermsBook) -> None:
        self._terms = terms

    async def deadlines(self, tx: Transaction, workspace: str, at: datetime, ticket: Ticket | None = None) -> Deadlines:
        """Raises StoreUnavailable, and TermsLost where the store has lost a version.

        A ticket without versions, made before there were contracts, goes by real time.
        """
        if ticket is None:
            terms = await self._terms.current(tx, workspace, at)
            for name in sorted({times.calendar for _, times in terms.contract.tickets.priorities}):
                await self._terms.keep(tx, terms, terms.calendars[name])
            return NewDeadlines(terms)
        if not ticket.contract_version or not ticket.calendar_version:
            return ElapsedDeadlines()
        kept = await self._terms.kept(tx, ticket.contract_version, ticket.calendar_version)
        return KeptDeadlines(kept.contract, kept.hours)


def _pauses(contract: Contract, status: Status) -> bool:
    return status.value in {pause.value for pause in contract.tickets.paused_by}
