"""Honest waiting: a place in one's own queue, an interval where it can be said, and never worse news."""

import pytest

from tests.contract.services.conftest import RecordingBus, SteppedClock
from tests.contract.services.routing_desk import NO_CONTEXT, SHOP, Desk, desk_on
from yizhan.core.messages import command as k
from yizhan.core.store.database import Database
from yizhan.pb.v1 import routing_pb2 as pb

TOOK = 120


@pytest.fixture
async def desk(database: Database, bus: RecordingBus, clock: SteppedClock) -> Desk:
    desk = desk_on(database, bus, clock)
    await desk.agent("ann", capacity=1)
    return desk


async def served(desk: Desk, conversation: str, seconds: float = TOOK) -> None:
    """A case from its request to its end."""
    await desk.wants_human(conversation)
    [offer] = await desk.offers("ann")
    await desk.accept("ann", offer.id)
    desk.clock.step(seconds)
    await desk.presence("ann")
    await desk.closed(conversation, 4)


def told(desk: Desk) -> list[tuple[str, k.TellProgress]]:
    found = desk.told(k.TellProgress)
    return [(one.conversation_id, one.kind) for one in found if isinstance(one.kind, k.TellProgress)]


async def test_without_a_past_a_place_is_told_and_no_time(desk: Desk) -> None:
    for conversation in ("c1", "c2", "c3"):
        await desk.wants_human(conversation)
    assert told(desk) == [("c2", k.TellProgress(1)), ("c3", k.TellProgress(2))]


async def test_a_steady_past_lets_the_wait_be_told(desk: Desk) -> None:
    for number in range(25):
        await served(desk, f"p{number}", TOOK + number % 5)
    for conversation in ("c1", "c2", "c3"):
        await desk.wants_human(conversation)
    (_, first), (_, second) = told(desk)
    assert 0 < first.low_seconds <= TOOK <= first.high_seconds
    assert (first.position, second.position) == (1, 2)
    assert second.low_seconds >= first.low_seconds
    assert second.high_seconds > first.high_seconds


async def test_who_just_came_makes_the_past_no_measure(desk: Desk) -> None:
    for number in range(25):
        await served(desk, f"p{number}", TOOK + number % 5)
    await desk.agent("bob", capacity=1)
    for conversation in ("c1", "c2", "c3"):
        await desk.wants_human(conversation)
    assert told(desk) == [("c3", k.TellProgress(1))], "a place, and no time that nobody knows"


async def test_a_place_counts_those_who_wait_for_the_same_people(desk: Desk) -> None:
    await desk.agent("bob", capacity=1)
    given = pb.Group(workspace=SHOP, name="退款组", agent_ids=["bob"])
    own = (await desk.api.PutGroup(pb.PutGroupRequest(group=given), NO_CONTEXT)).group.id
    routes = [pb.Route(reason="requested", group_id=own)]
    await desk.api.PutRoutes(pb.PutRoutesRequest(workspace=SHOP, routes=routes), NO_CONTEXT)
    for conversation in ("c1", "c2", "c3"):
        await desk.wants_human(conversation)
    assert [(one, kind.position) for one, kind in told(desk)] == [("c2", 1), ("c3", 2)]


async def test_nobody_is_told_that_they_fell_back(desk: Desk) -> None:
    for conversation in ("c1", "c2", "c3"):
        await desk.wants_human(conversation)
    [offer] = await desk.offers("ann")
    await desk.decline("ann", offer.id)
    places = [kind.position for one, kind in told(desk) if one == "c3"]
    assert places == sorted(places, reverse=True)
