"""Misses: written with the turn that shows them, put into groups, listed and forgotten."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from pydantic import TypeAdapter
from sqlalchemy.dialects import postgresql, sqlite

from yizhan.core.store.bulk import BulkInsert, BulkUpdate, Write
from yizhan.core.store.database import Transaction
from yizhan.dialogue.conversation import Conversation
from yizhan.dialogue.misses.grouping import Joined, Leader, Ungrouped
from yizhan.dialogue.misses.miss import Miss, MissState
from yizhan.dialogue.store.miss_tables import miss_grouping, miss_groups, misses
from yizhan.dialogue.store.tables import messages

_Candidates = TypeAdapter(tuple[tuple[str, float], ...])

_insert_misses = BulkInsert(
    misses,
    (
        "id",
        "workspace",
        "conversation_id",
        "message_id",
        "key",
        "reason",
        "entry_id",
        "candidates",
        "release_id",
        "language",
        "at",
        "state",
    ),
)
_join = BulkUpdate(misses, ("id", "group_id", "leads", "state"))
_insert_groups = BulkInsert(miss_groups, ("id", "workspace", "state", "last_at", "entry_id", "drafted_by"))
_touch_groups = BulkUpdate(miss_groups, ("id", "last_at"))


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A group and its figures. Counts are of questions, ``customers`` of conversations; ``rank`` orders the list."""

    id: str
    state: MissState
    entry_id: str
    drafted_at: datetime | None
    drafted_by: str
    count: int
    customers: int
    customers_7: int
    customers_30: int
    last_7: int
    last_30: int
    rank: int
    first_at: datetime
    last_at: datetime
    dismissed_reason: str = ""
    dismissed_by: str = ""
    dismissed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class GroupFacts:
    """What a group's misses have in common."""

    reasons: Mapping[str, int]
    languages: tuple[str, ...]
    entries: tuple[str, ...]
    """Those that had been answered."""


@dataclass(frozen=True, slots=True)
class Worded:
    """One wording of a group. ``text`` is the newest message's, as the customer wrote it."""

    text: str
    language: str
    count: int
    last_at: datetime
    conversation_id: str
    message_id: str


def missed(items: Sequence[tuple[Conversation, Miss]], now: datetime) -> Write:
    """Misses to write along with the turn that shows them."""
    return _insert_misses.of([_row(conversation, miss, now) for conversation, miss in items])


async def ungrouped(tx: Transaction, workspace: str, limit: int) -> Sequence[Ungrouped]:
    """The oldest misses that are in no group, with their words; None where the message is gone."""
    same = misses.alias("same")
    known = (
        sa.select(sa.func.min(same.c.group_id))
        .where(same.c.workspace == workspace, same.c.key == misses.c.key)
        .correlate(misses)
        .scalar_subquery()
    )
    query = (
        sa.select(misses.c.id, misses.c.key, misses.c.at, messages.c.text, known.label("known"))
        .select_from(misses.outerjoin(messages, messages.c.id == misses.c.message_id))
        .where(misses.c.workspace == workspace, misses.c.group_id.is_(None))
        .order_by(misses.c.at, misses.c.id)
        .limit(limit)
    )
    return [Ungrouped(row.id, row.key, row.at, row.text, row.known) for row in await tx.execute(query)]


async def count_ungrouped(tx: Transaction, workspace: str) -> int:
    query = sa.select(sa.func.count()).where(misses.c.workspace == workspace, misses.c.group_id.is_(None))
    return int((await tx.execute(query)).scalar_one())


async def leaders(tx: Transaction, workspace: str, since: datetime, most_groups: int) -> Sequence[Leader]:
    """The wordings that new ones are compared with: of the groups that were missed last, the longest unmissed first."""
    newest = (
        sa.select(miss_groups.c.id, miss_groups.c.last_at)
        .where(miss_groups.c.workspace == workspace, miss_groups.c.last_at >= since)
        .order_by(miss_groups.c.last_at.desc(), miss_groups.c.id.desc())
        .limit(most_groups)
        .subquery()
    )
    query = (
        sa.select(misses.c.group_id, misses.c.key, messages.c.text, newest.c.last_at)
        .select_from(
            newest.join(misses, sa.and_(misses.c.workspace == workspace, misses.c.group_id == newest.c.id)).join(
                messages, messages.c.id == misses.c.message_id
            )
        )
        .where(misses.c.leads)
        .order_by(newest.c.last_at, newest.c.id, misses.c.at, misses.c.id)
    )
    return [Leader(row.group_id, row.key, row.text, row.last_at) for row in await tx.execute(query)]


