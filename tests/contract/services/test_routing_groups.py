"""Who is asked for what: groups, skills, languages, routes, the ladder, the last agent; and why."""

import asyncio
import json
from collections import Counter

import pytest

from tests.contract.services.conftest import RecordingBus, SteppedClock
from tests.contract.services.routing_desk import NO_CONTEXT, SHOP, Desk, desk_on
from yizhan.core.messages import command as k
from yizhan.core.messages.codec import timestamp
from yizhan.core.runtime.grpc import RpcProblem
from yizhan.core.store.database import Database
from yizhan.pb.v1 import event_pb2, routing_pb2 as pb
from yizhan.routing.desk import CaseState
from yizhan.routing.matching.record import recompute


@pytest.fixture
def desk(database: Database, bus: RecordingBus, clock: SteppedClock) -> Desk:
    return desk_on(database, bus, clock)


async def group(desk: Desk, name: str, *agents: str, wider: tuple[str, ...] = ()) -> str:
    given = pb.Group(workspace=SHOP, name=name, agent_ids=agents, wider_ids=wider)
    return (await desk.api.PutGroup(pb.PutGroupRequest(group=given), NO_CONTEXT)).group.id


async def able(
    desk: Desk,
    agent: str,
    skills: dict[str, int] | None = None,
    *,
    languages: tuple[str, ...] = (),
    supervisor: bool = False,
) -> pb.Agent:
    asked = pb.SetAbilitiesRequest(
        workspace=SHOP,
        agent_id=agent,
        skills=[pb.Skill(name=name, level=level) for name, level in (skills or {}).items()],
        languages=languages,
        supervisor=supervisor,
    )
    return (await desk.api.SetAbilities(asked, NO_CONTEXT)).agent


async def routed(desk: Desk, *routes: pb.Route, revision: int = 0) -> int:
    asked = pb.PutRoutesRequest(workspace=SHOP, routes=routes, revision=revision)
    return (await desk.api.PutRoutes(asked, NO_CONTEXT)).revision


async def wants(desk: Desk, conversation: str, epoch: int = 2, **about: object) -> None:
    request = event_pb2.HandoffRequested(reason="requested", at=timestamp(desk.clock()), **about)  # type: ignore[arg-type]
    await desk.event(conversation, epoch, handoff_requested=request)


async def offered(desk: Desk, *agents: str) -> dict[str, list[str]]:
    return {agent: [offer.conversation_id for offer in await desk.offers(agent)] for agent in agents}


async def decisions(desk: Desk, conversation: str) -> list[pb.RoutingDecision]:
    asked = pb.ListDecisionsRequest(workspace=SHOP, conversation_id=conversation)
    return list((await desk.api.ListDecisions(asked, NO_CONTEXT)).decisions)


async def test_a_case_goes_to_the_group_that_its_route_names(desk: Desk) -> None:
    for name in ("ann", "bob"):
        await desk.agent(name)
    refunds = await group(desk, "退款组", "bob")
    await routed(desk, pb.Route(topic="退款", group_id=refunds))
    await wants(desk, "c1", topic="退款/进度")
    await wants(desk, "c2", topic="物流")
    assert await offered(desk, "ann", "bob") == {"ann": ["c2"], "bob": ["c1"]}


