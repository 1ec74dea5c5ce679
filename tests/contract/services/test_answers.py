"""What agents owe their customers: kept through a conversation, for screens, the board and the ledger."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.contract.services.conftest import RecordingBus, SteppedClock
from tests.contract.services.routing_desk import NO_CONTEXT, SHOP, Desk, desk_on
from yizhan.core.messages.codec import moment, timestamp
from yizhan.core.store.database import Database
from yizhan.pb.v1 import event_pb2, live_pb2, message_pb2, routing_pb2 as pb

OFFICE = """\
contract: office
zone: Asia/Shanghai
calendars:
  desk:
    hours:
      mon-fri: ["09:00-12:00", "13:30-18:00"]
handoff:
  calendar: desk
  agent_first_response: 60s
  agent_next_response: 5m
"""
CUSTOMER = message_pb2.AUTHOR_KIND_CUSTOMER
AGENT = message_pb2.AUTHOR_KIND_AGENT


def local(hour: int, minute: int = 0, second: int = 0) -> datetime:
    """On Monday, 23 November 2026, by the wall clock of Shanghai."""
    return datetime(2026, 11, 23, hour, minute, second, tzinfo=UTC) - timedelta(hours=8)


def at(desk: Desk, moment: datetime) -> None:
    desk.clock.step((moment - desk.clock()).total_seconds())


@pytest.fixture
async def desk(database: Database, bus: RecordingBus, clock: SteppedClock) -> Desk:
    """ann has c1 under epoch 3 since ten o'clock."""
    desk = desk_on(database, bus, clock)
    at(desk, local(10))
    await publish(desk, OFFICE)
    await desk.agent("ann")
    await desk.wants_human("c1")
    await taken(desk, "ann")
    return desk


async def publish(desk: Desk, text: str) -> str:
    asked = pb.PublishContractRequest(workspace=SHOP, text=text, by="sue")
    return (await desk.api.PublishContract(asked, NO_CONTEXT)).version


async def taken(desk: Desk, agent: str, conversation: str = "c1", epoch: int = 3) -> None:
    [offer] = await desk.offers(agent)
    assignment = await desk.accept(agent, offer.id)
    told = event_pb2.ConversationAssigned(agent_id=agent, assignment_id=assignment.id, at=timestamp(desk.clock()))
    await desk.event(conversation, epoch, conversation_assigned=told)


async def wrote(desk: Desk, seq: int, epoch: int = 3, author: int = CUSTOMER) -> event_pb2.Event:
    told = event_pb2.ConversationSpoken(
        message_id=f"m{seq}",
        seq=seq,
        at=timestamp(desk.clock()),
        author=author,  # type: ignore[arg-type]
    )
    return await desk.event("c1", epoch, conversation_spoken=told)


async def replied(desk: Desk, seq: int, epoch: int = 3) -> None:
    told = event_pb2.AgentReplied(agent_id="ann", message_id=f"m{seq}", at=timestamp(desk.clock()), seq=seq)
    await desk.event("c1", epoch, agent_replied=told)


async def due(desk: Desk, conversation: str = "c1") -> tuple[str, datetime] | None:
    """The clock that runs, and when it is due."""
    asked = pb.ListAnswersDueRequest(workspace=SHOP, conversation_ids=[conversation])
    found = (await desk.api.ListAnswersDue(asked, NO_CONTEXT)).answers
    return (found[0].clock, moment(found[0].due_at)) if found else None


def marks(desk: Desk) -> list[tuple[str, str, str]]:
    told = [event.answer_timed for event in desk.bus.events("answer_timed")]
    return [(one.clock, one.mark, one.reason) for one in told]


def shown(desk: Desk) -> list[live_pb2.AnswerHint]:
    return [envelope.live.answer for _, envelope in desk.bus.announced if envelope.live.HasField("answer")]


async def board(desk: Desk) -> tuple[int, int, int]:
    queue = await desk.queue()
    return queue.answers_due, queue.answers_at_risk, queue.answers_overdue


