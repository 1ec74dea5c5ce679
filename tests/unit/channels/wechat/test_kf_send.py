"""微信客服: every message reaches the customer once, by whatever way the platform allows, or it is known why not."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace as changed
from datetime import timedelta
from pathlib import Path

import pytest

from tests.simulators.wechat.kf_state import State
from tests.unit.channels.wechat.kf_world import ACCOUNT, AGENT, Replica, Sink, World, open_world
from yizhan.channels.contract import (
    Grant,
    InboundMessage,
    QuotaSpent,
    Refusal,
    Refused,
    RetryLater,
    SendError,
    Sent,
    Trigger,
    WindowClosed,
)
from yizhan.channels.memory import Memory, memory_of
from yizhan.channels.menus import option_code
from yizhan.channels.outcomes import Outcome
from yizhan.channels.remembering import remembered
from yizhan.channels.sender import Pace, Sender
from yizhan.channels.wechat.calls import Timeouts
from yizhan.channels.wechat.kf.ids import message_id_of, platform_id
from yizhan.channels.wechat.kf.outgoing import ABILITIES, TEXT_BYTES, takes
from yizhan.channels.wechat.kf.thumbnail import square
from yizhan.channels.windows import Purse
from yizhan.core.messages.content import (
    Choice,
    Content,
    File,
    GoodsCard,
    Image,
    Link,
    Location,
    Media,
    Menu,
    MenuOption,
    OrderCard,
    Text,
    Voice,
)
from yizhan.core.messages.message import Message
from yizhan.core.messages.receipt import ReceiptState

MENU = Menu("rating:1", "您对本次服务满意吗？", (MenuOption("5", "满意"), MenuOption("1", "不满意")))
QUICK = Timeouts(total=0.3)


@pytest.fixture
async def world(home: Path) -> AsyncIterator[World]:
    async with open_world(home) as opened:
        yield opened


def memory(world: World) -> Memory:
    return memory_of(world.database, "wechat", 16, world.now)


async def through_host(world: World, replica: Replica, message: Message) -> Outcome:
    """As the host sends it, with the window that the customer's deeds have opened."""
    kept = memory(world)
    key = message.address.key()
    rules = replica.abilities(ACCOUNT).window
    assert rules is not None
    purse = Purse(key, rules, (await kept.windows.rows([key]))[key])
    sender = Sender(replica, clock=world.now, memory=kept, pace=Pace(call=2.0, patience=20.0))
    return await sender.send(message, purse, (await kept.ledger.known([message.id])).get(message.id, {}))


async def test_every_kind_of_message_is_seen_by_the_customer(world: World) -> None:
    replica, customer = await world.replica(), world.customer
    await customer.says("在吗")
    customer.quota.open("message", world.platform.now() + 1)
    image = await world.media.put(square(), "包.png")
    document = await world.media.put(b"%PDF-1.4\n", "发票.pdf")
    goods = GoodsCard("g1", "手提包", 19900, url="https://shop.example/g1")
    sent: list[Content] = [Text("您好😀𠮷"), Image(image), File(document), Link("https://shop.example", "店铺", "欢迎")]
    for content in sent:
        await replica.send(world.message(content), 0)
    await customer.says("还有吗")
    more: list[Content] = [
        Location(23.1, 113.3, "门店"),
        goods,
        OrderCard("A1", "已发货", url="https://shop.example/A1"),
        MENU,
    ]
    for content in more:
        await replica.send(world.message(content), 0)
    kinds = [received.kind for received in customer.received]
    assert kinds == ["text", "image", "file", "link", "location", "link", "link", "msgmenu"]
    assert customer.texts == ["您好😀𠮷", "", "", "店铺", "门店", "手提包 ¥199.00", "订单 A1：已发货", MENU.prompt]
    assert customer.received[1].media == square()
    assert customer.received[2].media == b"%PDF-1.4\n"
    assert world.kf.media.get(customer.received[3].raw["link"]["thumb_media_id"]).data == square()
    assert world.platform.violations == []
    assert len(world.platform.called("upload")) == 3  # the picture beside links goes up once


async def test_what_the_customer_presses_is_the_option_that_was_offered(world: World) -> None:
    replica, sink, kept = await world.replica(), Sink(), memory(world)
    await world.customer.says("再见")
    menu = world.message(MENU)
    await kept.menus.showing(menu)
    await replica.send(menu, 0)
    await replica.take(sink)
    world.platform.advance(1)
    await world.customer.press("不满意")
    await replica.take(sink)
    pressed = sink.facts[-1]
    assert isinstance(pressed, InboundMessage)
    assert pressed.pressed == option_code(menu.id, 2)
    (fact,) = await remembered(kept, replica.abilities, [pressed])
    assert isinstance(fact, InboundMessage)
    assert fact.message.content == Choice("rating:1", "1", "不满意")


