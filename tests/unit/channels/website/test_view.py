"""Every content kind has a form that clients know."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import orjson
import pytest

from yizhan.channels.screens.view import content_json, message_frame, moment
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
    TimelineEvent,
    Video,
    Voice,
)
from yizhan.core.messages.message import Author, AuthorKind, Message

AT = datetime(2026, 5, 1, 8, 30, 15, 123456, tzinfo=UTC)
MEDIA = Media("0" * 64, "image/png", "a.png", 10, 3, 2)
MEDIA_JSON = {
    "id": "0" * 64,
    "mime": "image/png",
    "name": "a.png",
    "size": 10,
    "width": 3,
    "height": 2,
    "url": "/m/a.png",
}
GOODS = GoodsCard("g-1", "Shoe", 100, "CNY", "https://i.example", "https://g.example")
GOODS_JSON = {
    "goods_id": "g-1",
    "title": "Shoe",
    "price_minor": 100,
    "currency": "CNY",
    "image_url": "https://i.example",
    "url": "https://g.example",
}


@pytest.mark.parametrize(
    ("content", "shown"),
    [
        (Text("<b>"), {"type": "text", "text": "<b>"}),
        (Image(MEDIA), {"type": "image", "media": MEDIA_JSON}),
        (Video(MEDIA), {"type": "video", "media": MEDIA_JSON}),
        (File(MEDIA), {"type": "file", "media": MEDIA_JSON}),
        (
            Voice(replace(MEDIA, recognised="你好")),
            {"type": "voice", "media": {**MEDIA_JSON, "recognised": "你好"}},
        ),
        (Text("你好", heard=True), {"type": "text", "text": "你好"}),
        (
            Voice(Media("1" * 64, "audio/amr", "", 5, duration_ms=900)),
            {
                "type": "voice",
                "media": {
                    "id": "1" * 64,
                    "mime": "audio/amr",
                    "name": "",
                    "size": 5,
                    "width": 0,
                    "height": 0,
                    "url": "/m/",
                    "duration_ms": 900,
                },
            },
        ),
        (
            Menu("m", "?", (MenuOption("1", "a"),)),
            {"type": "menu", "menu_id": "m", "prompt": "?", "options": [{"id": "1", "label": "a"}]},
        ),
        (Choice("m", "1", "a"), {"type": "choice", "menu_id": "m", "option_id": "1", "label": "a"}),
        (Link("u", "t", "d"), {"type": "link", "url": "u", "title": "t", "description": "d"}),
        (Location(1.5, 2.5, "l"), {"type": "location", "latitude": 1.5, "longitude": 2.5, "label": "l"}),
        (TimelineEvent("c", "t"), {"type": "event", "code": "c", "text": "t"}),
        (GOODS, {"type": "goods", **GOODS_JSON}),
        (
            OrderCard("o", "paid", (GOODS,), 100, "CNY", "u"),
            {
                "type": "order",
                "order_id": "o",
                "status": "paid",
                "goods": [GOODS_JSON],
                "total_minor": 100,
                "currency": "CNY",
                "url": "u",
            },
        ),
        (
            LogisticsCard("o", "SF", "1", (LogisticsStep(AT, "here"),), "u"),
            {
                "type": "logistics",
                "order_id": "o",
                "carrier": "SF",
                "tracking_number": "1",
                "steps": [{"at": "2026-05-01T08:30:15.123Z", "text": "here"}],
                "url": "u",
            },
        ),
        (
            RefundCard("r", "o", "done", 5, "EUR", "u"),
            {
                "type": "refund",
                "refund_id": "r",
                "order_id": "o",
                "status": "done",
                "amount_minor": 5,
                "currency": "EUR",
                "url": "u",
            },
        ),
    ],
)
def test_a_content_has_its_form(content: Content, shown: dict[str, Any]) -> None:
    assert content_json(content, lambda media: f"/m/{media.name}") == shown


def test_times_are_utc_with_milliseconds() -> None:
    assert moment(AT) == "2026-05-01T08:30:15.123Z"
    assert moment(AT.astimezone(timezone(timedelta(hours=8)))) == "2026-05-01T08:30:15.123Z"


@pytest.mark.parametrize(
    ("author", "external_id", "client_id"),
    [
        (Author(AuthorKind.CUSTOMER, "v:1", "王"), "c-1", "c-1"),
        (Author(AuthorKind.CUSTOMER, "v:1", "王"), "", None),
        (Author(AuthorKind.AGENT, "a-1", "李"), "c-9", None),
    ],
)
def test_only_the_customers_own_messages_carry_their_client_id(
    author: Author, external_id: str, client_id: str | None
) -> None:
    message = Message(
        "m-1",
        Address("w", "website", "a", "v:1"),
        author,
        Text("x"),
        AT,
        external_id=external_id,
        seq=7,
        session=2,
        epoch=5,
    )
    outgoing = message_frame(message, lambda _: "")
    shown = orjson.loads(outgoing.data)["message"]
    assert outgoing.seq == shown["seq"] == 7
    assert (shown["session"], shown["epoch"]) == (2, 5)
    assert shown.get("client_id") == client_id
    assert shown["author"] == {"kind": author.kind.name.lower(), "name": author.name}
    assert "a-1" not in outgoing.data.decode()
