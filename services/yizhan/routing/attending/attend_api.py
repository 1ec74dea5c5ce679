"""The call by which a business's own agent system attends."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import structlog

from yizhan.core.bus.interface import Bus
from yizhan.core.bus.topology import ATTENDING_LIVE
from yizhan.core.messages.ids import NewId
from yizhan.core.runtime.clock import Clock
from yizhan.core.runtime.grpc import RpcProblem, current_guest
from yizhan.core.store.database import Database
from yizhan.core.store.errors import StoreUnavailable, ValueRefused
from yizhan.pb.v1 import routing_pb2 as pb, routing_pb2_grpc
from yizhan.routing import store
from yizhan.routing.attending import journal
from yizhan.routing.attending.admission import Admission, SystemPass
from yizhan.routing.attending.carrying_out import Calls
from yizhan.routing.attending.requests import Requests
from yizhan.routing.attending.stream import Opening, Pace, Stream, pace_of, silent
from yizhan.routing.attending.streams import Streams
from yizhan.routing.looked_up import Context, Status
from yizhan.routing.store import attending, webhooks
from yizhan.routing.store.attending import System
from yizhan.routing.switchboard import Switchboard

log = structlog.get_logger(__name__)

MOST_AGENTS = 1_000
LONGEST_NAME = 64

Asked = AsyncIterator[pb.AttendRequest]


class AttendCalls(Calls, routing_pb2_grpc.RoutingServiceServicer):
    """A part of ``RoutingApi``."""

    attending: Streams
    admission: Admission
    _switchboard: Switchboard
    _database: Database
    _bus: Bus
    _clock: Clock
    _new_id: NewId

    async def Attend(  # type: ignore[override]  # the generated stub knows generators only
        self, request_iterator: Asked, context: Context
    ) -> None:
        """One stream of one system, from its hello until either side ends it. The newest stream of a system is the one."""
        try:
            problem = await self._attend(request_iterator, context)
        except RpcProblem as refused:
            problem = refused
        except StoreUnavailable:
            problem = RpcProblem("store_unavailable", Status.UNAVAILABLE)
        except ValueRefused:
            problem = RpcProblem("value_refused", Status.INVALID_ARGUMENT)
        if problem is not None:
            log.info("attend_ended", code=problem.code)
            raise problem

    async def _attend(self, requests: Asked, context: Context) -> RpcProblem | None:
        """Why the stream is over; None: the client has said everything it wanted to."""
        pace = pace_of(self._switchboard.finding.heard_within)
        guest = current_guest()
        system, opening = await self._greet(await _first(requests, pace))
        stream = Stream(self._database, system, opening, pace)
        asked = Requests(self, self._switchboard, self._database, self._clock, stream)
        self.attending.join(stream)
        log.info("attend_began", workspace=system.workspace, system=system.name, cursor=opening.cursor)
        over = asyncio.create_task(self._over(guest, stream), name="attend token")
        reading = asyncio.create_task(_listen(requests, asked, pace), name="attend reading")
        telling = asyncio.create_task(stream.tell(context.write), name="attend telling")
        try:
            # Older streams of this system, in other processes too, find out that they are over.
            await self._bus.announce(ATTENDING_LIVE, [journal.something_kept(system.workspace)])
            watched: set[asyncio.Future[Any]] = {reading, telling, stream.ended}
            await asyncio.wait(watched, return_when=asyncio.FIRST_COMPLETED)
            if stream.ended.done():
                return stream.ended.result()
            await (telling if telling.done() else reading)
            return None
        finally:
            for task in (reading, telling, over):
                task.cancel()
            try:  # a client that goes cancels the call at any moment, also on its way out
                await asyncio.gather(reading, telling, over, return_exceptions=True)
            finally:
                self.attending.leave(stream)

    async def AdmitRead(self, request: pb.AdmitReadRequest, context: Context) -> pb.AdmitReadResponse:
        shown = await self.admission.read(request.token_digest, request.workspace, request.conversation_id)
        return pb.AdmitReadResponse(system=shown.system.name)

    async def _over(self, guest: object, stream: Stream) -> None:
        """End the stream when the token that opened it is good no longer."""
        if isinstance(guest, SystemPass):
            stream.end(await self.admission.over(guest))

    async def _greet(self, hello: pb.AttendHello) -> tuple[System, Opening]:
        """Note that this is the system's stream now. Raises RpcProblem."""
        guest = current_guest()
        if isinstance(guest, SystemPass):
            guest.check(hello)
        _check(hello)
        async with self._switchboard.shift(hello.workspace) as shift:
            known = {agent.id for agent in await store.load_agents(shift.tx, hello.workspace)}
            if not known.issuperset(hello.agent_ids):
                raise RpcProblem("unknown_agent", Status.NOT_FOUND)
            if await webhooks.load_webhook(shift.tx, hello.workspace, hello.system) is not None:
                raise RpcProblem("told_by_webhook", Status.FAILED_PRECONDITION, "the system is told by webhook")
            before = await attending.load_system(shift.tx, hello.workspace, hello.system)
            last = before.last_cursor if before else 0
            cursor = hello.cursor if hello.HasField("cursor") else last
            if not 0 <= cursor <= last:
                raise RpcProblem("cursor_unknown", Status.OUT_OF_RANGE, "begin again without a cursor")
            system = System(hello.workspace, hello.system, self._new_id(), frozenset(hello.agent_ids), hello.all_agents)
            await attending.put_system(shift.tx, system, shift.now)
            following = await attending.events_after(shift.tx, system.workspace, system.name, cursor, 1)
            forgotten = cursor < last and (not following or following[0][0] != cursor + 1)
            snapshot = await journal.begin(shift, system)
        return system, Opening(cursor, last, forgotten, snapshot)


async def _first(requests: Asked, pace: Pace) -> pb.AttendHello:
    """The hello. Raises RpcProblem when something else comes, or nothing in time."""
    try:
        async with asyncio.timeout(pace.silence):
            request = await anext(requests, None)
    except TimeoutError as error:
        raise silent() from error
    if request is None or not request.HasField("hello"):
        raise RpcProblem("hello_missing", Status.INVALID_ARGUMENT, "a stream begins with a hello")
    return request.hello


async def _listen(requests: Asked, asked: Requests, pace: Pace) -> None:
    """Until the client is done. Raises RpcProblem when it falls silent."""
    while True:
        try:
            async with asyncio.timeout(pace.silence):
                request = await anext(requests, None)
        except TimeoutError as error:
            raise silent() from error
        if request is None:
            return
        await asked.handle(request)


def _check(hello: pb.AttendHello) -> None:
    named = hello.workspace and hello.system and len(hello.workspace) <= LONGEST_NAME
    if not named or len(hello.system) > LONGEST_NAME:
        raise RpcProblem("hello_incomplete", Status.INVALID_ARGUMENT, "workspace and system are needed")
    if not hello.agent_ids and not hello.all_agents:
        raise RpcProblem("agents_missing", Status.INVALID_ARGUMENT, "agent_ids or all_agents is needed")
    if len(hello.agent_ids) > MOST_AGENTS:
        raise RpcProblem("too_many_agents", Status.INVALID_ARGUMENT, f"at most {MOST_AGENTS}, or all_agents")
