"""Satisfaction with tickets: asked once for each solution, kept on the ticket, counted apart from conversations."""

from datetime import timedelta

import pytest

from tests.contract.services.conftest import NOON, RecordingBus, SteppedClock
from tests.contract.services.metrics_board import Board, event
from tests.contract.services.routing_desk import NO_CONTEXT, SHOP, Desk, desk_on
from tests.contract.services.ticket_desk import ANN, TicketDesk, tickets_on
from yizhan.core.messages.codec import moment, timestamp
from yizhan.core.messages.command import AskTicketRating
from yizhan.core.store.database import Database
from yizhan.pb.v1 import event_pb2, tickets_pb2 as pb


@pytest.fixture
async def tickets(database: Database, bus: RecordingBus, clock: SteppedClock) -> TicketDesk:
    desk = desk_on(database, bus, clock)
    await desk.agent("ann", state="offline")
    return tickets_on(desk)


async def surveyed(tickets: TicketDesk, ticket: pb.TicketRecord, mark: str, solving: int = 1, **said: object) -> None:
    told = event_pb2.TicketSurveyed(
        ticket_id=ticket.id,
        solving=solving,
        mark=mark,
        at=timestamp(tickets.desk.clock()),
        **said,  # type: ignore[arg-type]
    )
    await tickets.desk.event("c1", 3, ticket_surveyed=told)


def asked(desk: Desk) -> list[tuple[int, bool]]:
    """The solutions that dialogue was told to ask about, or not to ask about."""
    kinds = [command.kind for command in desk.told(AskTicketRating)]
    return [(kind.solving, kind.withdraw) for kind in kinds if isinstance(kind, AskTicketRating)]


def rated(desk: Desk) -> list[tuple[int, int, str]]:
    return [
        (one.ticket_rated.solving, one.ticket_rated.score, one.ticket_rated.by)
        for one in desk.bus.events("ticket_rated")
    ]


async def test_a_ticket_from_its_solution_to_its_rating_and_again(tickets: TicketDesk) -> None:
    desk, ticket = tickets.desk, await tickets.make("c1")
    ticket = await tickets.edit(ticket, status="solved")
    assert (asked(desk), ticket.survey) == ([(1, False)], "waiting")
    [command] = desk.told(AskTicketRating)
    assert (command.conversation_id, command.epoch) == ("c1", 0)
    await surveyed(tickets, ticket, "asked")
    desk.clock.step(60)
    await surveyed(tickets, ticket, "scored", score=2)
    await surveyed(tickets, ticket, "commented", comment="来得慢")
    found = await tickets.get(ticket)
    shown = found.ticket
    assert (shown.survey, shown.rating, shown.rating_comment) == ("asked", 2, "来得慢")
    assert moment(shown.rated_at) == desk.clock()
    assert [(one.kind, one.after) for one in found.history][-3:] == [
        ("surveyed", "asked"),
        ("rated", "2"),
        ("comment", "来得慢"),
    ]
    assert rated(desk) == [(1, 2, "customer")]

    reopened = await tickets.edit(shown, status="reopened")
    assert (reopened.rating, reopened.rating_comment, reopened.survey) == (0, "", "")
    await surveyed(tickets, ticket, "scored", score=5)
    assert (await tickets.get(ticket)).ticket.rating == 0, "said late, of the solution before"
    assert asked(desk) == [(1, False)], "asked again only when it is solved again"
    again = await tickets.edit(reopened, status="solved")
    await surveyed(tickets, ticket, "not_asked", 2, reason="window_closed")
    assert asked(desk) == [(1, False), (2, False)]
    last = (await tickets.get(again)).ticket
    assert (last.survey, last.survey_reason, last.rating) == ("not_asked", "window_closed", 0)
    assert rated(desk) == [(1, 2, "customer")]


async def test_what_was_not_asked_yet_is_withdrawn(tickets: TicketDesk) -> None:
    solved = await tickets.edit(await tickets.make("c1"), status="solved")
    await tickets.edit(solved, status="reopened")
    assert asked(tickets.desk) == [(1, False), (1, True)]


async def test_a_rating_that_somebody_records_is_counted_as_theirs_and_asks_nobody(tickets: TicketDesk) -> None:
    solved = await tickets.edit(await tickets.make("c1"), status="solved")
    for score in (3, 4):
        given = pb.RateTicketRequest(workspace=SHOP, ticket_id=solved.id, score=score, by=ANN)
        await tickets.api.RateTicket(given, NO_CONTEXT)
    assert asked(tickets.desk) == [(1, False), (1, True)]
    assert rated(tickets.desk) == [(1, 3, "agent"), (1, 4, "agent")]


async def test_of_a_ticket_with_a_question_of_its_own_a_session_says_nothing(tickets: TicketDesk) -> None:
    solved = await tickets.edit(await tickets.make("c1"), status="solved")
    await surveyed(tickets, solved, "asked")
    told = event_pb2.ConversationRated(score=1, agent_id="ann", at=timestamp(tickets.desk.clock()))
    await tickets.desk.event("c1", 6, conversation_rated=told)
    assert (await tickets.get(solved)).ticket.rating == 0


def given(score: int, after: float, *, ticket: str = "t1", solving: int = 1) -> event_pb2.Event:
    told = event_pb2.TicketRated(
        ticket_id=ticket,
        solving=solving,
        score=score,
        at=timestamp(NOON - timedelta(seconds=60 - after)),
        by="customer",
    )
    return event(ticket_rated=told)


def question(mark: str, ticket: str = "t1", reason: str = "") -> event_pb2.Event:
    told = event_pb2.TicketSurveyed(ticket_id=ticket, solving=1, mark=mark, at=timestamp(NOON), reason=reason)
    return event(ticket_surveyed=told)


async def test_it_is_counted_apart_from_conversations_whatever_comes_late_or_again(
    database: Database, clock: SteppedClock
) -> None:
    board = Board(database, clock)
    session = event(conversation_rated=event_pb2.ConversationRated(score=1, at=timestamp(NOON)))
    story = [
        question("asked"),
        question("scored"),
        given(5, 20),
        given(2, 10),
        given(3, 30, solving=2),
        question("with_session", "t2"),
        question("not_asked", "t3", "window_closed"),
        session,
    ]
    await board.happen(*story)
    await board.happen(*reversed(story))
    numbers = await board.numbers()
    assert (numbers.ticket_ratings, numbers.ticket_rating_average, numbers.ticket_surveys) == (2, 4.0, 2)
    assert (numbers.ratings, numbers.rating_average) == (1, 1.0)
    assert board.counted("yizhan_ticket_surveys_total") == {
        ("website", "asked"): 1,
        ("website", "with_session"): 1,
        ("website", "window_closed"): 1,
    }
    assert board.counted("yizhan_ticket_ratings_total") == {
        ("customer", "website", "5"): 1,
        ("customer", "website", "2"): 1,
        ("customer", "website", "3"): 1,
    }