async def test_a_conversation_from_its_assignment_to_its_end(desk: Desk) -> None:
    assert await due(desk) == ("agent_first_response", local(10, 1))
    at(desk, local(10, 0, 30))
    await replied(desk, 4)
    assert await due(desk) is None
    at(desk, local(11, 58))
    await wrote(desk, 5)
    at(desk, local(11, 59))
    await wrote(desk, 6)
    assert await due(desk) == ("agent_next_response", local(13, 33)), "lunch does not count, nor the second message"
    at(desk, local(13, 31))
    await replied(desk, 7)
    assert await due(desk) is None
    await wrote(desk, 8)
    await desk.closed("c1", 4)
    assert await due(desk) is None
    assert marks(desk) == [
        ("agent_first_response", "start", ""),
        ("agent_first_response", "stop", ""),
        ("agent_next_response", "start", ""),
        ("agent_next_response", "stop", ""),
        ("agent_next_response", "start", ""),
        ("agent_next_response", "cancel", "closed"),
    ]
    stopped = [event.answer_timed for event in desk.bus.events("answer_timed")][3]
    assert stopped.open_ms == 3 * 60_000, "two minutes before lunch and one after"
    assert [hint.clock for hint in shown(desk)] == [
        "agent_first_response",
        "",
        "agent_next_response",
        "",
        "agent_next_response",
        "",
    ], "screens are told of each change"


async def test_the_board_counts_by_the_same_moments_as_the_rows(desk: Desk) -> None:
    assert await board(desk) == (1, 0, 0)
    at(desk, local(10, 0, 40))
    assert await board(desk) == (1, 1, 0)
    at(desk, local(10, 1))
    assert await board(desk) == (1, 0, 1)
    await replied(desk, 4)
    assert await board(desk) == (0, 0, 0)


async def test_whoever_gets_it_next_has_a_first_response_of_their_own(desk: Desk) -> None:
    await replied(desk, 4)
    await wrote(desk, 5)
    await desk.presence("ann", "away")
    at(desk, local(10, 2))
    await desk.agent("bob")
    request = event_pb2.HandoffRequested(reason="transfer", at=timestamp(desk.clock()), from_agent_id="ann")
    await desk.event("c1", 4, handoff_requested=request)
    assert await due(desk) is None, "ann owes nothing any more"
    await wrote(desk, 6)
    assert await due(desk) is None, "late news of what ann had"
    at(desk, local(10, 2, 10))
    await taken(desk, "bob", epoch=5)
    assert await due(desk) == ("agent_first_response", local(10, 3, 10))
    assert ("agent_next_response", "cancel", "handed_on") in marks(desk)


async def test_a_later_contract_moves_no_due_of_a_case_that_runs(desk: Desk) -> None:
    await publish(desk, OFFICE.replace("5m", "1m").replace("13:30", "15:00"))
    await replied(desk, 4)
    at(desk, local(11, 58))
    await wrote(desk, 5)
    assert await due(desk) == ("agent_next_response", local(13, 33))


async def test_what_is_told_twice_counts_once(desk: Desk) -> None:
    await replied(desk, 4)
    at(desk, local(10, 1))
    told = await wrote(desk, 5)
    await replied(desk, 6)
    await desk.deliver(told)
    assert await due(desk) is None
    assert len(marks(desk)) == 4


async def test_an_answer_in_the_platforms_own_client_is_one(desk: Desk) -> None:
    await replied(desk, 4)
    await wrote(desk, 5)
    await wrote(desk, 6, author=AGENT)
    assert await due(desk) is None


async def test_it_outlives_the_process(desk: Desk, database: Database, clock: SteppedClock) -> None:
    await replied(desk, 4)
    await wrote(desk, 5)
    again = desk_on(database, RecordingBus(), clock)
    assert await due(again) == ("agent_next_response", local(10, 5))
    at(again, local(10, 4))
    await replied(again, 6)
    assert await due(again) is None


async def test_a_case_from_before_there_were_clocks_gets_one_with_its_next_message(desk: Desk) -> None:
    async with desk.database.begin() as tx:
        from yizhan.routing import store

        [case] = await store.open_cases(tx, SHOP, "c1")
        await store.drop_answering(tx, case.id)
    await wrote(desk, 5)
    assert await due(desk) == ("agent_next_response", local(10, 5))