@pytest.mark.parametrize(
    "outcome", ["commit_then_hang", "commit_then_reset", "commit_then_http_502", "commit_then_garbage"]
)
@pytest.mark.parametrize("refuses", [False, True], ids=["answered again", "refused as a duplicate"])
async def test_a_call_without_an_answer_is_made_again_and_shows_one_message(
    world: World, outcome: str, refuses: bool
) -> None:
    replica = await world.replica(timeouts=QUICK)
    world.kf.refuse_duplicates = refuses
    await world.customer.says("在吗")
    world.platform.faults.next(api="kf_send", outcome=outcome)  # type: ignore[arg-type]
    await kept_window(world, replica)
    result = await through_host(world, replica, world.message(Text("在")))
    assert (result.state, result.reason) == (ReceiptState.ACCEPTED, "")
    assert world.customer.texts == ["在"]


async def kept_window(world: World, replica: Replica) -> None:
    """The customer's deeds so far are known to the host."""
    sink = Sink()
    await replica.take(sink)
    await remembered(memory(world), replica.abilities, sink.facts)


async def test_after_a_crash_between_the_call_and_its_record_the_customer_gets_no_second_copy(world: World) -> None:
    replica, kept = await world.replica(), memory(world)
    await world.customer.says("在吗")
    await kept_window(world, replica)
    message = world.message(Text("在"))
    await kept.ledger.begin(message, 0)
    await replica.send(message, 0)
    result = await through_host(world, await world.replica(), message)
    assert result.state is ReceiptState.ACCEPTED
    assert world.customer.texts == ["在"]


async def test_the_welcome_goes_by_its_code_before_the_customer_has_written(world: World) -> None:
    replica = await world.replica()
    await world.customer.enter_session()
    await kept_window(world, replica)
    result = await through_host(world, replica, world.message(Text("欢迎光临")))
    assert result.state is ReceiptState.ACCEPTED
    assert [(received.text, received.via) for received in world.customer.received] == [("欢迎光临", "event_code")]
    # It was for one message; the next has to wait for the customer.
    following = await through_host(world, replica, world.message(Text("还在吗")))
    assert (following.state, following.reason) == (ReceiptState.HELD, "quota_spent")
    assert len(world.customer.received) == 1


async def test_a_welcome_that_comes_too_late_is_not_tried_by_its_code(world: World) -> None:
    replica = await world.replica()
    await world.customer.enter_session()
    await kept_window(world, replica)
    world.platform.advance(21)
    result = await through_host(world, replica, world.message(Text("欢迎光临")))
    assert (result.state, result.reason) == (ReceiptState.HELD, "window_closed")
    assert world.platform.called("kf_send_on_event") == []


async def test_a_code_that_the_platform_does_not_take_costs_no_message(world: World) -> None:
    replica = await world.replica()
    await world.customer.enter_session()
    world.platform.advance(1)
    await world.customer.says("直接问")
    await replica.take(Sink())
    await replica.send(world.message(Text("您好")), 0)
    await replica.send(world.message(Text("请讲")), 0)
    assert [(received.text, received.via) for received in world.customer.received] == [("您好", "api"), ("请讲", "api")]
    assert len(world.platform.called("kf_send_on_event")) == 1


@pytest.mark.parametrize("outcome", ["commit_then_reset", "commit_then_http_502"])
async def test_a_welcome_without_an_answer_is_not_shown_twice_nor_called_sent(world: World, outcome: str) -> None:
    replica = await world.replica(timeouts=QUICK)
    await world.customer.enter_session()
    await kept_window(world, replica)
    world.platform.faults.next(api="kf_send_on_event", outcome=outcome)  # type: ignore[arg-type]
    result = await through_host(world, replica, world.message(Text("欢迎光临")))
    assert result.state is ReceiptState.UNKNOWN
    assert world.customer.texts == ["欢迎光临"]


async def test_a_welcome_that_certainly_was_not_sent_goes_by_the_same_code_again(world: World) -> None:
    replica = await world.replica(timeouts=QUICK)
    await world.customer.enter_session()
    await kept_window(world, replica)
    world.platform.faults.next(api="kf_send_on_event", errcode=-1)
    result = await through_host(world, replica, world.message(Text("欢迎光临")))
    assert result.state is ReceiptState.ACCEPTED
    assert [received.via for received in world.customer.received] == ["event_code"]


