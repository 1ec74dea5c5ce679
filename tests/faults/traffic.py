"""Customers who keep asking, and the check that nothing of it was lost, repeated, reordered or left unanswered."""

import asyncio
import contextlib
import itertools
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import aiohttp

from tests.services.deployment import ACCOUNT
from tests.simulators.website_client import WebsiteClient
from yizhan.core.runtime.grpc import RpcProblem, channel
from yizhan.pb.v1 import message_pb2
from yizhan.pb.v1.conversations_pb2 import ListMessagesRequest, ListMessagesResponse, StoredMessage
from yizhan.pb.v1.conversations_pb2_grpc import ConversationsServiceStub

if TYPE_CHECKING:
    from yizhan.pb.v1.conversations_pb2_grpc import ConversationsServiceAsyncStub

WORKSPACE = "default"
QUESTIONS = ("怎么下单购买", "什么时候发货", "支持七天无理由退货吗", "怎么开发票", "预售商品什么时候发货")
"""Asked as the demo FAQ words them, so that each has exactly one answer."""


@dataclass(slots=True)
class Customer:
    """One visitor: the client, and the client ids in the order in which it sent them."""

    client: WebsiteClient
    sent: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check found. Every count but the first four must be 0."""

    conversations: int
    accepted: int
    stored: int
    answered: int
    lost: int
    repeated: int
    reordered: int
    gaps: int
    unanswered: int
    answered_twice: int
    screens_differ: int

    @property
    def clean(self) -> bool:
        return not any(
            (
                self.lost,
                self.repeated,
                self.reordered,
                self.gaps,
                self.unanswered,
                self.answered_twice,
                self.screens_differ,
            )
        )

    def __str__(self) -> str:
        return "  ".join(f"{name}={getattr(self, name)}" for name in self.__dataclass_fields__)


@asynccontextmanager
async def customers(website: str, count: int) -> AsyncIterator[list[Customer]]:
    """Connected customers; their clients come back by themselves whenever they are cut off."""
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as http:
        found = [Customer(WebsiteClient(http, website, ACCOUNT)) for _ in range(count)]
        for group in _batched(found, 20):
            await asyncio.gather(*(customer.client.begin() for customer in group))
        running = [asyncio.create_task(customer.client.run()) for customer in found]
        try:
            yield found
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)


async def ask_until(everybody: Sequence[Customer], stop: asyncio.Event, *, per_second: float) -> None:
    """Customers ask in turn, evenly spread, until told to stop; a slow gateway does not slow them down."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    for number in itertools.count():
        delay = began + number / per_second - loop.time()
        if delay > 0:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), delay)
        if stop.is_set():
            return
        customer = everybody[number % len(everybody)]
        question = QUESTIONS[number // len(everybody) % len(QUESTIONS)]
        customer.sent.append(await customer.client.say(question))


async def settle(everybody: Sequence[Customer], *, within: float) -> None:
    """Wait until every customer has every answer on the screen. Raises TimeoutError with how many have not."""

    def behind(customer: Customer) -> bool:
        return bool(customer.client.outbox) or _answers_shown(customer) < len(customer.sent)

    try:
        async with asyncio.timeout(within):
            while any(behind(customer) for customer in everybody):
                await asyncio.sleep(0.1)
    except TimeoutError:
        late = [customer for customer in everybody if behind(customer)]
        raise TimeoutError(f"{len(late)} of {len(everybody)} customers wait for an answer") from None


async def judge(everybody: Sequence[Customer], grpc_address: str, token: str) -> Verdict:
    """Compare what clients sent and show with what dialogue has stored."""
    counts: Counter[str] = Counter()
    async with channel(grpc_address, token) as opened:
        stub = ConversationsServiceStub(opened)
        for customer in everybody:
            stored = await _transcript(stub, customer.client.visitor_id)
            counts += _compare(customer, stored)
    return Verdict(
        conversations=len(everybody),
        **{name: counts[name] for name in Verdict.__dataclass_fields__ if name != "conversations"},
    )


def _compare(customer: Customer, stored: Sequence[StoredMessage]) -> Counter[str]:
    client = customer.client
    accepted = [client_id for client_id in customer.sent if client.answers.get(client_id, {}).get("type") == "accepted"]
    shown = [client_id for client_id in customer.sent if client_id not in client.outbox]
    messages = [item.message for item in stored]
    own = [message for message in messages if message.author.kind == message_pb2.AUTHOR_KIND_CUSTOMER]
    times = Counter(message.external_id for message in own)
    replies = Counter(message.in_reply_to for message in messages if message.in_reply_to)
    order = [client_id for client_id in (message.external_id for message in own) if client_id in set(customer.sent)]
    screen = [(message["seq"], message["id"]) for message in client.messages]
    return Counter(
        accepted=len(accepted),
        stored=len(own),
        answered=sum(1 for message in own if replies[message.id] >= 1),
        lost=sum(1 for client_id in {*accepted, *shown} if times[client_id] == 0),
        repeated=sum(1 for client_id in customer.sent if times[client_id] > 1),
        reordered=int(order != [client_id for client_id in customer.sent if times[client_id]]),
        gaps=int([message.seq for message in messages] != list(range(1, len(messages) + 1))),
        unanswered=sum(1 for message in own if replies[message.id] == 0),
        answered_twice=sum(1 for message in own if replies[message.id] > 1),
        screens_differ=int(screen != [(message.seq, message.id) for message in messages]),
    )


async def _transcript(stub: "ConversationsServiceAsyncStub", visitor_id: str) -> list[StoredMessage]:
    address = message_pb2.Address(workspace=WORKSPACE, channel="website", account=ACCOUNT, customer=visitor_id)
    found: list[StoredMessage] = []
    while True:
        after = found[-1].message.seq if found else 0
        asked = ListMessagesRequest(workspace=WORKSPACE, address=address, after_seq=after, limit=500)
        page = await _patiently(stub, asked)
        found += page.messages
        if not page.more:
            return found


async def _patiently(stub: "ConversationsServiceAsyncStub", asked: ListMessagesRequest) -> ListMessagesResponse:
    """dialogue may just be starting again. Raises RpcProblem when it stays away."""
    for _ in range(5):
        try:
            return await stub.ListMessages(asked)
        except RpcProblem:
            await asyncio.sleep(1.0)
    return await stub.ListMessages(asked)


def _answers_shown(customer: Customer) -> int:
    """Answers on the screen; the greeting is none."""
    bots = [message for message in customer.client.messages if message["author"]["kind"] == "bot"]
    return max(0, len(bots) - 1)


def _batched(items: Sequence[Customer], size: int) -> list[Sequence[Customer]]:
    return [items[start : start + size] for start in range(0, len(items), size)]
