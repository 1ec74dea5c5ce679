"""What Shopee pushes, and what is made of it."""

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from tests.unit.channels.ecommerce.bench import facts_of, pushed, shop, written
from tests.unit.channels.ecommerce.shopee import (
    BUYER,
    CONVERSATION,
    SHOP,
    SHOP_ID,
    by_shop,
    no,
    ok,
    opened,
    push,
    raw,
    said,
    settings,
)
from yizhan.channels.contract import CallRefused, InboundMessage, Push, Refused, RetryLater, SendError, TokenExpired
from yizhan.channels.ecommerce.shopee import paths
from yizhan.channels.ecommerce.shopee.settings import FILE_HOSTS
from yizhan.core.messages.content import Content, GoodsCard, Image, Media, OrderCard, Text, Video
from yizhan.core.messages.message import AuthorKind

PICTURE = "https://cf.shopee.co.id/file/09591ecd_dynamic"
FILM = "https://cf.shopee.co.id/file/cf03c9e1"
PNG = Media("a" * 64, "image/png", size_bytes=100)
MP4 = Media("b" * 64, "video/mp4", size_bytes=100)


async def words(push: Push) -> list[str]:
    facts = await facts_of(push)
    return [
        fact.message.content.text
        for fact in facts
        if isinstance(fact, InboundMessage) and isinstance(fact.message.content, Text)
    ]


async def test_a_buyers_message_is_theirs_with_its_time_its_key_and_their_name() -> None:
    shopee, _ = opened()
    found = await shopee.receive(SHOP, push(said("text", {"text": "Baik kak .. 🤗"})))
    message = await written(found)
    assert (message.address.customer, message.address.thread) == (BUYER, "")
    assert (message.content, message.customer_name) == (Text("Baik kak .. 🤗"), "小林")
    assert (message.author.kind, message.author.id) == (AuthorKind.CUSTOMER, BUYER)
    assert message.sent_at == datetime(2024, 9, 11, 8, 52, 1, tzinfo=UTC)
    assert (message.dedupe_key, message.external_id) == ("m:2302748948493123953", "2302748948493123953")
    assert (found.key, found.lane) == (message.dedupe_key, f"c:{CONVERSATION}")
    assert (found.answer.status, found.answer.body) == (200, b""), "a body would count as a failure"
    assert found.slow_within < 2


@pytest.mark.parametrize(
    ("kind", "content", "wanted"),
    [
        pytest.param("image", {"url": PICTURE, "thumb_url": "b9591_tn"}, Image(PNG), id="a picture"),
        pytest.param("image", {"url": "09591ecd_dynamic"}, Image(PNG), id="a picture by the id of its file"),
        pytest.param("video", {"video_url": "cf03c9e1", "duration_seconds": 15}, Video(MP4), id="a film"),
        pytest.param(
            "image",
            {"url": "https://cf.shopee.co.id/file/gone"},
            Text("[收到图片，但未能取回]"),
            id="a picture that is gone",
        ),
        pytest.param("image", {}, Text("[收到图片，但未能取回]"), id="a picture without an address"),
        pytest.param("video", {"video_url": 5}, Text("[收到视频，但未能取回]"), id="a film without an address"),
        pytest.param(
            "item",
            {"shop_id": 109157255, "item_id": 9112503530},
            GoodsCard("9112503530", "商品 9112503530"),
            id="goods",
        ),
        pytest.param("order", {"order_sn": "220818EGS328B9"}, OrderCard("220818EGS328B9", ""), id="an order"),
        pytest.param("sticker", {"sticker_id": "1"}, Text("[表情]"), id="a sticker"),
        pytest.param(
            "faq_liveagent", {"text": "Chat dengan Penjual"}, Text("Chat dengan Penjual"), id="a person is wanted"
        ),
        pytest.param("text", {"text": "a\u0000b"}, Text("ab"), id="control characters are taken out"),
        pytest.param("text", {}, Text("[收到一条无法显示的消息：text]"), id="words without words"),
        pytest.param("text", None, Text("[收到一条无法显示的消息：text]"), id="no content"),
        pytest.param("item", {}, Text("[收到一条无法显示的消息：item]"), id="goods that are not named"),
        pytest.param("bundle_message", {"messages": []}, Text("[收到多条消息，但未能取回]"), id="a bundle of nothing"),
        pytest.param("hologram", {"text": "看这个"}, Text("看这个"), id="a kind of tomorrow with words"),
        pytest.param("hologram", {}, Text("[收到一条无法显示的消息：hologram]"), id="a kind of tomorrow"),
    ],
)
async def test_each_kind_of_message_becomes_content(kind: str, content: object, wanted: Content) -> None:
    shopee, bench = opened()
    bench.files.kept = {PICTURE: PNG, FILM: MP4}
    assert (await written(await shopee.receive(SHOP, push(said(kind, content))))).content == wanted
    assert all(hosts == FILE_HOSTS for _, hosts in bench.files.asked)


