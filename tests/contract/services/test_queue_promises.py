"""A supervisor sees which customers were promised a person, and whose promise comes due first."""

from datetime import timedelta

from tests.contract.services.conftest import RecordingBus, SteppedClock
from tests.contract.services.routing_desk import NO_CONTEXT, SHOP, Desk, desk_on
from yizhan.core.messages.codec import moment
from yizhan.core.store.database import Database
from yizhan.pb.v1 import routing_pb2 as pb


async def queue(desk: Desk, most: int) -> pb.GetQueueResponse:
    return await desk.api.GetQueue(pb.GetQueueRequest(workspace=SHOP, most_promises=most), NO_CONTEXT)


async def test_promises_are_told_as_they_come_due_with_whom_they_are_offered_to(
    database: Database, bus: RecordingBus, clock: SteppedClock
) -> None:
    desk = desk_on(database, bus, clock)
    await desk.agent("ann", capacity=1)
    await desk.wants_human("c1")
    clock.step(5)
    await desk.wants_human("c2")
    told = await queue(desk, 10)
    assert [(one.conversation_id, one.agent_id) for one in told.promises] == [("c1", "ann"), ("c2", "")]
    first, second = told.promises
    assert moment(second.deadline) - moment(first.deadline) == timedelta(seconds=5)
    assert moment(first.deadline) > moment(first.requested_at)

    assert [one.conversation_id for one in (await queue(desk, 1)).promises] == ["c1"]
    assert not (await queue(desk, 0)).promises, "whoever only wants figures gets figures"


async def test_a_customer_who_has_a_person_is_no_promise_any_more(
    database: Database, bus: RecordingBus, clock: SteppedClock
) -> None:
    desk = desk_on(database, bus, clock)
    await desk.agent("ann")
    await desk.wants_human("c1")
    offers = await desk.api.ListOffers(pb.ListOffersRequest(workspace=SHOP, agent_id="ann"), NO_CONTEXT)
    await desk.api.AcceptOffer(
        pb.AcceptOfferRequest(workspace=SHOP, agent_id="ann", offer_id=offers.offers[0].id), NO_CONTEXT
    )
    assert not (await queue(desk, 10)).promises
