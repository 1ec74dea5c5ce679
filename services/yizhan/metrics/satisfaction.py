"""How satisfied customers are with the solutions of tickets, apart from how satisfied they are with conversations. Pure."""

from dataclasses import dataclass
from datetime import datetime

from yizhan.core.messages.codec import moment
from yizhan.pb.v1.event_pb2 import Event

ASKED = frozenset({"asked", "with_session"})
NOT_ASKED = "not_asked"
REASONS = frozenset({"window_closed", "no_quiet_moment", "withdrawn"})
UNKNOWN = "unknown"
"""What only a later version knows."""


@dataclass(frozen=True, slots=True)
class TicketRating:
    """``score`` (1 to 5) of the ``solving``-th solution of a ticket, as its customer gave it or somebody recorded it (``by``)."""

    ticket_id: str
    solving: int
    workspace: str
    channel: str
    score: int
    agent_id: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class TicketSurvey:
    """A customer was asked about a solution, or was not. ``outcome``: asked, with_session, or why not."""

    ticket_id: str
    solving: int
    workspace: str
    channel: str
    outcome: str
    at: datetime


def ticket_rating(event: Event) -> TicketRating:
    rated, address = event.ticket_rated, event.address
    return TicketRating(
        ticket_id=rated.ticket_id,
        solving=rated.solving,
        workspace=address.workspace,
        channel=address.channel,
        score=rated.score,
        agent_id=rated.agent_id,
        by=rated.by,
        at=moment(rated.at),
    )


def ticket_survey(event: Event) -> TicketSurvey | None:
    """None: it is about the answer, which routing tells once it is kept."""
    told, address = event.ticket_surveyed, event.address
    if told.mark in {"scored", "commented"}:
        return None
    outcome = told.mark if told.mark in ASKED else UNKNOWN
    if told.mark == NOT_ASKED and told.reason in REASONS:
        outcome = told.reason
    return TicketSurvey(
        ticket_id=told.ticket_id,
        solving=told.solving,
        workspace=address.workspace,
        channel=address.channel,
        outcome=outcome,
        at=moment(told.at),
    )