async def test_a_group_is_waited_for_then_others_are_asked(desk: Desk) -> None:
    for name in ("ann", "bob", "eve", "sue"):
        await desk.agent(name, capacity=1)
    await able(desk, "sue", supervisor=True)
    wider = await group(desk, "售后", "ann")
    own = await group(desk, "退款组", "bob", wider=(wider,))
    await routed(desk, pb.Route(group_id=own))
    await wants(desk, "busy")
    await wants(desk, "c1")
    assert await offered(desk, "ann", "bob", "eve", "sue") == {"ann": [], "bob": ["busy"], "eve": [], "sue": []}
    for agent in ("ann", "bob", "eve", "sue"):
        await desk.presence(agent)
    [busy] = await desk.offers("bob")
    await desk.accept("bob", busy.id)
    await desk.pass_time(20)
    assert (await offered(desk, "ann"))["ann"] == ["c1"], "after 20 s the group that stands in is asked"
    [offer] = await desk.offers("ann")
    await desk.decline("ann", offer.id)
    [again] = await desk.offers("ann")
    assert again.id != offer.id, "nobody else may be asked yet"
    for agent in ("ann", "bob", "eve", "sue"):
        await desk.presence(agent)
    await desk.pass_time(15)
    assert (await offered(desk, "ann"))["ann"] == ["c1"]
    await desk.pass_time(5)
    [last] = await desk.offers("ann")
    await desk.decline("ann", last.id)
    found = await offered(desk, "eve", "sue")
    assert sorted(found["eve"] + found["sue"]) == ["c1"], "after 40 s everyone is asked, supervisors too"


async def test_skills_and_languages_decide_who_can(desk: Desk) -> None:
    for name in ("ann", "bob", "eve"):
        await desk.agent(name)
    await able(desk, "ann", {"invoice": 2}, languages=("zh",))
    await able(desk, "bob", {"invoice": 5}, languages=("zh", "en"))
    await able(desk, "eve", languages=("en",))
    await routed(desk, pb.Route(topic="发票", skills=["invoice"]))
    await wants(desk, "c1", topic="发票", language="zh")
    await wants(desk, "c2", language="en")
    found = await offered(desk, "ann", "bob", "eve")
    assert found["bob"][0] == "c1", "the higher skill comes first"
    assert "c2" in found["eve"], "who speaks the language and has least to do"
    assert "c2" not in found["ann"]


async def test_an_urgent_case_goes_before_those_who_came_earlier(desk: Desk) -> None:
    await desk.agent("ann", capacity=1)
    await wants(desk, "c0")
    await wants(desk, "c1")
    desk.clock.step(1)
    await wants(desk, "c2", urgency=event_pb2.URGENCY_CRITICAL)
    [busy] = await desk.offers("ann")
    await desk.accept("ann", busy.id)
    await desk.closed("c0", 4)
    assert (await offered(desk, "ann"))["ann"] == ["c2"]


async def test_a_customer_comes_back_to_whom_they_know(desk: Desk) -> None:
    for name in ("ann", "bob"):
        await desk.agent(name, capacity=3)
    await wants(desk, "c1")
    [first] = [*await desk.offers("ann"), *await desk.offers("bob")]
    await desk.accept(first.agent_id, first.id)
    await desk.closed("c1", 4)
    for number in range(2):
        await wants(desk, f"d{number}")
    desk.clock.step(1)
    await wants(desk, "c1", epoch=6)
    again = [offer for name in ("ann", "bob") for offer in await desk.offers(name) if offer.conversation_id == "c1"]
    assert [offer.agent_id for offer in again] == [first.agent_id]


async def test_heavy_cases_take_more_of_a_capacity(desk: Desk) -> None:
    await desk.agent("ann", capacity=3)
    await routed(desk, pb.Route(topic="投诉", weight=2))
    await wants(desk, "c1", topic="投诉")
    await wants(desk, "c2", topic="投诉")
    await wants(desk, "c3")
    assert (await offered(desk, "ann"))["ann"] == ["c1"], "room is kept for the heavy one that came earlier"
    agents = (await desk.api.ListAgents(pb.ListAgentsRequest(workspace=SHOP), NO_CONTEXT)).agents
    assert [agent.load for agent in agents] == [2]


