"""Every content kind is shown somehow on every channel."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, strategies as st

from yizhan.channels.contract import Abilities, MenuStyle
from yizhan.channels.render import render, split
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
    Mail,
    Media,
    Menu,
    MenuOption,
    OrderCard,
    RefundCard,
    Text,
    TimelineEvent,
    Video,
    Voice,
)
from yizhan.core.messages.message import Author, AuthorKind, Message

PLAIN = Abilities(kinds=frozenset({Text}), max_text=2000)
RICH = Abilities(kinds=frozenset({Text, Image, Menu, GoodsCard}), menu=MenuStyle.BUTTONS, max_text=2000)
AT = datetime(2026, 5, 1, 8, tzinfo=UTC)
MEDIA = Media("0" * 64, "image/png", "cat.png", 10)
GOODS = GoodsCard("g-1", "红色跑鞋", 19900, "CNY", "", "https://shop.example.com/g-1")


def message(content: Content, locale: str = "zh-CN") -> Message:
    author = Author(AuthorKind.BOT)
    return Message("m-1", Address("w", "ch", "a", "c"), author, content, AT, locale=locale)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (Text("你好"), "你好"),
        (Image(MEDIA), "[图片] cat.png\nhttps://files.example/cat"),
        (Voice(Media("1" * 64, "audio/amr")), "[语音]\nhttps://files.example/"),
        (Video(MEDIA), "[视频] cat.png\nhttps://files.example/cat"),
        (File(MEDIA), "[文件] cat.png\nhttps://files.example/cat"),
        (Location(31.2304, 121.4737, "上海"), "上海\n31.230400, 121.473700"),
        (Link("https://a.example", "标题", "说明"), "标题\n说明\nhttps://a.example"),
        (Menu("m", "哪个？", (MenuOption("1", "甲"), MenuOption("2", "乙"))), "哪个？\n1. 甲\n2. 乙"),
        (Choice("m", "1", "甲"), "甲"),
        (GOODS, "红色跑鞋 ¥199.00\nhttps://shop.example.com/g-1"),
        (
            OrderCard("o-1", "已发货", (GOODS,), 19900, "CNY", "https://shop.example.com/o-1"),
            "订单 o-1：已发货\n红色跑鞋 ¥199.00\nhttps://shop.example.com/g-1\n合计 ¥199.00\nhttps://shop.example.com/o-1",
        ),
        (
            LogisticsCard(
                "o-1", "顺丰", "SF1", (LogisticsStep(AT, "到达上海"), LogisticsStep(AT.replace(hour=9), "派送中"))
            ),
            "订单 o-1\n顺丰 SF1\n派送中",
        ),
        (LogisticsCard("o-1", "", "SF1", (), "https://sf.example/SF1"), "订单 o-1\n运单号 SF1\nhttps://sf.example/SF1"),
        (OrderCard("", "已发货"), "已发货"),
        (OrderCard("o-1", ""), "订单 o-1"),
        (RefundCard("r-1", "o-1", "处理中", 500, "EUR", ""), "退款 r-1：处理中\n订单 o-1\n退款金额 €5.00"),
        (RefundCard("r-1", "o-1", "处理中", 500, "CHF", ""), "退款 r-1：处理中\n订单 o-1\n退款金额 5.00 CHF"),
        (
            RefundCard("", "o-1", "处理中", 500, "JPY", "https://a.example"),
            "处理中\n订单 o-1\n退款金额 500 JPY\nhttps://a.example",
        ),
        (TimelineEvent("agent_joined", "客服王芳为您服务"), "客服王芳为您服务"),
    ],
)
def test_a_channel_that_knows_only_text_shows_everything_as_text(content: Content, text: str) -> None:
    (shown,) = render(message(content), PLAIN, lambda media: f"https://files.example/{media.name.partition('.')[0]}")
    assert shown.content == Text(text)
    assert (shown.id, shown.address) == ("m-1", message(content).address)


def test_english_customers_read_english_labels() -> None:
    (shown,) = render(message(Image(MEDIA), "en"), PLAIN)
    assert shown.content == Text("[Image] cat.png")


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (
            OrderCard("o-1", "Shipped", (GoodsCard("g", "Kettle", 1000, "JPY"),), 1000, "JPY", "https://a.example/o-1"),
            "Order o-1: Shipped\nKettle 1000 JPY\nTotal 1000 JPY\nhttps://a.example/o-1",
        ),
        (OrderCard("o-1", "Shipped", (), 3500, "KWD"), "Order o-1: Shipped\nTotal 3.500 KWD"),
        (OrderCard("o-1", "Shipped", (), 150_000, "VND"), "Order o-1: Shipped\nTotal ₫150000"),
        (OrderCard("o-1", "Shipped", (), 9_900_000, "IDR"), "Order o-1: Shipped\nTotal 99000 IDR"),
        (LogisticsCard("o-1", "", "1Z1"), "Order o-1\nTracking number 1Z1"),
        (RefundCard("r-1", "o-1", "In progress", 500, "USD"), "Refund r-1: In progress\nOrder o-1\nAmount $5.00"),
    ],
)
def test_english_customers_read_cards(content: Content, text: str) -> None:
    (shown,) = render(message(content, "en-GB"), PLAIN)
    assert shown.content == Text(text)


@pytest.mark.parametrize("content", [Text("x"), Image(MEDIA), Menu("m", "?", (MenuOption("1", "a"),)), GOODS])
def test_what_a_channel_can_show_is_left_alone(content: Content) -> None:
    original = message(content)
    assert render(original, RICH) == (original,)


SMALL, LARGE = Media("1" * 64, "text/plain", "small.txt", 10), Media("2" * 64, "text/plain", "large.txt", 9_000)


def _takes(content: Content) -> bool:
    return not isinstance(content, File) or content.media.size_bytes < 1000


@pytest.mark.parametrize(
    ("text", "files", "kinds", "parts"),
    [
        ("您好", (SMALL,), {Text, File}, [("您好", (SMALL,))]),
        ("您好", (LARGE, SMALL), {Text, File}, [("您好\n[文件] large.txt\nhttps://f/large.txt", (SMALL,))]),
        ("您好", (SMALL,), {Text}, [("您好\n[文件] small.txt\nhttps://f/small.txt", ())]),
        ("one two three", (SMALL,), {Text, File}, [("one two", ()), ("three", (SMALL,))]),
    ],
    ids=["they go along", "one is too large", "the channel has no files", "the mail is cut"],
)
def test_a_mail_keeps_its_subject_and_files(
    text: str, files: tuple[Media, ...], kinds: set[type[Content]], parts: list[tuple[str, tuple[Media, ...]]]
) -> None:
    written = message(Text(text, mail=Mail("Re: 订单", attachments=files)))
    limit = 8 if text.isascii() else 2000
    shown = render(
        written, Abilities(frozenset(kinds), max_text=limit, takes=_takes), lambda media: f"https://f/{media.name}"
    )
    assert [part.content for part in shown] == [
        Text(words, mail=Mail("Re: 订单", attachments=along)) for words, along in parts
    ]


def test_a_menu_needs_buttons() -> None:
    numbered = Abilities(kinds=frozenset({Text, Menu}), menu=MenuStyle.NUMBERED_TEXT)
    (shown,) = render(message(Menu("m", "?", (MenuOption("1", "a"),))), numbered)
    assert shown.content == Text("?\n1. a")


@pytest.mark.parametrize(
    ("text", "limit", "pieces"),
    [
        ("short", 10, ["short"]),
        ("one two three", 8, ["one two", "three"]),
        ("第一句。第二句。第三句", 8, ["第一句。第二句。", "第三句"]),
        ("para one\n\npara two", 12, ["para one", "para two"]),
        ("abcdefghij", 4, ["abcd", "efgh", "ij"]),
    ],
)
def test_long_text_is_cut_where_a_reader_would(text: str, limit: int, pieces: list[str]) -> None:
    assert list(split(text, limit)) == pieces


@given(st.text(alphabet="ab 。，\n.", max_size=300), st.integers(2, 50))
def test_no_word_is_lost_by_cutting(text: str, limit: int) -> None:
    pieces = list(split(text, limit))
    assert all(len(piece) <= limit for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())
