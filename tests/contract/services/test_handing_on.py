"""A conversation goes on to somebody else: transfers, take-overs, notes, and everything that must be refused."""

from datetime import timedelta
from typing import Any

import pytest

from tests.contract.services.conftest import RecordingBus, SteppedClock
from tests.contract.services.routing_desk import NO_CONTEXT, SHOP, Desk, desk_on
from yizhan.core.messages import command as k
from yizhan.core.messages.address import Address
from yizhan.core.messages.codec import address_to_proto, timestamp
from yizhan.core.messages.content import Text
from yizhan.core.runtime.grpc import RpcProblem
from yizhan.core.store.database import Database
from yizhan.pb.v1 import event_pb2, routing_pb2 as pb
from yizhan.routing.desk import CaseState
from yizhan.routing.upkeep import free_the_abandoned


@pytest.fixture
async def desk(database: Database, bus: RecordingBus, clock: SteppedClock) -> Desk:
    """ann has c1 under epoch 3; bob is free, eve away."""
    desk = desk_on(database, bus, clock)
    await desk.agent("ann")
    await desk.wants_human("c1")
    [offer] = await desk.offers("ann")
    await desk.accept("ann", offer.id)
    await desk.agent("bob", capacity=1)
    await desk.agent("eve", state="away")
    return desk


def address(conversation: str = "c1", workspace: str = SHOP) -> Any:
    return address_to_proto(Address(workspace, "website", "demo", conversation))


async def transfer(desk: Desk, by: str = "ann", epoch: int = 3, **to: Any) -> None:
    asked = pb.TransferRequest(workspace=SHOP, agent_id=by, conversation_id="c1", epoch=epoch, **to)
    await desk.api.Transfer(asked, NO_CONTEXT)


async def requeued(desk: Desk, epoch: int = 4, **about: str) -> None:
    """dialogue has obeyed."""
    request = event_pb2.HandoffRequested(
        reason="transfer",
        at=timestamp(desk.clock()),
        from_agent_id="ann",
        **about,  # type: ignore[arg-type]
    )
    await desk.event("c1", epoch, handoff_requested=request)


async def take_over(desk: Desk, by: str, epoch: int, conversation: str = "c1", workspace: str = SHOP) -> pb.Assignment:
    asked = pb.TakeOverRequest(
        workspace=workspace, agent_id=by, conversation_id=conversation, epoch=epoch, address=address(conversation)
    )
    return (await desk.api.TakeOver(asked, NO_CONTEXT)).assignment


async def assigned(desk: Desk, assignment: str, epoch: int, conversation: str = "c1") -> None:
    told = event_pb2.ConversationAssigned(assignment_id=assignment, at=timestamp(desk.clock()))
    await desk.event(conversation, epoch, conversation_assigned=told)


async def loads(desk: Desk) -> dict[str, int]:
    agents = (await desk.api.ListAgents(pb.ListAgentsRequest(workspace=SHOP), NO_CONTEXT)).agents
    return {agent.id: agent.load for agent in agents}


async def mine(desk: Desk, agent: str) -> list[tuple[str, int]]:
    asked = pb.ListAssignmentsRequest(workspace=SHOP, agent_id=agent)
    found = (await desk.api.ListAssignments(asked, NO_CONTEXT)).assignments
    return [(one.conversation_id, one.epoch) for one in found]


async def group(desk: Desk, *agents: str) -> str:
    given = pb.Group(workspace=SHOP, name="退款组", agent_ids=agents)
    return (await desk.api.PutGroup(pb.PutGroupRequest(group=given), NO_CONTEXT)).group.id


async def test_a_transfer_to_an_agent_is_offered_to_them_with_the_note(desk: Desk) -> None:
    await transfer(desk, to_agent_id="bob", note="客户要退款，已核实订单")
    [command] = desk.told(k.Requeue)
    assert (command.epoch, command.conversation_id) == (3, "c1")
    assert await mine(desk, "ann") == [("c1", 3)], "until the conversation has obeyed it is hers"
    await requeued(desk)
    assert await mine(desk, "ann") == []
    [offer] = await desk.offers("bob")
    assert (offer.from_agent_id, offer.note, offer.epoch) == ("ann", "客户要退款，已核实订单", 4)


async def test_repeating_a_transfer_asks_for_the_same_move_again(desk: Desk) -> None:
    """Under one epoch, of which dialogue obeys one: ``test_transfers_together``. One that was refused is heard again."""
    for _ in range(2):
        await transfer(desk, to_agent_id="bob")
    first, second = desk.told(k.Requeue)
    assert (first.kind, first.epoch) == (second.kind, second.epoch)
    assert first.id != second.id, "a command is heard once by its id"


