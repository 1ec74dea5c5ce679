"""微信客服: what customers write is fetched once, in order, whatever happens to callbacks, replicas and cursors."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.channels.waiting import until
from tests.unit.channels.wechat.kf_world import ACCOUNT, SOURCE, Sink, World, end, open_world
from yizhan.channels.contract import InboundMessage, InboundReceipt, InboundTrigger, InboundVisit, RetryLater, Trigger
from yizhan.channels.store import cursors
from yizhan.channels.store.cursors import Source
from yizhan.channels.wechat.kf import sync
from yizhan.channels.wechat.kf.thumbnail import square
from yizhan.core.messages.command import Visit
from yizhan.core.messages.content import File, Image, Link, Location, Text, TimelineEvent, Video, Voice
from yizhan.core.messages.message import Author, AuthorKind
from yizhan.core.messages.receipt import ReceiptState

WK1 = Source("wechat", ACCOUNT, "wk1")
PNG = square()


@pytest.fixture
async def world(home: Path) -> AsyncIterator[World]:
    async with open_world(home) as opened:
        yield opened


def said(sink: Sink) -> list[str]:
    return [content.text for content in sink.contents if isinstance(content, Text)]


async def test_a_callback_brings_the_message_once_although_two_replicas_pull(world: World) -> None:
    sinks = Sink(), Sink()
    pulling = [(await world.replica()).start(sink) for sink in sinks]
    for number in range(20):
        await world.customer.says(f"第{number}条")
    await until(lambda: sum(len(sink.facts) for sink in sinks) >= 20)
    # A callback more, so that whoever would pull too much has the occasion.
    await world.kf.hint("wk1")
    await world.customer.says("完")
    await until(lambda: any("完" in said(sink) for sink in sinks))
    await end(*pulling)
    together = [message for sink in sinks for message in sink.messages]
    assert sorted(message.dedupe_key for message in together) == sorted({message.dedupe_key for message in together})
    together.sort(key=lambda message: message.id)
    assert [message.content for message in together] == [*(Text(f"第{number}条") for number in range(20)), Text("完")]
    assert world.platform.violations == []


async def test_a_message_says_who_wrote_when_to_whom(world: World) -> None:
    replica, sink = await world.replica(), Sink()
    await world.customer.says("在吗")
    await replica.take(sink)
    (message,) = sink.messages
    assert message.address == world.address()
    assert message.author.kind is AuthorKind.CUSTOMER
    assert message.dedupe_key == f"k:{world.customer.last_msgid}"
    assert message.sent_at == world.now()
    assert message.customer_name == "客户mer1"


async def test_many_callbacks_at_once_are_all_followed(world: World) -> None:
    replica, sink = await world.replica(), Sink()
    people = [world.kf.customer(f"wm{number}") for number in range(30)]
    pushes = await asyncio.gather(*(person.says("在吗") for person in people))
    assert all(push.accepted for push in pushes)
    await replica.take(sink)
    assert {message.address.customer for message in sink.messages} == {person.openid for person in people}


async def test_a_message_whose_callback_is_lost_is_found_by_asking(world: World) -> None:
    replica, sink = await world.replica(), Sink()
    await replica.take(sink)
    pulling = replica.start(sink)
    await world.customer.says("有人吗", hint=False)
    world.platform.advance(61)
    await until(lambda: said(sink) == ["有人吗"])
    await end(pulling)


async def test_a_hint_survives_the_replica_that_was_told(world: World) -> None:
    told, other, sink = await world.replica(), await world.replica(), Sink()
    await other.take(sink)
    world.platform.advance(1)
    await world.customer.says("急")
    del told
    await other.take(sink)
    assert said(sink) == ["急"]


async def test_after_a_restart_nothing_comes_again_and_nothing_is_left_out(world: World) -> None:
    sink = Sink()
    await world.customer.says("一")
    await (await world.replica()).take(sink)
    world.platform.advance(1)
    await world.customer.says("二")
    await (await world.replica()).take(sink)
    assert said(sink) == ["一", "二"]


async def test_what_was_given_and_not_committed_is_given_again_with_the_same_key(world: World) -> None:
    crashed, sink = await world.replica(), Sink()
    await world.customer.says("只说一次")
    before = await crashed.desk.pull(SOURCE)
    next_life = await world.replica()
    world.platform.advance(60)
    await next_life.take(sink)
    (first,) = (fact.message.dedupe_key for fact in before.facts if isinstance(fact, InboundMessage))
    assert [message.dedupe_key for message in sink.messages] == [first]
    assert before.commit is not None
    await before.commit()
    world.platform.advance(1)
    await world.customer.says("下一句")
    await next_life.take(sink)
    assert said(sink) == ["只说一次", "下一句"]


async def test_while_one_replica_reads_another_waits_and_after_its_death_goes_on(world: World) -> None:
    dying, other, sink = await world.replica(), await world.replica(), Sink()
    await world.customer.says("在读")
    await dying.desk.pull(SOURCE)
    assert (await other.desk.pull(SOURCE)).facts == ()
    world.platform.advance(60)
    await other.take(sink)
    assert said(sink) == ["在读"]


async def test_a_replica_that_ends_leaves_its_turn_to_the_next_at_once(world: World) -> None:
    ending, following, sink = await world.replica(), await world.replica(), Sink()
    await world.customer.says("交接")
    await ending.desk.pull(SOURCE)
    await ending.desk.close()
    await following.take(sink)
    assert said(sink) == ["交接"]


async def test_pages_are_read_to_the_end_also_over_empty_ones(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sync, "PAGE", 3)
    replica, sink = await world.replica(), Sink()
    for number in range(8):
        await world.customer.says(str(number), hint=False)
    world.kf.log.empty_pages = 1
    await world.kf.hint("wk1")
    await replica.take(sink)
    assert said(sink) == [str(number) for number in range(8)]


@pytest.mark.parametrize("broken", ["", "somewhere.else"], ids=["empty", "of another platform"])
async def test_a_cursor_that_the_platform_does_not_take_any_more_begins_anew(world: World, broken: str) -> None:
    replica, sink = await world.replica(), Sink()
    await world.customer.says("旧")
    await replica.take(sink)
    async with world.database.begin() as tx:
        row = await cursors.lock(tx, WK1)
        await cursors.take_lease(tx, WK1, "a test", world.now())
        assert await cursors.move(tx, WK1, "a test", row.position, broken, world.now())
    world.platform.advance(1)
    await world.customer.says("新")
    await replica.take(sink)
    assert said(sink) == ["旧", "旧", "新"]
    assert len({message.dedupe_key for message in sink.messages}) == 2
    await world.customer.says("再来")
    await replica.take(sink)
    assert said(sink)[3:] == ["再来"]


async def test_the_callbacks_token_is_used_while_it_is_good(world: World) -> None:
    replica, sink = await world.replica(), Sink()
    await world.customer.says("刚刚")
    await replica.take(sink)
    world.platform.advance(601)
    await world.customer.says("很久以后", hint=False)
    await replica.take(sink)
    first, second = (call.body for call in world.platform.called("sync"))
    assert first["token"]
    assert "token" not in second
    assert said(sink) == ["刚刚", "很久以后"]


@pytest.mark.parametrize("errcode", [-1, 45009, 60020, 48001, 95004])
async def test_a_platform_that_says_no_is_asked_again_later(world: World, errcode: int) -> None:
    replica, sink = await world.replica(), Sink()
    await world.customer.says("等一等")
    world.platform.faults.next(api="sync", errcode=errcode, times=3)
    with pytest.raises(RetryLater):
        await replica.desk.pull(SOURCE)
    world.platform.faults.clear()
    await replica.take(sink)
    assert said(sink) == ["等一等"]


@pytest.mark.parametrize("happens", ["expire_tokens", "rotate_token"])
async def test_an_access_token_that_ended_is_renewed_in_between(world: World, happens: str) -> None:
    replica, sink = await world.replica(), Sink()
    await world.customer.says("一")
    await replica.take(sink)
    getattr(world.platform, happens)(world.kf.app_id)
    world.platform.advance(1)
    await world.customer.says("二")
    await replica.take(sink)
    assert said(sink) == ["一", "二"]


async def test_with_the_bus_away_the_cursor_stands_and_the_message_comes_when_it_is_back(world: World) -> None:
    replica, sink = await world.replica(), Sink(away=True)
    pulling = replica.start(sink)
    await world.customer.says("路上")
    await until(lambda: sink.turned_back > 2)
    row = await cursors.read(world.database, WK1)
    assert row is not None
    assert row.position == ""
    sink.away = False
    await until(lambda: said(sink) == ["路上"])
    await end(pulling)


async def test_every_kind_of_message_reaches_the_agents_screen(world: World) -> None:
    replica, sink = await world.replica(), Sink()
    customer = world.customer
    await customer.image(PNG)
    await customer.voice(b"#!AMR\n" + b"\0" * 32)
    await customer.video(b"\0\0\0\x18ftypmp42" + b"\0" * 16)
    await customer.file(b"%PDF-1.4\n", "发票.pdf", "application/pdf")
    await customer.location(23.1, 113.3, "广州塔", "阅江西路")
    await customer.link("包", "https://shop.example/1", "好看")
    await customer.mini_program_page("商品", "pages/goods?id=1")
    await customer.sends("business_card", {"userid": "zhangsan"})
    await customer.sends("brand_new_thing", {"a": 1})
    await customer.sends("location", {"latitude": "nowhere"})
    merged = {
        "title": "群聊",
        "item": [{"msgtype": "text", "sender_name": "李", "msg_content": '{"text":{"content":"好"}}'}],
    }
    await customer.sends("merged_msg", merged)
    await replica.take(sink)
    kinds = [type(content) for content in sink.contents]
    assert kinds == [Image, Voice, Video, File, Location, Link, Link, Text, Text, Text, Text]
    image, *_, location, link, page = sink.contents[:7]
    assert isinstance(image, Image)
    assert b"".join([piece async for piece in await world.media.get(image.media.media_id)]) == PNG
    assert location == Location(23.1, 113.3, "广州塔 阅江西路")
    assert link == Link("https://shop.example/1", "包", "好看")
    assert page == Link("", "商品", "小程序页面 pages/goods?id=1")
    assert said(sink) == [
        "[名片] zhangsan",
        "[收到一条无法显示的消息：brand_new_thing]",
        "[收到一条无法显示的消息]",
        "[聊天记录] 群聊\n李: 好",
    ]


async def test_a_file_that_cannot_be_fetched_is_still_a_message(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("yizhan.channels.wechat.kf.files.FETCH_PAUSES", (0.0,))
    replica, sink = await world.replica(), Sink()
    await world.customer.sends("image", {"media_id": "gone"})
    await world.customer.image(PNG)
    world.platform.faults.next(api="get", outcome="http_502", times=1)
    await replica.take(sink)
    lost, found = sink.contents
    assert lost == Text("[收到图片，但未能取回]")
    assert isinstance(found, Image)


async def test_a_slow_file_keeps_nobody_elses_messages_waiting(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("yizhan.channels.wechat.kf.pull.FILES_SECONDS", 0.0)
    replica, sink = await world.replica(), Sink()
    other = world.kf.customer("wmOther")
    await world.customer.says("看图")
    await world.customer.image(PNG)
    await other.says("我没有图")
    await world.customer.says("看到了吗")
    world.platform.faults.next(api="get", delay=0.5)
    first = await replica.desk.pull(SOURCE)
    assert (first.more, first.commit) == (True, None)
    await sink(first.facts)
    assert [message.content for message in sink.messages] == [Text("我没有图")]
    await replica.take(sink)
    assert [type(message.content) for message in sink.messages] == [Text, Text, Image, Text]
    assert said(sink) == ["我没有图", "看图", "看到了吗"]
    world.platform.advance(1)
    await other.says("好")
    await replica.take(sink)
    assert said(sink)[3:] == ["好"]


async def test_items_that_make_no_sense_keep_nobody_waiting(world: World) -> None:
    replica, sink = await world.replica(), Sink()
    for item in ({}, {"origin": 3, "msgtype": "text", "text": {"content": "who?"}}, {"origin": "x", "msgtype": 5}):
        world.kf.log.add({"open_kfid": "wk1", **item})
    world.kf.add_event(world.customer, "servicer_status_change", status=1)
    world.kf.add_event(world.customer, "something_new")
    world.kf.add_event(world.customer, "msg_send_fail", fail_msgid="not-ours", fail_type=0)
    await world.customer.says("后面的")
    await replica.take(sink)
    assert len(sink.facts) == 1
    assert said(sink) == ["后面的"]


async def test_what_servicers_write_in_wecom_is_on_the_transcript_as_theirs(world: World) -> None:
    replica, sink = await world.replica(), Sink()
    world.kf.log.add(
        {
            "msgid": "m1",
            "open_kfid": "wk1",
            "external_userid": "wmCustomer1",
            "send_time": int(world.platform.now()),
            "origin": 5,
            "servicer_userid": "zhangsan",
            "msgtype": "text",
            "text": {"content": "我来处理"},
        }
    )
    await replica.take(sink)
    (message,) = sink.messages
    assert message.author == Author(AuthorKind.AGENT, name="zhangsan")
    assert message.content == Text("我来处理")


async def test_a_recall_is_told_and_answered_by_nobody(world: World) -> None:
    replica, sink = await world.replica(), Sink()
    await world.customer.says("说错了")
    await world.customer.recall()
    await replica.take(sink)
    wrote, recalled = sink.messages
    assert wrote.content == Text("说错了")
    assert recalled.content == TimelineEvent("recalled_by_customer", "[客户撤回了一条消息]")
    assert recalled.author.kind is AuthorKind.AGENT  # what is not the customer's own opens no window and gets no answer
    assert recalled.dedupe_key != wrote.dedupe_key


async def test_coming_in_is_a_visit_and_opens_the_window_for_a_welcome(world: World) -> None:
    replica, sink = await world.replica(), Sink()
    await world.customer.enter_session("官网")
    await replica.take(sink)
    trigger, visit = sink.facts
    assert trigger == InboundTrigger(world.address(), Trigger.ENTER, world.now())
    assert isinstance(visit, InboundVisit)
    assert isinstance(visit.command.kind, Visit)
    assert visit.command.kind.page_title == "微信客服：官网"


async def test_coming_in_without_a_right_to_a_welcome_opens_nothing(world: World) -> None:
    replica, sink = await world.replica(), Sink()
    await world.customer.says("先写")
    await world.customer.enter_session()
    await replica.take(sink)
    assert not [fact for fact in sink.facts if isinstance(fact, InboundTrigger)]


@pytest.mark.parametrize(
    ("fail_type", "reason"),
    [
        (0, "refused"),
        (1, "account_refused"),
        (2, "account_refused"),
        (4, "window_closed"),
        (5, "window_closed"),
        (6, "quota_spent"),
        (8, "account_refused"),
        (10, "blocked_by_customer"),
        (99, "refused"),
    ],
)
async def test_a_message_that_did_not_reach_the_customer_is_shown_as_failed(
    world: World, fail_type: int, reason: str
) -> None:
    replica, sink = await world.replica(), Sink()
    await world.customer.says("在吗")
    message = world.message(Text("在"))
    world.platform.faults.next(api="kf_send", outcome="msg_send_fail", fail_type=fail_type)
    await replica.send(message, 3)
    await replica.take(sink)
    (receipt,) = (fact.receipt for fact in sink.facts if isinstance(fact, InboundReceipt))
    assert (receipt.message_id, receipt.state, receipt.reason) == (message.id, ReceiptState.FAILED, reason)
    assert receipt.address == message.address


async def test_accounts_that_nobody_named_are_found_by_asking_the_platform(home: Path) -> None:
    async with open_world(home, open_kfids=[]) as world:
        replica = await world.replica()
        assert replica.desk.sources() == frozenset()
        await replica.sources.look(ask=True)
        assert replica.desk.sources() == {"desk/wk1", "desk/wk2"}


async def test_an_account_that_a_callback_names_is_read_by_every_replica(home: Path) -> None:
    async with open_world(home, open_kfids=[]) as world:
        told, other = await world.replica(), await world.replica()
        await world.kf.customer("wmOther", "wk2").says("二号")
        assert told.desk.sources() == {"desk/wk2"}
        await other.sources.look(ask=False)
        assert other.desk.sources() == {"desk/wk2"}
        sink = Sink()
        await other.take(sink, "desk/wk2")
        assert sink.messages[0].address == world.address("wmOther", "wk2")


async def test_an_account_that_the_settings_leave_out_is_not_read(world: World) -> None:
    replica = await world.replica()
    result = await world.kf.customer("wmOther", "wk2").says("不归我们")
    assert result.accepted
    assert replica.desk.sources() == {SOURCE}
    assert await cursors.known(world.database, "wechat") == []


async def test_a_wrong_clock_of_another_replica_does_not_stop_reading_for_good(world: World) -> None:
    replica, sink = await world.replica(), Sink()
    async with world.database.begin() as tx:
        await cursors.lock(tx, WK1)
        await cursors.take_lease(tx, WK1, "from the future", world.now() + timedelta(days=1))
    await world.customer.says("现在")
    await replica.take(sink)
    assert said(sink) == ["现在"]
