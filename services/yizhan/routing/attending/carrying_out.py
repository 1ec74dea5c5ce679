"""What a system asks for, carried out once however often it is sent, whichever way it comes."""

from collections.abc import Awaitable
from datetime import timedelta
from typing import Any, Final, Protocol

import structlog

from yizhan.core.messages.codec import address_to_proto
from yizhan.core.messages.ids import derived_id
from yizhan.core.runtime.clock import Clock
from yizhan.core.runtime.grpc import RpcProblem
from yizhan.core.store.database import Database
from yizhan.core.store.errors import IntegrityConflict, StoreUnavailable, ValueRefused
from yizhan.pb.v1 import routing_pb2 as pb
from yizhan.routing import store
from yizhan.routing.desk import CaseState
from yizhan.routing.looked_up import Status
from yizhan.routing.store import attending
from yizhan.routing.store.attending import System

log = structlog.get_logger(__name__)

LONGEST_ID: Final = 64

KEPT_FOR: Final = timedelta(days=7)
"""How long a request is known again."""

TOO_LATE: Final = frozenset({"not_yours", "stale_epoch", "offer_gone"})
"""Answers to a repeated request that do not tell whether the first one was carried out."""

OUTCOME_UNKNOWN: Final = "outcome_unknown"


class Calls(Protocol):
    """The calls that requests stand for."""

    def SetPresence(self, request: pb.SetPresenceRequest, context: Any) -> Awaitable[pb.SetPresenceResponse]: ...  # noqa: N802 - gRPC's name
    def AcceptOffer(self, request: pb.AcceptOfferRequest, context: Any) -> Awaitable[pb.AcceptOfferResponse]: ...  # noqa: N802 - gRPC's name
    def DeclineOffer(self, request: pb.DeclineOfferRequest, context: Any) -> Awaitable[pb.DeclineOfferResponse]: ...  # noqa: N802 - gRPC's name
    def Say(self, request: pb.SayRequest, context: Any) -> Awaitable[pb.SayResponse]: ...  # noqa: N802 - gRPC's name
    def AddNote(self, request: pb.AddNoteRequest, context: Any) -> Awaitable[pb.AddNoteResponse]: ...  # noqa: N802 - gRPC's name
    def CloseConversation(  # noqa: N802 - gRPC's name
        self, request: pb.CloseConversationRequest, context: Any
    ) -> Awaitable[pb.CloseConversationResponse]: ...
    def ReturnToBot(self, request: pb.ReturnToBotRequest, context: Any) -> Awaitable[pb.ReturnToBotResponse]: ...  # noqa: N802 - gRPC's name
    def Transfer(self, request: pb.TransferRequest, context: Any) -> Awaitable[pb.TransferResponse]: ...  # noqa: N802 - gRPC's name
    def SendTyping(self, request: pb.SendTypingRequest, context: Any) -> Awaitable[pb.SendTypingResponse]: ...  # noqa: N802 - gRPC's name


class CarryingOut:
    """For one system: a request is answered by a result, never by an exception."""

    def __init__(self, calls: Calls, database: Database, clock: Clock, system: System) -> None:
        self._calls = calls
        self._database = database
        self._clock = clock
        self._system = system

    async def once(self, request: pb.AttendRequest) -> pb.AttendResult:
        """The answer, also to a request that was answered before."""
        if not 0 < len(request.id) <= LONGEST_ID:
            return pb.AttendResult(code="id_missing", detail=f"1 to {LONGEST_ID} characters")
        workspace, name = self._system.workspace, self._system.name
        try:
            async with self._database.begin() as tx:
                asked = await attending.begin_request(tx, workspace, name, request.id, self._clock())
        except (IntegrityConflict, StoreUnavailable):
            return pb.AttendResult(code="unavailable", again=True)
        except ValueRefused:
            return pb.AttendResult(code="value_refused")
        if asked is not None and asked.result is not None:
            return pb.AttendResult.FromString(asked.result)
        result = await self.answered(request)
        if asked is not None and result.code in TOO_LATE:
            result = pb.AttendResult(code=OUTCOME_UNKNOWN, message_id=self._message_id(request))
        if not result.again:
            try:
                async with self._database.begin() as tx:
                    await attending.end_request(tx, workspace, name, request.id, result.SerializeToString())
            except StoreUnavailable:
                log.warning("attend_result_not_kept", request_id=request.id)  # asked again, it is found out again
        return result

    async def answered(self, request: pb.AttendRequest) -> pb.AttendResult:
        """The answer, found out anew."""
        try:
            return await self._carried_out(request)
        except RpcProblem as problem:
            return pb.AttendResult(code=problem.code, detail=problem.detail, again=problem.status is Status.UNAVAILABLE)
        except StoreUnavailable:
            return pb.AttendResult(code="unavailable", again=True)
        except ValueRefused:
            return pb.AttendResult(code="value_refused")

    async def _carried_out(self, request: pb.AttendRequest) -> pb.AttendResult:
        asked: Any = getattr(request, request.WhichOneof("kind") or "")
        self._check(asked.workspace, asked.agent_id)
        asked.workspace = self._system.workspace
        calls, result = self._calls, pb.AttendResult()
        match asked:
            case pb.SetPresenceRequest():
                await calls.SetPresence(asked, None)
            case pb.SendTypingRequest():
                await calls.SendTyping(asked, None)
            case pb.AcceptOfferRequest():
                result.assignment.CopyFrom((await calls.AcceptOffer(asked, None)).assignment)
            case pb.DeclineOfferRequest():
                await calls.DeclineOffer(asked, None)
            case pb.SayRequest():
                asked.client_id = request.id
                result.message_id = (await calls.Say(asked, None)).message_id
            case pb.AddNoteRequest():
                asked.client_id = request.id
                await self._address(asked)
                result.message_id = (await calls.AddNote(asked, None)).message_id
            case pb.CloseConversationRequest():
                await calls.CloseConversation(asked, None)
            case pb.ReturnToBotRequest():
                await calls.ReturnToBot(asked, None)
            case pb.TransferRequest():
                await calls.Transfer(asked, None)
        return result

    def _check(self, workspace: str, agent_id: str) -> None:
        if workspace not in ("", self._system.workspace):
            raise RpcProblem("foreign_workspace", Status.PERMISSION_DENIED)
        if not self._system.has(agent_id):
            raise RpcProblem("unknown_agent", Status.NOT_FOUND, "the system does not speak for this agent")

    async def _address(self, note: pb.AddNoteRequest) -> None:
        """Notes are for conversations that the agent has."""
        async with self._database.read() as tx:
            case = await store.open_case(tx, self._system.workspace, note.conversation_id)
        if case is None or case.state is not CaseState.ASSIGNED or case.agent_id != note.agent_id:
            raise RpcProblem("not_yours", Status.FAILED_PRECONDITION)
        note.address.CopyFrom(address_to_proto(case.address))

    def _message_id(self, request: pb.AttendRequest) -> str:
        """The id that the words would have, for finding out whether they are on the transcript."""
        match request.WhichOneof("kind"):
            case "say":
                return derived_id("say", request.say.agent_id, request.say.conversation_id, request.id)
            case "note":
                return derived_id("note", request.note.agent_id, request.note.conversation_id, request.id)
            case _:
                return ""
