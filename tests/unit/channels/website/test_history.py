"""Transcripts are asked of dialogue over gRPC, in bounded time and bounded pieces."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import grpc
import pytest

from yizhan.channels.screens.history import ConversationsHistory, HistoryUnavailable, Page, ServiceState
from yizhan.core.messages.address import Address
from yizhan.core.messages.codec import address_to_proto, message_to_proto
from yizhan.core.messages.content import Text
from yizhan.core.messages.message import Author, AuthorKind, Message
from yizhan.core.runtime.clock import now
from yizhan.core.runtime.grpc import RpcProblem, channel, server
from yizhan.core.runtime.health import Health
from yizhan.core.runtime.metrics import Metrics
from yizhan.pb.v1 import conversations_pb2 as pb
from yizhan.pb.v1.conversations_pb2_grpc import (
    ConversationsServiceServicer,
    add_ConversationsServiceServicer_to_server,
)
from yizhan.pb.v1.event_pb2 import ConversationState

TOKEN = "t" * 32
ADDRESS = Address("default", "website", "demo", "v:1")
MESSAGE = Message("m-1", ADDRESS, Author(AuthorKind.BOT, "bot", "驿"), Text("hi"), now(), seq=4, session=2)


class Servicer(ConversationsServiceServicer):
    def __init__(self) -> None:
        self.asked: list[Any] = []
        self.answer = pb.ListMessagesResponse()
        self.problem: Exception | None = None
        self.delay = 0.0

    async def ListMessages(self, request: pb.ListMessagesRequest, context: Any) -> pb.ListMessagesResponse:
        await self._note(request)
        return self.answer

    async def GetHeads(self, request: pb.GetHeadsRequest, context: Any) -> pb.GetHeadsResponse:
        await self._note(request)
        known = [item for item in request.addresses if item.customer != "v:unknown"]
        return pb.GetHeadsResponse(heads=[pb.Head(address=item, last_seq=7) for item in known])

    def ListConversations(self, request: Any, context: Any) -> Any:
        raise AssertionError("the channel does not ask this")

    def GetConversation(self, request: Any, context: Any) -> Any:
        raise AssertionError("the channel does not ask this")

    def ListNotes(self, request: Any, context: Any) -> Any:
        raise AssertionError("notes are not for customers")

    async def _note(self, request: Any) -> None:
        self.asked.append(request)
        await asyncio.sleep(self.delay)
        if self.problem is not None:
            raise self.problem


@pytest.fixture
def servicer() -> Servicer:
    return Servicer()


@pytest.fixture
async def history(servicer: Servicer) -> AsyncIterator[ConversationsHistory]:
    def add(built: grpc.aio.Server) -> None:
        add_ConversationsServiceServicer_to_server(servicer, built)

    health, metrics = Health("test"), Metrics("test")
    async with (
        server([add], "127.0.0.1", 0, [TOKEN], health=health, metrics=metrics) as port,
        channel(f"127.0.0.1:{port}", TOKEN) as opened,
    ):
        yield ConversationsHistory(opened, patience=0.5)


async def test_a_page_says_what_a_client_needs(servicer: Servicer, history: ConversationsHistory) -> None:
    servicer.answer = pb.ListMessagesResponse(
        messages=[pb.StoredMessage(message=message_to_proto(MESSAGE))],
        last_seq=9,
        more=True,
        conversation=pb.Conversation(
            state=ConversationState.CONVERSATION_STATE_ASSIGNED, agent_name="王芳", delivered_seq=3
        ),
    )
    page = await history.after(ADDRESS, 3, 50)
    assert page == Page((page.messages[0],), 9, True, ServiceState("assigned", "王芳"), 3)
    assert page.messages[0].seq == 4
    request = servicer.asked[0]
    assert (request.workspace, request.after_seq, request.before_seq, request.limit) == ("default", 3, 0, 50)
    assert request.address == address_to_proto(ADDRESS)
    await history.before(ADDRESS, 5, 20)
    assert (servicer.asked[1].before_seq, servicer.asked[1].limit) == (5, 20)


async def test_somebody_new_has_an_empty_page(history: ConversationsHistory) -> None:
    assert await history.after(ADDRESS, 0, 50) == Page()


async def test_heads_are_asked_for_in_pieces(servicer: Servicer, history: ConversationsHistory) -> None:
    addresses = [Address("default", "website", "demo", f"v:{number}") for number in range(1200)]
    unknown = Address("default", "website", "demo", "v:unknown")
    heads = await history.heads([*addresses, unknown])
    assert heads == dict.fromkeys(addresses, 7)
    assert [len(request.addresses) for request in servicer.asked] == [500, 500, 201]


@pytest.mark.parametrize(
    ("problem", "delay"),
    [
        pytest.param(RpcProblem("unavailable", grpc.StatusCode.UNAVAILABLE), 0.0, id="its database is away"),
        pytest.param(ZeroDivisionError(), 0.0, id="it has a fault"),
        pytest.param(None, 2.0, id="it takes too long"),
    ],
)
async def test_what_dialogue_cannot_answer_is_unavailable(
    servicer: Servicer, history: ConversationsHistory, problem: Exception | None, delay: float
) -> None:
    servicer.problem, servicer.delay = problem, delay
    with pytest.raises(HistoryUnavailable):
        await history.after(ADDRESS, 0, 50)
    with pytest.raises(HistoryUnavailable):
        await history.heads([ADDRESS])


async def test_a_transcript_that_cannot_be_read_is_unavailable(
    servicer: Servicer, history: ConversationsHistory
) -> None:
    servicer.answer = pb.ListMessagesResponse(messages=[pb.StoredMessage()])
    with pytest.raises(HistoryUnavailable):
        await history.after(ADDRESS, 0, 50)


async def test_without_dialogue_the_answer_comes_at_once() -> None:
    async with channel("127.0.0.1:9", TOKEN) as opened:
        async with asyncio.timeout(2.0):
            with pytest.raises(HistoryUnavailable):
                await ConversationsHistory(opened).after(ADDRESS, 0, 50)
