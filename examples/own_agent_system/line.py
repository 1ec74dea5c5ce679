"""The stream to the gateway: opened again whenever it breaks, and nothing lost in between."""

import asyncio
import contextlib
import logging
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import grpc
import grpc.aio

from examples.own_agent_system import policy
from examples.own_agent_system.memory import Memory
from yizhan.pb.v1 import routing_pb2 as pb
from yizhan.pb.v1.conversations_pb2 import ListMessagesRequest
from yizhan.pb.v1.conversations_pb2_grpc import ConversationsServiceStub
from yizhan.pb.v1.routing_pb2_grpc import RoutingServiceStub

log = logging.getLogger(__name__)

FIRST_PAUSE, LAST_PAUSE = 0.2, 5.0
HEARTBEAT_SECONDS = 5.0
HOPELESS = frozenset(
    {
        grpc.StatusCode.UNAUTHENTICATED,
        grpc.StatusCode.PERMISSION_DENIED,
        grpc.StatusCode.INVALID_ARGUMENT,
        grpc.StatusCode.NOT_FOUND,
        grpc.StatusCode.UNIMPLEMENTED,
    }
)
"""After these, coming back unchanged would fail again."""

Call = grpc.aio.StreamStreamCall[pb.AttendRequest, pb.AttendEvent]


@dataclass(frozen=True, slots=True)
class Who:
    """For whom this system speaks, and the token that opens the gateway."""

    workspace: str
    system: str
    agents: Sequence[str]
    token: str


class Line:
    """``routing`` and ``dialogue`` are channels to those services; one and the same with ``yizhan up``."""

    def __init__(self, routing: grpc.aio.Channel, dialogue: grpc.aio.Channel, who: Who, memory: Memory) -> None:
        self._routing = RoutingServiceStub(routing)
        self._conversations = ConversationsServiceStub(dialogue)
        self._who = who
        self._memory = memory
        self._metadata = (("authorization", f"Bearer {who.token}"),)
        self._held: dict[str, pb.Assignment] = {}
        self._pause = FIRST_PAUSE

    async def run(self) -> None:
        """Until cancelled. Raises AioRpcError when coming back would not help."""
        while True:
            try:
                await self._attend(self._routing.Attend(metadata=self._metadata))
            except grpc.aio.AioRpcError as error:
                if error.code() in HOPELESS:
                    raise
                if error.code() is grpc.StatusCode.OUT_OF_RANGE:
                    self._memory.forget_place()
                log.info("cut off: %s %s", error.code().name, error.details())
            await asyncio.sleep(self._pause * (0.5 + random.random()))  # noqa: S311 - no secret
            self._pause = min(2 * self._pause, LAST_PAUSE)

    async def _attend(self, call: Call) -> None:
        """One stream, from the hello to its end."""
        hello = pb.AttendHello(workspace=self._who.workspace, system=self._who.system, agent_ids=self._who.agents)
        place = self._memory.cursor()
        if place is not None:
            hello.cursor = place
        await call.write(pb.AttendRequest(hello=hello))
        beating = asyncio.create_task(_beat(call), name="heartbeat")
        try:
            while isinstance(event := await call.read(), pb.AttendEvent):
                await self._deal(call, event)
        finally:
            beating.cancel()
            await asyncio.gather(beating, return_exceptions=True)
            call.cancel()

    async def _deal(self, call: Call, event: pb.AttendEvent) -> None:
        """What an event leads to is remembered first, then asked for, then the event acknowledged."""
        requests: Sequence[pb.AttendRequest] = ()
        match event.WhichOneof("kind"):
            case "welcome":
                self._pause = FIRST_PAUSE
                log.info("attending, events after %d", event.welcome.cursor)
            case "snapshot":
                requests = await self._begin(call, event.snapshot)
            case "offer" if event.offer.change == "made":
                requests = policy.on_offer(event.offer.offer, datetime.now(UTC))
            case "assigned":
                requests = self._take(event.assigned)
            case "ended":
                self._held.pop(event.ended.conversation_id, None)
            case "result":
                self._settle(event.result)
            case "refused":
                log.info("too late: %s %s", event.refused.command, event.refused.code)
        if event.cursor or event.HasField("snapshot"):
            self._memory.deal(event.cursor, requests)
            await self._send(call, requests)
            await call.write(pb.AttendRequest(ack=pb.AttendAck(cursor=event.cursor)))
        if event.WhichOneof("kind") in {"snapshot", "assigned", "message", "behind", "heartbeat"}:
            await self._catch_up(call)

    async def _begin(self, call: Call, snapshot: pb.AttendSnapshot) -> Sequence[pb.AttendRequest]:
        """What was told again is over: this is how things stand. Agents go online, open questions are asked again."""
        self._held = {one.assignment.conversation_id: one.assignment for one in snapshot.assigned}
        for agent in self._who.agents:
            await call.write(pb.AttendRequest(presence=pb.SetPresenceRequest(agent_id=agent, state="online")))
        await self._send(call, self._memory.unanswered())
        now = datetime.now(UTC)
        return [request for offer in snapshot.offers for request in policy.on_offer(offer, now)]

    def _take(self, told: pb.AttendAssigned) -> Sequence[pb.AttendRequest]:
        self._held[told.assignment.conversation_id] = told.assignment
        return policy.on_assigned(told) if told.assignment.epoch else ()

    def _settle(self, result: pb.AttendResult) -> None:
        """``again`` asks for the same request once more: it stays in the outbox until the next stream."""
        if result.code:
            log.info("%s: %s", result.request_id, result.code)
        if not result.again:
            self._memory.answered(result.request_id)

    async def _catch_up(self, call: Call) -> None:
        """The transcript is the truth; live messages only say when to look."""
        for given in list(self._held.values()):
            asked = ListMessagesRequest(workspace=self._who.workspace, conversation_id=given.conversation_id)
            asked.after_seq = self._memory.read_up_to(given.conversation_id)
            answer = await self._conversations.ListMessages(asked, metadata=self._metadata, timeout=10.0)
            for stored in answer.messages:
                requests = policy.on_message(given, stored.message)
                self._memory.read(given.conversation_id, stored.message.seq, requests)
                await self._send(call, requests)

    async def _send(self, call: Call, requests: Sequence[pb.AttendRequest]) -> None:
        for request in requests:
            await call.write(request)


async def _beat(call: Call) -> None:
    with contextlib.suppress(grpc.aio.AioRpcError, asyncio.InvalidStateError):
        while True:
            await asyncio.sleep(HEARTBEAT_SECONDS)
            await call.write(pb.AttendRequest(heartbeat=pb.AttendHeartbeat()))
