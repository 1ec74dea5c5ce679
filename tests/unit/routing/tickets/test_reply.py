"""Whether an agent may answer on a ticket, as far as routing knows: a table."""

from dataclasses import replace

import pytest

from tests.unit.routing.tickets.examples import NOON, ticket
from yizhan.core.messages.address import Address
from yizhan.routing.callbacks.callback import CALLBACK
from yizhan.routing.desk import Case, CaseState
from yizhan.routing.tickets.errors import ConversationTaken, CustomerWaits, TicketClosed, TicketRefused, ValueTooLarge
from yizhan.routing.tickets.reply import LONGEST_REPLY, check
from yizhan.routing.tickets.ticket import Status, Ticket

CASE = Case(
    id="k",
    workspace="shop",
    conversation_id="c1",
    address=Address("shop", "website", "demo", "v1"),
    epoch=2,
    state=CaseState.WAITING,
    reason="requested",
    customer_name="",
    last_text="",
    requested_at=NOON,
    deadline=NOON,
)
CALL = replace(CASE, reason=CALLBACK, ticket_id="t1", epoch=0)
OPEN = ticket()


def had_by(agent: str, case: Case = CASE) -> Case:
    return replace(case, state=CaseState.ASSIGNED, agent_id=agent)


@pytest.mark.parametrize(
    ("given", "text", "cases", "expected"),
    [
        pytest.param(OPEN, "好的", [], None, id="the assistant has it, or nobody"),
        pytest.param(ticket(status=Status.SOLVED), "好的", [], None, id="a last word on what is solved"),
        pytest.param(ticket(status=Status.CLOSED), "好的", [], TicketClosed, id="it is closed"),
        pytest.param(OPEN, "好的", [had_by("ann")], None, id="it is the agent's own"),
        pytest.param(OPEN, "好的", [had_by("bob")], ConversationTaken, id="a colleague has it"),
        pytest.param(OPEN, "好的", [CASE], CustomerWaits, id="somebody is looked for"),
        pytest.param(
            OPEN,
            "好的",
            [replace(CASE, state=CaseState.OFFERED, agent_id="ann")],
            CustomerWaits,
            id="it is offered, even to the agent: accepting it is the way",
        ),
        pytest.param(OPEN, "好的", [CALL], None, id="a promised call holds no conversation"),
        pytest.param(OPEN, "好的", [had_by("bob", CALL)], ConversationTaken, id="until somebody makes it"),
        pytest.param(OPEN, " \n", [], ValueTooLarge, id="there is nothing to say"),
        pytest.param(OPEN, "长" * (LONGEST_REPLY + 1), [], ValueTooLarge, id="too long"),
    ],
)
def test_who_may_answer(given: Ticket, text: str, cases: list[Case], expected: type[TicketRefused] | None) -> None:
    if expected is None:
        check(given, text, cases, "ann")
        return
    with pytest.raises(expected):
        check(given, text, cases, "ann")
