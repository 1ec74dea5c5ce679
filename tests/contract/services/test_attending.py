"""A business's own agent system on a stream: nothing is lost when it goes, nothing happens twice when it comes back."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any, cast

import grpc
import pytest

from tests.contract.services.attending_line import AGENTS, HeardBus, Line, Served, served
from tests.contract.services.conftest import SteppedClock
from tests.contract.services.routing_desk import SHOP, desk_on, swept
from yizhan.core.bus import envelopes
from yizhan.core.messages import command as k
from yizhan.core.messages.address import Address
from yizhan.core.messages.codec import address_to_proto, timestamp
from yizhan.core.store.database import Database
from yizhan.core.store.outbox import Outbox
from yizhan.pb.v1 import event_pb2, live_pb2, message_pb2, routing_pb2 as pb
from yizhan.routing import store
from yizhan.routing.attending import stream as stream_module
from yizhan.routing.desk import CaseState
from yizhan.routing.store import attending
from yizhan.routing.upkeep import lose_silent

Status = grpc.StatusCode


@pytest.fixture
def bus() -> HeardBus:
    return HeardBus()


@pytest.fixture
async def own(database: Database, bus: HeardBus, clock: SteppedClock) -> AsyncIterator[Served]:
    async with served(desk_on(database, bus, clock), bus) as opened:
        yield opened


async def taken(own: Served, line: Line, conversation: str = "c1") -> pb.Assignment:
    """A conversation that ann has, as far as routing knows."""
    await own.desk.wants_human(conversation)
    offer = (await line.next("offer")).offer.offer
    result = await line.ask(
        f"take:{conversation}", accept=pb.AcceptOfferRequest(agent_id=offer.agent_id, offer_id=offer.id)
    )
    assert result.code == ""
    return result.assignment


def say(given: pb.Assignment, text: str = "您好") -> pb.SayRequest:
    content = message_pb2.Content(text=message_pb2.Text(text=text))
    return pb.SayRequest(
        agent_id=given.agent_id, conversation_id=given.conversation_id, epoch=given.epoch, content=content
    )


def said(conversation: str, seq: int, text: str = "在吗") -> live_pb2.Live:
    hint = live_pb2.Live(
        address=address_to_proto(Address(SHOP, "website", "demo", conversation)), conversation_id=conversation
    )
    hint.appended.message.CopyFrom(
        message_pb2.Message(seq=seq, content=message_pb2.Content(text=message_pb2.Text(text=text)))
    )
    return hint


async def test_a_hand_off_from_the_offer_to_the_end(own: Served) -> None:
    line = await own.attend()
    await line.online("ann")
    given = await taken(own, line)
    assert (given.conversation_id, given.agent_id, given.epoch) == ("c1", "ann", 3)
    spoken = await line.ask("s1", say=say(given))
    noted = await line.ask("n1", note=pb.AddNoteRequest(agent_id="ann", conversation_id="c1", text="VIP"))
    closed = await line.ask(
        "x1", close=pb.CloseConversationRequest(agent_id="ann", conversation_id="c1", epoch=3, reason="done")
    )
    assert (spoken.code, noted.code, closed.code) == ("", "", "")
    [word] = own.desk.told(k.Say)
    assert (word.id, word.epoch) == (spoken.message_id, 3)
    assert [command.id for command in own.desk.told(k.Note)] == [noted.message_id]
    assert len(own.desk.told(k.Close)) == 1
    await own.desk.closed("c1", 4)
    ended = (await line.next("ended")).ended
    assert (ended.assignment_id, ended.change) == (given.id, "closed")
    assert line.kept() == [
        (1, "offer made ann"),
        (2, "offer accepted ann"),
        (3, "assigned ann 3"),
        (4, "ended closed ann"),
    ]


async def test_an_offer_tells_what_an_agents_screen_shows(own: Served) -> None:
    line = await own.attend()
    await line.online("ann")
    await own.desk.wants_human("c1")
    told = (await line.next("offer")).offer
    [shown] = await own.desk.offers("ann")
    assert told.change == "made"
    assert told.offer == shown


async def test_what_happened_while_it_was_away_is_told_in_order(own: Served) -> None:
    line = await own.attend()
    await line.online("ann", "bob")
    given = await taken(own, line)
    seen = (await line.next("assigned")).cursor
    line.drop()
    await own.desk.wants_human("c2")
    await own.desk.presence("ann")
    await own.desk.presence("bob")
    await own.desk.pass_time(15)  # bob's offer lapses, and the conversation is ann's to take
    await own.desk.closed("c1", 4)
    again = await own.attend(seen)
    welcome, snapshot = again.seen[0].welcome, again.seen[-1].snapshot
    assert (welcome.cursor, welcome.last_cursor, welcome.forgotten) == (seen, seen + 4, False)
    assert again.kept() == [
        (seen + 1, "offer made bob"),
        (seen + 2, "offer lapsed bob"),
        (seen + 3, "offer made ann"),
        (seen + 4, f"ended closed {given.agent_id}"),
    ]
    assert [(offer.conversation_id, offer.agent_id) for offer in snapshot.offers] == [("c2", "ann")]
    assert list(snapshot.assigned) == []
    await own.desk.presence("ann", "offline")
    going_on = [(await again.next("offer")).cursor for _ in range(4)]
    assert going_on[-1] == seen + 5, "and it goes on from there"


async def test_without_a_cursor_it_begins_with_what_is_open(own: Served) -> None:
    line = await own.attend()
    await line.online("ann")
    given = await taken(own, line)
    await own.desk.wants_human("c2")
    await line.next("offer")
    fresh = await own.attend()
    assert fresh.kept() == []
    snapshot = fresh.seen[-1]
    assert snapshot.cursor == 4
    assert [one.assignment for one in snapshot.snapshot.assigned] == [given]
    assert [offer.conversation_id for offer in snapshot.snapshot.offers] == ["c2"]


async def test_a_request_that_is_sent_again_has_one_effect_and_the_same_answer(own: Served) -> None:
    line = await own.attend()
    await line.online("ann")
    given = await taken(own, line)
    first = await line.ask("s1", say=say(given))
    line.drop()
    again = await own.attend(3)
    assert await again.ask("s1", say=say(given)) == first
    await own.desk.closed("c1", 4)
    await again.next("ended")
    assert await again.ask("s1", say=say(given)) == first, "also when it could not be said any more"
    assert len(own.desk.told(k.Say)) == 1


async def test_declining_again_is_no_second_refusal(own: Served) -> None:
    line = await own.attend()
    await line.online("ann")
    await own.desk.wants_human("c1")
    offer = (await line.next("offer")).offer.offer
    decline = pb.DeclineOfferRequest(agent_id="ann", offer_id=offer.id)
    first = await line.ask("d1", decline=decline)
    assert await line.ask("d1", decline=decline) == first
    assert first.code == ""
    assert [told for _, told in line.kept()].count("offer declined ann") == 1


async def test_a_request_whose_outcome_nobody_knows_is_not_called_refused(own: Served, database: Database) -> None:
    line = await own.attend()
    await line.online("ann")
    given = await taken(own, line)
    async with database.begin() as tx:  # routing died between saying it and keeping the answer
        await attending.begin_request(tx, SHOP, "own", "s1", own.desk.clock())
    await own.desk.closed("c1", 4)
    result = await line.ask("s1", say=say(given))
    assert result.code == "outcome_unknown"
    assert result.message_id, "the transcript tells whether it was said"


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        pytest.param(
            {"say": pb.SayRequest(agent_id="ann", conversation_id="c1", epoch=2)}, "content_missing", id="no words"
        ),
        pytest.param({"say": "stale"}, "stale_epoch", id="an epoch that is over"),
        pytest.param({"say": "foreign"}, "not_yours", id="a conversation of somebody else"),
        pytest.param({"say": "mail"}, "not_by_mail", id="a mail where people talk"),
        pytest.param(
            {"note": pb.AddNoteRequest(agent_id="ann", conversation_id="c9", text="x")},
            "not_yours",
            id="a note elsewhere",
        ),
        pytest.param(
            {"note": pb.AddNoteRequest(agent_id="ann", conversation_id="c1", text="x" * 2001)},
            "note_too_long",
            id="a note of a book's length",
        ),
        pytest.param(
            {"presence": pb.SetPresenceRequest(agent_id="eve", state="online")},
            "unknown_agent",
            id="an agent not named",
        ),
        pytest.param(
            {"presence": pb.SetPresenceRequest(agent_id="ann", state="asleep")},
            "unknown_presence",
            id="no such presence",
        ),
        pytest.param(
            {"accept": pb.AcceptOfferRequest(agent_id="ann", offer_id="gone")}, "offer_gone", id="an offer that is gone"
        ),
        pytest.param(
            {"transfer": pb.TransferRequest(agent_id="ann", conversation_id="c1", epoch=3, to_agent_id="nobody")},
            "unknown_agent",
            id="handed to nobody",
        ),
        pytest.param(
            {"close": pb.CloseConversationRequest(workspace="other", agent_id="ann", conversation_id="c1", epoch=3)},
            "foreign_workspace",
            id="another business",
        ),
    ],
)
async def test_what_cannot_be_done_is_answered_with_a_code_and_the_stream_goes_on(
    own: Served, request_: dict[str, Any], code: str
) -> None:
    line = await own.attend()
    await line.online("ann")
    given = await taken(own, line)
    if request_.get("say") == "stale":
        given.epoch = 2
        request_ = {"say": say(given)}
    elif request_.get("say") == "foreign":
        given.conversation_id = "c9"
        request_ = {"say": say(given)}
    elif request_.get("say") == "mail":
        given_mail = say(given)
        given_mail.content.text.mail.subject = "Re: 订单"
        request_ = {"say": given_mail}
    assert (await line.ask("r1", **request_)).code == code
    assert own.desk.told(k.Say) == own.desk.told(k.Note) == []
    typing = pb.SendTypingRequest(agent_id="ann", conversation_id="c1")
    assert (await line.ask("r2", typing=typing)).code == ""


async def test_a_request_without_an_id_is_not_carried_out(own: Served) -> None:
    line = await own.attend()
    await line.online("ann")
    given = await taken(own, line)
    await line.send(say=say(given))
    assert (await line.next("result")).result.code == "id_missing"
    assert own.desk.told(k.Say) == []


async def test_words_that_the_conversation_refuses_are_told_and_kept(own: Served) -> None:
    line = await own.attend()
    await line.online("ann")
    given = await taken(own, line)
    await line.ask("s1", say=say(given))
    refusal = event_pb2.CommandRefused(
        command_id="x", command_kind="Say", reason="stale_epoch", client_id="s1", agent_id="ann", epoch_given=3
    )
    await own.desk.event("c1", 4, command_refused=refusal)
    told = (await line.next("refused")).refused
    assert (told.request_id, told.code, told.epoch_given) == ("s1", "stale_epoch", 3)
    again = await own.attend(3)
    assert again.kept() == [(4, "refused Say s1")]


@pytest.mark.parametrize(
    ("event", "told"),
    [
        pytest.param(
            {"conversation_closed": event_pb2.ConversationClosed(by="customer")}, ("closed", "customer"), id="closed"
        ),
        pytest.param(
            {"conversation_returned": event_pb2.ConversationReturned(by="ann")}, ("returned", "ann"), id="returned"
        ),
        pytest.param(
            {"handoff_requested": event_pb2.HandoffRequested(reason="transfer", from_agent_id="ann")},
            ("handed_on", "ann"),
            id="handed on",
        ),
        pytest.param(
            {"conversation_assigned": event_pb2.ConversationAssigned(agent_id="eve", assignment_id="other")},
            ("taken_over", "eve"),
            id="taken over by a supervisor",
        ),
    ],
)
async def test_how_a_conversation_left_the_agent_is_told(
    own: Served, event: dict[str, Any], told: tuple[str, str]
) -> None:
    line = await own.attend()
    await line.online("ann")
    await taken(own, line)
    for kind in event.values():
        kind.at.CopyFrom(timestamp(own.desk.clock()))
    await own.desk.event("c1", 4, **event)
    ended = (await line.next("ended")).ended
    assert (ended.change, ended.by) == told


async def test_messages_of_its_conversations_come_live_and_no_others(own: Served, bus: HeardBus) -> None:
    line = await own.attend()
    await line.online("ann")
    await taken(own, line)
    await line.next("assigned")
    await bus.announce("console", [envelopes.live(said("c2", 7)), envelopes.live(said("c1", 8))])
    message = (await line.next("message")).message
    assert (message.conversation_id, message.message.seq) == ("c1", 8)
    whisper = live_pb2.Live(address=said("c1", 8).address, conversation_id="c1")
    whisper.noted.note.CopyFrom(message_pb2.InternalNote(id="secret", whisper_to="eve"))
    open_note = live_pb2.Live(address=said("c1", 8).address, conversation_id="c1")
    open_note.noted.note.CopyFrom(message_pb2.InternalNote(id="open"))
    await bus.announce("console", [envelopes.live(whisper), envelopes.live(open_note)])
    assert (await line.next("note")).note.id == "open"


async def test_lost_hints_are_told_so_that_the_transcript_is_read(own: Served) -> None:
    line = await own.attend()
    await own.desk.api.attending.gap()
    await line.next("behind")


async def test_a_client_that_does_not_keep_up_is_cut_and_resumes_without_loss(
    own: Served, bus: HeardBus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream_module, "MOST_WAITING", 50)
    line = await own.attend()
    await line.online("ann")
    await taken(own, line)
    await line.next("assigned")
    flood = [envelopes.live(said("c1", seq, "长" * 20_000)) for seq in range(200)]
    await bus.announce("console", flood)  # nothing is read meanwhile
    await own.desk.closed("c1", 4)
    assert await line.ended() == (Status.RESOURCE_EXHAUSTED, "too_slow")
    again = await own.attend(3)
    assert again.kept() == [(4, "ended closed ann")]


async def test_the_newest_stream_of_a_system_is_the_one(own: Served) -> None:
    old = await own.attend()
    new = await own.attend()
    assert await old.ended() == (Status.ABORTED, "displaced")
    await new.online("ann")
    await own.desk.wants_human("c1")
    assert (await new.next("offer")).offer.change == "made"


async def test_an_older_stream_on_another_replica_finds_out(
    own: Served, database: Database, bus: HeardBus, clock: SteppedClock
) -> None:
    old = await own.attend()
    async with served(desk_on(database, bus, clock), bus) as other:
        await other.attend()
        assert await old.ended() == (Status.ABORTED, "displaced")


async def test_another_replica_tells_what_happened_on_this_one(
    own: Served, database: Database, bus: HeardBus, clock: SteppedClock
) -> None:
    async with served(desk_on(database, bus, clock), bus) as other:
        line = await other.attend()
        await own.desk.presence("ann", "online")
        await own.desk.wants_human("c1")
        assert (await line.next("offer")).offer.offer.agent_id == "ann"


async def test_agents_of_a_silent_client_count_as_offline(own: Served, database: Database, clock: SteppedClock) -> None:
    line = await own.attend()
    await line.online("ann", "bob")
    clock.step(40)
    await line.send(heartbeat=pb.AttendHeartbeat())
    await line.ask("t", typing=pb.SendTypingRequest(agent_id="ann", conversation_id="c1"))
    clock.step(40)
    assert await lose_silent(own.desk.switchboard, database, clock) == 0, "a heartbeat counts for all of them"
    clock.step(6)
    assert await lose_silent(own.desk.switchboard, database, clock) == 2


async def test_a_heartbeat_keeps_nobody_there_who_came_elsewhere(
    own: Served, database: Database, clock: SteppedClock
) -> None:
    await own.desk.presence("bob", "online")
    line = await own.attend(agent_ids=[], all_agents=True)
    await line.online("ann")
    clock.step(46)
    await line.send(heartbeat=pb.AttendHeartbeat())
    await line.ask("t", typing=pb.SendTypingRequest(agent_id="ann", conversation_id="c1"))
    assert await lose_silent(own.desk.switchboard, database, clock) == 1, "bob's screen is gone"


async def test_nobody_answers_and_the_consoles_agents_are_asked(own: Served) -> None:
    line = await own.attend()
    await line.online("ann")
    await own.desk.wants_human("c1")
    await line.next("offer")
    line.drop()
    await own.desk.agent("eve")
    await own.desk.presence("ann")
    await own.desk.pass_time(15)
    assert [offer.conversation_id for offer in await own.desk.offers("eve")] == ["c1"]


@pytest.mark.parametrize(
    ("hello", "cursor", "status", "code"),
    [
        pytest.param({"workspace": ""}, None, Status.INVALID_ARGUMENT, "hello_incomplete", id="no business"),
        pytest.param({"system": "x" * 65}, None, Status.INVALID_ARGUMENT, "hello_incomplete", id="a name too long"),
        pytest.param({"agent_ids": []}, None, Status.INVALID_ARGUMENT, "agents_missing", id="nobody"),
        pytest.param({"agent_ids": ["ann", "eve"]}, None, Status.NOT_FOUND, "unknown_agent", id="an unknown agent"),
        pytest.param({}, 7, Status.OUT_OF_RANGE, "cursor_unknown", id="a cursor that never was"),
        pytest.param({}, -1, Status.OUT_OF_RANGE, "cursor_unknown", id="a cursor below nothing"),
    ],
)
async def test_a_hello_that_cannot_be(
    own: Served, hello: dict[str, Any], cursor: int | None, status: grpc.StatusCode, code: str
) -> None:
    line = await own.say_hello(cursor, **hello)
    assert await line.ended() == (status, code)


async def test_a_stream_begins_with_one_hello(own: Served) -> None:
    line = own.open()
    await line.send(heartbeat=pb.AttendHeartbeat())
    assert await line.ended() == (Status.INVALID_ARGUMENT, "hello_missing")
    line = await own.attend()
    await line.send(hello=pb.AttendHello(workspace=SHOP, system="own", agent_ids=AGENTS))
    assert await line.ended() == (Status.INVALID_ARGUMENT, "hello_again")


@pytest.mark.parametrize("metadata", [(), (("authorization", "Bearer of an old token"),)], ids=["none", "expired"])
async def test_without_the_token_nobody_attends(own: Served, metadata: Any) -> None:
    line = own.open(metadata)
    assert (await line.ended())[0] is Status.UNAUTHENTICATED


async def test_acknowledged_events_go_after_a_week_and_others_after_a_month(
    own: Served, database: Database, clock: SteppedClock
) -> None:
    line = await own.attend()
    await line.online("ann")
    await taken(own, line)
    await line.next("assigned")
    await line.send(ack=pb.AttendAck(cursor=2))
    await line.send(ack=pb.AttendAck(cursor=99))
    await line.ask("t", typing=pb.SendTypingRequest(agent_id="ann", conversation_id="c1"))
    line.drop()
    assert (await swept(database, clock))["attend_events"] == 0
    clock.step(timedelta(days=7, seconds=1).total_seconds())
    assert (await swept(database, clock))["attend_events"] == 2
    told = await own.attend(2)
    assert (told.kept(), told.seen[0].welcome.forgotten) == ([(3, "assigned ann 3")], False)
    short = await own.attend(0)
    assert short.seen[0].welcome.forgotten, "it is told that something is missing"
    assert len(short.seen[-1].snapshot.assigned) == 1, "and what is so now"
    clock.step(timedelta(days=23).total_seconds())
    assert (await swept(database, clock))["attend_events"] == 1


async def test_a_stopping_process_sends_its_clients_elsewhere(own: Served) -> None:
    line = await own.attend()
    await own.desk.api.attending.close_all()
    assert await line.ended() == (Status.UNAVAILABLE, "restarting")


@pytest.mark.parametrize("moments", range(6))
async def test_a_client_that_goes_while_its_stream_ends_leaves_none_behind(own: Served, moments: int) -> None:
    """One that is left behind is counted for ever, and a process that stops waits for it in vain."""
    told = asyncio.Event()

    class Caller:
        async def write(self, _event: pb.AttendEvent) -> None:
            told.set()

    async def requests() -> AsyncIterator[pb.AttendRequest]:
        yield pb.AttendRequest(hello=pb.AttendHello(workspace=SHOP, system="own", agent_ids=AGENTS))
        await asyncio.Event().wait()

    api, caller = own.desk.api, cast(grpc.aio.ServicerContext[Any, Any], Caller())
    call = asyncio.create_task(api.Attend(requests(), caller))
    async with asyncio.timeout(20):
        await told.wait()
        api.attending.end_all()
        for _ in range(moments):
            await asyncio.sleep(0)
        call.cancel()
        await asyncio.wait({call})
        await api.attending.close_all()


async def test_sixty_hand_offs_with_a_client_that_dies_all_the_time(own: Served) -> None:
    """Whatever moment it dies at: all cursors once it is back, in order, and every hand-off taken once."""
    for agent in AGENTS:
        await own.desk.agent(agent, capacity=200, state="online")
    cursor, kept, taken_offers = 0, [], set[str]()
    line = await own.attend(0)
    for number in range(60):
        await own.desk.wants_human(f"c{number}")
        if number % 7 == 3:
            line.drop()
            line = await own.attend(cursor)
        while True:
            if not (fresh := [event for event in line.seen if event.cursor > cursor and event.HasField("offer")]):
                await line.next("offer")
                continue
            for event in fresh:
                cursor = event.cursor
                kept.append(cursor)
                if event.offer.change == "made":
                    offer = event.offer.offer
                    await line.send(offer.id, accept=pb.AcceptOfferRequest(agent_id=offer.agent_id, offer_id=offer.id))
                    taken_offers.add(offer.id)
            break
    async with asyncio.timeout(60):
        while len(await own.desk.cases(CaseState.ASSIGNED)) < 60:
            line.drop()
            line = await own.attend(0)
            for event in [event for event in line.seen if event.HasField("offer") and event.offer.change == "made"]:
                offer = event.offer.offer
                await line.ask(offer.id, accept=pb.AcceptOfferRequest(agent_id=offer.agent_id, offer_id=offer.id))
    whole = await own.attend(0)
    cursors = [at for at, _ in whole.kept()]
    assert cursors == list(range(1, len(cursors) + 1))
    assert kept == sorted(set(kept))
    told = [what.rsplit(" ", 1)[0] if what.startswith("assigned") else what.split(" ")[1] for _, what in whole.kept()]
    assert told.count("accepted") == 60
    await Outbox(own.desk.database, store.outbox, own.desk.bus, sweep_after=0).sweep()  # of those it did not wait for
    assert len({command.id for command in own.desk.told(k.Assign)}) == 60
