"""A business's own agent system that is told by webhook: in order, without loss, and by one process at a time."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
from aiohttp import web

from tests.contract.services.attending_line import AGENTS, HeardBus, served
from tests.contract.services.conftest import SteppedClock
from tests.contract.services.routing_desk import SHOP, Desk, desk_on, swept
from tests.contract.services.webhook_line import KEYS, Dialogue, Receiver, Told, never, receiver, status, takes, telling
from yizhan.console.board_views import board_json
from yizhan.core.bus import envelopes
from yizhan.core.runtime.http.outbound import Reach
from yizhan.core.runtime.metrics import Metrics
from yizhan.core.store.database import Database
from yizhan.pb.v1 import live_pb2, message_pb2
from yizhan.pb.v1.routing_pb2 import AttendHello
from yizhan.routing.attending.registry import SystemRefused, SystemRegistry
from yizhan.routing.attending.webhooks import courier as courier_module, couriers as couriers_module
from yizhan.routing.attending.webhooks.backoff import LONGEST_FAILING
from yizhan.routing.attending.webhooks.couriers import Couriers
from yizhan.routing.attending.webhooks.figures import PostFigures
from yizhan.routing.attending.webhooks.means import WebhookGone
from yizhan.routing.attending.webhooks.setup import WebhookSetup, webhook_sealer
from yizhan.routing.store import attending, webhooks
from yizhan.routing.store.webhooks import Webhook
from yizhan.routing.upkeep import lose_silent


@pytest.fixture
def bus() -> HeardBus:
    return HeardBus()


@pytest.fixture
async def desk(database: Database, bus: HeardBus, clock: SteppedClock) -> Desk:
    made = desk_on(database, bus, clock)
    for agent in AGENTS:
        await made.agent(agent, state="offline")
    return made


@pytest.fixture
async def crm(clock: SteppedClock) -> AsyncIterator[Receiver]:
    async with receiver(clock) as opened:
        yield opened


@pytest.fixture
def setup(database: Database, clock: SteppedClock) -> WebhookSetup:
    return WebhookSetup(database, SHOP, clock, webhook_sealer(KEYS), Reach.LOOPBACK)


@pytest.fixture
async def own(desk: Desk, crm: Receiver, setup: WebhookSetup, clock: SteppedClock) -> AsyncIterator[Told]:
    await SystemRegistry(desk.database, SHOP, clock).add("own", frozenset(AGENTS), None)
    crm.secrets.append(await setup.put("own", crm.url))
    async with telling(desk, crm, Dialogue()) as told:
        await told.catch_up()
        yield told


async def webhook_of(own: Told) -> Webhook:
    async with own.desk.database.read() as tx:
        found = await webhooks.load_webhook(tx, SHOP, "own")
    assert found is not None
    return found


async def test_a_hand_off_is_told_from_the_offer_to_the_end(own: Told) -> None:
    assert own.receiver.told() == ["snapshot"]
    await own.online()
    own.dialogue.say("c1")
    own.dialogue.say("c1", "转人工")
    await own.assigned()
    await own.catch_up()
    own.dialogue.say("c1", "谢谢")
    own.dialogue.note("c1", "VIP")
    own.dialogue.note("c1", "for eve", whisper_to="eve")
    own.hear()
    await own.catch_up()
    own.dialogue.say("c1", "再见")  # nothing told of it: that it is over comes first
    await own.desk.closed("c1", 4)
    await own.catch_up()
    assert own.receiver.told() == [
        "snapshot",
        "offer made ann",
        "offer accepted ann",
        "assigned ann 3",
        "messages 1,2",
        "messages 3",
        "note 1",
        "messages 4",
        "ended closed ann",
    ]
    cursors = [one["cursor"] for one in own.receiver.taken if "cursor" in one]
    assert cursors == [1, 2, 3, 4, 5]
    [shown] = [one["data"]["offer"] for one in own.receiver.taken if one["type"] == "offer"][:1]
    assert (shown["conversation_id"], shown["reason"], shown["last_text"]) == ("c1", "requested", "转人工")
    own.dialogue.say("c1", "for the assistant")
    own.hear()
    await own.catch_up()
    assert own.receiver.told()[-1] == "ended closed ann", "what is said later is not theirs to read"


@pytest.mark.parametrize(
    ("answering", "problem"),
    [
        pytest.param(status(500), "status_500", id="it answers 500"),
        pytest.param(status(404), "status_404", id="it does not know the address"),
        pytest.param(status(302, Location="http://127.0.0.1:1/"), "status_302", id="it sends us elsewhere"),
        pytest.param(never, "timeout", id="it does not answer"),
    ],
)
async def test_a_receiver_that_does_not_take_it_loses_nothing(
    own: Told, clock: SteppedClock, answering: object, problem: str
) -> None:
    await own.online()
    own.receiver.answering = answering  # type: ignore[assignment]
    await own.assigned()
    await own.catch_up()
    failing = await webhook_of(own)
    assert (failing.problem, failing.tries, failing.failing_since) == (problem, 1, clock())
    assert own.receiver.told() == ["snapshot"]
    assert await own.courier.round() > 0, "nothing is posted before the pause is over"
    assert len(own.receiver.tries) == 2
    own.receiver.answering = takes
    clock.step(2)
    await own.catch_up()
    assert own.receiver.told() == ["snapshot", "offer made ann", "offer accepted ann", "assigned ann 3"]
    assert own.receiver.tries[1] == own.receiver.tries[2], "repeated under the same id"
    well = await webhook_of(own)
    assert (well.problem, well.tries, well.failing_since) == ("", 0, None)


async def test_a_receiver_that_is_down_for_hours_is_told_everything_in_order(own: Told, clock: SteppedClock) -> None:
    await own.online("bob")
    own.receiver.answering = status(503, **{"Retry-After": "5"})
    for number in range(3):
        await own.desk.presence("bob")
        await own.assigned(f"c{number}", "bob")
        own.dialogue.say(f"c{number}")
        await own.catch_up()
        await own.desk.closed(f"c{number}", 4)
        clock.step(1_800)
    own.receiver.answering = takes
    await own.catch_up()
    once = ["offer made bob", "offer accepted bob", "assigned bob 3", "messages 1", "ended closed bob"]
    assert own.receiver.told() == ["snapshot", *once * 3]
    assert [one["cursor"] for one in own.receiver.taken if "cursor" in one] == list(range(1, 14))


async def test_gone_means_no_more_until_an_operator_says_so(
    own: Told, setup: WebhookSetup, clock: SteppedClock
) -> None:
    await own.online()
    own.receiver.answering = status(410)
    await own.desk.wants_human("c1")
    await own.catch_up()
    own.receiver.answering = takes
    clock.step(86_400)
    await own.catch_up()
    assert (await webhook_of(own)).dead
    assert len(own.receiver.tries) == 2
    await setup.put("own", own.receiver.url)
    await own.catch_up()
    assert own.receiver.told() == ["snapshot", "offer made ann"]


async def test_after_days_of_failing_it_is_given_up_and_nothing_is_forgotten(
    own: Told, setup: WebhookSetup, clock: SteppedClock
) -> None:
    own.receiver.answering = status(500)
    await own.online()
    await own.desk.wants_human("c1")
    await own.catch_up()
    clock.step(LONGEST_FAILING.total_seconds())
    await own.catch_up()
    given_up = await webhook_of(own)
    assert (given_up.dead, given_up.problem) == (True, "gave_up")
    own.receiver.answering = takes
    await setup.put("own", own.receiver.url)
    await swept(own.desk.database, clock)
    await own.catch_up()
    assert own.receiver.told() == ["snapshot", "offer made ann"]


async def test_killed_between_the_answer_and_its_noting_the_same_is_told_again(own: Told) -> None:
    await own.online()
    own.dialogue.say("c1")
    await own.assigned()
    once = ["offer made ann", "offer accepted ann", "assigned ann 3", "messages 1"]
    for _ in once:
        async with telling(own.desk, own.receiver, own.dialogue) as dying:
            await killed_by_its_answer(dying)
        async with telling(own.desk, own.receiver, own.dialogue) as another:
            await another.courier.round()
    assert own.receiver.told() == ["snapshot", *(told for told in once for _ in range(2))]
    assert own.receiver.taken[1::2] == own.receiver.taken[2::2], "the same, under the same id"


async def killed_by_its_answer(dying: Told) -> None:
    """It dies over its next post: the receiver has taken it, and nobody here knows."""

    async def take_and_kill(_: web.Request) -> web.StreamResponse:
        process.cancel()
        return web.Response(status=204)

    dying.receiver.answering = take_and_kill
    process = asyncio.create_task(dying.courier.round())
    with pytest.raises(asyncio.CancelledError):
        await process
    dying.receiver.answering = takes


async def test_messages_on_their_way_are_repeated_as_they_were(own: Told, clock: SteppedClock) -> None:
    await own.online()
    await own.assigned()
    await own.catch_up()
    own.dialogue.say("c1")
    own.receiver.answering = status(500)
    own.hear()
    await own.catch_up()
    own.dialogue.say("c1")
    own.receiver.answering = takes
    clock.step(2)
    await own.catch_up()
    assert own.receiver.told()[-2:] == ["messages 1", "messages 2"]
    assert own.receiver.tries[-3] == own.receiver.tries[-2]


async def test_two_processes_tell_each_event_once_between_them(own: Told) -> None:
    await own.online()
    async with telling(own.desk, own.receiver, own.dialogue, replica="two") as other:
        for number in range(3):
            await own.desk.presence("ann")
            own.dialogue.say(f"c{number}")
            await own.assigned(f"c{number}")
            if own.desk.database.dialect == "postgresql":  # a file has one process at a time
                for _ in range(3):
                    await asyncio.gather(other.courier.round(), own.courier.round())
            await own.desk.closed(f"c{number}", 4)
        await own.catch_up()
        once = ["offer made ann", "offer accepted ann", "assigned ann 3", "messages 1", "ended closed ann"]
        assert own.receiver.told() == ["snapshot", *once * 3]
        await own.courier.stop()
        await own.desk.presence("ann")
        await own.desk.wants_human("c9")
        await other.catch_up()
    assert own.receiver.told()[-1] == "offer made ann", "one that stops leaves it to the other at once"
    assert len(own.receiver.tries) == len(set(own.receiver.tries)), "nothing was posted twice"


async def test_dialogue_that_is_away_delays_messages_and_nothing_else(own: Told, clock: SteppedClock) -> None:
    await own.online()
    own.dialogue.away = True
    own.dialogue.say("c1")
    await own.assigned()
    assert own.receiver.told() == ["snapshot"]
    await own.catch_up()
    await own.desk.wants_human("c2")
    await own.catch_up()
    assert own.receiver.told()[-2:] == ["assigned ann 3", "offer made ann"]
    clock.step(15)
    await own.catch_up()
    assert own.receiver.taken[-1]["type"] == "heartbeat", "its agents are there all the same"
    own.dialogue.away = False
    await own.catch_up()
    assert own.receiver.told()[-1] == "messages 1"


async def test_its_answers_keep_its_agents_there_and_its_silence_takes_them_off(own: Told, clock: SteppedClock) -> None:
    await own.online()
    async with own.desk.database.begin() as tx:
        await webhooks.set_present(tx, SHOP, "own", "ann", there=True)
    for _ in range(10):
        clock.step(15)
        await own.catch_up()
        assert await lose_silent(own.desk.switchboard, own.desk.database, clock) == 0
    assert own.receiver.last("heartbeat")["present"] == ["ann"]
    own.receiver.answering = status(500)
    await own.desk.wants_human("c1")
    await own.desk.agent("eve")
    await own.catch_up()
    await own.desk.pass_time(15)
    assert [offer.conversation_id for offer in await own.desk.offers("eve")] == ["c1"], "the console's agents are asked"
    clock.step(31)
    await own.catch_up()
    await own.desk.presence("eve")
    assert await lose_silent(own.desk.switchboard, own.desk.database, clock) == 1
    own.receiver.answering = takes
    clock.step(60)
    await own.catch_up()
    clock.step(15)
    await own.catch_up()
    assert own.receiver.last("heartbeat")["present"] == [], "it is told that they have to come again"


async def test_while_the_secret_changes_either_is_enough(own: Told, setup: WebhookSetup, clock: SteppedClock) -> None:
    newer = await setup.new_secret("own", timedelta(hours=1))
    clock.step(3_599)
    await own.catch_up()
    own.receiver.secrets = [newer]
    clock.step(15)
    await own.catch_up()
    assert len(own.receiver.taken) == 3
    assert (await webhook_of(own)).tries == 0


async def test_events_that_were_forgotten_are_made_up_by_how_things_stand(own: Told, clock: SteppedClock) -> None:
    await own.online()
    await own.assigned()
    clock.step(timedelta(days=31).total_seconds())
    await swept(own.desk.database, clock)
    await own.catch_up()
    assert own.receiver.told() == ["snapshot", "snapshot"]
    [held] = own.receiver.last("snapshot")["assigned"]
    assert held["assignment"]["conversation_id"] == "c1"
    own.dialogue.say("c1")
    own.hear()
    await own.catch_up()
    assert own.receiver.told()[-1] == "messages 1"


async def test_a_name_that_leads_inside_is_not_called(own: Told, clock: SteppedClock) -> None:
    clock.step(15)
    async with telling(own.desk, own.receiver, own.dialogue, reach=Reach.PUBLIC) as strict:
        await strict.catch_up()
    assert (await webhook_of(own)).problem == "url_private"
    assert len(own.receiver.tries) == 1


async def test_an_endless_answer_is_not_read(own: Told, clock: SteppedClock) -> None:
    async def endless(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse(status=200)
        await answer.prepare(request)
        try:
            while True:
                await answer.write(b"x" * 65_536)
        except ConnectionError:
            return answer

    own.receiver.answering = endless
    clock.step(15)
    await own.catch_up()
    assert (await webhook_of(own)).heard_at == clock()


async def test_a_system_that_is_told_by_webhook_has_no_stream(own: Told, bus: HeardBus) -> None:
    async with served(own.desk, bus) as opened:
        line = opened.open()
        await line.send(hello=AttendHello(workspace=SHOP, system="own", agent_ids=AGENTS))
        _, code = await line.ended()
    assert code == "told_by_webhook"


async def test_what_is_removed_is_told_no_more(own: Told, setup: WebhookSetup, clock: SteppedClock) -> None:
    await setup.remove("own")
    with pytest.raises(WebhookGone):
        await own.courier.round()
    await setup.put("own", own.receiver.url)
    await SystemRegistry(own.desk.database, SHOP, clock).remove("own")
    with pytest.raises(WebhookGone):
        await own.courier.round()
    async with own.desk.database.read() as tx:
        assert await attending.load_system(tx, SHOP, "own") is None
    with pytest.raises(SystemRefused, match="unknown_system"):
        await setup.put("own", own.receiver.url)


async def test_the_board_names_systems_that_take_nothing(own: Told, setup: WebhookSetup, clock: SteppedClock) -> None:
    assert list((await own.desk.queue()).troubled) == []
    own.receiver.answering = status(500)
    await own.online()
    await own.desk.wants_human("c1")
    await own.catch_up()
    [shown] = board_json(await own.desk.queue(), [], [], 0)["systems"]
    since = f"{clock():%Y-%m-%dT%H:%M:%S}.000Z"
    failing = {"name": "own", "state": "failing", "since": since, "problem": "status_500", "waiting": 1}
    assert shown == failing
    own.receiver.answering = status(410)
    clock.step(60)
    await own.catch_up()
    [shown] = board_json(await own.desk.queue(), [], [], 0)["systems"]
    assert shown == failing | {"state": "disabled", "problem": "gone"}


async def untaken(own: Told) -> float:
    """Seconds that what comes next has waited."""
    async with own.desk.database.read() as tx:
        since = await webhooks.untaken_since(tx)
    return 0.0 if since is None else (own.desk.clock() - since).total_seconds()


async def test_how_long_what_comes_next_has_waited(own: Told, clock: SteppedClock) -> None:
    """From what happened first, not from the last try; and what is said counts as well as what is kept."""
    own.receiver.answering = status(500)
    clock.step(60)
    await own.catch_up()
    assert (await webhook_of(own)).tries, "a heartbeat was not taken"
    assert await untaken(own) == 0, "and nothing waits"
    await own.online()
    await own.assigned("c1")
    clock.step(90)
    await own.catch_up()
    await own.online()
    await own.assigned("c2")
    assert await untaken(own) == 90
    own.receiver.answering = takes
    clock.step(90)
    await own.catch_up()
    assert await untaken(own) == 0
    own.receiver.answering = status(500)
    own.dialogue.say("c1")
    own.hear("c1")
    await own.catch_up()
    clock.step(90)
    assert await untaken(own) == 90, "words wait"


async def test_a_system_without_a_webhook_makes_nobody_wait(
    own: Told, setup: WebhookSetup, clock: SteppedClock
) -> None:
    await own.online()
    own.receiver.answering = status(410)
    await own.assigned()
    await own.catch_up()
    clock.step(90)
    assert await untaken(own) == 90, "given up, and still owed: somebody is to look"
    await setup.remove("own")
    assert await untaken(own) == 0


async def test_processes_show_how_long_what_comes_next_has_waited(
    own: Told, clock: SteppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(couriers_module, "LOOK_FOR_NEW", 0.02)
    metrics = Metrics("routing")
    await own.online()
    own.receiver.answering = status(500)
    await own.assigned()
    running = asyncio.create_task(Couriers(replace(own.means, figures=PostFigures(metrics))).run())
    clock.step(240)
    async with asyncio.timeout(20):
        while metrics.registry.get_sample_value("yizhan_attending_untaken_seconds") != 240:
            await asyncio.sleep(0.02)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_it_is_told_as_soon_as_something_happens_and_left_to_others_at_once(
    own: Told, bus: HeardBus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(couriers_module, "LOOK_FOR_NEW", 3_600.0)
    monkeypatch.setattr(courier_module, "LOOK_AGAIN", 3_600.0)  # nothing is found by looking around
    couriers = Couriers(own.means)
    bus.streams.append(couriers)  # type: ignore[arg-type]  # it hears as streams do
    running = asyncio.create_task(couriers.run())
    await own.online()
    await own.assigned()
    await until(own, "assigned ann 3")
    own.dialogue.say("c1")
    hint = live_pb2.Live(address=message_pb2.Address(workspace=SHOP), conversation_id="c1")
    hint.appended.SetInParent()
    await bus.announce("console", [envelopes.live(hint)])
    await until(own, "messages 1")
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert (await webhook_of(own)).holder == ""


async def until(own: Told, told: str) -> None:
    async with asyncio.timeout(20):
        while told not in own.receiver.told():
            await asyncio.sleep(0.02)
