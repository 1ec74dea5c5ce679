"""Tickets whose clocks go by a contract with office hours."""

import pytest

from tests.contract.services.conftest import RecordingBus, SteppedClock
from tests.contract.services.routing_desk import Desk, desk_on
from tests.contract.services.test_routing_hours import OFFICE, at, local, publish
from tests.contract.services.ticket_desk import SUE, TicketDesk, tickets_on
from yizhan.core.messages.codec import moment
from yizhan.core.store.database import Database


@pytest.fixture
async def tickets(database: Database, bus: RecordingBus, clock: SteppedClock) -> TicketDesk:
    desk = desk_on(database, bus, clock)
    at(desk, local(23, 10))
    await publish(desk, OFFICE)
    await desk.agent("ann")
    return tickets_on(desk)


def later(tickets: TicketDesk, day: int, hour: int, minute: int = 0) -> Desk:
    at(tickets.desk, local(day, hour, minute))
    return tickets.desk


async def test_due_times_are_in_office_hours(tickets: TicketDesk) -> None:
    later(tickets, 27, 17)  # Friday, an hour before closing
    ticket = await tickets.make()
    assert moment(ticket.response_due) == local(30, 10), "an hour on Friday, and one on Monday"
    assert moment(ticket.solution_due) == local(30, 17, 30), "an hour on Friday, seven on Monday around lunch"


async def test_only_office_hours_with_the_customer_are_added(tickets: TicketDesk) -> None:
    ticket = await tickets.make()
    due = moment(ticket.solution_due)
    assert due == local(24, 10, 30), "six and a half hours today, the rest tomorrow"
    later(tickets, 23, 11)
    ticket = await tickets.edit(ticket, status="pending")
    later(tickets, 23, 14)
    ticket = await tickets.edit(ticket, status="open")
    assert moment(ticket.solution_due) == local(24, 12), "an hour until lunch and half an hour after it are added"
    assert moment(ticket.promised_by) == due


async def test_a_new_contract_moves_no_clock_that_has_started(tickets: TicketDesk) -> None:
    old = await tickets.make()
    later(tickets, 23, 11)
    version = await publish(tickets.desk, OFFICE.replace("18:00", "20:00").replace("8h", "3h"))
    old = await tickets.edit(old, status="on_hold")
    later(tickets, 23, 19)  # open by the new contract only
    old = await tickets.edit(old, status="open")
    assert moment(old.solution_due) == local(24, 17, 30), (
        "five and a half hours of the old day were waited, not six and a half"
    )
    new = await tickets.make("c2")
    assert moment(new.solution_due) == local(24, 11)
    assert (new.contract_version, old.contract_version != version) == (version, True)


async def test_what_rests_the_clock_is_the_contracts_to_say(tickets: TicketDesk) -> None:
    await publish(tickets.desk, f"{OFFICE}  paused_by: [pending]\n")
    held, asked = await tickets.make("c1"), await tickets.make("c2")
    later(tickets, 23, 11)
    held = await tickets.edit(held, status="on_hold")
    asked = await tickets.edit(asked, status="pending")
    later(tickets, 23, 12)
    held, asked = await tickets.edit(held, status="open"), await tickets.edit(asked, status="open")
    assert moment(held.solution_due) == local(24, 10, 30)
    assert moment(asked.solution_due) == local(24, 11, 30)


async def test_priorities_have_times_of_their_own(tickets: TicketDesk) -> None:
    await publish(tickets.desk, f"{OFFICE}  priorities:\n    urgent: {{response: 30m, solution: 4h}}\n")
    urgent = await tickets.make("c1", priority="urgent")
    normal = await tickets.make("c2")
    assert (moment(urgent.response_due), moment(urgent.solution_due)) == (local(23, 10, 30), local(23, 15, 30))
    assert moment(normal.response_due) == local(23, 12)
    raised = await tickets.edit(normal, SUE, priority="urgent")
    assert raised.response_due == normal.response_due, "it was promised as a normal one"
