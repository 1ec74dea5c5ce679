"""What a customer is asked about a ticket's solution, and what they said to it. Pure but for ``tell``. ADR 0041."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from yizhan.core.bus import envelopes
from yizhan.core.messages.codec import address_to_proto, timestamp
from yizhan.core.messages.command import AskTicketRating
from yizhan.core.messages.ids import derived_id
from yizhan.core.store.outbox import OutboxRow
from yizhan.pb.v1 import event_pb2
from yizhan.routing.shift import Shift
from yizhan.routing.tickets.change import Step
from yizhan.routing.tickets.ticket import Status, Survey, Ticket
from yizhan.routing.tickets.transitions import Periods
from yizhan.routing.tickets.writing import TicketNews

SETTLED = frozenset({Status.SOLVED, Status.CLOSED})
BEST_RATING = 5
LONGEST_COMMENT = 1000


class Mark(StrEnum):
    """What dialogue tells of a question."""

    ASKED = "asked"
    WITH_SESSION = "with_session"
    NOT_ASKED = "not_asked"
    SCORED = "scored"
    COMMENTED = "commented"


@dataclass(frozen=True, slots=True)
class Surveyed:
    """Something became of the question about the ``solving``-th solution of a ticket."""

    ticket_id: str
    solving: int
    mark: Mark
    at: datetime
    reason: str = ""
    score: int = 0
    comment: str = ""


_SURVEYS = {
    Mark.ASKED: Survey.ASKED,
    Mark.WITH_SESSION: Survey.WITH_SESSION,
    Mark.NOT_ASKED: Survey.NOT_ASKED,
}


def surveyed_from(told: event_pb2.TicketSurveyed, at: datetime) -> Surveyed | None:
    """None: only a later version knows what it says."""
    try:
        mark = Mark(told.mark)
    except ValueError:
        return None
    return Surveyed(told.ticket_id, told.solving, mark, at, told.reason, told.score, told.comment)


def after_survey(ticket: Ticket, surveyed: Surveyed) -> tuple[Ticket, Sequence[Step]]:
    """The ticket with that in it. What is about an earlier solution changes nothing: it has been taken up again since."""
    if surveyed.solving != ticket.solvings or ticket.status not in SETTLED or ticket.merged_into:
        return ticket, ()
    match surveyed.mark:
        case Mark.SCORED:
            if not 1 <= surveyed.score <= BEST_RATING:
                return ticket, ()
            step = Step("rated", str(ticket.rating or ""), str(surveyed.score))
            return replace(ticket, rating=surveyed.score, rated_at=surveyed.at), [step]
        case Mark.COMMENTED:
            comment = surveyed.comment[:LONGEST_COMMENT]
            return replace(ticket, rating_comment=comment), [Step("comment", "", comment, quiet=True)]
        case _:
            survey = _SURVEYS[surveyed.mark]
            if survey is ticket.survey and ticket.surveyed_at is not None:
                return ticket, ()
            after = replace(ticket, survey=survey, survey_reason=surveyed.reason[:32], surveyed_at=surveyed.at)
            return after, [Step("surveyed", surveyed.reason, survey.value, quiet=True)]


def rates_with_session(ticket: Ticket) -> bool:
    """Whether what the customer says of a session is about this ticket too: nobody asks about the ticket alone."""
    return not ticket.merged_into and ticket.survey in {Survey.NONE, Survey.WITH_SESSION}


def question_of(news: TicketNews, now: datetime, periods: Periods) -> AskTicketRating | None:
    """What dialogue is to ask, or not to ask any more; None: nothing changed about that."""
    before, after = news.before, news.after
    was = before.status if before else None
    if after.status is Status.SOLVED and was is not Status.SOLVED:
        at_end = after.survey is Survey.WITH_SESSION
        return AskTicketRating(after.id, after.number, after.solvings, now + periods.close, at_end=at_end)
    if before is None or before.survey is not Survey.WAITING:
        return None
    if after.status not in SETTLED or (after.rating and not before.rating):
        return AskTicketRating(before.id, before.number, before.solvings, now, withdraw=True)
    return None


def tell(shift: Shift, changes: Iterable[TicketNews], periods: Periods) -> None:
    """Have customers asked about what was solved, and tell of new ratings. Ids follow from what is told."""
    for news in changes:
        asked = question_of(news, shift.now, periods)
        if asked is not None:
            named = derived_id("survey", asked.ticket_id, str(asked.solving), "withdraw" if asked.withdraw else "ask")
            shift.command(news.after.address, news.after.conversation_id, 0, asked, id=named)
        known = (news.before.rating, news.before.rated_at) if news.before else (0, None)
        if news.after.rating and known != (news.after.rating, news.after.rated_at):
            shift.rows.append(OutboxRow(envelopes.event(_rated(news, shift)), None))


def _rated(news: TicketNews, shift: Shift) -> event_pb2.Event:
    ticket = news.after
    event = event_pb2.Event(
        id=shift.new_id(), address=address_to_proto(ticket.address), conversation_id=ticket.conversation_id
    )
    rated = event_pb2.TicketRated(
        ticket_id=ticket.id,
        ticket_number=ticket.number,
        solving=ticket.solvings,
        score=ticket.rating,
        at=timestamp(ticket.rated_at or shift.now),
        agent_id=ticket.agent_id,
        by=news.by.role.value,
    )
    event.ticket_rated.CopyFrom(rated)
    return event
