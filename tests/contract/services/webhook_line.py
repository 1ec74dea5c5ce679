"""A business's own agent system at the other end of webhooks: a real HTTP server, and couriers that post to it."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.contract.services.conftest import SteppedClock
from tests.contract.services.routing_desk import HEARD_WITHIN, SHOP, Desk
from yizhan.core.messages.ids import new_id
from yizhan.core.runtime.http import open_client
from yizhan.core.runtime.http.outbound import BoundedResolver, Reach
from yizhan.core.runtime.metrics import Metrics
from yizhan.core.security.keys import Keyring
from yizhan.core.security.webhook_signing import verify
from yizhan.pb.v1 import conversations_pb2, message_pb2
from yizhan.routing.attending.stream import pace_of
from yizhan.routing.attending.webhooks.courier import Courier
from yizhan.routing.attending.webhooks.figures import PostFigures
from yizhan.routing.attending.webhooks.means import Means
from yizhan.routing.attending.webhooks.post import Poster
from yizhan.routing.attending.webhooks.setup import webhook_sealer
from yizhan.routing.attending.webhooks.transcripts import PAGE, TranscriptAway, Transcripts

KEYS = Keyring(("w" * 32,))
ROUNDS = 200
"""More than any test needs."""

Answering = Callable[[web.Request], Awaitable[web.StreamResponse]]


async def takes(_: web.Request) -> web.StreamResponse:
    return web.Response(status=204)


def status(code: int, **headers: str) -> Answering:
    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(status=code, headers=headers)

    return answer


@dataclass
class Receiver:
    """``tries`` is every id that came, ``taken`` what it answered well; it checks each signature with its secrets."""

    clock: SteppedClock
    secrets: list[str] = field(default_factory=list)
    tries: list[str] = field(default_factory=list)
    taken: list[dict[str, Any]] = field(default_factory=list)
    answering: Answering = takes
    url: str = ""

    async def post(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        self.tries.append(verify(self.secrets, request.headers, body, self.clock()))
        answer = await self.answering(request)
        if 200 <= answer.status < 300:
            self.taken.append(json.loads(body) | {"id": self.tries[-1]})
        return answer

    def told(self) -> list[str]:
        """What was taken, in words, without heartbeats."""
        return [told for told in map(in_words, self.taken) if told != "heartbeat"]

    def last(self, kind: str) -> dict[str, Any]:
        return next(one["data"] for one in reversed(self.taken) if one["type"] == kind)


def in_words(told: dict[str, Any]) -> str:
    data = told["data"]
    match told["type"]:
        case "offer":
            return f"offer {data['change']} {data['offer']['agent_id']}"
        case "assigned":
            return f"assigned {data['assignment']['agent_id']} {data['assignment']['epoch']}"
        case "ended":
            return f"ended {data['change']} {data['agent_id']}"
        case "messages":
            return f"messages {','.join(str(one['seq']) for one in data['messages'])}"
        case "note":
            return f"note {data['number']}"
        case kind:
            return str(kind)


@asynccontextmanager
async def receiver(clock: SteppedClock) -> AsyncIterator[Receiver]:
    """On a port of its own on this machine."""
    opened = Receiver(clock)
    app = web.Application()
    app.router.add_post("/hook", opened.post)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    opened.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    try:
        yield opened
    finally:
        await runner.cleanup()


class Dialogue(Transcripts):
    """What is on the transcripts, as a test has it; ``away``: dialogue does not answer."""

    def __init__(self) -> None:
        super().__init__()
        self.said: dict[str, list[message_pb2.Message]] = {}
        self.noted: dict[str, list[message_pb2.InternalNote]] = {}
        self.away = False

    def say(self, conversation: str, text: str = "在吗") -> None:
        of = self.said.setdefault(conversation, [])
        content = message_pb2.Content(text=message_pb2.Text(text=text))
        author = message_pb2.Author(kind=message_pb2.AUTHOR_KIND_CUSTOMER)
        of.append(message_pb2.Message(id=new_id(), seq=len(of) + 1, content=content, author=author))

    def note(self, conversation: str, text: str, whisper_to: str = "") -> None:
        of = self.noted.setdefault(conversation, [])
        of.append(
            message_pb2.InternalNote(conversation_id=conversation, number=len(of) + 1, text=text, whisper_to=whisper_to)
        )

    async def messages(
        self, workspace: str, conversation_id: str, after: int
    ) -> Sequence[conversations_pb2.StoredMessage]:
        self._answers()
        found = [one for one in self.said.get(conversation_id, []) if one.seq > after]
        return [conversations_pb2.StoredMessage(message=one) for one in found[:PAGE]]

    async def notes(self, workspace: str, conversation_id: str, after: int) -> Sequence[message_pb2.InternalNote]:
        self._answers()
        return [one for one in self.noted.get(conversation_id, []) if one.number > after]

    def _answers(self) -> None:
        if self.away:
            raise TranscriptAway("away")


@dataclass
class Told:
    """A system that is told by webhook, and one process that tells it."""

    desk: Desk
    receiver: Receiver
    dialogue: Dialogue
    means: Means
    courier: Courier

    async def catch_up(self) -> None:
        """Rounds until there is nothing left to do now."""
        for _ in range(ROUNDS):
            if await self.courier.round() > 0:
                return
        raise AssertionError("there is no end of it")

    async def online(self, agent: str = "ann") -> None:
        await self.desk.presence(agent, "online")

    async def assigned(self, conversation: str = "c1", agent: str = "ann") -> None:
        """A conversation that the agent has."""
        await self.desk.wants_human(conversation)
        [offer] = [one for one in await self.desk.offers(agent) if one.conversation_id == conversation]
        await self.desk.accept(agent, offer.id)

    def hear(self, conversation: str = "c1") -> None:
        """A hint came that something was said."""
        self.courier.concerns(conversation)


@asynccontextmanager
async def telling(
    desk: Desk, to: Receiver, dialogue: Dialogue, *, replica: str = "one", reach: Reach = Reach.LOOPBACK
) -> AsyncIterator[Told]:
    """A process that tells the shop's system ``own``."""
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(open_client(total=1.0, resolver=BoundedResolver(reach)))
        means = Means(
            database=desk.database,
            switchboard=desk.switchboard,
            transcripts=dialogue,
            poster=Poster(session, reach, desk.clock),
            sealer=webhook_sealer(KEYS),
            figures=PostFigures(Metrics("routing")),
            media_url=lambda media: f"/media/{media.media_id}",
            clock=desk.clock,
            new_id=new_id,
            replica=replica,
            pace=pace_of(HEARD_WITHIN),
            chance=lambda: 1.0,
        )
        yield Told(desk, to, dialogue, means, Courier(means, SHOP, "own"))


async def never(_: web.Request) -> web.StreamResponse:
    """Takes longer than anybody waits."""
    await asyncio.sleep(60)
    raise AssertionError("somebody waited")
