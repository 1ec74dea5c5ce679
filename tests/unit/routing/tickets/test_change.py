"""Edits of a ticket, and the history they leave."""

import pytest

from tests.unit.routing.tickets.examples import FRESH, HOUR, NOON, ticket
from yizhan.routing.tickets.change import MOST_TAGS, Step, TicketChange, changed
from yizhan.routing.tickets.due import ElapsedDeadlines
from yizhan.routing.tickets.errors import TicketMerged, TicketRefused, ValueTooLarge
from yizhan.routing.tickets.ticket import Actor, Kind, Priority, Role, Status, Ticket
from yizhan.routing.tickets.transitions import Periods

ANN = Actor("ann", "安", Role.AGENT)


def edited(given: Ticket, **fields: object) -> tuple[Ticket, list[Step]]:
    change = TicketChange(**fields)  # type: ignore[arg-type]
    after, steps = changed(given, change, ANN, NOON + HOUR, ElapsedDeadlines(), Periods())
    return after, list(steps)


def test_each_difference_is_a_line_of_the_history() -> None:
    after, steps = edited(
        ticket(tags=("旧",)),
        status=Status.PENDING,
        agent_id="bob",
        priority=Priority.URGENT,
        kind=Kind.COMPLAINT,
        title="  退款未到账 ",
        add_tags=("退款",),
        remove_tags=("旧",),
    )
    assert (after.agent_id, after.title, after.tags) == ("bob", "退款未到账", ("退款",))
    assert steps == [
        Step("status", "open", "pending"),
        Step("assignee", "", "bob"),
        Step("priority", "normal", "urgent"),
        Step("type", "other", "complaint"),
        Step("title", "", "退款未到账"),
        Step("tag", "旧", ""),
        Step("tag", "", "退款"),
    ]


def test_what_is_as_it_should_be_leaves_no_trace() -> None:
    assert edited(FRESH, status=Status.OPEN, agent_id="", priority=Priority.NORMAL, remove_tags=("x",)) == (FRESH, [])


def test_a_new_priority_moves_no_promise() -> None:
    after, _ = edited(FRESH, priority=Priority.URGENT)
    assert (after.response_due, after.solution_due) == (FRESH.response_due, FRESH.solution_due)


@pytest.mark.parametrize(
    ("given", "fields", "refusal"),
    [
        pytest.param(FRESH, {"title": "长" * 201}, ValueTooLarge, id="an endless title"),
        pytest.param(FRESH, {"add_tags": ("长" * 41,)}, ValueTooLarge, id="an endless tag"),
        pytest.param(
            FRESH, {"add_tags": tuple(str(n) for n in range(MOST_TAGS + 1))}, ValueTooLarge, id="too many tags"
        ),
        pytest.param(ticket(merged_into="t2"), {"agent_id": "bob"}, TicketMerged, id="part of another one"),
    ],
)
def test_edits_that_are_refused(given: Ticket, fields: dict[str, object], refusal: type[TicketRefused]) -> None:
    with pytest.raises(refusal):
        edited(given, **fields)