async def test_a_picture_does_not_use_up_the_welcome(world: World) -> None:
    replica = await world.replica()
    await world.customer.enter_session()
    await replica.take(Sink())
    with pytest.raises(SendError):
        await replica.send(world.message(Image(await world.media.put(square(), "a.png"))), 0)
    await replica.send(world.message(Text("欢迎光临")), 0)
    assert world.customer.texts == ["欢迎光临"]


async def test_when_a_servicer_ends_the_session_the_rating_still_goes_by_the_code(world: World) -> None:
    replica = await world.replica()
    await world.customer.says("谢谢")
    await world.customer.servicer_takes("zhangsan")
    await world.customer.servicer_ends()
    await replica.take(Sink())
    await replica.send(world.message(MENU), 0)
    assert [(received.kind, received.via) for received in world.customer.received] == [("msgmenu", "event_code")]


async def test_while_a_servicer_serves_the_assistant_stays_out_of_it(world: World) -> None:
    replica = await world.replica()
    await world.customer.says("找真人")
    await world.customer.servicer_takes("zhangsan")
    await replica.take(Sink())
    with pytest.raises(Refused) as refused:
        await replica.send(world.message(Text("我是机器人")), 0)
    assert refused.value.reason is Refusal.ELSEWHERE
    assert world.customer.received == []


async def test_while_a_servicer_serves_one_text_of_an_agent_still_reaches_the_customer(world: World) -> None:
    replica = await world.replica()
    await world.customer.says("找真人")
    await world.customer.servicer_takes("zhangsan")
    await replica.take(Sink())
    await replica.send(world.message(Text("已转给同事"), AGENT), 0)
    with pytest.raises(Refused):
        await replica.send(world.message(Text("第二句"), AGENT), 0)
    assert world.customer.texts == ["已转给同事"]


async def test_a_customer_who_writes_is_taken_over_once(world: World) -> None:
    replica = await world.replica()
    await world.customer.says("在吗")
    await replica.send(world.message(Text("在")), 0)
    await replica.send(world.message(Text("请讲")), 0)
    assert world.customer.state is State.ASSISTANT
    assert [call.api for call in world.platform.calls if call.api.startswith("state")] == ["state_get", "state_trans"]
    assert world.customer.texts == ["在", "请讲"]


async def test_a_business_can_leave_the_taking_over_to_wecom(home: Path) -> None:
    async with open_world(home, take_over=False) as world:
        replica = await world.replica()
        await world.customer.says("在吗")
        await replica.send(world.message(Text("在")), 0)
        assert world.customer.state is State.NEW
        assert world.customer.texts == ["在"]


async def test_that_the_state_cannot_be_looked_at_keeps_no_message_back(world: World) -> None:
    replica = await world.replica()
    await world.customer.says("在吗")
    world.platform.faults.next(api="state_get", errcode=48002)
    await replica.send(world.message(Text("在")), 0)
    assert world.customer.texts == ["在"]


@pytest.mark.parametrize(
    ("state", "errcode", "expected"),
    [
        (State.NEW, 95018, RetryLater),
        (State.ASSISTANT, 95018, RetryLater),
        (State.ASSISTANT, 95016, RetryLater),
        (State.POOL, 95018, Refused),
        (State.HUMAN, 95016, Refused),
        (State.HUMAN, 95013, Refused),
        (State.ENDED, 95018, WindowClosed),
        (State.ENDED, 95013, WindowClosed),
        (State.ASSISTANT, 95001, QuotaSpent),
        (State.ASSISTANT, 95002, WindowClosed),
        (State.ASSISTANT, 40096, Refused),
    ],
)
async def test_a_refusal_is_told_as_what_it_means(
    world: World, state: State, errcode: int, expected: type[SendError]
) -> None:
    replica = await world.replica()
    await world.customer.says("在吗")
    await replica.send(world.message(Text("在")), 0)
    world.customer.state = state
    world.platform.faults.next(api="kf_send", errcode=errcode)
    with pytest.raises(expected) as raised:
        await replica.send(world.message(Text("请讲")), 0)
    if isinstance(raised.value, Refused) and errcode in {95013, 95016, 95018}:
        assert raised.value.reason is Refusal.ELSEWHERE
    assert world.customer.texts == ["在"]


async def test_when_a_session_begins_anew_it_is_taken_over_again(world: World) -> None:
    replica = await world.replica()
    await world.customer.says("在吗")
    await replica.send(world.message(Text("在")), 0)
    world.customer.state = State.ENDED
    with pytest.raises(WindowClosed):
        await replica.send(world.message(Text("还在吗")), 0)
    await world.customer.says("又来了")
    await replica.send(world.message(Text("欢迎回来")), 0)
    assert world.customer.state is State.ASSISTANT
    assert world.customer.texts == ["在", "欢迎回来"]