async def test_who_was_named_and_declines_leaves_it_to_the_others(desk: Desk) -> None:
    await transfer(desk, to_agent_id="bob")
    await requeued(desk)
    [offer] = await desk.offers("bob")
    await desk.decline("bob", offer.id)
    assert [one.conversation_id for one in await desk.offers("ann")] == ["c1"], "nobody else is there"


async def test_a_transfer_to_a_group_stays_in_the_group(desk: Desk) -> None:
    refunds = await group(desk, "bob")
    await transfer(desk, to_group_id=refunds)
    await requeued(desk, group_id=refunds)
    assert [one.group_id for one in await desk.offers("bob")] == [refunds]


@pytest.mark.parametrize(
    ("by", "epoch", "to", "code"),
    [
        ("ann", 3, {"to_agent_id": "eve"}, "agent_absent"),
        ("ann", 3, {"to_agent_id": "nobody"}, "unknown_agent"),
        ("ann", 3, {"to_agent_id": "ann"}, "unknown_agent"),
        ("ann", 3, {"to_group_id": "none"}, "unknown_group"),
        ("ann", 2, {"to_agent_id": "bob"}, "stale_epoch"),
        ("bob", 3, {"to_agent_id": "ann"}, "not_yours"),
        ("ann", 3, {"to_agent_id": "bob", "note": "x" * 1001}, "note_too_long"),
    ],
    ids=["absent agent", "unknown agent", "oneself", "unknown group", "old epoch", "foreign conversation", "long note"],
)
async def test_a_transfer_that_cannot_be_is_refused_and_changes_nothing(
    desk: Desk, by: str, epoch: int, to: dict[str, str], code: str
) -> None:
    with pytest.raises(RpcProblem, match=code):
        await transfer(desk, by, epoch, **to)
    assert (await mine(desk, "ann"), desk.told(k.Requeue)) == ([("c1", 3)], [])


async def test_a_full_agent_and_a_full_or_absent_group_are_refused(desk: Desk) -> None:
    full = await group(desk, "bob")
    absent = (
        await desk.api.PutGroup(
            pb.PutGroupRequest(group=pb.Group(workspace=SHOP, name="夜班", agent_ids=["eve", "ann"])), NO_CONTEXT
        )
    ).group.id
    await take_over(desk, "bob", 0, "c9")
    cases: list[tuple[dict[str, Any], str]] = [
        ({"to_agent_id": "bob"}, "agent_full"),
        ({"to_group_id": full}, "group_full"),
    ]
    for to, code in cases:
        with pytest.raises(RpcProblem, match=code):
            await transfer(desk, **to)
    with pytest.raises(RpcProblem, match="group_absent"):
        await transfer(desk, to_group_id=absent)


async def test_a_supervisor_takes_a_conversation_from_its_agent(desk: Desk) -> None:
    taken = await take_over(desk, "bob", 3)
    [assign] = desk.told(k.Assign)[1:]
    assert (assign.epoch, assign.kind) == (3, k.Assign("bob", "bob", taken.id))
    await assigned(desk, taken.id, 4)
    assert (await mine(desk, "ann"), await mine(desk, "bob")) == ([], [("c1", 4)])
    assert await loads(desk) == {"ann": 0, "bob": 1, "eve": 0}


async def freed(desk: Desk) -> int:
    return await free_the_abandoned(desk.switchboard, desk.database, desk.clock, timedelta(seconds=120))


async def test_who_takes_over_while_offline_keeps_the_customer_as_long_as_their_screen_is_there(desk: Desk) -> None:
    await desk.presence("bob", "offline")
    desk.clock.step(600)
    taken = await take_over(desk, "bob", 3)
    await assigned(desk, taken.id, 4)
    for _ in range(20):
        desk.clock.step(10)
        assert (await desk.presence("bob")).presence == "away", "there for this customer, and offered no other"
        assert ("c1", 4) in await mine(desk, "bob")
    assert await freed(desk) == 0
    desk.clock.step(200)
    assert await freed(desk) == 1, "without a sign of them the assistant takes the customer back"


async def test_a_take_over_that_came_too_late_leaves_it_with_its_agent(desk: Desk) -> None:
    taken = await take_over(desk, "bob", 3)
    refused = event_pb2.CommandRefused(command_id=taken.id, command_kind="Assign", reason="stale_epoch", agent_id="bob")
    await desk.event("c1", 3, command_refused=refused)
    assert (await mine(desk, "ann"), await mine(desk, "bob")) == ([("c1", 3)], [])


