"""An agent gives a customer to a colleague, and what the customer's conversation makes of it: dialogue and routing on one
database, and what one publishes brought to the other.
"""

import pytest

from tests.contract.services.conftest import RecordingBus, SteppedClock
from tests.contract.services.routing_desk import NO_CONTEXT, SHOP, desk_on
from tests.contract.services.test_choices_together import CUSTOMER, Both
from tests.contract.services.test_writer import Desk as Dialogue
from yizhan.core.store.database import Database
from yizhan.dialogue.conversation import State
from yizhan.pb.v1 import routing_pb2 as pb

COLLEAGUE = {"ann": "bob", "bob": "ann"}
MOVED = "转接其他客服"
"""What the customer reads each time they are handed on."""


@pytest.fixture
async def both(database: Database, bus: RecordingBus, clock: SteppedClock) -> Both:
    """Both are there; who wants a human is offered to one of them."""
    joined = Both(Dialogue.on(database, bus, clock), desk_on(database, bus, clock), bus)
    for name in COLLEAGUE:
        await joined.routing.agent(name)
    await joined.says("转人工")
    return joined


async def accept(both: Both) -> pb.Assignment:
    """Whoever is offered the customer takes them; dialogue has not heard of it."""
    [offer] = [offer for name in COLLEAGUE for offer in await both.routing.offers(name)]
    return await both.routing.accept(offer.agent_id, offer.id)


async def transfer(both: Both, mine: pb.Assignment) -> None:
    """To the other one; dialogue has not heard of it."""
    asked = pb.TransferRequest(
        workspace=SHOP,
        agent_id=mine.agent_id,
        conversation_id=mine.conversation_id,
        epoch=mine.epoch,
        to_agent_id=COLLEAGUE[mine.agent_id],
    )
    await both.routing.api.Transfer(asked, NO_CONTEXT)


async def moves(both: Both) -> int:
    return sum(MOVED in words for words in await both.dialogue.words(CUSTOMER))


async def test_colleagues_give_a_customer_back_and_forth_as_often_as_they_like(both: Both) -> None:
    mine = await accept(both)
    await both.carry()
    for times in range(1, 5):
        had = mine.agent_id
        await transfer(both, mine)
        await both.carry()
        mine = await accept(both)
        await both.carry()
        conversation = await both.dialogue.conversation(CUSTOMER)
        assert (conversation.agent_id, conversation.epoch) == (COLLEAGUE[had], mine.epoch)
        assert await moves(both) == times


async def test_a_transfer_asked_for_twice_moves_the_customer_once(both: Both) -> None:
    """The answer to the first call was lost on its way, and the screen sends it again."""
    mine = await accept(both)
    await both.carry()
    for _ in range(2):
        await transfer(both, mine)
    await both.carry()
    after = await accept(both)
    await both.carry()
    conversation = await both.dialogue.conversation(CUSTOMER)
    assert (conversation.agent_id, conversation.epoch) == (COLLEAGUE[mine.agent_id], after.epoch)
    assert await moves(both) == 1


async def test_a_transfer_that_overtook_its_assignment_can_be_asked_for_again(both: Both) -> None:
    """The process died between taking the acceptance and publishing it: its successor does so seconds later."""
    mine = await accept(both)
    await transfer(both, mine)
    [acceptance] = [item for item in both.bus.published if item.envelope.command.HasField("assign")]
    both.bus.published.remove(acceptance)
    both.bus.published.append(acceptance)
    await both.carry()
    conversation = await both.dialogue.conversation(CUSTOMER)
    assert (conversation.state, conversation.agent_id) == (State.ASSIGNED, mine.agent_id), "refused: it came too early"
    await transfer(both, mine)
    await both.carry()
    assert (await accept(both)).agent_id == COLLEAGUE[mine.agent_id], "an agent who asks again is not stuck with them"
    assert await moves(both) == 1
