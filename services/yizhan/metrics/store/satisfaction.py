"""Ratings of tickets' solutions, and whether customers were asked for them."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from yizhan.metrics.satisfaction import ASKED, TicketRating, TicketSurvey
from yizhan.metrics.store.tables import ticket_ratings, ticket_surveys


@dataclass(frozen=True, slots=True)
class TicketSatisfaction:
    """``average`` is 0 without ratings. ``asked``: customers who were asked in that time."""

    ratings: int
    average: float
    asked: int


async def keep_satisfaction(
    tx: AsyncConnection, dialect: str, ratings: Sequence[TicketRating], surveys: Sequence[TicketSurvey]
) -> None:
    """Of several ratings of a solution the latest stays, in whatever order they come; a survey told again changes nothing."""
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    if ratings:
        rate = insert(ticket_ratings)
        later = {name: rate.excluded[name] for name in ("score", "agent_id", "by", "at")}
        rate = rate.on_conflict_do_update(
            index_elements=["ticket_id", "solving"], set_=later, where=rate.excluded.at >= ticket_ratings.c.at
        )
        for rating in sorted(ratings, key=lambda one: (one.ticket_id, one.solving, one.at)):
            await tx.execute(rate, asdict(rating))
    if surveys:
        ask = insert(ticket_surveys).on_conflict_do_nothing()
        for survey in sorted(surveys, key=lambda one: (one.ticket_id, one.solving, one.outcome)):
            await tx.execute(ask, asdict(survey))


async def ticket_satisfaction(tx: AsyncConnection, workspace: str, since: datetime) -> TicketSatisfaction:
    rated = sa.select(sa.func.count(), sa.func.avg(ticket_ratings.c.score)).where(
        ticket_ratings.c.workspace == workspace, ticket_ratings.c.at >= since
    )
    ratings, average = (await tx.execute(rated)).one()
    asked = sa.select(sa.func.count()).where(
        ticket_surveys.c.workspace == workspace,
        ticket_surveys.c.at >= since,
        ticket_surveys.c.outcome.in_(sorted(ASKED)),
    )
    return TicketSatisfaction(ratings, float(average or 0.0), (await tx.execute(asked)).scalar_one())
