"""What a system asks for on its stream."""

import structlog

from yizhan.core.runtime.clock import Clock
from yizhan.core.runtime.grpc import RpcProblem
from yizhan.core.store.database import Database
from yizhan.core.store.errors import StoreUnavailable
from yizhan.pb.v1 import routing_pb2 as pb
from yizhan.routing.attending.carrying_out import Calls, CarryingOut
from yizhan.routing.attending.stream import Stream
from yizhan.routing.looked_up import Status
from yizhan.routing.matching.facts import Presence
from yizhan.routing.store import attending
from yizhan.routing.switchboard import Switchboard

log = structlog.get_logger(__name__)


class Requests:
    """Of one stream, one after the other. Results are told on the stream."""

    def __init__(
        self, calls: Calls, switchboard: Switchboard, database: Database, clock: Clock, stream: Stream
    ) -> None:
        self._carrying_out = CarryingOut(calls, database, clock, stream.system)
        self._switchboard = switchboard
        self._database = database
        self._stream = stream
        self._system = stream.system
        self._present: set[str] = set()

    async def handle(self, request: pb.AttendRequest) -> None:
        """Raises RpcProblem where the stream cannot go on."""
        match request.WhichOneof("kind"):
            case "heartbeat":
                await self._heartbeat()
            case "ack":
                await self._acknowledge(request.ack.cursor)
            case "hello":
                raise RpcProblem("hello_again", Status.INVALID_ARGUMENT, "one hello, at the beginning")
            case None:
                raise RpcProblem(
                    "unknown_request", Status.INVALID_ARGUMENT, "a request that this version does not know"
                )
            case "presence":
                result = await self._carrying_out.answered(request)
                if not result.code:
                    self._remember_presence(request.presence)
                self._tell(request, result)
            case "typing":
                self._tell(request, await self._carrying_out.answered(request))
            case _:
                self._tell(request, await self._carrying_out.once(request))

    def _remember_presence(self, asked: pb.SetPresenceRequest) -> None:
        if asked.state == Presence.OFFLINE.value:
            self._present.discard(asked.agent_id)
        elif asked.state:
            self._present.add(asked.agent_id)

    async def _heartbeat(self) -> None:
        """For those who came on this stream; an agent whom the console has is not kept there by it."""
        if not self._present:
            return
        try:
            async with self._switchboard.shift(self._system.workspace) as shift:
                await attending.hear_present(shift.tx, shift.workspace, sorted(self._present), shift.now)
                await self._switchboard.dispatch(shift)
        except StoreUnavailable as error:
            log.warning("attend_heartbeat_not_heard", reason=error.reason)

    async def _acknowledge(self, cursor: int) -> None:
        try:
            async with self._database.begin() as tx:
                await attending.acknowledge(tx, self._system.workspace, self._system.name, cursor)
        except StoreUnavailable as error:
            log.warning("attend_ack_not_kept", reason=error.reason)  # a later one says it too

    def _tell(self, request: pb.AttendRequest, result: pb.AttendResult) -> None:
        if request.id:
            result.request_id = request.id
        self._stream.put(pb.AttendEvent(result=result))