async def test_the_sixth_message_waits_for_the_customer(world: World) -> None:
    replica = await world.replica()
    await world.customer.says("在吗")
    await kept_window(world, replica)
    results = [await through_host(world, replica, world.message(Text(str(number)))) for number in range(6)]
    assert [result.state for result in results] == [ReceiptState.ACCEPTED] * 5 + [ReceiptState.HELD]
    assert world.customer.texts == ["0", "1", "2", "3", "4"]
    assert len(world.platform.called("kf_send")) == 5


async def test_two_lives_of_a_process_show_the_welcome_once(world: World) -> None:
    first, second = await world.replica(), await world.replica()
    await world.customer.enter_session()
    await first.take(Sink())
    message = world.message(Text("欢迎光临"))
    await first.send(message, 0)
    assert await second.send(message, 0) == Sent((platform_id(message.id, 0),), ReceiptState.UNKNOWN)
    assert world.customer.texts == ["欢迎光临"]


async def test_two_messages_at_once_do_not_both_use_the_code(world: World) -> None:
    replica = await world.replica()
    await world.customer.says("您好")
    await world.customer.servicer_takes("zhangsan")
    await world.customer.servicer_ends()
    await replica.take(Sink())
    sends = (replica.send(world.message(Text(text)), 0) for text in ("再见", "慢走"))
    results = await asyncio.gather(*sends, return_exceptions=True)
    assert sorted(type(result).__name__ for result in results) == ["Sent", "WindowClosed"]
    assert len(world.customer.received) == 1


@pytest.mark.parametrize("part", [0, 1, 9, 120])
def test_the_platforms_id_leads_back_to_the_message(part: int) -> None:
    for message_id in (
        "019abc12-3456-7def-8abc-0123456789ab",
        "00000000-0000-0000-0000-000000000000",
        "ffffffff-ffff-ffff-ffff-ffffffffffff",
    ):
        given = platform_id(message_id, part)
        assert len(given) <= 32
        assert message_id_of(given) == message_id
        assert given == platform_id(message_id, part)


@pytest.mark.parametrize("given", ["", "abc", "z" * 22 + "-0", "x1234-0", "0" * 32, "é" * 22 + "-0", "0" * 22])
def test_an_id_of_somebody_else_leads_nowhere(given: str) -> None:
    assert message_id_of(given) == ""


def test_an_id_that_is_no_uuid_can_be_sent_and_leads_nowhere() -> None:
    given = platform_id("客户自己的编号", 7)
    assert len(given) <= 32
    assert given.isascii()
    assert message_id_of(given) == ""


@pytest.mark.parametrize(
    ("content", "shown"),
    [
        (Menu("m", "问" * 341, (MenuOption("1", "好"),)), True),
        (Menu("m", "问" * 342, (MenuOption("1", "好"),)), False),
        (Menu("m", "问", (MenuOption("1", "好" * 43),)), False),
        (Menu("m", "问", (MenuOption("1", ""),)), False),
        (Link("https://shop.example"), True),
        (Link("weixin://dl"), False),
        (GoodsCard("g", "无链接"), False),
        (Image(Media("0" * 64, "image/png", size_bytes=1000)), True),
        (Image(Media("0" * 64, "image/webp", size_bytes=1000)), False),
        (Voice(Media("0" * 64, "audio/mpeg", size_bytes=1000)), False),
        (File(Media("0" * 64, "application/pdf", size_bytes=30 << 20)), False),
    ],
)
def test_what_the_platform_would_refuse_becomes_text(content: Content, shown: bool) -> None:
    assert takes(content) is shown


def test_what_an_account_may_do_follows_its_settings_and_the_reference() -> None:
    window = {Trigger.MESSAGE: Grant(5, timedelta(hours=48)), Trigger.ENTER: Grant(1, timedelta(seconds=20))}
    assert ABILITIES.window == window
    assert ABILITIES.max_text_bytes == TEXT_BYTES == 2048
    assert ABILITIES.idempotent


async def test_an_account_without_menus_gets_numbers_and_its_own_window(home: Path) -> None:
    own = {"menus": False, "windows": {"message": {"messages": 3, "seconds": 60}}}
    async with open_world(home, **own) as world:
        abilities = (await world.replica()).abilities(ACCOUNT)
        assert Menu not in abilities.kinds
        assert abilities.window is not None
        assert abilities.window[Trigger.MESSAGE] == Grant(3, timedelta(seconds=60))
        assert changed(abilities, kinds=ABILITIES.kinds, window=ABILITIES.window) == ABILITIES
