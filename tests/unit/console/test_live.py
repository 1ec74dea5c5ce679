"""A screen that asks for a conversation's frames is told from when on they come."""

from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from yizhan.console.access import SignedIn
from yizhan.console.live import LiveFeed
from yizhan.console.store import Session, User
from yizhan.core.bus import envelopes
from yizhan.core.messages.address import Address
from yizhan.core.messages.codec import address_to_proto
from yizhan.core.runtime.metrics import Metrics
from yizhan.pb.v1 import live_pb2, receipt_pb2

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
NOTHING: Any = None


class _Everyone:
    """Lets a supervisor in, whoever asks."""

    async def who(self, request: web.Request) -> SignedIn:
        user = User("s-1", "shop", "wang", "王主管", "", ("supervisor",), "zh-CN", 0, True, 0, None, NOON)
        return SignedIn(user, Session("key", "s-1", "csrf", NOON, NOON + timedelta(hours=1)))


def _receipt(conversation_id: str) -> live_pb2.Live:
    return live_pb2.Live(
        address=address_to_proto(Address("shop", "wechat", "official", "o-1")),
        conversation_id=conversation_id,
        receipt_seen=live_pb2.ReceiptSeen(seq=7, state=receipt_pb2.RECEIPT_STATE_ACCEPTED),
    )


async def test_after_watching_was_confirmed_no_receipt_is_missed() -> None:
    access: Any = _Everyone()
    feed = LiveFeed(access, NOTHING, NOTHING, Metrics("console"))
    app = web.Application()
    app.add_routes(feed.routes())
    async with TestClient(TestServer(app)) as client, client.ws_connect("/api/v1/live") as socket:
        assert await socket.receive_json(timeout=30) == {"type": "hello"}
        await feed.hear([envelopes.live(_receipt("c1"))])  # nobody watches it yet
        for wanted in (["c1"], ["c1", "c2"]):
            await socket.send_json({"type": "watch", "conversation_ids": wanted})
            assert await socket.receive_json(timeout=30) == {"type": "watching"}
            await feed.hear([envelopes.live(_receipt(wanted[-1]))])
            assert (await socket.receive_json(timeout=30))["conversation_id"] == wanted[-1]
