"""Writing what events say, and the queries on the ledger, the counts and the books."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from yizhan.core.store.bulk import BulkInsert, write_together
from yizhan.core.store.tables import among
from yizhan.metrics.answers import Sorted
from yizhan.metrics.clocks import Case, Moved, move
from yizhan.metrics.facts import START, STOP, Entry, Facts, Latency, Minute, Parked, Producer, Rating
from yizhan.metrics.store.answers import keep_answers
from yizhan.metrics.store.satisfaction import keep_satisfaction
from yizhan.metrics.store.tables import inbox, latencies, ledger, minutes, parked, producers, ratings, settlements

_new_lines = BulkInsert(
    ledger,
    ("workspace", "channel", "conversation_id", "case_key", "clock", "mark", "at", "reason", "source"),
    ignore_conflicts=True,
)
_new_ratings = BulkInsert(
    ratings,
    ("conversation_id", "session", "workspace", "channel", "score", "agent_id", "at"),
    ignore_conflicts=True,
)


def _adding(table: sa.Table, counter: type[Any]) -> BulkInsert:
    """Rows of a counter: its fields, which are the table's key, and the number ``n``."""
    return BulkInsert(table, (*(field.name for field in fields(counter)), "n"), add_conflicts=True)


_more_messages = _adding(minutes, Minute)
_more_of_producers = _adding(producers, Producer)
_more_latencies = _adding(latencies, Latency)

ACCEPTED = "accepted"
LOST = "lost"


@dataclass(frozen=True, slots=True)
class Span:
    """A clock that ran to its stop."""

    clock: str
    channel: str
    seconds: float


@dataclass(frozen=True, slots=True)
class ProducerCounts:
    channel: str
    producer: str
    accepted: int
    by_disposition: Mapping[str, int]

    @property
    def disposed(self) -> int:
        return sum(self.by_disposition.values())

    @property
    def missing(self) -> int:
        """Accepted, and nothing is known of it: on its way, or lost."""
        return max(0, self.accepted - self.disposed)


@dataclass(frozen=True, slots=True)
class Settlement:
    """``n`` messages that a process accepted are lost; who says so, when and why."""

    id: str
    workspace: str
    channel: str
    producer: str
    n: int
    by: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Written:
    """What a batch did to the clocks, and which of its answers' marks count."""

    moved: Moved
    answers: Sorted


async def write(tx: AsyncConnection, dialect: str, facts: Facts, workspace: str) -> Written:
    """Store a batch of facts; what is already kept stays as it is."""
    moved = move(facts.entries, await _marks(tx, facts.entries))
    changes = Counter(facts.producers)
    changes.update(await _park(tx, facts))
    await write_together(
        tx,
        [
            _new_lines.of([_entry_row(entry) for entry in moved.lines]),
            _new_ratings.of([_rating_row(rating) for rating in facts.ratings]),
            _more_messages.of(_counted(facts.minutes.items())),
            _more_of_producers.of(_counted(changes.items())),
            _more_latencies.of(_counted(facts.latencies.items())),
        ],
    )
    if facts.accepted:
        statement = (postgresql.insert if dialect == "postgresql" else sqlite.insert)(producers)
        greatest = sa.func.greatest if dialect == "postgresql" else sa.func.max
        statement = statement.on_conflict_do_update(
            index_elements=list(producers.primary_key.columns),
            set_={"n": greatest(producers.c.n, statement.excluded.n)},
        )
        rows = [
            {
                "workspace": workspace,
                "channel": item.channel,
                "producer": item.producer,
                "disposition": ACCEPTED,
                "n": item.accepted_total,
            }
            for item in facts.accepted.values()
        ]
        await tx.execute(statement, sorted(rows, key=str))
    await keep_satisfaction(tx, dialect, facts.ticket_ratings, facts.ticket_surveys)
    return Written(moved, await keep_answers(tx, facts.answers))


async def producer_counts(tx: AsyncConnection, workspace: str) -> Sequence[ProducerCounts]:
    query = sa.select(producers.c.channel, producers.c.producer, producers.c.disposition, producers.c.n)
    found: dict[tuple[str, str], dict[str, int]] = {}
    for channel, producer, disposition, n in await tx.execute(query.where(producers.c.workspace == workspace)):
        found.setdefault((channel, producer), {})[disposition] = n
    lost = (
        sa.select(settlements.c.channel, settlements.c.producer, sa.func.sum(settlements.c.n))
        .where(settlements.c.workspace == workspace)
        .group_by(settlements.c.channel, settlements.c.producer)
    )
    settled = {(channel, producer): int(n) for channel, producer, n in await tx.execute(lost)}
    return [
        _settled(ProducerCounts(*key, counts.pop(ACCEPTED, 0), counts), settled.get(key, 0))
        for key, counts in sorted(found.items())
    ]


async def settle(tx: AsyncConnection, settlement: Settlement) -> None:
    await tx.execute(sa.insert(settlements).values(asdict(settlement)))


async def settlements_of(tx: AsyncConnection, workspace: str) -> Sequence[Settlement]:
    query = sa.select(settlements).where(settlements.c.workspace == workspace).order_by(settlements.c.at)
    return [Settlement(**row) for row in (await tx.execute(query)).mappings()]


async def latency_counts(tx: AsyncConnection, workspace: str, since: datetime) -> Mapping[str, Mapping[int, int]]:
    """Observations by step and bucket since a moment."""
    query = (
        sa.select(latencies.c.step, latencies.c.bucket, sa.func.sum(latencies.c.n))
        .where(latencies.c.workspace == workspace, latencies.c.minute >= since)
        .group_by(latencies.c.step, latencies.c.bucket)
    )
    found: dict[str, dict[int, int]] = {}
    for step, bucket, n in await tx.execute(query):
        found.setdefault(step, {})[bucket] = int(n)
    return found


