"""What a system's token opens: its own stream, and reading the conversations that it has, had or was offered.

Every refusal of a token has a name, so that whoever runs the system knows what to mend.
"""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from yizhan.core.runtime.clock import Clock
from yizhan.core.runtime.grpc import RpcProblem
from yizhan.core.security.bearers import bearer_digest
from yizhan.core.store.database import Database
from yizhan.core.store.errors import StoreUnavailable
from yizhan.pb.v1 import routing_pb2 as pb
from yizhan.routing.looked_up import Status
from yizhan.routing.store import systems
from yizhan.routing.store.systems import Registered

LOOK_AGAIN_SECONDS: Final = 5.0
"""After so long a running stream is over whose token was taken back; an expiry is met to the moment."""


@dataclass(frozen=True, slots=True)
class SystemPass:
    """Who shows a token that is good now. ``over_at``: when it will not be any more, as far as is known."""

    system: Registered
    digest: bytes = field(repr=False)
    over_at: datetime | None

    def check(self, hello: pb.AttendHello) -> None:
        """Raises RpcProblem where the hello asks for more than the system was registered for."""
        if hello.workspace != self.system.workspace:
            raise RpcProblem("foreign_workspace", Status.PERMISSION_DENIED, "the token is another workspace's")
        if hello.system != self.system.name:
            raise RpcProblem("foreign_system", Status.PERMISSION_DENIED, "the token is another system's")
        if self.system.all_agents:
            return
        if hello.all_agents or not self.system.agents.issuperset(hello.agent_ids):
            raise RpcProblem("foreign_agent", Status.PERMISSION_DENIED, "the system is not registered for all of these")


class Admission:
    """Asks the tables each time: what was taken back opens nothing from then on."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def door(self, token: str, _request: object = None) -> SystemPass:
        """Whose token this is. Raises RpcProblem, StoreUnavailable."""
        digest = bearer_digest(token)
        if digest is None:
            raise RpcProblem("unauthenticated", Status.UNAUTHENTICATED, "no token of a system")
        return await self.pass_of(digest)

    async def pass_of(self, digest: bytes) -> SystemPass:
        """Raises RpcProblem (token_unknown, token_expired, token_rotated, token_removed), StoreUnavailable."""
        async with self._database.read() as tx:
            token = await systems.load_token(tx, digest)
            if token is None:
                raise _refused("unknown", "nobody has this token")
            if problem := token.problem(self._clock()):
                raise _refused(problem, f"the token of {token.system} is over: {problem}")
            system = await systems.load_registered(tx, token.workspace, token.system)
        if system is None:
            raise _refused("removed", f"{token.system} was removed")
        return SystemPass(system, digest, token.over_at)

    async def read(self, digest: bytes, workspace: str, conversation_id: str) -> SystemPass:
        """A system wants to read of a conversation. Raises RpcProblem, StoreUnavailable."""
        shown = await self.pass_of(digest)
        if workspace != shown.system.workspace:
            raise RpcProblem("foreign_workspace", Status.PERMISSION_DENIED, "the token is another workspace's")
        async with self._database.read() as tx:
            may = await systems.may_read(tx, workspace, shown.system.name, conversation_id, self._clock())
        if not may:  # also where there is none: a token tells nothing about conversations of others
            raise RpcProblem(
                "foreign_conversation", Status.PERMISSION_DENIED, "not a conversation of this system's agents"
            )
        return shown

    async def over(self, shown: SystemPass) -> RpcProblem:
        """Returns when the token is good no longer: why."""
        while True:
            try:
                shown = await self.pass_of(shown.digest)
            except RpcProblem as problem:
                return problem
            except StoreUnavailable:
                pass  # nothing is known; whatever the stream does next needs the database, too
            left = (shown.over_at - self._clock()).total_seconds() if shown.over_at else LOOK_AGAIN_SECONDS
            await asyncio.sleep(min(max(left, 0.01), LOOK_AGAIN_SECONDS))


def _refused(problem: str, detail: str) -> RpcProblem:
    return RpcProblem(f"token_{problem}", Status.UNAUTHENTICATED, detail)
