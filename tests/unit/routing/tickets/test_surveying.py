"""What a customer is asked about the solution of a ticket, and what their answer does to it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.unit.routing.tickets.examples import NOON, ticket as fresh
from yizhan.core.messages.command import AskTicketRating
from yizhan.routing.tickets.surveying import Mark, Surveyed, after_survey, question_of, rates_with_session
from yizhan.routing.tickets.ticket import SYSTEM, Status, Survey, Ticket
from yizhan.routing.tickets.transitions import Periods
from yizhan.routing.tickets.writing import TicketNews

S = Status


def ticket(status: Status = S.SOLVED, **fields: object) -> Ticket:
    """Solved for the second time, and to be asked about."""
    made = fresh(id="t1", number="T000001", status=status, solvings=2, survey=Survey.WAITING)
    return replace(made, **fields)  # type: ignore[arg-type]


def told(mark: Mark, solving: int = 2, **fields: object) -> Surveyed:
    return Surveyed("t1", solving, mark, NOON, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("news", "survey", "kept"),
    [
        pytest.param(told(Mark.ASKED), Survey.ASKED, (0, ""), id="asked"),
        pytest.param(told(Mark.NOT_ASKED, reason="window_closed"), Survey.NOT_ASKED, (0, ""), id="could not be asked"),
        pytest.param(told(Mark.SCORED, score=4), Survey.WAITING, (4, ""), id="answered before it was heard of"),
        pytest.param(told(Mark.COMMENTED, comment="慢"), Survey.WAITING, (0, "慢"), id="explained"),
        pytest.param(told(Mark.SCORED, solving=1, score=1), Survey.WAITING, (0, ""), id="about the solution before"),
        pytest.param(told(Mark.SCORED, score=9), Survey.WAITING, (0, ""), id="no score"),
    ],
)
def test_what_becomes_of_the_question(news: Surveyed, survey: Survey, kept: tuple[int, str]) -> None:
    after, steps = after_survey(ticket(), news)
    assert (after.survey, (after.rating, after.rating_comment)) == (survey, kept)
    assert bool(steps) == (after != ticket()), "the history tells of it"


@pytest.mark.parametrize("status", [S.REOPENED, S.OPEN, S.PENDING])
def test_a_ticket_that_was_taken_up_again_keeps_no_rating(status: Status) -> None:
    before = ticket(status)
    assert after_survey(before, told(Mark.SCORED, score=5)) == (before, ())


def asked(**fields: object) -> AskTicketRating:
    return AskTicketRating("t1", "T000001", 2, fields.pop("until", NOON), **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("before", "after", "question"),
    [
        pytest.param(
            ticket(S.OPEN, solvings=1, survey=Survey.NONE),
            ticket(),
            asked(until=NOON + timedelta(days=7)),
            id="solved by somebody",
        ),
        pytest.param(
            ticket(S.OPEN, solvings=1, survey=Survey.NONE),
            ticket(survey=Survey.WITH_SESSION),
            asked(until=NOON + timedelta(days=7), at_end=True),
            id="solved with the end of its conversation",
        ),
        pytest.param(ticket(), ticket(S.REOPENED, survey=Survey.NONE), asked(withdraw=True), id="taken up again"),
        pytest.param(ticket(), ticket(rating=4), asked(withdraw=True), id="somebody has recorded the rating"),
        pytest.param(ticket(survey=Survey.ASKED), ticket(S.REOPENED), None, id="taken up again after it was asked"),
        pytest.param(ticket(), ticket(S.CLOSED), None, id="closed: the question may still be asked"),
        pytest.param(ticket(S.OPEN, survey=Survey.NONE), ticket(S.CLOSED, survey=Survey.NONE), None, id="never solved"),
        pytest.param(ticket(), ticket(title="x"), None, id="an edit"),
    ],
)
def test_what_dialogue_is_told(before: Ticket, after: Ticket, question: AskTicketRating | None) -> None:
    assert question_of(TicketNews(before, after, SYSTEM), NOON, Periods()) == question


@pytest.mark.parametrize("survey", list(Survey))
def test_the_rating_of_a_session_is_a_tickets_where_that_is_not_asked_about(survey: Survey) -> None:
    assert rates_with_session(ticket(survey=survey)) == (survey in {Survey.NONE, Survey.WITH_SESSION})