async def test_every_offer_says_why_and_can_be_reckoned_again(desk: Desk) -> None:
    for name in ("ann", "bob"):
        await desk.agent(name)
    await desk.agent("eve", state="away")
    await wants(desk, "c1")
    [offer] = [*await desk.offers("ann"), *await desk.offers("bob")]
    await desk.decline(offer.agent_id, offer.id)
    first, second = await decisions(desk, "c1")
    assert (first.number, first.agent_id, second.number) == (1, offer.agent_id, 2)
    assert second.agent_id not in ("", offer.agent_id)
    again = recompute(second.record)
    assert again.agent_id == second.agent_id
    reasons = {standing.seat.agent_id: standing.why_not for standing in again.standings}
    assert (reasons["eve"], reasons[offer.agent_id]) == ("away", "passed")
    assert json.loads(second.record), "what is kept is JSON"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (pb.Group(workspace=SHOP), "group_incomplete"),
        (pb.Group(workspace=SHOP, name="x" * 101), "group_incomplete"),
        (pb.Group(workspace=SHOP, name="new", agent_ids=["nobody"]), "unknown_agent"),
        (pb.Group(workspace=SHOP, name="new", wider_ids=["none"]), "unknown_group"),
        (pb.Group(workspace=SHOP, name="退款组"), "group_name_taken"),
        (pb.Group(workspace=SHOP, id="none", name="new"), "unknown_group"),
        (pb.Group(workspace="other", name="new", agent_ids=["ann"]), "unknown_agent"),
    ],
    ids=["no name", "long name", "unknown agent", "unknown wider", "name taken", "unknown id", "foreign agent"],
)
async def test_a_group_that_cannot_be_is_refused_by_name(desk: Desk, given: pb.Group, code: str) -> None:
    await desk.agent("ann")
    await group(desk, "退款组", "ann")
    with pytest.raises(RpcProblem, match=code):
        await desk.api.PutGroup(pb.PutGroupRequest(group=given), NO_CONTEXT)
    assert len((await desk.api.ListGroups(pb.ListGroupsRequest(workspace=SHOP), NO_CONTEXT)).groups) == 1


async def test_who_changes_routes_must_have_read_the_last_ones(desk: Desk) -> None:
    first = await routed(desk, pb.Route(priority=2))
    with pytest.raises(RpcProblem, match="routes_changed"):
        await routed(desk, pb.Route(priority=3))
    assert await routed(desk, pb.Route(priority=3), revision=first) == 2
    with pytest.raises(RpcProblem, match="unknown_group"):
        await routed(desk, pb.Route(group_id="none"), revision=2)
    with pytest.raises(RpcProblem, match="route_invalid"):
        await routed(desk, pb.Route(priority=4), revision=2)


async def test_a_removed_group_leaves_its_cases_to_everybody(desk: Desk) -> None:
    for name in ("ann", "bob"):
        await desk.agent(name, capacity=1)
    own = await group(desk, "退款组", "bob")
    await routed(desk, pb.Route(group_id=own))
    await wants(desk, "c1")
    await wants(desk, "c2")
    assert (await offered(desk, "ann"))["ann"] == []
    await desk.api.RemoveGroup(pb.RemoveGroupRequest(workspace=SHOP, group_id=own), NO_CONTEXT)
    assert (await offered(desk, "ann"))["ann"] == ["c2"]
    with pytest.raises(RpcProblem, match="unknown_group"):
        await desk.api.RemoveGroup(pb.RemoveGroupRequest(workspace=SHOP, group_id=own), NO_CONTEXT)


async def test_many_requests_at_once_put_nobody_over_capacity(desk: Desk) -> None:
    """80 customers ask for a human at the same moment, 16 agents with room for 3 each; ``faults`` has 200 and 40."""
    for number in range(16):
        await desk.agent(f"a{number:02}", capacity=3)
    await asyncio.gather(*(wants(desk, f"c{number:03}") for number in range(80)))
    found = [offer for number in range(16) for offer in await desk.offers(f"a{number:02}")]
    loads = Counter(offer.agent_id for offer in found)
    assert (len(found), set(loads.values())) == (48, {3}), "all room is used, nobody has more"
    assert len({offer.conversation_id for offer in found}) == 48, "nobody is offered twice"
    assert len(await desk.cases(CaseState.WAITING)) == 32, "and nobody is forgotten"
    places = [
        command.kind.position for command in desk.told(k.TellProgress) if isinstance(command.kind, k.TellProgress)
    ]
    assert max(places) == 32
