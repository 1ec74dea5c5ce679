"""What TikTok Shop pushes, and what is made of it."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.unit.channels.ecommerce.bench import NOW, facts_of, pushed, written
from tests.unit.channels.ecommerce.tiktok import (
    BUYER,
    CONVERSATION,
    SEND,
    SHOP,
    SHOP_ID,
    WHO,
    ok,
    opened,
    push,
    raw,
    said,
)
from yizhan.channels.contract import CallRefused, Fact, InboundMessage, InboundVisit, Refused, RetryLater
from yizhan.core.messages.command import Visit
from yizhan.core.messages.content import (
    Content,
    File,
    GoodsCard,
    Image,
    LogisticsCard,
    Media,
    OrderCard,
    RefundCard,
    Text,
    Video,
)
from yizhan.core.messages.message import AuthorKind

PICTURE = "https://p16-oec.ibyteimg.com/obj/1.png"
FILM = "https://v16.tiktokcdn.com/1.mp4"
PNG = Media("a" * 64, "image/png", size_bytes=100)
MP4 = Media("b" * 64, "video/mp4", size_bytes=100)
PDF = Media("c" * 64, "application/pdf", size_bytes=100)


async def test_a_buyers_message_is_theirs_with_its_time_its_key_and_their_name() -> None:
    tiktok, bench = opened()
    found = await tiktok.receive(SHOP, push(said("TEXT", {"content": "444"})))
    message = await written(found)
    assert (message.address.customer, message.address.thread) == (CONVERSATION, "")
    assert (message.content, message.customer_name) == (Text("444"), "小林")
    assert (message.author.kind, message.author.id) == (AuthorKind.CUSTOMER, CONVERSATION)
    assert message.sent_at == datetime(2023, 4, 18, 3, 57, 26, tzinfo=UTC)
    assert (message.dedupe_key, message.external_id) == ("m:722323407926368819", "722323407926368819")
    assert (found.key, found.lane) == (message.dedupe_key, message.address.key())
    assert (found.answer.status, found.answer.body) == (200, b"")
    assert found.slow_within < 3
    assert bench.notes.kept[message.address.key()] == {"name": "小林", "buyer": BUYER}


async def test_who_the_buyer_is_is_asked_once() -> None:
    tiktok, bench = opened()
    for number in range(3):
        data = said("TEXT", {"content": "在吗"}, message_id=str(number + 1))
        assert (await written(await tiktok.receive(SHOP, push(data)))).customer_name == "小林"
    assert len(bench.calls.to(WHO)) == 1


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param({"code": 105005, "message": "no scope"}, id="no scope for it"),
        pytest.param(ok({"participants": []}), id="nobody is named"),
        pytest.param(ok([]), id="no answer of that kind"),
        pytest.param(RetryLater(), id="the platform is away"),
        pytest.param(Refused("http_404"), id="no such call"),
    ],
)
async def test_a_message_is_not_kept_back_for_its_writers_name(answer: object) -> None:
    tiktok, bench = opened()
    bench.calls.answers(WHO, answer)
    message = await written(await tiktok.receive(SHOP, push(said("TEXT", {"content": "在吗"}))))
    assert (message.content, message.customer_name) == (Text("在吗"), "")


def logged(number: int, text: str, *, role: str = "BUYER", at: int | None = None) -> dict[str, Any]:
    """A message as the log of a conversation has it."""
    written = said(
        "TEXT", {"content": text}, sender={"role": role}, create_time=at or int(NOW.timestamp()) - 100 + number
    )
    return {**{name: written[name] for name in ("type", "content", "sender", "create_time")}, "id": str(number)}


async def test_what_was_missed_before_the_first_push_is_told_before_it_and_read_once() -> None:
    tiktok, bench = opened()
    old = logged(1, "很久以前", at=int(NOW.timestamp()) - 4 * 86_400)
    log = [
        logged(9, "更晚的"),
        logged(5, "现在"),
        logged(4, "客服说的", role="SHOP"),
        {"id": 3},
        logged(2, "错过的"),
        old,
    ]
    bench.calls.answers(SEND, ok({"messages": log}))
    facts = await facts_of(await tiktok.receive(SHOP, push(said("TEXT", {"content": "现在"}, message_id="5"))))
    messages = [fact.message for fact in facts if isinstance(fact, InboundMessage)]
    assert [message.content for message in messages] == [Text("错过的"), Text("现在")]
    assert [message.dedupe_key for message in messages] == ["m:2", "m:5"]
    await written(await tiktok.receive(SHOP, push(said("TEXT", {"content": "又一句"}, message_id="6"))))
    assert len(bench.calls.to(SEND)) == 1


async def test_a_message_is_not_kept_back_for_what_was_missed() -> None:
    tiktok, bench = opened()
    bench.calls.answers(SEND, {"code": 105005, "message": "no scope"}, ok({"messages": [logged(1, "别处的")]}))
    for number in (5, 6):
        data = said("TEXT", {"content": "在吗"}, message_id=str(number))
        assert (await written(await tiktok.receive(SHOP, push(data)))).content == Text("在吗")


@pytest.mark.parametrize(
    ("kind", "content", "wanted"),
    [
        pytest.param("TEXT", {"content": "多少钱？👋"}, Text("多少钱？👋"), id="words"),
        pytest.param("TEXT", {"content": "a\u0000b\u0008c"}, Text("abc"), id="control characters are taken out"),
        pytest.param("IMAGE", {"url": PICTURE, "width": "8", "height": "8"}, Image(PNG), id="a picture"),
        pytest.param("VIDEO", {"url": FILM, "vid": "v1", "expire_time": 1}, Video(MP4), id="a film"),
        pytest.param("IMAGE", {"url": "https://p16.ibyteimg.com/x"}, File(PDF), id="a picture that is none"),
        pytest.param("IMAGE", {"url": "https://gone/1"}, Text("[收到图片，但未能取回]"), id="a picture that is gone"),
        pytest.param("VIDEO", {"url": ""}, Text("[收到视频，但未能取回]"), id="a film without an address"),
        pytest.param(
            "PRODUCT_CARD",
            {"product_id": "1729382476852921560"},
            GoodsCard("1729382476852921560", "商品 1729382476852921560"),
            id="goods",
        ),
        pytest.param("PRODUCT_CARD", {"product_id": 17293}, GoodsCard("17293", "商品 17293"), id="an id as a number"),
        pytest.param(
            "ORDER_CARD", {"order_id": "576461413038785752"}, OrderCard("576461413038785752", ""), id="an order"
        ),
        pytest.param("LOGISTICS_CARD", {"order_id": "5", "package_id": "6"}, LogisticsCard("5", "", ""), id="a parcel"),
        pytest.param(
            "RETURN_REFUND_CARD", {"order_id": "5", "sku_id": "6"}, RefundCard("", "5", "售后"), id="a return"
        ),
        pytest.param("COUPON_CARD", {"coupon_id": "88"}, Text("[优惠券 88]"), id="a coupon"),
        pytest.param("ORDER_CARD", {}, Text("[收到一条无法显示的消息：ORDER_CARD]"), id="an order that is not named"),
        pytest.param("EMOTICONS", {}, Text("[收到一条无法显示的消息：EMOTICONS]"), id="an emoticon"),
        pytest.param("OTHER", {"content": "打赏"}, Text("打赏"), id="something else with words"),
        pytest.param("HOLOGRAM", "no json", Text("[收到一条无法显示的消息：HOLOGRAM]"), id="a kind of tomorrow"),
        pytest.param("TEXT", "no json", Text("[收到一条无法显示的消息：TEXT]"), id="words that cannot be read"),
        pytest.param("TEXT", '{"content":"\\ud83d"}', Text("\ufffd"), id="half a character"),
    ],
)
async def test_each_kind_of_message_becomes_content(kind: str, content: object, wanted: Content) -> None:
    tiktok, bench = opened()
    bench.files.kept = {PICTURE: PNG, FILM: MP4, "https://p16.ibyteimg.com/x": PDF}
    message = await written(await tiktok.receive(SHOP, push(said(kind, content))))
    assert message.content == wanted
    assert all("ibyteimg.com" in hosts for _, hosts in bench.files.asked)


@pytest.mark.parametrize(
    ("role", "name"),
    [
        pytest.param("SHOP", "TikTok Shop", id="the shop"),
        pytest.param("CUSTOMER_SERVICE", "TikTok Shop", id="a colleague in Seller Center"),
        pytest.param("ROBOT", "TikTok Shop 自动回复", id="the platform's robot"),
        pytest.param("SOMEBODY", "TikTok Shop", id="a role that is not known"),
    ],
)
async def test_what_others_wrote_to_the_buyer_is_an_agents_and_what_we_wrote_is_known(role: str, name: str) -> None:
    tiktok, bench = opened()
    call = push(said("TEXT", {"content": "您好"}, sender={"im_user_id": "9", "role": role}))
    message = await written(await tiktok.receive(SHOP, call))
    assert (message.author.kind, message.author.id, message.author.name) == (AuthorKind.AGENT, "", name)
    assert (message.address.customer, message.customer_name) == (CONVERSATION, "")
    bench.ours.ids.add("722323407926368819")
    assert await facts_of(await tiktok.receive(SHOP, call)) == ()
    bench.ours.away = True
    with pytest.raises(RetryLater):
        await facts_of(await tiktok.receive(SHOP, call))


@pytest.mark.parametrize(
    ("kind", "title"),
    [
        pytest.param("BUYER_ENTER_FROM_PRODUCT", "商品 17", id="from goods"),
        pytest.param("BUYER_ENTER_FROM_ORDER", "订单 57", id="from an order"),
        pytest.param("BUYER_ENTER_FROM_TRANSFER", "", id="from another desk"),
    ],
)
@pytest.mark.parametrize("role", ["BUYER", "SYSTEM"])
async def test_a_buyer_who_comes_in_is_a_visitor(kind: str, title: str, role: str) -> None:
    tiktok, _ = opened()
    content = {"product_id": "17"} if "PRODUCT" in kind else {"order_id": "57"}
    found = await facts_of(await tiktok.receive(SHOP, push(said(kind, content, sender={"role": role}))))
    (fact,) = found
    assert isinstance(fact, InboundVisit)
    assert isinstance(fact.command.kind, Visit)
    assert (fact.command.kind.page_title, fact.command.address.customer) == (title, CONVERSATION)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(said("TEXT", {"content": "x"}, is_visible=False), id="what nobody is shown"),
        pytest.param(said("ALLOCATED_SERVICE", {"content": "客服为您服务"}), id="who serves"),
        pytest.param(said("NOTIFICATION", {"content": "请勿转账"}), id="an advice"),
        pytest.param(said("OTHER", {"content": "x"}, sender={"role": "SYSTEM"}), id="the platform's system"),
    ],
)
async def test_what_is_said_about_the_conversation_is_answered_and_no_more(data: dict[str, Any]) -> None:
    tiktok, bench = opened()
    found = await tiktok.receive(SHOP, push(data))
    assert (await facts_of(found), found.answer.status) == ((), 200)
    assert bench.calls.made == []


@pytest.mark.parametrize("kind", [1, 6, 7, 12, 13, 33, 99])
async def test_other_events_are_answered_and_no_more(kind: int) -> None:
    tiktok, _ = opened()
    found = await tiktok.receive(SHOP, push({"order_id": "1", "conversation_id": CONVERSATION}, kind))
    nothing: tuple[Fact, ...] = ()
    assert (await facts_of(found), found.answer.status, found.key) == (nothing, 200, "")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        pytest.param(b"", "undecodable", id="nothing"),
        pytest.param(b"[]", "undecodable", id="a list"),
        pytest.param(b"\xff\xfe\x00", "undecodable", id="no text"),
        pytest.param(b'{"type":"x"}', "undecodable", id="a type that is no number"),
        pytest.param(b'{"type":14}', "undecodable", id="no data"),
        pytest.param(b'{"type":14,"shop_id":"1","data":{"message_id":"1"}}', "undecodable", id="no conversation"),
        pytest.param(
            b'{"type":14,"data":{"message_id":true,"conversation_id":"1","type":"TEXT"}}',
            "undecodable",
            id="an id that is none",
        ),
        pytest.param(b'{"type":1,"shop_id":"5","data":{}}', "other_shop", id="another shop"),
        pytest.param(b'{"type":1,"data":{}}', "other_shop", id="no shop"),
    ],
)
async def test_what_cannot_be_read_or_is_not_for_the_shop_is_refused(body: bytes, code: str) -> None:
    tiktok, _ = opened()
    with pytest.raises(CallRefused) as refused:
        await tiktok.receive(SHOP, raw(body))
    assert (refused.value.code, refused.value.status) == (code, 404 if code == "other_shop" else 400)


async def test_a_push_by_anybody_else_is_refused_before_it_is_read() -> None:
    tiktok, _ = opened()
    for call in (pushed(b"{", "0" * 64), pushed(b'{"type":1,"shop_id":"%s"}' % SHOP_ID.encode(), "")):
        with pytest.raises(CallRefused) as refused:
            await tiktok.receive(SHOP, call)
        assert (refused.value.status, refused.value.code) == (401, "bad_signature")
    with pytest.raises(CallRefused, match="method"):
        await tiktok.receive(SHOP, pushed(b"", "", method="GET"))