async def version(tx: Transaction, workspace: str) -> int:
    """Of what misses are compared with."""
    found = await tx.execute(sa.select(miss_grouping.c.version).where(miss_grouping.c.workspace == workspace))
    return int(found.scalar_one_or_none() or 0)


async def join(tx: Transaction, workspace: str, joined: Joined, *, seen: int) -> bool:
    """Write who joins which group; False, and nothing is written, where somebody else has grouped since ``seen``."""
    insert = postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert
    new = insert(miss_grouping).values(workspace=workspace, version=0)
    await tx.execute(new.on_conflict_do_nothing(index_elements=["workspace"]))
    advanced = await tx.execute(
        miss_grouping.update()
        .where(miss_grouping.c.workspace == workspace, miss_grouping.c.version == seen)
        .values(version=seen + 1)
    )
    if advanced.rowcount != 1:
        return False
    await _insert_groups.insert(
        tx, [(made, workspace, int(MissState.OPEN), at, "", "") for made, at in joined.made.items()]
    )
    await _touch_groups.update(tx, sorted(joined.touched.items()))
    states = await _states(tx, {one.group_id for one in joined.places} - set(joined.made))
    await _join.update(
        tx,
        [
            (one.miss_id, one.group_id, one.leads, int(_joining(states.get(one.group_id, MissState.OPEN))))
            for one in joined.places
        ],
    )
    return True


async def list_groups(
    tx: Transaction, workspace: str, state: MissState, now: datetime, *, offset: int, limit: int
) -> Sequence[GroupRow]:
    """Groups in this state, by rank; at most ``limit`` from ``offset`` on."""
    counted = _figures(workspace, now).subquery()
    query = (
        sa.select(miss_groups, *[column for column in counted.c if column.name not in ("group_id", "last_at")])
        .add_columns(counted.c.last_at.label("newest_at"))
        .select_from(miss_groups.join(counted, counted.c.group_id == miss_groups.c.id))
        .where(miss_groups.c.workspace == workspace, miss_groups.c.state == int(state))
        .order_by(counted.c.rank.desc(), counted.c.last_at.desc(), miss_groups.c.id)
        .offset(offset)
        .limit(limit)
    )
    return [_group(row) for row in (await tx.execute(query)).mappings()]


async def group(tx: Transaction, workspace: str, group_id: str, now: datetime) -> GroupRow | None:
    """None also for a group whose misses were all erased."""
    counted = _figures(workspace, now).where(misses.c.group_id == group_id).subquery()
    query = (
        sa.select(miss_groups, *[column for column in counted.c if column.name not in ("group_id", "last_at")])
        .add_columns(counted.c.last_at.label("newest_at"))
        .select_from(miss_groups.join(counted, counted.c.group_id == miss_groups.c.id))
        .where(miss_groups.c.workspace == workspace, miss_groups.c.id == group_id)
    )
    row = (await tx.execute(query)).mappings().first()
    return _group(row) if row else None


async def facts(tx: Transaction, workspace: str, group_id: str) -> GroupFacts:
    """Reasons with their counts, languages and answered entries."""
    query = (
        sa.select(
            misses.c.reason,
            misses.c.language,
            misses.c.entry_id,
            sa.func.count(sa.distinct(misses.c.message_id)).label("count"),
        )
        .where(misses.c.workspace == workspace, misses.c.group_id == group_id)
        .group_by(misses.c.reason, misses.c.language, misses.c.entry_id)
    )
    reasons: dict[str, int] = {}
    languages: dict[str, int] = {}
    entries: set[str] = set()
    for row in await tx.execute(query):
        number: int = row[3]
        reasons[row.reason] = reasons.get(row.reason, 0) + number
        languages[row.language] = languages.get(row.language, 0) + number
        entries |= {row.entry_id} if row.entry_id else set()
    commonest = sorted(languages, key=lambda one: (-languages[one], one))
    return GroupFacts(dict(sorted(reasons.items())), tuple(commonest), tuple(sorted(entries)))