async def test_a_transfer_just_before_a_take_over_leaves_the_customer_in_the_queue(desk: Desk) -> None:
    await transfer(desk, to_agent_id="bob")
    taken = await take_over(desk, "eve", 3)
    await requeued(desk)
    refused = event_pb2.CommandRefused(command_id=taken.id, command_kind="Assign", reason="stale_epoch", agent_id="eve")
    await desk.event("c1", 4, command_refused=refused)
    assert (await mine(desk, "ann"), await mine(desk, "eve")) == ([], [])
    assert [one.conversation_id for one in await desk.offers("bob")] == ["c1"], "nobody is forgotten"


async def test_a_close_just_before_a_take_over_frees_the_agent(desk: Desk) -> None:
    taken = await take_over(desk, "bob", 3)
    await desk.closed("c1", 4)
    refused = event_pb2.CommandRefused(command_id=taken.id, command_kind="Assign", reason="closed", agent_id="bob")
    await desk.event("c1", 4, command_refused=refused)
    assert await loads(desk) == {"ann": 0, "bob": 0, "eve": 0}


async def test_old_news_about_a_conversation_does_not_undo_a_take_over(desk: Desk) -> None:
    taken = await take_over(desk, "eve", 0, "c5")
    returned = event_pb2.ConversationReturned(by="ann", at=timestamp(desk.clock()))
    await desk.event("c5", 3, conversation_returned=returned)
    await assigned(desk, taken.id, 4, "c5")
    assert await mine(desk, "eve") == [("c5", 4)], "dialogue has obeyed: the conversation is hers"


async def test_a_conversation_is_taken_from_the_queue_before_anybody_accepts(desk: Desk) -> None:
    await desk.wants_human("c2")
    [offer] = [*await desk.offers("ann"), *await desk.offers("bob")]
    taken = await take_over(desk, "eve", 2, "c2")
    await assigned(desk, taken.id, 3, "c2")
    assert await mine(desk, "eve") == [("c2", 3)]
    with pytest.raises(RpcProblem, match="offer_gone"):
        await desk.accept(offer.agent_id, offer.id)
    assert await desk.cases(CaseState.WAITING, CaseState.OFFERED) == []


@pytest.mark.parametrize(
    ("by", "epoch", "workspace", "code"),
    [
        ("ann", 3, SHOP, "already_yours"),
        ("bob", 2, SHOP, "stale_epoch"),
        ("nobody", 3, SHOP, "unknown_agent"),
        ("bob", 3, "other", "unknown_agent"),
    ],
    ids=["one's own", "old epoch", "unknown", "foreign workspace"],
)
async def test_a_take_over_that_cannot_be_is_refused(
    desk: Desk, by: str, epoch: int, workspace: str, code: str
) -> None:
    with pytest.raises(RpcProblem, match=code):
        await take_over(desk, by, epoch, workspace=workspace)
    assert await mine(desk, "ann") == [("c1", 3)]


async def test_a_note_is_durable_once_and_changes_no_owner(desk: Desk) -> None:
    asked = pb.AddNoteRequest(
        workspace=SHOP, agent_id="bob", conversation_id="c1", address=address(), text=" 先查库存 ", client_id="n1"
    )
    first = await desk.api.AddNote(asked, NO_CONTEXT)
    second = await desk.api.AddNote(asked, NO_CONTEXT)
    assert first.message_id == second.message_id
    notes = desk.told(k.Note)
    assert {(note.id, note.epoch, note.kind) for note in notes} == {
        (first.message_id, 0, k.Note("bob", "bob", Text("先查库存"), "n1"))
    }
    assert await mine(desk, "ann") == [("c1", 3)]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"text": "x" * 2001}, "note_too_long"),
        ({"text": "  "}, "note_incomplete"),
        ({"client_id": ""}, "note_incomplete"),
        ({"agent_id": "nobody"}, "unknown_agent"),
        ({"whisper_to": "nobody"}, "unknown_agent"),
        ({"address": address(workspace="other")}, "unknown_conversation"),
    ],
    ids=["oversized", "empty", "no client id", "unknown author", "unknown listener", "foreign conversation"],
)
async def test_a_note_that_cannot_be_is_refused(desk: Desk, change: dict[str, Any], code: str) -> None:
    given = {"agent_id": "bob", "address": address(), "text": "好", "client_id": "n1", **change}
    asked = pb.AddNoteRequest(workspace=SHOP, conversation_id="c1", **given)
    with pytest.raises(RpcProblem, match=code):
        await desk.api.AddNote(asked, NO_CONTEXT)
    assert desk.told(k.Note) == []