async def test_a_picture_with_words_is_two_messages_that_each_have_a_key() -> None:
    shopee, bench = opened()
    bench.files.kept = {PICTURE: PNG}
    facts = await facts_of(await shopee.receive(SHOP, push(said("image_with_text", {"url": PICTURE, "text": "坏了"}))))
    messages = [fact.message for fact in facts if isinstance(fact, InboundMessage)]
    assert [message.content for message in messages] == [Image(PNG), Text("坏了")]
    assert len({message.dedupe_key for message in messages}) == 2


@pytest.mark.parametrize(
    ("data", "name"),
    [
        pytest.param(by_shop("text", {"text": "您好"}), "Shopee", id="the shop"),
        pytest.param(by_shop("text", {"text": "您好"}, sub_account_id=7, sub_account_name="小王"), "小王", id="a colleague"),
        pytest.param(by_shop("text", {"text": "您好"}, status="auto_reply"), "Shopee 自动回复", id="an automatic reply"),
        pytest.param(
            by_shop("text", {"text": "您好"}, from_shop_id=None, to_shop_id=None, shop_id=165103149), "Shopee", id="an older push to a shop"
        ),
        pytest.param(
            by_shop("text", {"text": "您好"}, from_shop_id=None, to_shop_id=None, shop_id=int(SHOP_ID), sub_account_id=7), "Shopee", id="an older push by a colleague"
        ),
    ],
)  # fmt: skip
async def test_what_the_shop_wrote_is_an_agents_and_what_we_wrote_is_known(data: dict[str, Any], name: str) -> None:
    shopee, bench = opened()
    message = await written(await shopee.receive(SHOP, push(data)))
    assert (message.author.kind, message.author.id, message.author.name) == (AuthorKind.AGENT, "", name)
    assert (message.address.customer, message.customer_name) == (BUYER, "")
    bench.ours.ids.add("2302748948493123953")
    assert await facts_of(await shopee.receive(SHOP, push(data))) == ()
    bench.ours.away = True
    with pytest.raises(RetryLater):
        await facts_of(await shopee.receive(SHOP, push(data)))


async def test_an_older_push_of_a_buyer_is_the_buyers() -> None:
    shopee, _ = opened()
    data = said("text", {"text": "在吗"}, from_shop_id=None, to_shop_id=None)
    assert (await written(await shopee.receive(SHOP, push(data)))).author.kind is AuthorKind.CUSTOMER


@pytest.mark.parametrize(
    "call",
    [
        pytest.param(push(said("text", {"text": "x"}, business_type=11)), id="an affiliate"),
        pytest.param(push(said("text", {"text": "x"}, from_id=0)), id="nobody"),
        pytest.param(
            push({"conversation_id": "1", "type": "mark_as_replied"}, "notification"), id="marked as answered"
        ),
        pytest.param(push({"conversation_id": "1"}, "telepathy"), id="a type of tomorrow"),
        *(
            pytest.param(push({"ordersn": "1", "status": "SHIPPED"}, code=code), id=f"code {code}")
            for code in (1, 2, 3, 4, 5, 12, 15, 99)
        ),
        pytest.param(push({"success": 1}, code=0, shop_id=0), id="the console tries the address"),
        pytest.param(raw(b'{"code":10,"shop_id":947042923,"timestamp":1726044722,"data":{}}'), id="no data"),
    ],
)
async def test_what_says_nothing_to_the_conversation_is_answered_and_no_more(call: Any) -> None:
    shopee, bench = opened()
    found = await shopee.receive(SHOP, call)
    assert (await facts_of(found), found.answer.status, found.answer.body) == ((), 200, b"")
    assert bench.calls.made == []