async def wordings(tx: Transaction, workspace: str, group_id: str, limit: int) -> Sequence[Worded]:
    """The different wordings of a group whose messages are still there, the commonest first."""
    by_key = (
        sa.select(
            misses.c.key,
            sa.func.count(sa.distinct(misses.c.message_id)).label("count"),
            sa.func.max(misses.c.message_id).label("newest"),
            sa.func.max(misses.c.at).label("newest_at"),
        )
        .select_from(misses.join(messages, messages.c.id == misses.c.message_id))
        .where(misses.c.workspace == workspace, misses.c.group_id == group_id)
        .group_by(misses.c.key)
        .subquery()
    )
    one = (
        sa.select(misses.c.message_id, sa.func.max(misses.c.language).label("language"))
        .where(misses.c.workspace == workspace, misses.c.group_id == group_id)
        .group_by(misses.c.message_id)
        .subquery()
    )
    query = (
        sa.select(by_key.c.count, by_key.c.newest_at, messages.c.text, messages.c.conversation_id, messages.c.id)
        .add_columns(one.c.language)
        .select_from(
            by_key.join(messages, messages.c.id == by_key.c.newest).join(one, one.c.message_id == by_key.c.newest)
        )
        .order_by(by_key.c.count.desc(), by_key.c.newest_at.desc(), messages.c.id)
        .limit(limit)
    )
    return [
        Worded(row["text"], row["language"], row["count"], row["newest_at"], row["conversation_id"], row["id"])
        for row in (await tx.execute(query)).mappings()
    ]


async def newest_conversations(tx: Transaction, workspace: str, group_id: str, limit: int) -> Sequence[tuple[str, str]]:
    """Conversations of a group, the newest first, each with the newest question in it."""
    query = (
        sa.select(misses.c.conversation_id, sa.func.max(misses.c.message_id).label("message_id"))
        .where(misses.c.workspace == workspace, misses.c.group_id == group_id)
        .group_by(misses.c.conversation_id)
        .order_by(sa.func.max(misses.c.message_id).desc())
        .limit(limit)
    )
    return [(row.conversation_id, row.message_id) for row in await tx.execute(query)]


async def missed_since(tx: Transaction, workspace: str, group_id: str, since: datetime) -> bool:
    """Whether somebody missed it after that."""
    later = sa.exists().where(misses.c.workspace == workspace, misses.c.group_id == group_id, misses.c.at > since)
    return bool((await tx.execute(sa.select(later))).scalar())


async def set_dismissed(tx: Transaction, workspace: str, group_id: str, *, reason: str, at: datetime, by: str) -> bool:
    """The group and its misses need no entry; whether there is one."""
    values = {"dismissed_reason": reason, "dismissed_at": at, "dismissed_by": by}
    return await _set_group(tx, workspace, group_id, MissState.DISMISSED, values)


async def set_open(tx: Transaction, workspace: str, group_id: str) -> bool:
    """The group and its misses are open again; whether there is one."""
    values = {"dismissed_reason": "", "dismissed_at": None, "dismissed_by": ""}
    return await _set_group(tx, workspace, group_id, MissState.OPEN, values)


async def set_drafted(tx: Transaction, workspace: str, group_id: str, *, entry_id: str, at: datetime, by: str) -> None:
    """The group is in this entry of the draft."""
    await tx.execute(
        miss_groups.update()
        .where(miss_groups.c.workspace == workspace, miss_groups.c.id == group_id)
        .values(state=int(MissState.DRAFTED), entry_id=entry_id, drafted_at=at, drafted_by=by)
    )
    await _set_misses(tx, workspace, group_id, MissState.DRAFTED)


