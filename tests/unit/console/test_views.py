"""What agents' screens are told of reply windows, held messages and words from elsewhere."""

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from yizhan.console.live import LiveFeed, Screen
from yizhan.console.store import User
from yizhan.console.views import conversation_json, offer_hint_json, offer_json, stored_message_json
from yizhan.core.bus import envelopes
from yizhan.core.messages import content as c
from yizhan.core.messages.address import Address
from yizhan.core.messages.codec import address_to_proto, message_to_proto, window_to_proto
from yizhan.core.messages.message import Author, AuthorKind, Message, ReplyWindow
from yizhan.core.runtime.metrics import Metrics
from yizhan.pb.v1 import conversations_pb2, event_pb2, live_pb2, receipt_pb2, routing_pb2

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
ADDRESS = Address("shop", "wechat", "official", "o-1")
WINDOW = ReplyWindow(NOON, 3)
SHOWN = {"until": "2026-11-22T04:00:00.000Z", "left": 3}
NOTHING: Any = None


@pytest.mark.parametrize(
    ("window", "shown"),
    [
        pytest.param(WINDOW, SHOWN, id="so many, until then"),
        pytest.param(ReplyWindow(NOON, 0), SHOWN | {"left": 0}, id="none left"),
        pytest.param(ReplyWindow(NOON, None), SHOWN | {"left": None}, id="any number until then"),
        pytest.param(None, None, id="a channel without rules"),
    ],
)
def test_conversations_and_offers_say_what_may_still_be_sent(window: ReplyWindow | None, shown: object) -> None:
    told = window_to_proto(window)
    hint = live_pb2.Live(offer=live_pb2.OfferHint(reply_window=told))
    assert [
        conversation_json(conversations_pb2.Conversation(reply_window=told))["reply_window"],
        offer_json(routing_pb2.Offer(reply_window=told))["reply_window"],
        offer_hint_json(hint)["reply_window"],
    ] == [shown] * 3


def stored(author: Author, *, dedupe_key: str = "", external_id: str = "") -> conversations_pb2.StoredMessage:
    message = Message("m1", ADDRESS, author, c.Text("您好"), NOON, external_id=external_id, dedupe_key=dedupe_key)
    return conversations_pb2.StoredMessage(
        message=message_to_proto(message),
        receipt=receipt_pb2.RECEIPT_STATE_HELD,
        receipt_reason="window_closed",
        receipt_detail="45015 out of time",
        fallback="template",
    )


def test_a_held_message_comes_with_all_that_is_known_of_it() -> None:
    shown = stored_message_json(stored(Author(AuthorKind.AGENT, "a-1", "小雅"), external_id="c-1"), NOTHING)
    wanted = {
        "receipt": "held",
        "receipt_reason": "window_closed",
        "receipt_detail": "45015 out of time",
        "fallback": "template",
        "elsewhere": False,
        "client_id": "c-1",
    }
    assert {name: shown[name] for name in wanted} == wanted


def test_words_from_the_platforms_own_client_are_marked_and_never_taken_for_ones_own() -> None:
    shown = stored_message_json(
        stored(Author(AuthorKind.AGENT, "", "阿里"), dedupe_key="k:1", external_id="1"), NOTHING
    )
    assert shown["elsewhere"] is True
    assert "client_id" not in shown


class _Feed:
    """A feed with one agent's screen that watches the conversation."""

    def __init__(self) -> None:
        self.feed = LiveFeed(NOTHING, NOTHING, NOTHING, Metrics("console"))
        user = User("a-1", "shop", "ya", "小雅", "", ("agent",), "zh-CN", 5, True, 0, None, NOON)
        self.screen = Screen(user, NOTHING, watched=frozenset({"c1"}))
        self.feed._screens.add(self.screen)

    async def tell(self, live: live_pb2.Live) -> list[dict[str, Any]]:
        live.address.CopyFrom(address_to_proto(ADDRESS))
        live.conversation_id = "c1"
        await self.feed.hear([envelopes.live(live)])
        frames = []
        while not self.screen.waiting.empty():
            frames.append(orjson.loads(self.screen.waiting.get_nowait()))
        return frames


async def test_a_receipt_brings_the_window_along() -> None:
    seen = live_pb2.ReceiptSeen(
        seq=7,
        state=receipt_pb2.RECEIPT_STATE_HELD,
        reason="quota_spent",
        fallback="ticket",
        reply_window=window_to_proto(WINDOW),
    )
    assert await _Feed().tell(live_pb2.Live(receipt_seen=seen)) == [
        {
            "type": "receipt",
            "conversation_id": "c1",
            "seq": 7,
            "state": "held",
            "reason": "quota_spent",
            "fallback": "ticket",
            "reply_window": SHOWN,
        }
    ]


@pytest.mark.parametrize(("window", "shown"), [(WINDOW, SHOWN), (None, None)])
async def test_a_customers_message_opens_the_window_on_every_screen(window: ReplyWindow | None, shown: object) -> None:
    words = Message("m1", ADDRESS, Author(AuthorKind.CUSTOMER), c.Text("在吗"), NOON, seq=3, reply_window=window)
    summary, _ = await _Feed().tell(live_pb2.Live(appended=live_pb2.Appended(message=message_to_proto(words))))
    assert summary["conversation"].get("reply_window") == shown


@pytest.mark.parametrize(
    ("urgency", "shown"),
    [
        (event_pb2.URGENCY_UNSPECIFIED, None),
        (event_pb2.URGENCY_NORMAL, "normal"),
        (event_pb2.URGENCY_CRITICAL, "critical"),
    ],
)
def test_a_conversation_says_what_it_is_about(urgency: event_pb2.Urgency.ValueType, shown: str | None) -> None:
    told = conversation_json(conversations_pb2.Conversation(mail_subject="订单", topic="物流", urgency=urgency))
    assert (told["subject"], told["topic"], told["urgency"]) == ("订单", "物流", shown)
