"""One open stream: what its system is told, in which order, and when it is cut.

What is kept is read from the database page by page, so that a long absence costs no memory. What is told by the way (live
messages, results) waits in a bounded queue; a client that does not keep up is cut and resumes after its cursor.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from yizhan.core.runtime.grpc import RpcProblem
from yizhan.core.store.database import Database
from yizhan.pb.v1 import live_pb2, routing_pb2 as pb
from yizhan.routing.attending import telling
from yizhan.routing.looked_up import Status
from yizhan.routing.store import attending
from yizhan.routing.store.attending import System

MOST_WAITING: Final = 1_000
"""Events that wait for a client besides those that are kept."""

PAGE: Final = 100
HEARTBEATS_IN_SILENCE: Final = 3

Write = Callable[[pb.AttendEvent], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Opening:
    """What a stream begins with: events after ``cursor`` up to ``last`` again, then what is open as of ``last``."""

    cursor: int
    last: int
    forgotten: bool
    snapshot: pb.AttendSnapshot


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds: between signs of life of either side, and how long a silent or stuck client is waited for."""

    heartbeat: float
    silence: float


def pace_of(heard_within: timedelta) -> Pace:
    """The rule of agents' screens: who is not heard of for so long counts as offline."""
    silence = heard_within.total_seconds()
    return Pace(silence / HEARTBEATS_IN_SILENCE, silence)


class Stream:
    """``ended`` is why the stream is over; the client resumes unless it says otherwise."""

    def __init__(self, database: Database, system: System, opening: Opening, pace: Pace) -> None:
        self.system = system
        self.pace = pace
        self.ended: asyncio.Future[RpcProblem] = asyncio.get_running_loop().create_future()
        self._database = database
        self._opening = opening
        self._cursor = opening.cursor
        self._held = _held(opening.snapshot)
        self._waiting: deque[pb.AttendEvent] = deque()
        self._some = asyncio.Event()
        self._kept_more = True

    def hear(self, live: live_pb2.Live) -> None:
        """A live hint of the workspace; without a kind it says that something was kept."""
        if live.WhichOneof("kind") is None:
            self._kept_more = True
            self._some.set()
            return
        event = telling.hinted(live) if self._concerns(live) else None
        if event is not None:
            self.put(event)

    def behind(self) -> None:
        """Hints may have been lost."""
        self._kept_more = True
        self.put(pb.AttendEvent(behind=pb.AttendBehind()))

    def put(self, event: pb.AttendEvent) -> None:
        """Tell this by the way."""
        if len(self._waiting) >= MOST_WAITING:
            self.end(too_slow())
            return
        self._waiting.append(event)
        self._some.set()

    def end(self, problem: RpcProblem) -> None:
        """The first reason counts."""
        if not self.ended.done():
            self.ended.set_result(problem)

    async def tell(self, write: Write) -> None:
        """Until cancelled. Raises RpcProblem when the stream is over, StoreUnavailable."""
        await self._send(write, self._welcome())
        await self._tell_kept(write, self._opening.last)
        self._cursor = self._opening.last
        self._held = _held(self._opening.snapshot)
        await self._send(write, pb.AttendEvent(cursor=self._cursor, snapshot=self._opening.snapshot))
        while True:
            if self._kept_more:
                self._kept_more = False
                await self._tell_kept(write)
            while self._waiting:
                await self._send(write, self._waiting.popleft())
            if not await self._something_comes():
                self._kept_more = True
                self.put(pb.AttendEvent(heartbeat=pb.AttendHeartbeat()))

    async def _something_comes(self) -> bool:
        """False: nothing did for as long as the other side is to wait for a sign of life."""
        try:
            async with asyncio.timeout(self.pace.heartbeat):
                await self._some.wait()
        except TimeoutError:
            return False
        self._some.clear()
        return True

    async def _tell_kept(self, write: Write, up_to: int | None = None) -> None:
        while up_to is None or self._cursor < up_to:
            async with self._database.read() as tx:
                known = await attending.load_system(tx, self.system.workspace, self.system.name)
                kept = await attending.events_after(tx, self.system.workspace, self.system.name, self._cursor, PAGE)
            if known is None:
                raise removed()
            if known.session != self.system.session:
                raise displaced()
            for cursor, body in kept:
                if up_to is not None and cursor > up_to:
                    return
                event = pb.AttendEvent.FromString(body)
                event.cursor = cursor
                self._follow(event)
                await self._send(write, event)
                self._cursor = cursor
            if len(kept) < PAGE:
                return

    def _follow(self, event: pb.AttendEvent) -> None:
        if event.HasField("assigned"):
            given = event.assigned.assignment
            self._held[given.id] = given.conversation_id
        elif event.HasField("ended"):
            self._held.pop(event.ended.assignment_id, None)

    def _concerns(self, live: live_pb2.Live) -> bool:
        if live.HasField("noted") and live.noted.note.whisper_to:
            return self.system.has(live.noted.note.whisper_to)
        return live.conversation_id in self._held.values()

    def _welcome(self) -> pb.AttendEvent:
        opening = self._opening
        welcome = pb.AttendWelcome(
            session_id=self.system.session,
            heartbeat_seconds=self.pace.heartbeat,
            silence_seconds=self.pace.silence,
            cursor=opening.cursor,
            last_cursor=opening.last,
            forgotten=opening.forgotten,
        )
        return pb.AttendEvent(welcome=welcome)

    async def _send(self, write: Write, event: pb.AttendEvent) -> None:
        try:
            async with asyncio.timeout(self.pace.silence):
                await write(event)
        except TimeoutError as error:
            raise too_slow() from error


def _held(snapshot: pb.AttendSnapshot) -> dict[str, str]:
    """Conversations by assignment."""
    return {one.assignment.id: one.assignment.conversation_id for one in snapshot.assigned}


def too_slow() -> RpcProblem:
    return RpcProblem(
        "too_slow", Status.RESOURCE_EXHAUSTED, "the client does not read fast enough; resume after its cursor"
    )


def displaced() -> RpcProblem:
    return RpcProblem("displaced", Status.ABORTED, "a newer stream of this system is open")


def removed() -> RpcProblem:
    return RpcProblem("token_removed", Status.UNAUTHENTICATED, "the system was removed")


def silent() -> RpcProblem:
    return RpcProblem("silent", Status.DEADLINE_EXCEEDED, "the client sent no heartbeat")


def restarting() -> RpcProblem:
    return RpcProblem("restarting", Status.UNAVAILABLE, "resume after the cursor")
