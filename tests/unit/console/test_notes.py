"""Whispers are for whom they are for: on the live feed as on request."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from yizhan.console.access import SignedIn
from yizhan.console.api.notes import NotesApi
from yizhan.console.live import LiveFeed
from yizhan.console.note_views import may_read
from yizhan.console.store import Session, User
from yizhan.core.bus import envelopes
from yizhan.core.messages.address import Address
from yizhan.core.messages.codec import address_to_proto, timestamp
from yizhan.core.runtime.metrics import Metrics
from yizhan.pb.v1 import conversations_pb2, live_pb2, message_pb2

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
NOTHING: Any = None


def person(id: str, *roles: str) -> User:
    return User(id, "shop", id, id, "", roles, "zh-CN", 0, True, 0, None, NOON)


def note(number: int, whisper_to: str = "", workspace: str = "shop") -> live_pb2.Live:
    written = message_pb2.InternalNote(
        id=f"n{number}",
        conversation_id="c1",
        seq=2,
        number=number,
        author_id="boss",
        author_name="王主管",
        text="注意语气",
        whisper_to=whisper_to,
        written_at=timestamp(NOON),
    )
    where = address_to_proto(Address(workspace, "website", "demo", "v:1"))
    return live_pb2.Live(address=where, conversation_id="c1", noted=live_pb2.Noted(note=written))


@pytest.mark.parametrize(
    ("reader", "plain", "whisper"),
    [
        pytest.param(person("agent-1", "agent"), True, True, id="the agent whom it is for"),
        pytest.param(person("agent-2", "agent"), True, False, id="another agent"),
        pytest.param(person("boss", "agent"), True, True, id="who wrote it"),
        pytest.param(person("s-1", "supervisor"), True, True, id="a supervisor"),
        pytest.param(person("a-1", "admin"), True, True, id="an administrator has every role"),
        pytest.param(person("e-1", "editor"), False, False, id="an editor of knowledge reads no conversations"),
        pytest.param(person("agent-1", "analyst"), False, False, id="who is no agent any more"),
    ],
)
def test_who_may_read_a_note(reader: User, plain: bool, whisper: bool) -> None:
    seen = (may_read(reader, note(1).noted.note), may_read(reader, note(1, "agent-1").noted.note))
    assert seen == (plain, whisper)


class _Door:
    """Lets in who is named."""

    def __init__(self, user: User) -> None:
        self._user = user

    async def who(self, request: web.Request) -> SignedIn:
        return SignedIn(self._user, Session("key", self._user.id, "csrf", NOON, NOON + timedelta(hours=1)))

    def signed_in(self, handler: Any, *roles: str) -> Any:
        async def let_in(request: web.Request) -> Any:
            return await handler(request, await self.who(request))

        return let_in


class _Dialogue:
    """Has two notes, the second a whisper."""

    async def ListNotes(self, request: conversations_pb2.ListNotesRequest) -> conversations_pb2.ListNotesResponse:
        notes = [note(1).noted.note, note(2, "agent-1").noted.note]
        found = [one for one in notes if one.number > request.after]
        return conversations_pb2.ListNotesResponse(notes=found, last_number=2)

    @property
    def conversations(self) -> "_Dialogue":
        return self


@pytest.mark.parametrize(
    ("reader", "numbers"),
    [
        pytest.param("agent-1", [1, 2], id="whom the whisper is for"),
        pytest.param("agent-2", [1], id="another agent"),
    ],
)
async def test_a_screen_is_given_what_its_person_may_read(reader: str, numbers: list[int]) -> None:
    door: Any = _Door(person(reader, "agent"))
    peers: Any = _Dialogue()
    app = web.Application()
    app.add_routes(NotesApi(door, peers).routes())
    async with TestClient(TestServer(app)) as client:
        answer = await (await client.get("/api/v1/conversations/c1/notes")).json()
    assert [one["number"] for one in answer["notes"]] == numbers
    assert (answer["after"], answer["head"]) == (2, 2), "the cursor moves past what is kept back"


@pytest.mark.parametrize(
    ("reader", "watches", "numbers"),
    [
        pytest.param("agent-1", ["c1"], [1, 2, 3], id="whom the whispers are for, watching"),
        pytest.param("agent-1", [], [2, 3], id="whom the whispers are for, looking elsewhere"),
        pytest.param("agent-2", ["c1"], [1], id="another agent, watching"),
        pytest.param("agent-2", [], [], id="another agent, looking elsewhere"),
    ],
)
async def test_a_whisper_reaches_its_agent_and_nobody_else(reader: str, watches: list[str], numbers: list[int]) -> None:
    door: Any = _Door(person(reader, "agent"))
    peers: Any = _Deaf()
    feed = LiveFeed(door, peers, NOTHING, Metrics("console"))
    app = web.Application()
    app.add_routes(feed.routes())
    async with TestClient(TestServer(app)) as client, client.ws_connect("/api/v1/live") as socket:
        assert await socket.receive_json(timeout=30) == {"type": "hello"}
        await socket.send_json({"type": "watch", "conversation_ids": watches})
        assert await socket.receive_json(timeout=30) == {"type": "watching"}
        hints = [note(1), note(2, "agent-1"), note(3, "agent-1"), note(4, workspace="rival")]
        await feed.hear([envelopes.live(hint) for hint in hints])
        await socket.send_json({"type": "ping"})
        frames = []
        while (frame := await socket.receive_json(timeout=30))["type"] != "pong":
            frames.append(frame)
    assert [(frame["type"], frame["note"]["number"]) for frame in frames] == [("note", number) for number in numbers]


class _Deaf:
    """Routing, which hears that an agent is there."""

    async def SetPresence(self, request: object) -> None:
        return None

    @property
    def routing(self) -> "_Deaf":
        return self
