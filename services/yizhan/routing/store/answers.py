"""Queries on what agents owe their customers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from yizhan.core.store.tables import among
from yizhan.routing.owed import Answering, Clock, Due
from yizhan.routing.store.answer_tables import answers

_PLAIN = (
    "case_id",
    "workspace",
    "conversation_id",
    "agent_id",
    "epoch",
    "contract",
    "calendar",
    "number",
    "answered_seq",
)


@dataclass(frozen=True, slots=True)
class AnswerCounts:
    """``at_risk`` and ``overdue`` are among ``due``; none is both."""

    due: int
    at_risk: int
    overdue: int


async def load_answering(tx: AsyncConnection, case_id: str) -> Answering | None:
    """For a change: nobody else changes it until the transaction ends."""
    query = sa.select(answers).where(answers.c.case_id == case_id).with_for_update()
    row = (await tx.execute(query)).mappings().first()
    return _answering(row) if row else None


async def answering_of(tx: AsyncConnection, workspace: str, conversation_id: str, epoch: int) -> Answering | None:
    """Of the case that has a conversation under this epoch. A look: ``load_answering`` is for changes."""
    query = sa.select(answers).where(
        answers.c.workspace == workspace, answers.c.conversation_id == conversation_id, answers.c.epoch == epoch
    )
    row = (await tx.execute(query)).mappings().first()
    return _answering(row) if row else None


async def put_answering(tx: AsyncConnection, kept: Answering) -> None:
    values = _row(kept)
    mine = answers.c.case_id == kept.case_id
    if (await tx.execute(answers.update().where(mine).values(values))).rowcount == 0:
        await tx.execute(answers.insert(), [values])


async def drop_answering(tx: AsyncConnection, case_id: str) -> None:
    await tx.execute(answers.delete().where(answers.c.case_id == case_id))


async def answers_due(tx: AsyncConnection, workspace: str, conversations: Sequence[str]) -> Sequence[Answering]:
    """What is owed in these conversations."""
    query = sa.select(answers).where(
        answers.c.workspace == workspace,
        among(answers.c.conversation_id, conversations),
        answers.c.due_at.is_not(None),
    )
    return [_answering(row) for row in (await tx.execute(query)).mappings()]


async def count_answers(tx: AsyncConnection, workspace: str, now: datetime) -> AnswerCounts:
    query = (
        sa.select(answers.c.risk_at <= now, answers.c.due_at <= now, sa.func.count())
        .where(answers.c.workspace == workspace, answers.c.due_at.is_not(None))
        .group_by(sa.literal_column("1"), sa.literal_column("2"))
    )
    found = {(bool(row[0]), bool(row[1])): int(row[2]) for row in await tx.execute(query)}
    overdue = sum(n for (_, late), n in found.items() if late)
    return AnswerCounts(sum(found.values()), found.get((True, False), 0), overdue)


def _answering(row: sa.RowMapping) -> Answering:
    due = None
    if row["due_at"] is not None:
        due = Due(Clock(row["clock"]), row["since"], row["risk_at"], row["due_at"], row["seq"])
    return Answering(**{name: row[name] for name in _PLAIN}, due=due)


def _row(kept: Answering) -> dict[str, object]:
    due = kept.due
    row: dict[str, object] = {name: getattr(kept, name) for name in _PLAIN}
    row |= {"clock": due.clock.value if due else "", "seq": due.seq if due else 0}
    return row | {name: getattr(due, name) if due else None for name in ("since", "risk_at", "due_at")}
