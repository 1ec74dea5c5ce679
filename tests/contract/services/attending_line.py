"""A business's own agent system at the other end of a real gRPC stream, and a routing service that serves it."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import grpc
import grpc.aio

from tests.contract.services.conftest import RecordingBus
from tests.contract.services.routing_desk import SHOP, Desk
from yizhan.core.runtime.grpc import server
from yizhan.core.runtime.health import Health
from yizhan.core.runtime.metrics import Metrics
from yizhan.pb.v1 import routing_pb2 as pb
from yizhan.pb.v1.envelope_pb2 import Envelope
from yizhan.pb.v1.routing_pb2_grpc import RoutingServiceStub, add_RoutingServiceServicer_to_server
from yizhan.routing.attending.streams import Streams

TOKEN = "a-token-of-the-tests"
METADATA = (("authorization", f"Bearer {TOKEN}"),)
AGENTS = ("ann", "bob")


@dataclass
class HeardBus(RecordingBus):
    """Announcements reach the streams that are open, as over a broker: as copies."""

    streams: list[Streams] = field(default_factory=list)

    async def announce(self, key: str, envelopes: Sequence[Envelope]) -> None:
        await super().announce(key, envelopes)
        for streams in self.streams:
            await streams.hear([Envelope.FromString(envelope.SerializeToString()) for envelope in envelopes])


class Cut(Exception):
    """The stream ended; the first argument is the status, the second our code."""


@dataclass
class Line:
    """One stream. ``seen`` is everything that came, the first one first."""

    call: Any
    seen: list[pb.AttendEvent] = field(default_factory=list)
    _given: set[int] = field(default_factory=set)

    async def send(self, id: str = "", **kind: Any) -> None:
        await self.call.write(pb.AttendRequest(id=id, **kind))

    async def ask(self, id: str, **kind: Any) -> pb.AttendResult:
        """Send a request and wait for its result."""
        await self.send(id, **kind)
        while True:
            event = await self.next("result")
            if event.result.request_id == id:
                return event.result

    async def next(self, kind: str) -> pb.AttendEvent:
        """The next event of this kind that was not given before, in whatever order the kinds come. Raises Cut."""
        async with asyncio.timeout(20):
            while True:
                for event in self.seen:
                    if event.WhichOneof("kind") == kind and id(event) not in self._given:
                        self._given.add(id(event))
                        return event
                await self._read()

    async def _read(self) -> None:
        try:
            event = await self.call.read()
        except grpc.aio.AioRpcError as error:
            raise Cut(error.code(), dict(error.trailing_metadata() or ()).get("problem-code")) from error
        if not isinstance(event, pb.AttendEvent):
            raise Cut(grpc.StatusCode.OK, "")
        self.seen.append(event)

    async def ended(self) -> tuple[grpc.StatusCode, str]:
        """How the stream ends."""
        try:
            async with asyncio.timeout(20):
                while True:
                    await self._read()
        except Cut as cut:
            return cut.args[0], cut.args[1]

    async def online(self, *agents: str) -> None:
        for agent in agents:
            result = await self.ask(f"on:{agent}", presence=pb.SetPresenceRequest(agent_id=agent, state="online"))
            assert result.code == ""

    def kept(self) -> list[tuple[int, str]]:
        """Cursors and what was told, of what is kept."""
        return [(event.cursor, _told(event)) for event in self.seen if event.cursor and not event.HasField("snapshot")]

    def drop(self) -> None:
        """Be gone without a word."""
        self.call.cancel()


@dataclass
class Served:
    """The desk behind gRPC."""

    desk: Desk
    port: int
    channel: grpc.aio.Channel

    async def attend(self, cursor: int | None = None, **hello: Any) -> Line:
        """Say hello as the shop's system and wait until it is told how things stand."""
        line = await self.say_hello(cursor, **hello)
        await line.next("snapshot")
        return line

    async def say_hello(self, cursor: int | None = None, **hello: Any) -> Line:
        said = pb.AttendHello(**({"workspace": SHOP, "system": "own", "agent_ids": AGENTS} | hello))
        if cursor is not None:
            said.cursor = cursor
        line = self.open()
        await line.send(hello=said)
        return line

    def open(self, metadata: Any = METADATA) -> Line:
        return Line(RoutingServiceStub(self.channel).Attend(metadata=metadata))


@asynccontextmanager
async def served(desk: Desk, bus: HeardBus) -> AsyncIterator[Served]:
    """The desk's calls on a port of its own, with agents who are not there yet."""
    metrics = Metrics("routing")
    bus.streams.append(desk.api.attending)
    for agent in AGENTS:
        await desk.agent(agent, state="offline")
    services = [lambda built: add_RoutingServiceServicer_to_server(desk.api, built)]
    doors = {"/yizhan.v1.RoutingService/Attend": desk.api.admission.door}
    opened = server(
        services, "127.0.0.1", 0, [TOKEN], health=Health("routing"), metrics=metrics, doors=doors, grace=0.2
    )
    async with (
        opened as port,
        grpc.aio.insecure_channel(f"127.0.0.1:{port}", options=(("grpc.enable_http_proxy", 0),)) as channel,
    ):
        try:
            yield Served(desk, port, channel)
        finally:
            async with asyncio.timeout(20):
                await desk.api.attending.close_all()


def _told(event: pb.AttendEvent) -> str:
    match event.WhichOneof("kind"):
        case "offer":
            return f"offer {event.offer.change} {event.offer.offer.agent_id}"
        case "assigned":
            return f"assigned {event.assigned.assignment.agent_id} {event.assigned.assignment.epoch}"
        case "ended":
            return f"ended {event.ended.change} {event.ended.agent_id}"
        case "refused":
            return f"refused {event.refused.command} {event.refused.request_id}"
        case other:
            return str(other)
