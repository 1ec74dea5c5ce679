"""A customer leaves a message or is promised a call, from their words to the ticket: dialogue and routing on one database, and
what one publishes brought to the other.
"""

from dataclasses import dataclass
from datetime import timedelta

import pytest

from tests.contract.services.conftest import RecordingBus, SteppedClock
from tests.contract.services.routing_desk import Desk, desk_on
from tests.contract.services.test_callbacks import OFFICE, records
from tests.contract.services.test_routing_hours import MORNING, at, local, publish
from tests.contract.services.test_writer import Desk as Dialogue, address, said
from tests.contract.services.ticket_desk import tickets_on
from yizhan.core.bus import envelopes
from yizhan.core.bus.topology import Exchange
from yizhan.core.messages import command as k, content as c
from yizhan.core.messages.ids import new_id
from yizhan.core.messages.message import Author, AuthorKind, Message
from yizhan.core.store.database import Database
from yizhan.dialogue.conversation import State
from yizhan.pb.v1 import tickets_pb2 as pb

ANN, CUSTOMER = "ann", "v:1"


@dataclass
class Both:
    """Dialogue and routing without their processes, joined by the bus."""

    dialogue: Dialogue
    routing: Desk
    bus: RecordingBus
    carried: int = 0

    async def carry(self) -> None:
        """Bring what was published to whom it is for, in its order, until nothing is under way."""
        while self.carried < len(self.bus.published):
            item = self.bus.published[self.carried]
            self.carried += 1
            if item.exchange is Exchange.EVENTS:
                await self.routing.deliver(item.envelope.event)
            elif item.exchange is Exchange.INBOUND:
                await self.dialogue.take(item.envelope)

    async def says(self, text: str) -> None:
        await self.dialogue.take(said(CUSTOMER, text))
        await self.carry()

    async def presses(self, option: str) -> None:
        """A button of the last menu."""
        menu = (await self.dialogue.transcript(CUSTOMER))[-1].content.menu
        label = next(one.label for one in menu.options if one.id == option)
        pressed = Message(
            new_id(),
            address(CUSTOMER),
            Author(AuthorKind.CUSTOMER, CUSTOMER),
            c.Choice(menu.menu_id, option, label),
            self.routing.clock(),
            dedupe_key=new_id(),
        )
        await self.dialogue.take(envelopes.inbound(pressed, 16, producer="website-1").envelope)
        await self.carry()

    async def passes(self, by: timedelta) -> None:
        await self.routing.pass_time(by.total_seconds())
        await self.carry()

    async def last(self) -> str:
        return (await self.dialogue.words(CUSTOMER))[-1]

    async def ticket(self) -> pb.TicketRecord:
        [listed] = (await tickets_on(self.routing).page()).tickets
        return (await tickets_on(self.routing).get(listed)).ticket


@pytest.fixture
async def both(database: Database, bus: RecordingBus, clock: SteppedClock) -> Both:
    routing = desk_on(database, bus, clock)
    at(routing, MORNING)
    await publish(routing, OFFICE)
    return Both(Dialogue.on(database, bus, clock), routing, bus)


async def test_who_waits_leaves_a_message_and_is_told_the_number_and_when_they_are_answered(both: Both) -> None:
    await both.says("转人工")
    await both.presses("leave_message")
    await both.says("水壶漏水，想换一个")
    await both.says("138 1234 5678")
    ticket = await both.ticket()
    assert (ticket.source, ticket.last_text, ticket.contact_phone) == (
        "left_message",
        "水壶漏水，想换一个",
        "13812345678",
    )
    assert ticket.number in await both.last()
    assert "11月24日 10:30" in await both.last(), "eight hours of work from ten o'clock"
    assert (await both.dialogue.conversation(CUSTOMER)).state is State.TICKETED


async def test_a_call_is_promised_kept_across_a_restart_and_reported(
    both: Both, database: Database, bus: RecordingBus, clock: SteppedClock
) -> None:
    await both.says("转人工")
    await both.presses("callback")
    await both.says("今天下午三点")
    await both.says("13812345678")
    ticket = await both.ticket()
    assert "2026年11月23日（周一）15:00" in await both.last()
    assert ticket.number in await both.last()
    both.routing = desk_on(database, bus, clock)
    both.dialogue = Dialogue.on(database, bus, clock)
    await both.routing.agent(ANN)
    await both.passes(local(23, 14, 50) - clock())
    await both.routing.presence(ANN)
    [offer] = await both.routing.offers(ANN)
    assert offer.reason == "callback"
    await both.routing.accept(ANN, offer.id)
    await both.carry()
    conversation = await both.dialogue.conversation(CUSTOMER)
    assert (conversation.state, conversation.agent_id) == (State.ASSIGNED, ANN)
    assert (await both.ticket()).callback_state == "taken"
    await records(both.routing, ticket, "not_reached")
    await both.carry()
    assert (await both.dialogue.conversation(CUSTOMER)).state is State.BOT, "the agent is free again"
    assert "再联系您一次" in await both.last()
    await both.says("取消回电")
    assert "已取消" in await both.last()
    assert (await both.ticket()).callback_state == "cancelled"


async def test_nobody_is_promised_a_call_at_lunch(both: Both) -> None:
    await both.says("转人工")
    await both.presses("callback")
    await both.says("今天中午十二点半")
    await both.presses("here")
    assert "没有客服上班" in (await both.dialogue.transcript(CUSTOMER))[-1].content.menu.prompt
    await both.presses(f"at={local(23, 13, 30).isoformat()}")
    assert "13:30" in await both.last()
    assert (await both.ticket()).callback_at.ToDatetime(MORNING.tzinfo) == local(23, 13, 30)


async def test_a_call_that_nobody_makes_is_owned_up_to_in_the_conversation(both: Both) -> None:
    await both.says("转人工")
    await both.presses("callback")
    await both.presses("soonest")
    await both.presses("here")
    await both.passes(timedelta(minutes=20))
    assert "没能按时联系您" in await both.last()
    assert (await both.ticket()).callback_late
    assert [one.kind.change for one in both.routing.told(k.TellCallback) if isinstance(one.kind, k.TellCallback)] == [
        "missed"
    ]
