"""A channel whose sends cannot be repeated: each message reaches the customer once, in order, within the window, or is told about.

Each case runs on SQLite and on PostgreSQL. A "new life" is another process on the same database.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from tests.channels.waiting import until
from tests.contract.services.sending_lives import ABLE, Died, Lives, Step, emptied, said, wrote
from yizhan.channels.contract import (
    InboundGone,
    InboundMessage,
    InboundTrigger,
    OutcomeUnknown,
    QuotaSpent,
    Refusal,
    Refused,
    RetryLater,
    Sent,
    TokenExpired,
    Trigger,
    WindowClosed,
)
from yizhan.channels.menus import option_code
from yizhan.channels.store.tables import waiting
from yizhan.core.messages.content import Choice, Menu, MenuOption, Text
from yizhan.core.messages.receipt import ReceiptState
from yizhan.core.runtime import clock
from yizhan.core.store.database import Database
from yizhan.core.store.migrate import upgrade


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.real)])
async def database(request: pytest.FixtureRequest, home: Path) -> AsyncIterator[Database]:
    url = "" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    async with Database(url, home=home) as opened:
        await upgrade(opened, "channels")
        yield opened


@pytest.fixture
async def lives(database: Database) -> AsyncIterator[Lives]:
    lives = Lives(database)
    yield lives
    await lives.end()


ACCEPTED, HELD = (ReceiptState.ACCEPTED, ""), ReceiptState.HELD


async def test_a_message_that_comes_again_is_sent_once_also_in_a_new_life(lives: Lives) -> None:
    life = lives.begin()
    await life.comes(wrote())
    message = said("one")
    await life.deliver(message)
    await life.deliver(message)
    await lives.begin().deliver(message)
    assert lives.provider.reached == ["one"]
    assert await life.told(message) == [ACCEPTED] * 3


async def test_a_crash_between_the_call_and_its_record_sends_no_second_copy_and_says_so(lives: Lives) -> None:
    life = lives.begin()
    await life.comes(wrote())
    lives.provider.script = iter(["dies"])
    message, following = said("one"), said("two")
    with pytest.raises(Died):
        await life.deliver(message, following)
    await lives.begin().deliver(message, following)
    assert lives.provider.reached == ["one", "two"]
    assert await life.told(message) == [(ReceiptState.UNKNOWN, "interrupted")]
    assert await life.told(following) == [ACCEPTED]


async def test_who_waited_for_a_turn_when_the_process_died_is_sent_afterwards(lives: Lives) -> None:
    life = lives.begin(calls=1)
    await life.comes(wrote(customer="a"), wrote(customer="b"))
    lives.provider.script = iter(["hangs"])
    messages = {"one": said("one", "a"), "two": said("two", "b")}
    process = asyncio.create_task(life.deliver(*messages.values()))
    await until(lambda: len(lives.provider.called) == 1)
    await asyncio.sleep(0.2)  # the other one comes as far as it can
    process.cancel()
    await asyncio.wait({process})
    (being_called,) = lives.provider.called
    waiting = "two" if being_called == "one" else "one"
    await lives.begin().deliver(*messages.values())
    assert lives.provider.reached == [being_called, waiting]
    assert await life.told(messages[being_called]) == [(ReceiptState.UNKNOWN, "interrupted")]
    assert await life.told(messages[waiting]) == [ACCEPTED]


async def test_who_is_to_come_again_later_gives_the_turn_to_others(lives: Lives) -> None:
    life = lives.begin(calls=1)
    await life.comes(wrote(customer="a"), wrote(customer="b"))
    lives.provider.script = iter([RetryLater(0.3)])
    await life.deliver(said("one", "a"), said("two", "b"))
    first, second, again = lives.provider.called
    assert again == first != second
    assert lives.provider.reached == [second, first]


async def test_a_provider_that_knows_our_ids_is_asked_again_after_a_crash(lives: Lives) -> None:
    lives.provider.able = replace(ABLE, idempotent=True)
    life = lives.begin()
    await life.comes(wrote())
    lives.provider.script = iter(["dies", OutcomeUnknown()])
    message = said("one")
    with pytest.raises(Died):
        await life.deliver(message)
    await lives.begin(patience=30).deliver(message)
    assert lives.provider.reached == ["one"]
    assert await life.told(message) == [ACCEPTED]


async def test_a_long_message_goes_on_where_a_crash_cut_it(lives: Lives) -> None:
    life = lives.begin()
    await life.comes(wrote())
    lives.provider.script = iter([Sent(), RetryLater(0.01), WindowClosed("45015")])
    message = said("first part of it. second part.")
    await life.deliver(message)
    assert await life.told(message) == [(HELD, "window_closed")]
    lives.provider.script = None
    later = lives.begin()
    await lives.waiting_room(later)
    await later.comes(wrote())
    await until(lambda: len(lives.receipts) == 2)
    assert lives.provider.reached == ["first part of it.", "second part."]


@pytest.mark.parametrize(
    ("step", "state", "reason"),
    [
        pytest.param(Sent(), ReceiptState.ACCEPTED, "", id="it works"),
        pytest.param(TokenExpired("t"), ReceiptState.ACCEPTED, "", id="the token had expired"),
        pytest.param(RetryLater(0.01), ReceiptState.ACCEPTED, "", id="the second call works"),
        pytest.param(RetryLater(99), HELD, "provider_busy", id="the provider wants a long pause"),
        pytest.param(WindowClosed("45015", "out of time"), HELD, "window_closed", id="the window is closed"),
        pytest.param(QuotaSpent("45047", "too many"), HELD, "quota_spent", id="the quota is spent"),
        pytest.param(Refused("87014", "no", Refusal.RISKY_CONTENT), ReceiptState.FAILED, "risky_content", id="refused"),
        pytest.param(OutcomeUnknown(), ReceiptState.UNKNOWN, "outcome_unknown", id="nobody knows"),
        pytest.param(ValueError("a mistake"), ReceiptState.UNKNOWN, "channel_error", id="a mistake in the adapter"),
    ],
)
async def test_each_error_is_told_once_and_remembered(
    lives: Lives, step: Step, state: ReceiptState, reason: str
) -> None:
    life = lives.begin()
    await life.comes(wrote())
    lives.provider.script = iter([step])
    message = said("one")
    await life.deliver(message)
    assert await life.told(message) == [(state, reason)]
    calls = len(lives.provider.called)
    if state is not HELD:
        await lives.begin().deliver(message)
        assert len(lives.provider.called) == calls
        assert await life.told(message) == [(state, reason)] * 2


async def test_what_exceeds_the_quota_waits_in_order_for_the_next_message(lives: Lives) -> None:
    life = lives.begin()
    await life.comes(wrote())
    messages = [said(f"m{number}") for number in range(5)]
    await life.deliver(*messages)
    assert lives.provider.reached == ["m0", "m1", "m2"]
    assert [await life.told(message) for message in messages[3:]] == [[(HELD, "quota_spent")], [(HELD, "in_order")]]
    left = [item.reply_window.left for item in lives.receipts if item.reply_window]
    assert left == [2, 1, 0, 0, 0]
    assert lives.provider.fallen_back == ["quota_spent"]
    await lives.waiting_room(life)
    await life.comes(wrote())
    await until(lambda: len(lives.provider.reached) == 5)
    assert lives.provider.reached == ["m0", "m1", "m2", "m3", "m4"]
    await until(lambda: len(lives.receipts) == 7)
    await emptied(life)


async def test_nothing_is_sent_to_who_never_wrote_or_left(lives: Lives) -> None:
    life = lives.begin()
    message = said("one")
    await life.deliver(message)
    assert await life.told(message) == [(HELD, "window_closed")]
    left = said("two", customer="left")
    await life.comes(wrote(customer="left"))
    await life.comes(InboundGone(left.address))
    await life.deliver(left)
    assert await life.told(left) == [(HELD, "window_closed")]
    assert lives.provider.called == []


async def test_an_old_push_that_is_repeated_opens_nothing_anew(lives: Lives) -> None:
    life = lives.begin()
    first = wrote(key="m:1", ago=timedelta(minutes=5))
    await life.comes(first)
    await life.deliver(*[said(f"m{number}") for number in range(3)])
    again = (await life.comes(first))[0]
    assert isinstance(again, InboundMessage)
    assert again.message.reply_window is not None
    assert again.message.reply_window.left == 0
    another = (await life.comes(replace(first, message=replace(first.message, dedupe_key="m:2"))))[0]
    assert isinstance(another, InboundMessage)
    assert another.message.reply_window is not None
    assert another.message.reply_window.left == 3, "two messages of one second are two"


async def test_a_weaker_trigger_gives_a_shorter_window(lives: Lives) -> None:
    life = lives.begin()
    message = said("welcome")
    await life.comes(InboundTrigger(message.address, Trigger.SUBSCRIBE, clock.now()))
    second = said("second")
    await life.deliver(message, second)
    assert lives.provider.reached == ["welcome"]
    assert await life.told(second) == [(HELD, "quota_spent")]


async def test_what_waits_too_long_is_told_as_expired(lives: Lives) -> None:
    life = lives.begin()
    message = said("one")
    await life.deliver(message)
    lives.ahead = timedelta(days=8)
    await lives.waiting_room(lives.begin())
    await until(lambda: len(lives.receipts) == 2)
    assert (await life.told(message))[-1] == (ReceiptState.FAILED, "expired")
    await emptied(life)


async def test_a_message_that_cannot_be_read_keeps_no_other_from_going(lives: Lives) -> None:
    life = lives.begin()
    broken, fine = said("broken", customer="b"), said("fine")
    await life.deliver(broken, fine)
    async with lives.database.begin() as tx:
        await tx.execute(update(waiting).where(waiting.c.message_id == broken.id).values(body=b"\xff"))
    await lives.waiting_room(life)
    await life.comes(wrote(customer="b"), wrote())
    await until(lambda: lives.provider.reached == ["fine"])
    assert await life.memory.waiting.count() >= 1, "what nobody can read is still there"


async def test_receipts_of_what_waited_are_told_when_the_bus_is_back_and_nothing_is_sent_again(lives: Lives) -> None:
    life = lives.begin()
    message = said("one")
    await life.deliver(message)
    lives.bus_away = True
    await lives.waiting_room(life)
    await life.comes(wrote())
    await until(lambda: lives.provider.reached == ["one"])
    lives.bus_away = False
    await until(lambda: len(lives.receipts) == 2)
    assert lives.provider.reached == ["one"]
    assert (await life.told(message))[-1] == ACCEPTED


async def test_customers_do_not_wait_for_each_other(lives: Lives) -> None:
    life = lives.begin()
    customers = [f"c{number}" for number in range(40)]
    await life.comes(*(wrote(customer=name) for name in customers))
    messages = [said(f"{name}-{number}", name) for number in range(3) for name in customers]
    await life.deliver(*messages)
    assert len(lives.provider.reached) == 120
    for name in customers:
        assert [item for item in lives.provider.reached if item.startswith(f"{name}-")] == [
            f"{name}-{n}" for n in range(3)
        ]


MENU = Menu("rating:1", "How was it?", (MenuOption("1", "bad"), MenuOption("5", "good")))


@pytest.mark.parametrize(
    ("text", "pressed", "after", "chosen"),
    [
        pytest.param("good", 2, None, "5", id="an option was pressed"),
        pytest.param("2", 0, None, "5", id="a number was written"),
        pytest.param(" ２。", 0, None, "5", id="a wide number with a full stop"),
        pytest.param("3", 0, None, None, id="there is no such option"),
        pytest.param("2 apples", 0, None, None, id="a sentence with a number"),
        pytest.param("2", 0, "How many?", None, id="a number that answers something said later"),
        pytest.param("good", 2, "How many?", "5", id="pressed after something else was said"),
    ],
)
async def test_an_answer_to_a_menu_is_known_as_a_choice(
    lives: Lives, text: str, pressed: int, after: str | None, chosen: str | None
) -> None:
    life = lives.begin()
    await life.comes(wrote())
    shown = said(MENU)
    await life.deliver(shown)
    if after:
        await life.deliver(said(after))
    fact = wrote(text)
    if pressed:
        fact = replace(fact, pressed=option_code(shown.id, pressed))
    found = (await lives.begin().comes(fact))[0]
    assert isinstance(found, InboundMessage)
    expected = Text(text) if chosen is None else Choice("rating:1", chosen, "good")
    assert found.message.content == expected


async def test_two_replicas_that_get_the_same_message_at_once_send_it_once(lives: Lives) -> None:
    first, second = lives.begin(), lives.begin()
    await first.comes(wrote())
    message = said("one")
    await asyncio.gather(first.deliver(message), second.deliver(message))
    assert lives.provider.reached == ["one"]
