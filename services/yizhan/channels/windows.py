"""What may still be sent to a customer until when: reckoned here, kept durably, corrected by what the platform says."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from yizhan.channels.contract import Trigger, WindowRules
from yizhan.channels.store import waiting, windows as store
from yizhan.channels.store.windows import WindowRow
from yizhan.core.messages.message import ReplyWindow
from yizhan.core.runtime.clock import Clock
from yizhan.core.store.database import Database
from yizhan.core.store.gather import Gather

KEPT = timedelta(days=30)
"""A window of any platform known is over long before."""

ALL_SPENT = 1_000_000
"""More than any grant: what the platform said counts more than what was reckoned."""


_KNOWN = {trigger.value: trigger for trigger in Trigger}


@dataclass(frozen=True, slots=True)
class Allowance:
    """``by``: the trigger that the next message is charged to; None: nothing may be sent, ``quota`` says whether the
    time has come to an end or only the number of messages.
    """

    window: ReplyWindow
    by: Trigger | None
    quota: bool = False


def allowance(rows: Iterable[WindowRow], rules: WindowRules, now: datetime) -> Allowance:
    """What one customer may be sent now. Grants do not add up: each trigger has its own count and its own end, and a message
    is charged to the grant that ends first.
    """
    ends: list[tuple[datetime, int, Trigger]] = []
    last = datetime.fromtimestamp(0, tz=now.tzinfo)
    for row in rows:
        trigger = _KNOWN.get(row.trigger)
        grant = rules.get(trigger) if trigger is not None else None
        if trigger is None or grant is None or row.closed:
            continue
        end = row.at + grant.within
        last = max(last, end)
        if end > now:
            ends.append((end, max(0, grant.messages - row.spent), trigger))
    usable = sorted(item for item in ends if item[1] > 0)
    if usable:
        return Allowance(ReplyWindow(usable[-1][0], max(left for _, left, _ in usable)), usable[0][2])
    return Allowance(ReplyWindow(last, 0), None, quota=bool(ends))


class Purse:
    """One customer's allowance while messages are being sent to them one after the other; empty until ``known``.

    A reply that goes in the answer to a push costs nothing, so that what is left need not be looked up for it.
    """

    def __init__(self, key: str, rules: WindowRules, rows: Sequence[WindowRow] | None = None) -> None:
        self.key = key
        self._rules = rules
        self._rows = list(rows or ())
        self.loaded = rows is not None

    def allowance(self, now: datetime) -> Allowance:
        return allowance(self._rows, self._rules, now)

    def known(self, rows: Sequence[WindowRow]) -> None:
        """As it stands now: the customer may have done something meanwhile."""
        self._rows = list(rows)
        self.loaded = True

    def closed(self) -> None:
        self._rows = [replace(row, closed=True) for row in self._rows]

    def exhausted(self) -> None:
        self._rows = [replace(row, spent=ALL_SPENT) for row in self._rows]


class Windows:
    """The windows of all customers. Every method raises StoreError when the database is away."""

    def __init__(self, database: Database, clock: Clock, on_woken: Callable[[], None]) -> None:
        """``on_woken`` is called when something waits for a customer who did something."""
        self._on_woken = on_woken
        self._database = database
        self._clock = clock
        self._opening: Gather[WindowRow, list[WindowRow]] = Gather(self._open)
        self._spending: Gather[tuple[str, Trigger], list[WindowRow]] = Gather(self._spend)

    async def opened(self, key: str, trigger: Trigger, at: datetime, rules: WindowRules, by: str = "") -> ReplyWindow:
        """The customer did something, ``by`` which is the same when it is told again; what may be sent from now on."""
        rows = await self._opening.add(WindowRow(key, trigger, at, by=by))
        return allowance(rows, rules, self._clock()).window

    async def rows(self, keys: Sequence[str]) -> dict[str, list[WindowRow]]:
        """What is known of customers, by address key."""
        found: dict[str, list[WindowRow]] = {key: [] for key in keys}
        for row in await store.read(self._database, keys):
            found[row.address_key].append(row)
        return found

    async def spend(self, key: str, by: Trigger) -> list[WindowRow]:
        """One message was sent to a customer on the strength of a trigger; what is known of them now."""
        return await self._spending.add((key, by))

    async def window(self, key: str, rules: WindowRules) -> ReplyWindow:
        """What may be sent now."""
        return allowance((await self.rows([key]))[key], rules, self._clock()).window

    async def close(self, key: str) -> None:
        """The customer left, or the platform said so."""
        async with self._database.begin() as tx:
            await store.close(tx, key)

    async def exhaust(self, key: str) -> None:
        """The platform said that nothing is left."""
        async with self._database.begin() as tx:
            await store.exhaust(tx, key, ALL_SPENT)

    async def forget(self) -> int:
        async with self._database.begin() as tx:
            return await store.forget(tx, self._clock() - KEPT)

    async def _open(self, rows: Sequence[WindowRow]) -> Sequence[list[WindowRow]]:
        async with self._database.begin() as tx:
            found = await store.open_(tx, rows)
            woken = await waiting.wake(tx, sorted({row.address_key for row in rows}), self._clock())
        if woken:
            self._on_woken()
        return _each(found, [row.address_key for row in rows])

    async def _spend(self, items: Sequence[tuple[str, Trigger]]) -> Sequence[list[WindowRow]]:
        counts: dict[tuple[str, Trigger], int] = {}
        for item in items:
            counts[item] = counts.get(item, 0) + 1
        async with self._database.begin() as tx:
            found = await store.spend(tx, sorted((key, str(by), more) for (key, by), more in counts.items()))
        return _each(found, [key for key, _ in items])


def _each(rows: Iterable[WindowRow], keys: Sequence[str]) -> list[list[WindowRow]]:
    """The rows of each customer."""
    by_key: dict[str, list[WindowRow]] = {key: [] for key in keys}
    for row in rows:
        by_key[row.address_key].append(row)
    return [by_key[key] for key in keys]