@pytest.mark.parametrize(
    ("call", "status", "code"),
    [
        pytest.param(raw(b""), 400, "undecodable", id="nothing"),
        pytest.param(raw(b"[]"), 400, "undecodable", id="a list"),
        pytest.param(raw(b"\xff\xfe\x00"), 400, "undecodable", id="no text"),
        pytest.param(raw(b'{"code":"x"}'), 400, "undecodable", id="a code that is no number"),
        pytest.param(push({"message_id": "1"}), 400, "undecodable", id="no conversation"),
        pytest.param(push(said("text", {}, message_id=True)), 400, "undecodable", id="an id that is none"),
        pytest.param(push({}, "notification"), 400, "undecodable", id="a notice of nothing"),
        pytest.param(push(said("text", {"text": "x"}), shop_id=5), 404, "other_shop", id="another shop"),
        pytest.param(push(said("text", {"text": "x"}), shop_id=0), 404, "other_shop", id="a message to no shop"),
        pytest.param(pushed(b"{", "0" * 64), 401, "bad_signature", id="a bad signature"),
        pytest.param(raw(b'{"code":1}', "https://elsewhere.example.com/"), 401, "bad_signature", id="signed for another address"),
        pytest.param(pushed(b"", "", method="GET"), 405, "method", id="no push"),
    ],
)  # fmt: skip
async def test_what_is_not_the_platforms_or_not_for_the_shop_is_refused(call: Any, status: int, code: str) -> None:
    shopee, _ = opened()
    with pytest.raises(CallRefused) as refused:
        await shopee.receive(SHOP, call)
    assert (refused.value.status, refused.value.code) == (status, code)


async def test_the_address_that_is_signed_may_be_another_than_ours() -> None:
    shopee, _ = opened()
    moved = shop(settings(push_address="https://proxy.example.com/hook"))
    assert (await shopee.receive(moved, raw(b'{"code":1}', "https://proxy.example.com/hook"))).answer.status == 200
    with pytest.raises(CallRefused, match="bad_signature"):
        await shopee.receive(moved, raw(b'{"code":1}'))


# --- what has to be read again ---


def line(number: int, text: str, **more: Any) -> dict[str, Any]:
    return said("text", {"text": text}, message_id=str(number), created_timestamp=1726044000 + number, **more)


async def test_a_bundle_is_read_in_the_log_and_told_in_order() -> None:
    shopee, bench = opened()
    first = ok({"messages": [line(9, "别的"), line(7, "三"), {"broken": 1}], "page_result": {"next_offset": "77"}})
    second = ok({"messages": [line(6, "二"), line(5, "一")], "page_result": {"next_offset": "88"}})
    bench.calls.answers(paths.MESSAGES, first, second)
    bundle = said("bundle_message", {"messages": ["5", "6", "7"]})
    assert await words(await shopee.receive(SHOP, push(bundle))) == ["一", "二", "三"]
    asked = [dict(request.url.query) for request in bench.calls.to(paths.MESSAGES)]
    assert [query.get("offset") for query in asked] == [None, "77"]
    assert {query["conversation_id"] for query in asked} == {CONVERSATION}


async def test_a_bundle_that_is_not_in_the_log_is_told_in_words() -> None:
    shopee, bench = opened()
    bench.calls.answers(paths.MESSAGES, ok({"messages": []}))
    bundle = push(said("bundle_message", {"messages": ["5", "6"]}))
    assert await words(await shopee.receive(SHOP, bundle)) == ["[收到多条消息，但未能取回]"]
    bench.calls.answers(paths.MESSAGES, no("error_permission"))
    assert await words(await shopee.receive(SHOP, bundle)) == ["[收到多条消息，但未能取回]"]


async def test_a_notice_has_the_conversation_read_again_but_not_what_is_long_over() -> None:
    shopee, bench = opened()
    own = line(630, "我们说的", from_id=2, to_id=int(BUYER), from_shop_id=int(SHOP_ID), to_shop_id=0)
    bench.calls.answers(paths.MESSAGES, ok({"messages": [line(700, "新"), own, line(600, "也新"), line(1, "旧")]}))
    bench.ours.ids.add("630")
    found = await shopee.receive(SHOP, push({"conversation_id": CONVERSATION, "type": "new_message"}, "notification"))
    assert await words(found) == ["也新", "新"]
    assert found.lane == f"c:{CONVERSATION}"


