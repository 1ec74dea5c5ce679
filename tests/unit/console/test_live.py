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
from yizhan.pb.v1 import live_pb2, message_pb2, receipt_pb2

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


def _said(conversation_id: str, seq: int) -> live_pb2.Live:
    author = message_pb2.Author(kind=message_pb2.AUTHOR_KIND_CUSTOMER)
    content = message_pb2.Content(text=message_pb2.Text(text="在吗"))
    address = address_to_proto(Address("shop", "website", "demo", "v-1"))
    message = message_pb2.Message(id=f"m{seq}", seq=seq, author=author, content=content, address=address)
    message.received_at.FromDatetime(NOON)
    return live_pb2.Live(address=address, conversation_id=conversation_id, appended=live_pb2.Appended(message=message))


async def test_what_is_said_elsewhere_is_told_only_to_a_screen_that_lists_it() -> None:
    access: Any = _Everyone()
    feed = LiveFeed(access, NOTHING, lambda media: media.media_id, Metrics("console"))
    app = web.Application()
    app.add_routes(feed.routes())
    async with TestClient(TestServer(app)) as client, client.ws_connect("/api/v1/live") as socket:
        assert await socket.receive_json(timeout=30) == {"type": "hello"}

        async def told(seq: int) -> list[str]:
            await feed.hear([envelopes.live(_said("mine", seq)), envelopes.live(_said("other", seq))])
            await feed.hear([envelopes.live(_receipt("mine"))])
            kinds: list[str] = []
            while (frame := await socket.receive_json(timeout=30))["type"] != "receipt":
                kinds.append(f"{frame['type']} {frame.get('conversation_id') or frame['conversation']['id']}")
            return kinds

        watch = {"type": "watch", "conversation_ids": ["mine"]}
        own = ["conversation mine", "message mine"]
        for more, expected in (({}, [*own, "conversation other"]), ({"last_words": False}, own)):
            await socket.send_json(watch | more)
            assert await socket.receive_json(timeout=30) == {"type": "watching"}
            assert await told(7) == expected


class _Signed:
    """Lets whoever says their name in."""

    async def who(self, request: web.Request) -> SignedIn:
        name, workspace = request.query["name"], request.query.get("workspace", "shop")
        user = User(name, workspace, name, name.title(), "", ("supervisor",), "zh-CN", 0, True, 0, None, NOON)
        return SignedIn(user, Session("key", name, "csrf", NOON, NOON + timedelta(hours=1)))


async def test_who_has_the_same_conversation_open_is_told_and_told_when_they_leave() -> None:
    access: Any = _Signed()
    feed = LiveFeed(access, NOTHING, NOTHING, Metrics("console"))
    app = web.Application()
    app.add_routes(feed.routes())

    def attend(doing: str = "viewing", conversation: str = "c1") -> dict[str, str]:
        return {"type": "attend", "conversation_id": conversation, "doing": doing}

    async with TestClient(TestServer(app)) as client:
        ann = await client.ws_connect("/api/v1/live?name=ann")
        bob = await client.ws_connect("/api/v1/live?name=bob")
        foreign = await client.ws_connect("/api/v1/live?name=eve&workspace=other")
        for socket in (ann, bob, foreign):
            assert await socket.receive_json(timeout=30) == {"type": "hello"}

        async def heard(socket: Any) -> list[tuple[str, str]]:
            frame = await socket.receive_json(timeout=30)
            assert (frame["type"], frame["conversation_id"]) == ("attending", "c1")
            return [(one["name"], one["doing"]) for one in frame["people"]]

        await ann.send_json(attend())
        assert await heard(ann) == []
        await foreign.send_json(attend())
        assert await heard(foreign) == [], "another business is nobody here"
        await bob.send_json(attend())
        assert (await heard(ann), await heard(bob)) == ([("Bob", "viewing")], [("Ann", "viewing")])
        await bob.send_json(attend("noting"))
        assert (await heard(ann), await heard(bob)) == ([("Bob", "noting")], [("Ann", "viewing")])
        await bob.send_json(attend(conversation=""))
        assert await heard(ann) == []
        await bob.send_json(attend("replying"))
        assert (await heard(ann), await heard(bob)) == ([("Bob", "replying")], [("Ann", "viewing")])
        await bob.close()
        assert await heard(ann) == []


async def test_a_changed_ticket_is_told_to_the_people_of_its_workspace_alone() -> None:
    access: Any = _Signed()
    feed = LiveFeed(access, NOTHING, NOTHING, Metrics("console"))
    app = web.Application()
    app.add_routes(feed.routes())
    hint = live_pb2.Live(
        address=address_to_proto(Address("shop", "website", "demo", "v:1")),
        conversation_id="c1",
        ticket=live_pb2.TicketHint(ticket_id="t1", number="T000001", agent_id="mei", by_id="sue"),
    )
    async with (
        TestClient(TestServer(app)) as client,
        client.ws_connect("/api/v1/live?name=mei") as ours,
        client.ws_connect("/api/v1/live?name=mei&workspace=other") as theirs,
    ):
        for socket in (ours, theirs):
            assert await socket.receive_json(timeout=30) == {"type": "hello"}
        await feed.hear([envelopes.live(hint)])
        await feed.gap()
        ticket = {"id": "t1", "number": "T000001", "agent_id": "mei", "before_agent_id": None, "by_id": "sue"}
        assert await ours.receive_json(timeout=30) == {"type": "ticket", "ticket": ticket}
        assert await ours.receive_json(timeout=30) == {"type": "gap"}
        assert await theirs.receive_json(timeout=30) == {"type": "gap"}, "nothing before it"