async def forget(tx: Transaction, workspace: str, conversation_ids: Collection[str]) -> int:
    """Delete the misses of conversations that are erased; how many there were. What is compared is read anew."""
    deleted = await tx.execute(
        misses.delete().where(misses.c.workspace == workspace, misses.c.conversation_id.in_(sorted(conversation_ids)))
    )
    await tx.execute(
        miss_grouping.update().where(miss_grouping.c.workspace == workspace).values(version=miss_grouping.c.version + 1)
    )
    return deleted.rowcount


async def _set_group(
    tx: Transaction, workspace: str, group_id: str, state: MissState, values: Mapping[str, object]
) -> bool:
    changed = await tx.execute(
        miss_groups.update()
        .where(miss_groups.c.workspace == workspace, miss_groups.c.id == group_id)
        .values(state=int(state), **values)
    )
    await _set_misses(tx, workspace, group_id, state)
    return changed.rowcount == 1


async def _set_misses(tx: Transaction, workspace: str, group_id: str, state: MissState) -> None:
    await tx.execute(
        misses.update().where(misses.c.workspace == workspace, misses.c.group_id == group_id).values(state=int(state))
    )


async def _states(tx: Transaction, ids: Collection[str]) -> Mapping[str, MissState]:
    listed = sorted(ids)
    found: dict[str, MissState] = {}
    for start in range(0, len(listed), 500):
        query = sa.select(miss_groups.c.id, miss_groups.c.state).where(
            miss_groups.c.id.in_(listed[start : start + 500])
        )
        found |= {row.id: MissState(row.state) for row in await tx.execute(query)}
    return found


def _joining(state: MissState) -> MissState:
    """What joins a dismissed group is dismissed with it; what joins a drafted one is open: it was missed again."""
    return MissState.DISMISSED if state is MissState.DISMISSED else MissState.OPEN


def _figures(workspace: str, now: datetime) -> sa.Select[Any]:
    """One row for each group: see ``docs/learning.md`` for the rank."""
    week, month = misses.c.at >= now - timedelta(days=7), misses.c.at >= now - timedelta(days=30)

    def different(column: sa.ColumnElement[str], when: sa.ColumnElement[bool] | None = None) -> sa.ColumnElement[int]:
        return sa.func.count(sa.distinct(column if when is None else sa.case((when, column))))

    who, what = misses.c.conversation_id, misses.c.message_id
    customers, customers_7, customers_30 = different(who), different(who, week), different(who, month)
    return (
        sa.select(
            misses.c.group_id,
            different(what).label("count"),
            customers.label("customers"),
            customers_7.label("customers_7"),
            customers_30.label("customers_30"),
            different(what, week).label("last_7"),
            different(what, month).label("last_30"),
            (customers + customers_30 + 2 * customers_7).label("rank"),
            sa.func.min(misses.c.at).label("first_at"),
            sa.func.max(misses.c.at).label("last_at"),
        )
        .where(misses.c.workspace == workspace, misses.c.group_id.is_not(None))
        .group_by(misses.c.group_id)
    )


def _group(row: sa.RowMapping) -> GroupRow:
    return GroupRow(
        id=row["id"],
        state=MissState(row["state"]),
        entry_id=row["entry_id"],
        drafted_at=row["drafted_at"],
        drafted_by=row["drafted_by"],
        count=row["count"],
        customers=row["customers"],
        customers_7=row["customers_7"],
        customers_30=row["customers_30"],
        last_7=row["last_7"],
        last_30=row["last_30"],
        rank=row["rank"],
        first_at=row["first_at"],
        last_at=row["newest_at"],
        dismissed_reason=row["dismissed_reason"],
        dismissed_by=row["dismissed_by"],
        dismissed_at=row["dismissed_at"],
    )


def _row(conversation: Conversation, miss: Miss, now: datetime) -> tuple[object, ...]:
    asked = miss.asked
    return (
        miss.id,
        conversation.address.workspace,
        conversation.id,
        asked.message_id,
        asked.key,
        miss.reason.value,
        asked.entry_id,
        _Candidates.dump_json(asked.candidates).decode(),
        asked.release_id,
        asked.language,
        now,
        int(MissState.OPEN),
    )
