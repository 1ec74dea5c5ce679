"""Reading transcripts: dialogue keeps them, the channel asks."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import grpc.aio
import structlog

from yizhan.core.messages.address import Address
from yizhan.core.messages.codec import Undecodable, address_from_proto, address_to_proto, message_from_proto
from yizhan.core.messages.message import Message
from yizhan.core.runtime.grpc import RpcProblem
from yizhan.pb.v1 import conversations_pb2 as pb
from yizhan.pb.v1.conversations_pb2_grpc import ConversationsServiceStub
from yizhan.pb.v1.event_pb2 import ConversationState

log = structlog.get_logger(__name__)

MAX_HEADS = 500
"""Addresses that may be asked for at once."""

STATE_NAMES: dict[int, str] = {
    ConversationState.CONVERSATION_STATE_BOT: "bot",
    ConversationState.CONVERSATION_STATE_QUEUED: "queued",
    ConversationState.CONVERSATION_STATE_OFFERED: "offered",
    ConversationState.CONVERSATION_STATE_ASSIGNED: "assigned",
    ConversationState.CONVERSATION_STATE_TICKETED: "ticketed",
    ConversationState.CONVERSATION_STATE_CLOSED: "closed",
}


class HistoryUnavailable(Exception):
    """dialogue cannot be asked now."""


@dataclass(frozen=True, slots=True)
class ServiceState:
    """Who serves the customer, as a client shows it. ``agent`` is a name, empty where no human does."""

    state: str = "bot"
    agent: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """Messages, oldest first. ``head`` is the conversation's last seq; ``more``: there are further ones in that direction.

    ``unread``: messages to the customer after ``read``, the last seq that they have seen; counted only where that is asked.
    """

    messages: tuple[Message, ...] = ()
    head: int = 0
    more: bool = False
    service: ServiceState = ServiceState()
    delivered: int = 0
    read: int = 0
    unread: int = 0


class History(Protocol):
    """Every method raises HistoryUnavailable."""

    async def after(self, address: Address, seq: int, limit: int) -> Page:
        """The first ``limit`` messages after a seq."""

    async def before(self, address: Address, seq: int, limit: int) -> Page:
        """The last ``limit`` messages before a seq."""

    async def heads(self, addresses: Sequence[Address]) -> dict[Address, int]:
        """The last seq of each; addresses without a conversation are left out."""


class ConversationsHistory:
    """Asks dialogue over gRPC. ``patience`` is the limit of one call, in seconds; ``count_unread``: let it count."""

    def __init__(self, channel: grpc.aio.Channel, *, patience: float = 3.0, count_unread: bool = False) -> None:
        self._count_unread = count_unread
        self._stub = ConversationsServiceStub(channel)
        self._patience = patience

    async def after(self, address: Address, seq: int, limit: int) -> Page:
        return await self._list(address, pb.ListMessagesRequest(after_seq=seq, limit=limit))

    async def before(self, address: Address, seq: int, limit: int) -> Page:
        return await self._list(address, pb.ListMessagesRequest(before_seq=seq, limit=limit))

    async def heads(self, addresses: Sequence[Address]) -> dict[Address, int]:
        found: dict[Address, int] = {}
        for start in range(0, len(addresses), MAX_HEADS):
            chunk = [address_to_proto(address) for address in addresses[start : start + MAX_HEADS]]
            try:
                answer = await self._stub.GetHeads(pb.GetHeadsRequest(addresses=chunk), timeout=self._patience)
            except RpcProblem as error:
                raise _unavailable(error) from error
            found |= {address_from_proto(head.address): head.last_seq for head in answer.heads}
        return found

    async def _list(self, address: Address, request: pb.ListMessagesRequest) -> Page:
        request.workspace = address.workspace
        request.count_unread = self._count_unread
        request.address.CopyFrom(address_to_proto(address))
        try:
            answer = await self._stub.ListMessages(request, timeout=self._patience)
            return _page(answer)
        except RpcProblem as error:
            raise _unavailable(error) from error
        except Undecodable as error:
            log.exception("history_undecodable")
            raise HistoryUnavailable("undecodable") from error


def _page(answer: pb.ListMessagesResponse) -> Page:
    conversation = answer.conversation
    return Page(
        messages=tuple(message_from_proto(stored.message) for stored in answer.messages),
        head=answer.last_seq,
        more=answer.more,
        service=ServiceState(STATE_NAMES.get(conversation.state, "bot"), conversation.agent_name),
        delivered=conversation.delivered_seq,
        read=conversation.read_seq,
        unread=answer.unread,
    )


def _unavailable(problem: RpcProblem) -> HistoryUnavailable:
    log.warning("history_unavailable", code=problem.code)
    return HistoryUnavailable(problem.code)
