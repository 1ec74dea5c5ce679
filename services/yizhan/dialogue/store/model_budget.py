"""Tokens that models were given, by workspace and day."""

from datetime import date

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from yizhan.core.store.database import Transaction
from yizhan.dialogue.store.tables import model_spending


async def take(tx: Transaction, workspace: str, day: date, tokens: int, limit: int) -> bool:
    """Count ``tokens`` when the day's sum stays within ``limit``; whether it did. Safe among replicas."""
    await _begin(tx, workspace, day)
    done = await tx.execute(
        sa.update(model_spending)
        .where(*_row(workspace, day), model_spending.c.tokens + tokens <= limit)
        .values(tokens=model_spending.c.tokens + tokens)
    )
    return done.rowcount == 1


async def add(tx: Transaction, workspace: str, day: date, difference: int) -> None:
    """Put the day's sum right by what a call turned out to cost."""
    await _begin(tx, workspace, day)
    await tx.execute(
        sa.update(model_spending).where(*_row(workspace, day)).values(tokens=model_spending.c.tokens + difference)
    )


async def spent(tx: Transaction, workspace: str, day: date) -> int:
    """The day's sum."""
    found = await tx.execute(sa.select(model_spending.c.tokens).where(*_row(workspace, day)))
    return int(found.scalar_one_or_none() or 0)


async def _begin(tx: Transaction, workspace: str, day: date) -> None:
    """The day's row; where another replica makes it in the same moment, theirs."""
    insert = postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert
    new = insert(model_spending).values(workspace=workspace, day=day.isoformat(), tokens=0)
    await tx.execute(new.on_conflict_do_nothing(index_elements=["workspace", "day"]))


def _row(workspace: str, day: date) -> tuple[sa.ColumnElement[bool], ...]:
    return (model_spending.c.workspace == workspace, model_spending.c.day == day.isoformat())