@pytest.mark.parametrize(
    ("answer", "wanted"),
    [
        pytest.param(RetryLater(), RetryLater, id="nobody there"),
        pytest.param(no("system_busy"), RetryLater, id="busy"),
        pytest.param(no("error_auth"), TokenExpired, id="the token ended"),
    ],
)
async def test_what_cannot_be_read_now_is_not_finished(answer: object, wanted: type[SendError]) -> None:
    shopee, bench = opened()
    bench.calls.answers(paths.MESSAGES, answer)
    notice = push({"conversation_id": CONVERSATION, "type": "new_message"}, "notification")
    for call in (notice, push(said("bundle_message", {"messages": ["5"]}))):
        with pytest.raises(wanted):
            await facts_of(await shopee.receive(SHOP, call))


async def test_a_notice_of_what_we_may_not_read_is_nothing() -> None:
    shopee, bench = opened()
    bench.calls.answers(paths.MESSAGES, no("error_permission"))
    notice = push({"conversation_id": CONVERSATION, "type": "new_message"}, "notification")
    assert await facts_of(await shopee.receive(SHOP, notice)) == ()


# --- pushes that were lost ---


def lost(*pushes: object, last: object = 77, more: bool = False) -> dict[str, object]:
    return ok({"push_message_list": list(pushes), "last_message_id": last, "has_next_page": more})


def kept(message: object, *, shop_id: object = int(SHOP_ID), as_text: bool = False) -> dict[str, object]:
    data = {"type": "message", "region": "ID", "content": message}
    return {
        "code": 10,
        "shop_id": shop_id,
        "timestamp": 1726044722,
        "data": orjson.dumps(data).decode() if as_text else data,
    }


async def test_lost_pushes_are_told_and_then_taken_off() -> None:
    shopee, bench = opened()
    pushes = (kept(line(1, "一")), kept(line(2, "二"), as_text=True), {"code": "broken"}, {"code": 3, "data": {}})
    bench.calls.answers(paths.LOST_PUSHES, lost(*pushes, more=True))
    bench.calls.answers(paths.LOST_PUSHES_TAKEN, ok({}))
    pulled = await shopee._lost.pull(SHOP, wait=0)
    assert [fact.message.dedupe_key for fact in pulled.facts if isinstance(fact, InboundMessage)] == ["m:1", "m:2"]
    assert pulled.more
    assert bench.calls.to(paths.LOST_PUSHES_TAKEN) == [], "not before they are durable"
    assert pulled.commit is not None
    await pulled.commit()
    (taken,) = bench.calls.to(paths.LOST_PUSHES_TAKEN)
    assert taken.body == b'{"last_message_id":77}'
    assert "access_token" not in taken.url.query


async def test_lost_pushes_of_another_shop_stay_where_they_are() -> None:
    shopee, bench = opened()
    bench.calls.answers(paths.LOST_PUSHES, lost(kept(line(1, "一")), kept(line(2, "别人的"), shop_id=5)))
    pulled = await shopee._lost.pull(SHOP, wait=0)
    assert ([type(fact) for fact in pulled.facts], pulled.commit) == ([InboundMessage], None)
    again = await shopee._lost.pull(SHOP, wait=0)
    assert (again.facts, again.commit) == ((), None), "the same page says nothing new"


@pytest.mark.parametrize("answer", [RetryLater(9), Refused("x"), no("error_auth"), no("error_permission")])
async def test_lost_pushes_that_cannot_be_had_are_told_of(answer: object) -> None:
    shopee, bench = opened()
    bench.calls.answers(paths.LOST_PUSHES, answer)
    with pytest.raises(SendError):
        await shopee._lost.pull(SHOP, wait=0)


def test_lost_pushes_are_asked_for_where_the_account_says_so() -> None:
    shopee, _ = opened()
    assert shopee.sources(SHOP) == {"lost-pushes"}
    assert shopee.sources(shop(settings(lost_pushes=False))) == frozenset()
