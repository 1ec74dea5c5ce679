"""Heartbeats of agents' screens: they keep somebody present, and hold nobody up."""

import asyncio

import pytest

from tests.contract.services.conftest import RecordingBus, SteppedClock
from tests.contract.services.routing_desk import NO_CONTEXT, SHOP, Desk, desk_on
from yizhan.core.runtime.grpc import RpcProblem
from yizhan.core.store.database import Database
from yizhan.pb.v1 import routing_pb2 as pb
from yizhan.routing import store
from yizhan.routing.desk import CaseState
from yizhan.routing.upkeep import lose_silent


@pytest.fixture
def desk(database: Database, bus: RecordingBus, clock: SteppedClock) -> Desk:
    return desk_on(database, bus, clock)


async def test_a_heartbeat_keeps_an_agent_present(desk: Desk) -> None:
    await desk.agent("ann")
    for _ in range(3):
        desk.clock.step(40)
        assert (await desk.presence("ann")).presence == "online"
    assert await lose_silent(desk.switchboard, desk.database, desk.clock) == 0
    await desk.wants_human("c1")
    assert len(await desk.offers("ann")) == 1


async def test_who_was_silent_for_too_long_is_offered_what_waits_when_heard_of_again(desk: Desk) -> None:
    await desk.agent("ann")
    desk.clock.step(46)
    await desk.wants_human("c1")
    assert await desk.offers("ann") == []
    assert (await desk.presence("ann")).presence == "online"
    assert [offer.conversation_id for offer in await desk.offers("ann")] == ["c1"]


async def test_heartbeats_alone_bring_those_who_wait_their_news(desk: Desk) -> None:
    """Every agent is busy and nobody comes or goes: what a customer was told of the wait is still looked at."""
    await desk.agent("ann", capacity=1)
    await desk.wants_human("c1")
    [offer] = await desk.offers("ann")
    await desk.accept("ann", offer.id)
    await desk.wants_human("c2")
    await desk.wants_human("c3")
    for _ in range(6):
        desk.clock.step(10)
        await desk.presence("ann")
    async with desk.database.read() as tx:
        waiting = await store.cases_in(tx, SHOP, [CaseState.WAITING])
    assert [case.told_at for case in waiting] == [desk.clock()] * 2, "it was decided again what they are told"


async def test_an_unknown_agent_is_refused(desk: Desk) -> None:
    with pytest.raises(RpcProblem, match="unknown_agent"):
        await desk.presence("nobody")


async def test_one_agent_is_listed_without_the_others(desk: Desk) -> None:
    await desk.agent("ann")
    await desk.agent("bob")
    asked = pb.ListAgentsRequest(workspace=SHOP, agent_id="bob")
    assert [one.id for one in (await desk.api.ListAgents(asked, NO_CONTEXT)).agents] == ["bob"]


@pytest.mark.parametrize("database_url", [pytest.param("postgresql", marks=pytest.mark.real)], indirect=True)
async def test_heartbeats_do_not_wait_for_whoever_changes_the_desk(desk: Desk) -> None:
    """On one SQLite file nothing else can be written meanwhile anyway."""
    await desk.agent("ann")
    async with asyncio.timeout(30), desk.switchboard.shift(SHOP):
        assert (await desk.presence("ann")).presence == "online"
