"""Live updates for agents' screens: hints from the bus, fanned out to the WebSockets that are open here.

A hint may be lost; a screen that suspects it (a gap in ``seq``, a reconnect, a ``gap`` frame) catches up over REST.
"""

import asyncio
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Literal

import orjson
import structlog
from aiohttp import WSCloseCode, WSMsgType, web
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from yizhan.console.access import Access, SignedIn, check_origin
from yizhan.console.answer_views import answer_json
from yizhan.console.note_views import may_read, note_json
from yizhan.console.peers import Peers
from yizhan.console.store import User
from yizhan.console.views import (
    message_json,
    offer_hint_json,
    receipt_name,
    state_json,
    ticket_hint_json,
    window_json,
)
from yizhan.core.messages.codec import message_from_proto
from yizhan.core.messages.content import Content, File, Image, Text, Video, Voice, plain_text
from yizhan.core.messages.json_form import Json, MediaUrl, moment
from yizhan.core.messages.message import Message
from yizhan.core.runtime.clock import Monotonic, monotonic
from yizhan.core.runtime.grpc import RpcProblem
from yizhan.core.runtime.http import unauthorized
from yizhan.core.runtime.metrics import Metrics
from yizhan.pb.v1 import live_pb2, message_pb2, routing_pb2
from yizhan.pb.v1.envelope_pb2 import Envelope

log = structlog.get_logger(__name__)

HEARTBEAT_SECONDS = 10.0
"""How often routing hears of an agent whose screen is open."""

SILENT_SECONDS = 75.0
MOST_WAITING = 500
MOST_WATCHED = 200
MOST_FRAME_BYTES = 16 * 1024


Doing = Literal["viewing", "noting", "replying"]


class _Watch(BaseModel):
    """``last_words``: also tell what was said last in conversations that are not watched, for a list that shows them."""

    model_config = ConfigDict(extra="ignore")

    type: Literal["watch"]
    conversation_ids: Annotated[list[Annotated[str, Field(max_length=36)]], Field(max_length=MOST_WATCHED)]
    last_words: bool = True


class _Attend(BaseModel):
    """What is open before the person, and what they do there; without a conversation nothing is."""

    model_config = ConfigDict(extra="ignore")

    type: Literal["attend"]
    conversation_id: Annotated[str, Field(max_length=36)] = ""
    doing: Doing = "viewing"


class _Ping(BaseModel):
    model_config = ConfigDict(extra="ignore")

    type: Literal["ping"]


_FRAME: TypeAdapter[_Watch | _Attend | _Ping] = TypeAdapter(
    Annotated[_Watch | _Attend | _Ping, Field(discriminator="type")]
)


@dataclass(slots=True, eq=False)
class Screen:
    """One open WebSocket of a signed-in person."""

    user: User
    socket: web.WebSocketResponse
    watched: frozenset[str] = frozenset()
    last_words: bool = True
    attends: str = ""
    """The conversation that is open before them."""
    doing: Doing = "viewing"
    heard_at: float = -math.inf
    waiting: asyncio.Queue[bytes] = field(default_factory=lambda: asyncio.Queue(MOST_WAITING))
    overflowed: bool = False

    def offer(self, frame: bytes) -> None:
        """Queue a frame. A screen that cannot keep up is told to catch up instead of being sent everything."""
        if self.overflowed:
            return
        try:
            self.waiting.put_nowait(frame)
        except asyncio.QueueFull:
            self.overflowed = True


