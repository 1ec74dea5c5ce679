"""The clocks of agents' answers as they were kept, and what came of them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from yizhan.core.store.bulk import BulkInsert, write_together
from yizhan.core.store.tables import among
from yizhan.metrics.answers import AnswerFigures, AnswerMark, Clock, Key, Mark, Outcome, Sorted, sort
from yizhan.metrics.store.tables import answer_marks

_COLUMNS = (
    "case_id",
    "number",
    "ends",
    "workspace",
    "channel",
    "conversation_id",
    "agent_id",
    "clock",
    "mark",
    "at",
    "due_at",
    "contract",
    "calendar",
    "open_ms",
    "reason",
    "source",
)
_new_marks = BulkInsert(answer_marks, _COLUMNS, ignore_conflicts=True)


async def keep_answers(tx: AsyncConnection, marks: Sequence[AnswerMark]) -> Sorted:
    """Keep what is new; what is there already stays as it is."""
    if not marks:
        return Sorted((), ())
    sorted_ = sort(marks, await _known(tx, marks))
    in_one_order = sorted(sorted_.new, key=lambda mark: mark.key)  # so that two transactions cannot wait for each other
    await write_together(tx, [_new_marks.of([_row(mark) for mark in in_one_order])])
    return sorted_


async def answer_figures(
    tx: AsyncConnection, workspace: str, since: datetime, now: datetime
) -> Mapping[Clock, AnswerFigures]:
    """Of clocks that ended after ``since``, or came due after it and still run."""
    ended = sa.select(answer_marks).where(
        answer_marks.c.workspace == workspace, answer_marks.c.ends.is_(True), answer_marks.c.at >= since
    )
    marks = [_mark(row) for row in (await tx.execute(ended)).mappings()]
    waiting = await _waiting(tx, workspace, since, now)
    figures = {}
    for clock in Clock:
        mine = [mark for mark in marks if mark.clock is clock]
        by = Counter(mark.outcome for mark in mine)
        figures[clock] = AnswerFigures(
            clock,
            in_time=by[Outcome.IN_TIME],
            late=by[Outcome.LATE],
            missed=by[Outcome.MISSED],
            excluded=by[Outcome.EXCLUDED],
            waiting=waiting.get(clock, 0),
            open_ms=sorted(mark.open_ms for mark in mine if mark.mark is Mark.STOP),
        )
    return figures


async def answers_of(tx: AsyncConnection, conversation_id: str) -> Sequence[AnswerMark]:
    """The lines behind the figures of a conversation, the earliest first."""
    query = (
        sa.select(answer_marks)
        .where(answer_marks.c.conversation_id == conversation_id)
        .order_by(answer_marks.c.at, answer_marks.c.number, answer_marks.c.ends)
    )
    return [_mark(row) for row in (await tx.execute(query)).mappings()]


async def _waiting(tx: AsyncConnection, workspace: str, since: datetime, now: datetime) -> Mapping[Clock, int]:
    end = answer_marks.alias("finish")
    query = (
        sa.select(answer_marks.c.clock, sa.func.count())
        .where(
            answer_marks.c.workspace == workspace,
            answer_marks.c.ends.is_(False),
            answer_marks.c.due_at >= since,
            answer_marks.c.due_at <= now,
            ~sa.exists().where(
                end.c.case_id == answer_marks.c.case_id,
                end.c.number == answer_marks.c.number,
                end.c.ends.is_(True),
            ),
        )
        .group_by(answer_marks.c.clock)
    )
    return {Clock(clock): int(n) for clock, n in await tx.execute(query)}


async def _known(tx: AsyncConnection, marks: Sequence[AnswerMark]) -> set[Key]:
    query = sa.select(answer_marks.c.case_id, answer_marks.c.number, answer_marks.c.ends).where(
        among(answer_marks.c.case_id, {mark.case_id for mark in marks})
    )
    return {(case_id, number, bool(ends)) for case_id, number, ends in await tx.execute(query)}


def _row(mark: AnswerMark) -> tuple[object, ...]:
    values = {name: getattr(mark, name) for name in _COLUMNS if name != "ends"}
    values |= {"ends": mark.key[2], "clock": mark.clock.value, "mark": mark.mark.value, "reason": mark.reason[:32]}
    return tuple(values[name] for name in _COLUMNS)


def _mark(row: sa.RowMapping) -> AnswerMark:
    values = {name: row[name] for name in _COLUMNS if name != "ends"}
    return AnswerMark(**values | {"clock": Clock(row["clock"]), "mark": Mark(row["mark"])})