async def disposition_counts(tx: AsyncConnection, workspace: str, since: datetime) -> Mapping[str, int]:
    query = (
        sa.select(minutes.c.disposition, sa.func.sum(minutes.c.n))
        .where(minutes.c.workspace == workspace, minutes.c.minute >= since)
        .group_by(minutes.c.disposition)
    )
    return {row[0]: int(row[1]) for row in await tx.execute(query)}


async def spans(tx: AsyncConnection, workspace: str, clock: str, since: datetime) -> Sequence[Span]:
    """Clocks that were started since a moment and have stopped."""
    begin, end = ledger.alias("begin"), ledger.alias("finish")
    query = (
        sa.select(begin.c.channel, begin.c.at, end.c.at)
        .join(
            end,
            sa.and_(end.c.clock == begin.c.clock, end.c.case_key == begin.c.case_key, end.c.mark == STOP),
        )
        .where(begin.c.workspace == workspace, begin.c.clock == clock, begin.c.mark == START, begin.c.at >= since)
    )
    return [
        Span(clock, channel, max(0.0, (stopped - started).total_seconds()))
        for channel, started, stopped in await tx.execute(query)
    ]


async def count_starts(tx: AsyncConnection, workspace: str, clock: str, since: datetime) -> int:
    query = sa.select(sa.func.count()).where(
        ledger.c.workspace == workspace, ledger.c.clock == clock, ledger.c.mark == START, ledger.c.at >= since
    )
    return (await tx.execute(query)).scalar_one()


async def rating_summary(tx: AsyncConnection, workspace: str, since: datetime) -> tuple[int, float]:
    """How many ratings, and their average (0 without any)."""
    query = sa.select(sa.func.count(), sa.func.avg(ratings.c.score)).where(
        ratings.c.workspace == workspace, ratings.c.at >= since
    )
    count, average = (await tx.execute(query)).one()
    return count, float(average or 0.0)


async def ledger_of(tx: AsyncConnection, conversation_id: str) -> Sequence[Entry]:
    """The lines behind a conversation's figures, in the order in which they were written."""
    query = sa.select(ledger).where(ledger.c.conversation_id == conversation_id).order_by(ledger.c.id)
    return [
        Entry(
            row["workspace"],
            row["channel"],
            row["conversation_id"],
            row["case_key"],
            row["clock"],
            row["mark"],
            row["at"],
            row["reason"],
            row["source"],
        )
        for row in (await tx.execute(query)).mappings()
    ]


async def _marks(tx: AsyncConnection, entries: Sequence[Entry]) -> Mapping[Case, Mapping[str, datetime]]:
    """The marks that the ledger has for the cases of these entries."""
    if not entries:
        return {}
    # The clocks as well, since the index begins with them.
    query = sa.select(ledger.c.clock, ledger.c.case_key, ledger.c.mark, ledger.c.at).where(
        among(ledger.c.clock, {entry.clock for entry in entries}),
        among(ledger.c.case_key, {entry.case for entry in entries}),
    )
    marks: dict[Case, dict[str, datetime]] = {}
    for clock, case, mark, at in await tx.execute(query):
        marks.setdefault((clock, case), {})[mark] = at
    return marks


async def _park(tx: AsyncConnection, facts: Facts) -> Counter[Producer]:
    """Keep the books of parked messages, by name: a message is dead or handled, never both. The changes of the counts."""
    changes = Counter[Producer]()
    if not facts.handled_ids and not facts.parked:
        return changes
    known = sa.select(parked).where(among(parked.c.handled_id, facts.handled_ids | facts.parked.keys()))
    rows = {row["handled_id"]: Parked(**row) for row in (await tx.execute(known)).mappings()}
    replayed = rows.keys() & facts.handled_ids
    if replayed:
        await tx.execute(sa.delete(parked).where(among(parked.c.handled_id, replayed)))
        changes.subtract(rows[key].dead for key in replayed)
    if facts.parked:
        # One that was handled and then parked all the same (its process died before it could say so) is not dead.
        handled = sa.select(inbox.c.key).where(among(inbox.c.key, facts.parked.keys()))
        done = rows.keys() | set((await tx.execute(handled)).scalars())
        new = [item for key, item in sorted(facts.parked.items()) if key not in done]
        if new:
            await tx.execute(sa.insert(parked), [asdict(item) for item in new])
            changes.update(item.dead for item in new)
    return changes


def _settled(counts: ProducerCounts, lost: int) -> ProducerCounts:
    """With what was settled as lost, as far as it is still missing: what turned up after all is no loss."""
    lost = min(lost, counts.missing)
    return replace(counts, by_disposition={**counts.by_disposition, LOST: lost}) if lost else counts


def _counted(items: Iterable[tuple[object, int]]) -> Sequence[tuple[object, ...]]:
    """A row for each counter, in one order everywhere, so that two transactions cannot wait for each other."""
    rows = []
    for item, n in items:
        names = item.__dataclass_fields__  # type: ignore[attr-defined]
        rows.append((*(getattr(item, name) for name in names), n))
    return sorted(rows, key=str)


def _entry_row(entry: Entry) -> tuple[object, ...]:
    who = (entry.workspace, entry.channel, entry.conversation_id, entry.case)
    return (*who, entry.clock, entry.mark, entry.at, entry.reason[:32], entry.source)


def _rating_row(rating: Rating) -> tuple[object, ...]:
    who = (rating.conversation_id, rating.session, rating.workspace, rating.channel)
    return (*who, rating.score, rating.agent_id, rating.at)
