"""Every kind of answer reaches the customer in the best form that WeChat has for it, within the platform's limits."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.unit.channels.wechat.api import OPENID, SECRET, Api, open_api
from yizhan.channels.contract import Grant, MenuStyle, Refused, Trigger
from yizhan.channels.render import render
from yizhan.channels.wechat.calls import Answered
from yizhan.channels.wechat.outgoing import (
    MENU_OPTIONS,
    TEXT_BYTES,
    PublicSettings,
    abilities_of,
    body_of,
    numbered,
    reply_of,
    takes,
)
from yizhan.channels.wechat.replies import ArticleOut, ImageOut, Out, TextOut, VideoOut, VoiceOut
from yizhan.channels.wechat.settings import MiniSettings, OfficialSettings
from yizhan.channels.wechat.typing import show_typing
from yizhan.core.messages.address import Address
from yizhan.core.messages.content import (
    Choice,
    Content,
    File,
    GoodsCard,
    Image,
    Link,
    Location,
    LogisticsCard,
    LogisticsStep,
    Media,
    Menu,
    MenuOption,
    OrderCard,
    RefundCard,
    Text,
    Video,
    Voice,
)
from yizhan.core.messages.message import Author, AuthorKind, Message

SEND = "/cgi-bin/message/custom/send"
CARD: Mapping[str, Any] = {"app_id": "wxminiprogram00001", "page_path": "pages/o?id={id}", "thumb_media_id": "THUMB"}
AT = datetime(2026, 11, 22, tzinfo=UTC)
URL = "https://shop.example.com/g/1"
PICTURE = "https://shop.example.com/g/1.jpg"


def official(**more: Any) -> OfficialSettings:
    return OfficialSettings(kind="official", app_id="wx0000000000000001", secret=SECRET, token="AAAAA", **more)


def mini(**more: Any) -> MiniSettings:
    return MiniSettings(kind="mini", app_id="wx0000000000000002", secret=SECRET, token="AAAAA", **more)


def said(content: Content, locale: str = "zh-CN") -> Message:
    address = Address("default", "wechat", "shop", OPENID)
    return Message("m1", address, Author(AuthorKind.BOT), content, AT, locale=locale)


def media(mime_type: str, size: int = 1000, name: str = "猫.bin", duration_ms: int = 0) -> Media:
    return Media("a" * 64, mime_type, name, size, duration_ms=duration_ms)


def option(number: int) -> str:
    return f"code-{number}"


GOODS = GoodsCard("g/1 2", "保温杯", 12900, image_url=PICTURE, url=URL)
ORDER = OrderCard("20261122001", "已发货", (GoodsCard("g1", "保温杯", 12900),), 12900, url=URL)
STEPS = (LogisticsStep(AT, "已签收"),)
LOGISTICS = LogisticsCard("20261122001", "顺丰", "SF123", STEPS, url=URL)
REFUND = RefundCard("r1", "20261122001", "已退款", 12900, url=URL)
MENU = Menu("csat", "您满意吗？", (MenuOption("5", "满意"), MenuOption("1", "不满意")))


@pytest.mark.parametrize(
    ("content", "settings", "msgtype", "part"),
    [
        pytest.param(
            Text('看<a href="https://a.cn">这里</a> 😀'),
            official(),
            "text",
            {"content": '看<a href="https://a.cn">这里</a> 😀'},
            id="a text keeps its links",
        ),
        pytest.param(Image(media("image/png")), official(), "image", {"media_id": "MID"}, id="an image"),
        pytest.param(Voice(media("audio/amr")), official(), "voice", {"media_id": "MID"}, id="a voice message"),
        pytest.param(
            Video(media("video/mp4", name="演示.mp4")),
            official(),
            "video",
            {"media_id": "MID", "title": "演示", "description": ""},
            id="a video with its name",
        ),
        pytest.param(
            Link(URL, "保温杯", "新品"),
            official(),
            "news",
            {"articles": [{"title": "保温杯", "description": "新品", "url": URL, "picurl": ""}]},
            id="a link is one article",
        ),
        pytest.param(
            Link(URL),
            official(),
            "news",
            {"articles": [{"title": URL, "description": "", "url": URL, "picurl": ""}]},
            id="a link without a title is called by its address",
        ),
        pytest.param(
            Link("tel:10086", "客服"),
            official(),
            "text",
            {"content": "客服\ntel:10086"},
            id="an address that is no page",
        ),
        pytest.param(
            Link(URL, "保温杯", "新品"),
            mini(),
            "link",
            {"title": "保温杯", "description": "新品", "url": URL, "thumb_url": ""},
            id="a link in a mini program",
        ),
        pytest.param(
            MENU,
            official(),
            "msgmenu",
            {
                "head_content": "您满意吗？",
                "list": [{"id": "code-1", "content": "满意"}, {"id": "code-2", "content": "不满意"}],
                "tail_content": "",
            },
            id="a menu with our codes",
        ),
        pytest.param(
            GOODS,
            official(),
            "news",
            {"articles": [{"title": "保温杯 ¥129.00", "description": "", "url": URL, "picurl": PICTURE}]},
            id="goods are an article with their picture",
        ),
        pytest.param(
            ORDER,
            official(),
            "news",
            {
                "articles": [
                    {
                        "title": "订单 20261122001：已发货",
                        "description": "保温杯 ¥129.00\n合计 ¥129.00",
                        "url": URL,
                        "picurl": "",
                    }
                ]
            },
            id="an order is an article with its goods",
        ),
        pytest.param(
            replace(GOODS, url=""),
            official(),
            "text",
            {"content": "保温杯 ¥129.00"},
            id="goods without an address are words",
        ),
        pytest.param(
            GOODS,
            official(card=CARD),
            "miniprogrampage",
            {
                "title": "保温杯",
                "pagepath": "pages/o?id=g%2F1%202",
                "thumb_media_id": "THUMB",
                "appid": "wxminiprogram00001",
            },
            id="goods open the mini program that is named for them",
        ),
        pytest.param(
            ORDER,
            mini(card=CARD),
            "miniprogrampage",
            {"title": "20261122001 已发货", "pagepath": "pages/o?id=20261122001", "thumb_media_id": "THUMB"},
            id="a mini program's own page has no app id",
        ),
        pytest.param(
            GOODS,
            official(card={**CARD, "app_id": ""}),
            "news",
            {"articles": [{"title": "保温杯 ¥129.00", "description": "", "url": URL, "picurl": PICTURE}]},
            id="a card that names no mini program is an article",
        ),
    ],
)
def test_what_is_sent(content: Content, settings: PublicSettings, msgtype: str, part: Mapping[str, Any]) -> None:
    body = body_of(said(content), settings, media_id="MID", option_id=option)
    assert (body.msgtype, body.part) == (msgtype, part)
    assert body.to(OPENID) == {"touser": OPENID, "msgtype": msgtype, msgtype: part}


@pytest.mark.parametrize("content", [LOGISTICS, REFUND])
def test_where_goods_are_and_what_is_paid_back_opens_its_page(content: Content) -> None:
    part = body_of(said(content), official(card=CARD), option_id=option).part
    assert part["articles"][0]["url"] == URL
    assert "20261122001" in str(part)
    assert URL not in part["articles"][0]["description"]


def test_an_agents_face_is_shown_where_the_account_has_one() -> None:
    body = body_of(said(Text("hi")), official(), option_id=option).to(OPENID, "anna@gh")
    assert body["customservice"] == {"kf_account": "anna@gh"}


def test_an_order_of_hundreds_of_goods_without_a_page_is_cut_where_one_sees_it() -> None:
    goods = tuple(GoodsCard(f"g{number}", "很长的商品名称" * 5, 100) for number in range(300))
    text = body_of(said(OrderCard("1", "已发货", goods)), official(), option_id=option).part["content"]
    assert text.startswith("订单 1：已发货\n")
    assert text.endswith("…")
    assert len(text.encode()) <= TEXT_BYTES


@pytest.mark.parametrize("content", [File(media("application/pdf")), Location(1.0, 2.0), Choice("m", "o")])
def test_what_the_renderer_should_have_turned_into_words_is_refused_and_not_lost(content: Content) -> None:
    with pytest.raises(Refused):
        body_of(said(content), official(), option_id=option)


@pytest.mark.parametrize(
    ("content", "settings", "taken"),
    [
        (Image(media("image/jpeg", 2 << 20)), official(), True),
        (Image(media("image/jpeg", (2 << 20) + 1)), official(), False),
        (Image(media("image/webp")), official(), False),
        (Image(media("image/gif")), mini(), True),
        (Voice(media("audio/amr")), official(), True),
        (Voice(media("audio/mpeg", duration_ms=60_000)), official(), True),
        (Voice(media("audio/mpeg", duration_ms=60_001)), official(), False),
        (Voice(media("audio/webm")), official(), False),
        (Voice(media("audio/amr")), mini(), False),
        (Video(media("video/mp4", 10 << 20)), official(), True),
        (Video(media("video/mp4", (10 << 20) + 1)), official(), False),
        (Video(media("video/webm")), official(), False),
        (Video(media("video/mp4")), mini(), False),
        (File(media("application/pdf")), official(), False),
        (Text("no file at all"), official(), True),
    ],
)
def test_a_file_that_the_platform_would_refuse_is_known_before(
    content: Content, settings: PublicSettings, taken: bool
) -> None:
    assert takes(content, settings) is taken


def test_an_official_account_has_menus_and_windows_as_set() -> None:
    able = abilities_of(official(windows={"message": {"messages": 20, "seconds": 3600}}))
    assert (able.menu, able.menu_options, able.replies_only) == (MenuStyle.BUTTONS, MENU_OPTIONS, False)
    assert able.window is not None
    assert able.window[Trigger.MESSAGE] == Grant(20, timedelta(hours=1))
    assert Menu not in abilities_of(official(menus=False)).kinds


def test_without_permission_for_the_api_everything_waits_for_the_next_answer() -> None:
    able = abilities_of(official(customer_service=False))
    assert able.replies_only
    assert Menu not in able.kinds


def test_a_mini_program_shows_no_voice_video_or_menu() -> None:
    able = abilities_of(mini())
    assert {Voice, Video, Menu, File} & able.kinds == set()
    assert able.window is not None
    assert Trigger.ENTER in able.window


def test_a_menu_of_more_options_than_fit_is_numbered() -> None:
    menu = Menu("m", "选", tuple(MenuOption(str(n), f"项{n}") for n in range(MENU_OPTIONS + 1)))
    (part,) = render(said(menu), abilities_of(official()))
    assert isinstance(part.content, Text)
    assert "11. 项10" in part.content.text


def test_a_menu_that_the_account_may_not_send_becomes_numbered_words() -> None:
    (part,) = numbered(said(MENU))
    assert part.content == Text("您满意吗？\n1. 满意\n2. 不满意")


@pytest.mark.parametrize(
    ("content", "out"),
    [
        (Text("好"), TextOut("好")),
        (Image(media("image/png")), ImageOut("MID")),
        (Voice(media("audio/amr")), VoiceOut("MID")),
        (Video(media("video/mp4", name="演示.mp4")), VideoOut("MID", "演示")),
        (Link(URL, "保温杯", "新品"), ArticleOut("保温杯", URL, "新品")),
        (GOODS, ArticleOut("保温杯 ¥129.00", URL, "", PICTURE)),
        (replace(GOODS, url=""), TextOut("保温杯 ¥129.00")),
        (MENU, None),
        (File(media("application/pdf")), None),
    ],
)
def test_what_goes_into_the_answer_to_a_push(content: Content, out: Out | None) -> None:
    assert reply_of(said(content), media_id="MID") == out


# --- against the platform ---


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    async with open_api() as opened:
        yield opened


async def test_the_platform_takes_every_form_that_needs_no_file(api: Api) -> None:
    for content in (Text("好"), Link(URL, "保温杯"), MENU, GOODS, ORDER):
        api.customer_wrote()
        body = body_of(said(content), official(), option_id=option).to(OPENID)
        await api.calls.post(SEND, api.token, body, Answered, sending=True)
    assert [message.kind for message in api.follower.received] == ["text", "news", "msgmenu", "news", "news"]
    menu = api.follower.received[2].menu
    assert menu is not None
    assert [(item.id, item.label) for item in menu.items] == [("code-1", "满意"), ("code-2", "不满意")]
    assert api.platform.violations == []


async def test_a_long_text_goes_out_in_pieces_that_the_platform_takes(api: Api) -> None:
    api.customer_wrote()
    text = "我们已收到您的退款申请，请耐心等待。" * 100
    for part in render(said(Text(text)), abilities_of(official())):
        body = body_of(part, official(), option_id=option).to(OPENID)
        await api.calls.post(SEND, api.token, body, Answered, sending=True)
    assert "".join(api.follower.texts) == text


# --- typing ---


async def test_the_customer_sees_that_somebody_types(api: Api) -> None:
    api.customer_wrote()
    await show_typing(api.calls, api.token, OPENID)
    assert api.follower.typing_until > api.platform.now()
    await show_typing(api.calls, api.token, OPENID, typing=False)
    assert api.follower.typing_until <= api.platform.now()


async def test_a_sign_of_typing_that_cannot_be_shown_disturbs_nobody(api: Api) -> None:
    _ = api.follower
    await show_typing(api.calls, api.token, OPENID)  # the customer was not active: 45080
    api.customer_wrote()
    await show_typing(api.calls, api.token, OPENID)
    await show_typing(api.calls, api.token, OPENID)  # shown already: 45081
    assert [call.errcode for call in api.platform.called("typing")] == [45080, 0, 45081]


async def test_an_account_that_may_not_show_typing_is_told(api: Api) -> None:
    api.official.customer_service = False
    with pytest.raises(Refused):
        await show_typing(api.calls, api.token, OPENID)