class LiveFeed:
    """All screens that are open on this process."""

    def __init__(
        self, access: Access, peers: Peers, media_url: MediaUrl, metrics: Metrics, *, clock: Monotonic = monotonic
    ) -> None:
        self._access = access
        self._peers = peers
        self._media_url = media_url
        self._monotonic = clock
        self._screens: set[Screen] = set()
        self._gauge = metrics.gauge("yizhan_console_screens", "Screens of signed-in people that are open.")

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/api/v1/live", self.open)]

    async def hear(self, envelopes: Sequence[Envelope]) -> None:
        """The bus handler for live hints. Without an open screen there is nothing to do: whoever opens one catches up."""
        if not self._screens:
            return
        for envelope in envelopes:
            self._hint(envelope.live)

    async def gap(self) -> None:
        """Hints may have been lost: every screen catches up."""
        for screen in self._screens:
            screen.offer(_encoded({"type": "gap"}))

    async def close_all(self) -> None:
        """The process stops: screens reconnect elsewhere."""
        closing = [
            screen.socket.close(code=WSCloseCode.SERVICE_RESTART, message=b"restarting") for screen in self._screens
        ]
        await asyncio.gather(*closing, return_exceptions=True)

    async def open(self, request: web.Request) -> web.StreamResponse:
        check_origin(request)
        person = await self._access.who(request)
        if person is None:
            raise unauthorized("not_signed_in")
        socket = web.WebSocketResponse(max_msg_size=MOST_FRAME_BYTES, compress=False, heartbeat=None)
        await socket.prepare(request)
        screen = Screen(person.user, socket)
        screen.offer(_encoded({"type": "hello"}))
        self._screens.add(screen)
        self._gauge.set(len(self._screens))
        sending = asyncio.create_task(self._send(screen), name="console screen")
        try:
            await self._read(screen, person, request)
        finally:
            self._screens.discard(screen)
            self._attended(screen, screen.attends)
            self._gauge.set(len(self._screens))
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)
        return socket

    async def _read(self, screen: Screen, person: SignedIn, request: web.Request) -> None:
        await self._still_there(screen, person, request)  # the first ping may come after the agent was given up
        while True:
            try:
                async with asyncio.timeout(SILENT_SECONDS):
                    message = await screen.socket.receive()
            except TimeoutError:
                await screen.socket.close(code=4408, message=b"silent")
                return
            if message.type is not WSMsgType.TEXT:
                if message.type is WSMsgType.BINARY:
                    await screen.socket.close(code=4400, message=b"bad frame")
                return
            try:
                frame = _FRAME.validate_json(message.data)
            except ValidationError:
                await screen.socket.close(code=4400, message=b"bad frame")
                return
            if isinstance(frame, _Watch):
                screen.watched, screen.last_words = frozenset(frame.conversation_ids), frame.last_words
                screen.offer(_encoded({"type": "watching"}))
                continue
            if isinstance(frame, _Attend):
                before, screen.attends, screen.doing = screen.attends, frame.conversation_id, frame.doing
                for conversation_id in {before, screen.attends}:
                    self._attended(screen, conversation_id)
                continue
            screen.offer(_encoded({"type": "pong"}))
            if not await self._still_there(screen, person, request):
                await screen.socket.close(code=4401, message=b"signed out")
                return

    async def _still_there(self, screen: Screen, person: SignedIn, request: web.Request) -> bool:
        """Tell routing that the agent is there, now and then; False when the session is over."""
        now = self._monotonic()
        if now - screen.heard_at < HEARTBEAT_SECONDS:
            return True
        screen.heard_at = now
        if await self._access.who(request) is None:
            return False
        if "agent" in person.user.roles:
            heard = routing_pb2.SetPresenceRequest(workspace=person.user.workspace, agent_id=person.user.id)
            try:
                await self._peers.routing.SetPresence(heard)
            except RpcProblem as error:
                log.info("heartbeat_not_heard", agent_id=person.user.id, code=error.code)
        return True

    async def _send(self, screen: Screen) -> None:
        while True:
            frame = await screen.waiting.get()
            await screen.socket.send_str(frame.decode())
            if screen.overflowed and screen.waiting.empty():
                screen.overflowed = False
                screen.offer(_encoded({"type": "gap"}))

    def _hint(self, live: live_pb2.Live) -> None:
        match live.WhichOneof("kind"):
            case "appended":
                self._appended(live)
            case "typing":
                typing = live.typing.author
                author = {"kind": _kind_name(typing.kind), "name": typing.name}
                self._tell(
                    live,
                    {"type": "typing", "conversation_id": live.conversation_id, "author": author},
                    watchers_only=True,
                )
            case "receipt_seen":
                seen = live.receipt_seen
                frame = {
                    "type": "receipt",
                    "conversation_id": live.conversation_id,
                    "seq": seen.seq,
                    "state": receipt_name(seen.state),
                    "reason": seen.reason,
                    "fallback": seen.fallback,
                    "reply_window": window_json(seen),
                }
                self._tell(live, frame, watchers_only=True)
            case "refusal":
                self._tell(live, _refused(live), only=live.refusal.agent_id)
            case "offer":
                self._tell(live, {"type": "offer", "offer": offer_hint_json(live)}, only=live.offer.agent_id)
            case "noted":
                self._noted(live)
            case str(kind) if kind in FOR_EVERYBODY:
                self._tell(live, FOR_EVERYBODY[kind](live))

    def _appended(self, live: live_pb2.Live) -> None:
        concerned = [
            screen
            for screen in self._screens
            if (screen.last_words or live.conversation_id in screen.watched) and _concerns(screen.user, live)
        ]
        if not concerned:
            return
        message = message_from_proto(live.appended.message)
        summary = _encoded({"type": "conversation", "conversation": _summary(live, message)})
        for screen in concerned:
            screen.offer(summary)
        watching = [screen for screen in concerned if live.conversation_id in screen.watched]
        if watching:
            shown = message_json(message, self._media_url)
            whole = _encoded({"type": "message", "conversation_id": live.conversation_id, "message": shown})
            for screen in watching:
                screen.offer(whole)

    def _noted(self, live: live_pb2.Live) -> None:
        """For who looks at the conversation and may read the note; a whisper reaches its agent wherever they look."""
        note = live.noted.note
        data = _encoded({"type": "note", "conversation_id": live.conversation_id, "note": note_json(note)})
        for screen in self._screens:
            if not _concerns(screen.user, live) or not may_read(screen.user, note):
                continue
            if live.conversation_id in screen.watched or screen.user.id == note.whisper_to:
                screen.offer(data)

    def _attended(self, changed: Screen, conversation_id: str) -> None:
        """Tell who has the conversation open who else has: two people do not answer the same thing unawares.

        Of the screens of this process only; a hint like all others.
        """
        workspace = changed.user.workspace
        here = [one for one in self._screens if conversation_id and one.attends == conversation_id]
        here = [one for one in here if one.user.workspace == workspace and one.user.may("agent", "supervisor")]
        for screen in here:
            people = {
                one.user.id: {"id": one.user.id, "name": one.user.name, "doing": one.doing}
                for one in sorted(here, key=lambda one: (one.user.id, one.doing != "viewing"))
                if one.user.id != screen.user.id
            }
            frame: Json = {"type": "attending", "conversation_id": conversation_id, "people": list(people.values())}
            screen.offer(_encoded(frame))

    def _tell(self, live: live_pb2.Live, frame: Json, *, only: str = "", watchers_only: bool = False) -> None:
        data = _encoded(frame)
        for screen in self._screens:
            if not _concerns(screen.user, live) or (only and screen.user.id != only):
                continue
            if watchers_only and live.conversation_id not in screen.watched:
                continue
            screen.offer(data)


