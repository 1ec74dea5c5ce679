"""The contract and the calendars that a workspace's clocks go by: those in force now, and those a clock started under."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from yizhan.contract import business_time
from yizhan.contract.arrangements import horizon, resolve
from yizhan.contract.calendar import Calendar, calendar_of
from yizhan.contract.calendar_plan import CalendarPlan
from yizhan.contract.canonical import canonical, contract_of
from yizhan.contract.clauses import To
from yizhan.contract.contract import Contract
from yizhan.core.store.database import Transaction
from yizhan.routing import store
from yizhan.routing.desk import Case
from yizhan.routing.matching.escalation import Step
from yizhan.routing.matching.facts import Level

_LEVELS: Mapping[To, Level] = {
    To.GROUP: Level.WIDER_GROUPS,
    To.EVERYONE: Level.EVERYONE,
    To.SUPERVISORS: Level.SUPERVISORS,
}
_MOST_KEPT = 256


class TermsLost(LookupError):
    """A version that a clock started under is not in the store."""


@dataclass(frozen=True, slots=True)
class Terms:
    """A contract with its calendars resolved, by name. What is reckoned with it never changes."""

    contract: Contract
    version: str
    calendars: Mapping[str, Calendar]

    @property
    def hours(self) -> Calendar:
        """When there are people to hand off to."""
        return self.calendars[self.contract.handoff.calendar]

    @property
    def steps(self) -> tuple[Step, ...]:
        """The ladder of an unserved case below the ticket, whose moment is the case's deadline."""
        ladder = self.contract.handoff.escalation
        return tuple(Step(step.after.total_seconds(), _LEVELS[step.to]) for step in ladder if step.to in _LEVELS)

    def after(self, start: datetime, length: timedelta) -> datetime:
        """When so much time with people has passed."""
        return business_time.add(self.hours, start, length)

    def mail_answered_by(self, start: datetime) -> datetime:
        """Until when a mail of that moment has a first answer."""
        promise = self.contract.first_response.email
        return business_time.add(self.calendars[promise.calendar], start, promise.within)

    def search_ends(self, start: datetime, length: timedelta) -> datetime:
        """When a search of that length is over: nobody is looked for once people have gone home."""
        ends = self.after(start, length)
        try:
            return min(ends, business_time.next_close(self.hours, start))
        except business_time.NeverCloses:
            return ends

    def is_open(self, at: datetime) -> bool:
        return business_time.is_open(self.hours, at)

    def reopens(self, at: datetime) -> datetime:
        return business_time.next_open(self.hours, at)

    def waited(self, start: datetime, now: datetime) -> float:
        """Seconds with people between the two moments."""
        return business_time.between(self.hours, start, now).total_seconds()


def calendars_used(contract: Contract) -> Sequence[CalendarPlan]:
    """The calendars that a clause names, in the order of their names."""
    names = {
        contract.first_response.realtime.calendar,
        contract.first_response.email.calendar,
        contract.handoff.calendar,
        *(times.calendar for _, times in contract.tickets.priorities),
    }
    return tuple(contract.calendar(name) for name in sorted(names))


class TermsBook:
    """Finds terms in the store, and remembers them: a version stands for one content for ever."""

    def __init__(self, standard: Contract) -> None:
        """``standard``: of workspaces that have published no contract of their own."""
        self._standard = standard
        self._standard_version = standard.version
        self._contracts: dict[str, Contract] = {self._standard_version: standard}
        self._calendars: dict[str, Calendar] = {}
        self._resolved: dict[tuple[object, ...], Terms] = {}

    async def current(self, tx: Transaction, workspace: str, now: datetime) -> Terms:
        """The terms in force. Two short queries; holidays are looked up once for each version and year."""
        published = await store.published_contract(tx, workspace)
        version = published.version if published else self._standard_version
        contract = await self._contract(tx, version)
        kept = await store.load_overrides(tx, workspace)
        today = now.astimezone(ZoneInfo(contract.zone)).date()
        key = (version, today.year, *((one.calendar, one.override) for one in kept))
        terms = self._resolved.get(key)
        if terms is None:
            first, last = horizon(today)
            calendars = {
                plan.name: resolve(plan, [one.override for one in kept if one.calendar == plan.name], first, last)
                for plan in calendars_used(contract)
            }
            terms = Terms(contract, version, calendars)
            if len(self._resolved) >= _MOST_KEPT:
                self._resolved.clear()
            self._resolved[key] = terms
        return terms

    async def keep(self, tx: Transaction, terms: Terms, calendar: Calendar) -> None:
        """Make sure that a clock which starts in this transaction can be reckoned again later."""
        await store.keep_contract(tx, terms.version, canonical(terms.contract))
        await store.keep_calendar(tx, calendar.version, calendar.to_json())

    async def kept(self, tx: Transaction, version: str, calendar_version: str) -> Terms:
        """What a hand-off's clock started under. Raises TermsLost."""
        contract = await self._contract(tx, version)
        calendar = await self._calendar(tx, calendar_version)
        return Terms(contract, version, {contract.handoff.calendar: calendar})

    async def of(self, tx: Transaction, case: Case, now: datetime) -> Terms:
        """The terms that a case's clocks go by: those it started under, or today's where it began before there were any."""
        if not case.contract:
            return await self.current(tx, case.workspace, now)
        return await self.kept(tx, case.contract, case.calendar)

    async def _contract(self, tx: Transaction, version: str) -> Contract:
        known = self._contracts.get(version)
        if known is None:
            body = await store.contract_body(tx, version)
            if body is None:
                raise TermsLost(version)
            known = self._contracts[version] = contract_of(body)
        return known

    async def _calendar(self, tx: Transaction, version: str) -> Calendar:
        known = self._calendars.get(version)
        if known is None:
            body = await store.calendar_body(tx, version)
            if body is None:
                raise TermsLost(version)
            known = self._calendars[version] = calendar_of(body)
        return known
