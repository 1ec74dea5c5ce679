"""The ledger and the counts: every event once, clocks that late and repeated events cannot bend, books that balance."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from tests.contract.services.conftest import NOON, SteppedClock
from tests.contract.services.metrics_board import ADDRESS, Board, event
from yizhan.core.messages.codec import timestamp
from yizhan.core.messages.ids import handled_id, new_id
from yizhan.core.store.database import Database
from yizhan.metrics.books import Books, SettlementInvalid
from yizhan.pb.v1 import event_pb2, message_pb2, receipt_pb2

D = event_pb2.Disposition


def handled(
    after: float,
    *,
    disposition: int = D.DISPOSITION_ANSWERED,
    reply: bool = True,
    producer: str = "w1",
    id: str = "",
    intent: str = "answer",
) -> event_pb2.Event:
    received = NOON + timedelta(seconds=after)
    kind = event_pb2.MessageHandled(
        message_id=new_id(),
        disposition=disposition,  # type: ignore[arg-type]
        received_at=timestamp(received),
        published_at=timestamp(received + timedelta(milliseconds=2)),
        decided_at=timestamp(received + timedelta(milliseconds=12)),
        reply_id="r" if reply else "",
        producer=producer,
        intent=intent,
    )
    return event(id=id, message_handled=kind)


def accepted(total: int, producer: str = "w1") -> event_pb2.Event:
    kind = event_pb2.ChannelAccepted(channel="website", producer=producer, accepted_total=total, at=timestamp(NOON))
    return event_pb2.Event(id=new_id(), channel_accepted=kind)


def requested(at: float, epoch: int, *, from_agent: str = "") -> event_pb2.Event:
    kind = event_pb2.HandoffRequested(
        reason="requested", at=timestamp(NOON + timedelta(seconds=at)), from_agent_id=from_agent
    )
    return event(epoch, handoff_requested=kind)


def assigned(at: float, epoch: int, *, from_agent: str = "") -> event_pb2.Event:
    kind = event_pb2.ConversationAssigned(
        agent_id="a", at=timestamp(NOON + timedelta(seconds=at)), from_agent_id=from_agent
    )
    return event(epoch, conversation_assigned=kind)


def replied(at: float, epoch: int, *, first: bool = True) -> event_pb2.Event:
    kind = event_pb2.AgentReplied(agent_id="a", at=timestamp(NOON + timedelta(seconds=at)), first=first)
    return event(epoch, agent_replied=kind)


def closed(at: float, epoch: int) -> event_pb2.Event:
    return event(
        epoch, conversation_closed=event_pb2.ConversationClosed(by="a", at=timestamp(NOON + timedelta(seconds=at)))
    )


def ticketed(at: float, epoch: int) -> event_pb2.Event:
    kind = event_pb2.ConversationTicketed(ticket_id="t", at=timestamp(NOON + timedelta(seconds=at)))
    return event(epoch, conversation_ticketed=kind)


def returned(at: float, epoch: int) -> event_pb2.Event:
    kind = event_pb2.ConversationReturned(at=timestamp(NOON + timedelta(seconds=at)))
    return event(epoch, conversation_returned=kind)


def parked(envelope_id: str) -> event_pb2.Event:
    kind = event_pb2.MessageDead(envelope_id=envelope_id, queue="inbound.0", producer="w1", customer_message=True)
    return event_pb2.Event(id=new_id(), address=ADDRESS, message_dead=kind)


@pytest.fixture
def board(database: Database, clock: SteppedClock) -> Board:
    return Board(database, clock)


async def test_the_first_response_runs_from_receipt_to_the_first_answer_of_the_session(board: Board) -> None:
    await board.happen(handled(0), handled(30))
    ledger = await board.ledger()
    assert ledger == [
        ("first_response", "start", NOON, ""),
        ("first_response", "stop", NOON + timedelta(milliseconds=12), ""),
    ]
    numbers = await board.numbers()
    assert (numbers.first_responses, numbers.first_response_in_target) == (1, 1.0)
    assert numbers.first_response_p50_ms == pytest.approx(12, abs=0.01)


async def test_a_question_that_was_held_is_answered_by_the_agents_words(board: Board) -> None:
    await board.happen(handled(0, disposition=D.DISPOSITION_HELD, reply=False), replied(25, 3))
    assert [row[:3] for row in await board.ledger()] == [
        ("first_response", "start", NOON),
        ("first_response", "stop", NOON + timedelta(seconds=25)),
    ]


def taken(at: float, *, session: int = 1, epoch: int = 3, **kind: object) -> event_pb2.Event:
    """A channel took what an agent said; ``kind`` changes what it was."""
    given: dict[str, Any] = {"author": message_pb2.AUTHOR_KIND_AGENT, "answers": True} | kind
    delivered = event_pb2.MessageDelivered(
        message_id="m",
        state=receipt_pb2.RECEIPT_STATE_ACCEPTED,
        decided_at=timestamp(NOON),
        at=timestamp(NOON + timedelta(seconds=at)),
        **given,
    )
    return event(epoch, session=session, message_delivered=delivered)


def held_back() -> event_pb2.Event:
    kind = event_pb2.MessageHeld(message_id="m", reason="window_closed", author=message_pb2.AUTHOR_KIND_AGENT)
    return event(3, message_held=kind)


ASKED = handled(0, disposition=D.DISPOSITION_HELD, reply=False)
BOT = {"author": message_pb2.AUTHOR_KIND_BOT}


@pytest.mark.parametrize(
    ("story", "first", "agent_first"),
    [
        pytest.param([taken(31)], 31, 31, id="the channel took the agent's words"),
        pytest.param([held_back()], None, None, id="the words wait for the customer to write again"),
        pytest.param([held_back(), taken(7200, was_held=True)], 7200, 7200, id="they left two hours later"),
        pytest.param([taken(2, answers=False, **BOT), taken(31)], 31, 31, id="a notice is no answer"),
        pytest.param([taken(4, **BOT), taken(31)], 4, 31, id="the assistant was first"),
        pytest.param([taken(31), taken(60)], 31, 31, id="the first counts"),
    ],
)
async def test_where_messages_may_be_held_an_answer_counts_when_the_channel_took_it(
    board: Board, story: list[event_pb2.Event], first: float | None, agent_first: float | None
) -> None:
    said = replied(30, 3)
    said.agent_replied.awaits_channel = True
    await board.happen(ASKED, requested(1, 2), assigned(20, 3), said)
    for one in story:
        await board.happen(one)
    stops = {row[0]: (row[2] - NOON).total_seconds() for row in await board.ledger() if row[1] == "stop"}
    assert (stops.get("first_response"), stops.get("agent_first_response")) == (first, agent_first)


async def test_the_assistants_answer_counts_when_the_channel_took_it(board: Board) -> None:
    answered = handled(0)
    answered.message_handled.awaits_channel = True
    await board.happen(answered)
    assert [row[1] for row in await board.ledger()] == ["start"]
    await board.happen(taken(1.5, epoch=1, **BOT))
    assert (await board.ledger())[-1][:3] == ("first_response", "stop", NOON + timedelta(seconds=1.5))


async def test_an_answer_in_the_platforms_own_client_is_an_answer(board: Board) -> None:
    await board.happen(handled(0, disposition=D.DISPOSITION_HELD, reply=False, intent="human"))
    await board.happen(handled(40, disposition=D.DISPOSITION_HELD, reply=False, intent="elsewhere"))
    assert [row[:3] for row in await board.ledger()] == [
        ("first_response", "start", NOON),
        ("first_response", "stop", NOON + timedelta(seconds=40)),
    ]


@pytest.mark.parametrize("intent", ["elsewhere", "automatic"], ids=["a colleague", "a program"])
async def test_words_of_others_than_the_customer_are_no_question(board: Board, intent: str) -> None:
    await board.happen(handled(0, disposition=D.DISPOSITION_HELD, reply=False, intent=intent))
    assert await board.ledger() == []


async def test_held_messages_show_in_the_figures_and_not_in_the_time_that_sending_takes(board: Board) -> None:
    await board.happen(held_back(), taken(7200, was_held=True), taken(0.2))
    assert board.counted("yizhan_outbound_messages_total") == {
        ("agent", "website", "held"): 1.0,
        ("agent", "website", "accepted"): 2.0,
    }
    assert board.counted("yizhan_step_seconds_count") == {("website", "decided_delivered"): 1.0}


@pytest.mark.parametrize(
    ("story", "marks"),
    [
        pytest.param(
            [requested(0, 2), assigned(20, 3), replied(30, 3), closed(60, 4)],
            [
                ("handoff", "start", 0),
                ("handoff", "stop", 20),
                ("agent_first_response", "start", 20),
                ("agent_first_response", "stop", 30),
            ],
            id="found, answered, closed",
        ),
        pytest.param(
            [requested(0, 2), closed(15, 3)],
            [("handoff", "start", 0), ("handoff", "cancel", 15)],
            id="the customer's session ended while waiting",
        ),
        pytest.param(
            [requested(0, 2), assigned(20, 3), closed(40, 4)],
            [
                ("handoff", "start", 0),
                ("handoff", "stop", 20),
                ("agent_first_response", "start", 20),
                ("agent_first_response", "cancel", 40),
            ],
            id="closed without a word from the agent",
        ),
        pytest.param(
            [
                requested(0, 2),
                assigned(20, 3),
                requested(30, 4, from_agent="a"),
                assigned(45, 5),
                replied(50, 5),
                closed(60, 6),
            ],
            [
                ("handoff", "start", 0),
                ("handoff", "stop", 20),
                ("agent_first_response", "start", 20),
                ("agent_first_response", "cancel", 30),
                ("handoff", "start", 30),
                ("handoff", "stop", 45),
                ("agent_first_response", "start", 45),
                ("agent_first_response", "stop", 50),
            ],
            id="handed on without a word: each agent has a clock of their own",
        ),
        pytest.param(
            [requested(0, 2), assigned(20, 3), assigned(25, 4, from_agent="a"), replied(30, 4), closed(60, 5)],
            [
                ("handoff", "start", 0),
                ("handoff", "stop", 20),
                ("agent_first_response", "start", 20),
                ("agent_first_response", "cancel", 25),
                ("agent_first_response", "start", 25),
                ("agent_first_response", "stop", 30),
            ],
            id="taken over by a supervisor, who answers",
        ),
        pytest.param([closed(5, 2)], [], id="nothing ran, so nothing ends"),
    ],
)
async def test_clocks_of_a_hand_off(
    board: Board, story: list[event_pb2.Event], marks: list[tuple[str, str, int]]
) -> None:
    for one in story:
        await board.happen(one)
    found = [(row[0], row[1], row[2]) for row in await board.ledger() if row[0] in {"handoff", "agent_first_response"}]
    assert sorted(found) == sorted((clock, mark, NOON + timedelta(seconds=at)) for clock, mark, at in marks)


def called(at: float, change: str, **fields: bool | int) -> event_pb2.Event:
    changed = event_pb2.CallbackChanged(
        ticket_id="t1",
        change=change,
        at=timestamp(NOON + timedelta(seconds=at)),
        **fields,  # type: ignore[arg-type]
    )
    return event(callback_changed=changed)


@pytest.mark.parametrize(
    ("story", "marks"),
    [
        pytest.param(
            [called(0, "promised"), called(60, "due"), called(90, "taken", had=True), called(99, "done", had=True)],
            [("start", 0), ("stop", 90)],
            id="an agent had the customer in time",
        ),
        pytest.param(
            [
                called(0, "promised"),
                called(60, "due"),
                called(70, "missed", late=True),
                called(90, "taken", late=True, had=True),
                called(99, "done", late=True, had=True),
            ],
            [("start", 0), ("cancel", 70)],
            id="a late call does not mend the promise",
        ),
        pytest.param(
            [
                called(0, "promised"),
                called(90, "taken", had=True),
                called(95, "not_reached", tries=1),
                called(150, "taken", tries=1, had=True),
                called(160, "failed", tries=2),
            ],
            [("start", 0), ("stop", 90)],
            id="the first try counts",
        ),
        pytest.param([called(0, "promised"), called(5, "cancelled")], [("start", 0), ("cancel", 5)], id="cancelled"),
        pytest.param(
            [called(0, "promised"), called(5, "done")], [("start", 0), ("stop", 5)], id="called before its time"
        ),
    ],
)
async def test_clocks_of_a_promised_call(
    board: Board, story: list[event_pb2.Event], marks: list[tuple[str, int]]
) -> None:
    for one in story:
        await board.happen(one)
    found = [(row[1], row[2]) for row in await board.ledger() if row[0] == "callback"]
    assert found == [(mark, NOON + timedelta(seconds=at)) for mark, at in marks]
    assert sum(board.counted("yizhan_callbacks_total").values()) == len(story)
    assert board.counted("yizhan_dropped_clock_marks_total") == {}


async def test_repeated_and_late_events_change_nothing(board: Board) -> None:
    story = [handled(0, id="h1"), requested(5, 2), assigned(20, 3), replied(30, 3), closed(60, 4)]
    await board.happen(*story)
    before, numbers = await board.ledger(), await board.numbers()
    await board.happen(*story)
    for one in reversed(story):
        await board.happen(one)
    assert await board.ledger() == before
    assert await board.numbers() == numbers


@pytest.mark.parametrize("together", [True, False], ids=["in one batch", "one by one"])
async def test_marks_are_counted_when_they_change_the_ledger_and_apart_when_not(board: Board, together: bool) -> None:
    story = [handled(0), handled(5), requested(10, 2), assigned(20, 3), assigned(21, 3), replied(30, 3), closed(60, 4)]
    for batch in [story] if together else [[one] for one in story]:
        await board.happen(*batch)
    ledger = Counter(("website", clock, mark) for clock, mark, _, _ in await board.ledger())
    assert board.counted("yizhan_clock_marks_total") == {
        (channel, clock, mark): n for (channel, clock, mark), n in ledger.items()
    }
    assert board.counted("yizhan_dropped_clock_marks_total") == {
        ("agent_first_response", "cancel", "repeated"): 1,
        ("agent_first_response", "start", "repeated"): 1,
        ("first_response", "start", "repeated"): 1,
        ("first_response", "stop", "repeated"): 2,
        ("handoff", "stop", "repeated"): 1,
        ("handoff", "cancel", "not_running"): 1,
        ("session", "stop", "not_running"): 1,
    }


@pytest.mark.parametrize(
    ("story", "first_response", "handoff"),
    [
        pytest.param([handled(0), handled(30)], {("realtime",): 0.012}, {}, id="answered by the assistant, once"),
        pytest.param(
            [handled(0, disposition=D.DISPOSITION_HELD, reply=False), replied(25, 3), replied(40, 3, first=False)],
            {("realtime",): 25},
            {},
            id="answered by an agent",
        ),
        pytest.param(
            [handled(0, disposition=D.DISPOSITION_HELD, reply=False)], {}, {}, id="not answered yet: it still runs"
        ),
        pytest.param([requested(0, 2), assigned(20, 3), closed(60, 4)], {}, {("taken",): 20}, id="taken by an agent"),
        pytest.param([requested(0, 2), ticketed(60, 3)], {}, {("ticketed",): 60}, id="nobody came: a ticket"),
        pytest.param([requested(0, 2), closed(15, 3)], {}, {("closed",): 15}, id="the customer left while waiting"),
        pytest.param([requested(0, 2), returned(9, 3)], {}, {("returned",): 9}, id="given back to the assistant"),
        pytest.param([assigned(20, 3), requested(30, 2)], {}, {}, id="an end whose start was not known yet is none"),
        pytest.param([requested(30, 2), assigned(20, 3)], {}, {("taken",): 0}, id="clocks that differ a little"),
    ],
)
async def test_each_clock_that_ends_is_measured_once(
    board: Board,
    story: list[event_pb2.Event],
    first_response: dict[tuple[str, ...], float],
    handoff: dict[tuple[str, ...], float],
) -> None:
    for one in [*story, *story]:
        await board.happen(one)
    for name, seconds in (("first_response", first_response), ("handoff", handoff)):
        assert board.counted(f"yizhan_{name}_seconds_sum") == pytest.approx(seconds)
        assert board.counted(f"yizhan_{name}_seconds_count") == dict.fromkeys(seconds, 1)


@pytest.mark.parametrize(("channel", "kind"), [("website", "realtime"), ("wechat", "realtime"), ("email", "email")])
async def test_a_channel_counts_for_its_class_in_the_contract(board: Board, channel: str, kind: str) -> None:
    one = handled(0)
    one.address.channel = channel
    await board.happen(one)
    assert board.counted("yizhan_first_response_seconds_count") == {(kind,): 1}


async def test_the_limits_of_the_contract_are_bounds_of_buckets(board: Board) -> None:
    await board.happen(handled(0), requested(5, 2), assigned(20, 3))
    first = {float(le) for _, le in board.counted("yizhan_first_response_seconds_bucket")}
    handoff = {float(le) for le, _ in board.counted("yizhan_handoff_seconds_bucket")}
    assert {10.0, 1800.0} <= first
    assert 60.0 in handoff


async def test_events_that_are_delivered_again_are_no_marks(board: Board) -> None:
    story = [handled(0, id="h1"), requested(5, 2), assigned(20, 3)]
    await board.happen(*story)
    before = board.counted("yizhan_clock_marks_total"), board.counted("yizhan_dropped_clock_marks_total")
    await board.happen(*story)
    assert (board.counted("yizhan_clock_marks_total"), board.counted("yizhan_dropped_clock_marks_total")) == before


async def test_the_books_balance_and_a_lost_message_shows_after_a_while(board: Board) -> None:
    await board.happen(accepted(3), handled(0), handled(1, disposition=D.DISPOSITION_QUEUED))
    [channel] = (await board.numbers()).channels
    assert (channel.accepted, channel.answered, channel.queued, channel.difference) == (3, 1, 1, 0), "still on its way"
    board.seconds = 31
    [channel] = (await board.numbers()).channels
    assert channel.difference == 1
    await board.happen(handled(2, disposition=D.DISPOSITION_DUPLICATE))
    [channel] = (await board.numbers()).channels
    assert (channel.duplicate, channel.difference) == (1, 0)


async def test_a_process_that_died_before_its_last_report_raises_no_false_alarm(board: Board) -> None:
    await board.happen(accepted(1), handled(0), handled(1), handled(2))
    board.seconds = 60
    [channel] = (await board.numbers()).channels
    assert (channel.accepted, channel.answered, channel.difference) == (3, 3, 0)


async def test_an_older_report_that_comes_late_does_not_lower_the_count(board: Board) -> None:
    await board.happen(accepted(5))
    await board.happen(accepted(3))
    [channel] = (await board.numbers()).channels
    assert channel.accepted == 5


ENVELOPE = "0192f0c4-0000-7000-8000-000000000001"
PARKED = parked(ENVELOPE)
REPLAYED = handled(0, id=handled_id(ENVELOPE))


@pytest.mark.parametrize(
    ("story", "answered", "dead"),
    [
        pytest.param([PARKED], 0, 1, id="parked"),
        pytest.param([PARKED, REPLAYED], 1, 0, id="parked, replayed and handled"),
        pytest.param([PARKED, REPLAYED, PARKED], 1, 0, id="told again that it was parked"),
        pytest.param([REPLAYED, PARKED], 1, 0, id="handled, and parked all the same"),
        pytest.param([PARKED, parked(ENVELOPE)], 0, 1, id="replayed and parked again, told under another id"),
        pytest.param([PARKED, parked("another"), REPLAYED], 1, 1, id="another one stays parked"),
    ],
)
@pytest.mark.parametrize("together", [True, False], ids=["in one batch", "one by one"])
async def test_a_parked_message_is_counted_once(
    board: Board, story: list[event_pb2.Event], answered: int, dead: int, together: bool
) -> None:
    await board.happen(accepted(answered + dead + 1))
    for batch in [story] if together else [[one] for one in story]:
        await board.happen(*batch)
    board.seconds = 60
    await board.numbers()
    board.seconds = 120
    [channel] = (await board.numbers()).channels
    assert (channel.answered, channel.dead) == (answered, dead)
    assert (channel.accepted, channel.difference) == (answered + dead + 1, 1), "a lost message hides behind no other"


def books(board: Board) -> Books:
    return Books(board.database, "shop", clock=lambda: NOON, new_id=new_id)


async def test_a_known_loss_is_settled_and_stays_on_record(board: Board) -> None:
    await board.happen(accepted(5), handled(0), handled(1), accepted(7, producer="w2"))
    board.seconds = 60
    await books(board).settle("website", "w1", 2, by="Wang", reason="the broker's disk was lost")
    await books(board).settle("website", "w1", 1, by="Li", reason="the same")
    [channel] = (await board.numbers()).channels
    board.seconds = 120
    [channel] = (await board.numbers()).channels
    assert (channel.accepted, channel.lost, channel.difference) == (12, 3, 7)
    assert [(one.producer, one.n, one.by, one.reason, one.at) for one in await books(board).settlements()] == [
        ("w1", 2, "Wang", "the broker's disk was lost", NOON),
        ("w1", 1, "Li", "the same", NOON),
    ]


async def test_what_turns_up_after_all_is_not_lost(board: Board) -> None:
    await board.happen(accepted(2), handled(0))
    await books(board).settle("website", "w1", 1, by="Wang", reason="a guess")
    await board.happen(handled(1))
    [channel] = (await board.numbers()).channels
    assert (channel.accepted, channel.answered, channel.lost, channel.difference) == (2, 2, 0, 0)


@pytest.mark.parametrize(
    ("producer", "n", "by", "reason", "told"),
    [
        pytest.param("w1", 3, "Wang", "gone", "2 messages of w1 are missing, not 3", id="more than are missing"),
        pytest.param("w9", 1, "Wang", "gone", "no process w9", id="a process that accepted nothing"),
        pytest.param("w1", 0, "Wang", "gone", "at least one", id="none"),
        pytest.param("w1", 1, " ", "gone", "who", id="nobody says so"),
        pytest.param("w1", 1, "Wang", "", "why", id="no reason"),
        pytest.param("w1", 1, "Wang", "x" * 501, "why", id="too long a reason"),
    ],
)
async def test_a_wrong_settlement_is_refused(
    board: Board, producer: str, n: int, by: str, reason: str, told: str
) -> None:
    await board.happen(accepted(3), handled(0))
    with pytest.raises(SettlementInvalid, match=told):
        await books(board).settle("website", producer, n, by=by, reason=reason)
    assert await books(board).settlements() == []


async def test_ratings_count_once_a_session(board: Board) -> None:
    def rated(score: int, session: int) -> event_pb2.Event:
        return event(session=session, conversation_rated=event_pb2.ConversationRated(score=score, at=timestamp(NOON)))

    await board.happen(rated(5, 1), rated(3, 2), rated(1, 2))
    numbers = await board.numbers()
    assert (numbers.ratings, numbers.rating_average) == (2, 4.0)