def _concerns(user: User, live: live_pb2.Live) -> bool:
    return user.workspace == live.address.workspace and user.may("agent", "supervisor")


def _summary(live: live_pb2.Live, message: Message) -> Json:
    """What a list shows of a conversation after a new message; what may be sent now, where the message tells."""
    window = window_json(live.appended.message)
    return (
        {
            "id": live.conversation_id,
            "last_seq": message.seq,
            "session": message.session,
            "last_text": " ".join(_words(message.content).split())[:80],
            "last_author": message.author.kind.name.lower(),
            "last_message_at": moment(message.decided_at or message.received_at),
        }
        | _subject(message.content)
        | ({} if window is None else {"reply_window": window})
    )


def _subject(content: Content) -> Json:
    """Of a mail that has one: lists show it."""
    mail = content.mail if isinstance(content, Text) else None
    return {"subject": mail.subject} if mail is not None and mail.subject else {}


def _owed(live: live_pb2.Live) -> Json:
    """The part of a conversation that changes when its agent owes an answer, or has given it."""
    return {"id": live.conversation_id, "answer": answer_json(live.answer)}


def _refused(live: live_pb2.Live) -> Json:
    refusal, where = live.refusal, live.conversation_id
    known = {
        "conversation_id": where,
        "client_id": refusal.client_id,
        "action": refusal.action,
        "reason": refusal.reason,
    }
    return {"type": "refused"} | known


def _presence(live: live_pb2.Live) -> Json:
    return {"type": "presence", "agent_id": live.presence.agent_id, "state": live.presence.state}


FOR_EVERYBODY: Mapping[str, Callable[[live_pb2.Live], Json]] = {
    "state_changed": lambda live: {"type": "conversation", "conversation": state_json(live)},
    "answer": lambda live: {"type": "conversation", "conversation": _owed(live)},
    "ticket": lambda live: {"type": "ticket", "ticket": ticket_hint_json(live.ticket)},
    "presence": _presence,
}
"""The frames of hints that go to every screen of the workspace as they are, by the hint's kind."""


def _words(content: Content) -> str:
    match content:
        case Image():
            return "[图片]"
        case Voice():
            return "[语音]"
        case Video():
            return "[视频]"
        case File(media):
            return media.name or "[文件]"
        case _:
            return plain_text(content)


def _kind_name(kind: int) -> str:
    return message_pb2.AuthorKind.Name(message_pb2.AuthorKind.ValueType(kind)).removeprefix("AUTHOR_KIND_").lower()


def _encoded(frame: Json) -> bytes:
    return orjson.dumps(frame)
