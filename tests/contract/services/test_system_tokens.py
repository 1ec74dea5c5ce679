"""A token of a business's own system: it opens that system's stream and conversations, and nothing else, until it is over."""

from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Any

import grpc
import pytest

from tests.contract.services.attending_line import AGENTS, HeardBus, Line, Served, served
from tests.contract.services.conftest import SteppedClock
from tests.contract.services.routing_desk import SHOP, desk_on, swept
from yizhan.core.runtime.grpc import RpcProblem, channel, server
from yizhan.core.runtime.health import Health
from yizhan.core.runtime.metrics import Metrics
from yizhan.core.store.database import Database
from yizhan.dialogue.connectors.figures import ConnectorFigures
from yizhan.dialogue.conversations_api import ConversationsApi
from yizhan.dialogue.customers.order_search import OrderSearch
from yizhan.dialogue.customers.orders import CustomerOrders
from yizhan.dialogue.customers.start import customers_of
from yizhan.dialogue.customers.value_rules import ValueRules
from yizhan.dialogue.system_reads import asking_routing, read_doors
from yizhan.pb.v1 import conversations_pb2, customers_pb2, routing_pb2 as pb
from yizhan.pb.v1.conversations_pb2_grpc import ConversationsServiceStub, add_ConversationsServiceServicer_to_server
from yizhan.pb.v1.customers_pb2_grpc import CustomersServiceStub, add_CustomersServiceServicer_to_server
from yizhan.pb.v1.routing_pb2_grpc import RoutingServiceStub
from yizhan.routing.attending import admission
from yizhan.routing.attending.registry import SystemRefused, SystemRegistry

Status = grpc.StatusCode
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def looked_at_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admission, "LOOK_AGAIN_SECONDS", 0.05)


@pytest.fixture
def bus() -> HeardBus:
    return HeardBus()


@pytest.fixture
async def own(database: Database, bus: HeardBus, clock: SteppedClock) -> AsyncIterator[Served]:
    async with served(desk_on(database, bus, clock), bus) as opened:
        yield opened


@pytest.fixture
def registry(database: Database, clock: SteppedClock) -> SystemRegistry:
    return SystemRegistry(database, SHOP, clock)


@pytest.fixture
async def token(registry: SystemRegistry) -> str:
    return await registry.add("own", frozenset(AGENTS), None)


def shown(token: str) -> Any:
    return (("authorization", f"Bearer {token}"),)


async def hello(own: Served, token: str, **said: Any) -> Line:
    line = own.open(shown(token))
    words = {"workspace": SHOP, "system": "own", "agent_ids": AGENTS} | said
    with suppress(grpc.aio.AioRpcError):  # ended before the first word was sent: whoever reads is told by what
        await line.send(hello=pb.AttendHello(**words))
    return line


async def attended(own: Served, token: str) -> Line:
    line = await hello(own, token)
    await line.next("snapshot")
    return line


async def code_of(asking: Awaitable[object]) -> str:
    with pytest.raises(RpcProblem) as refused:
        await asking
    return refused.value.code


async def test_a_token_opens_its_systems_stream(own: Served, token: str) -> None:
    line = await attended(own, token)
    await line.online("ann")
    await own.desk.wants_human("c1")
    assert (await line.next("offer")).offer.offer.agent_id == "ann"


@pytest.mark.parametrize(
    ("said", "code"),
    [
        pytest.param({"workspace": "other"}, "foreign_workspace", id="another business"),
        pytest.param({"system": "theirs"}, "foreign_system", id="another system's name"),
        pytest.param({"agent_ids": ["ann", "eve"]}, "foreign_agent", id="an agent it is not registered for"),
        pytest.param({"agent_ids": [], "all_agents": True}, "foreign_agent", id="everybody"),
    ],
)
async def test_a_hello_for_others_is_refused(own: Served, token: str, said: dict[str, Any], code: str) -> None:
    await own.desk.agent("eve")
    line = await hello(own, token, **said)
    assert await line.ended() == (Status.PERMISSION_DENIED, code)


async def test_no_other_call_of_routing_is_opened(own: Served, token: str) -> None:
    async with channel(f"127.0.0.1:{own.port}", token) as opened:
        routing = RoutingServiceStub(opened)
        for asking in (
            routing.ListAgents(pb.ListAgentsRequest(workspace=SHOP)),
            routing.PutAgent(pb.PutAgentRequest(agent=pb.Agent(id="x", workspace=SHOP, name="x"))),
            routing.AdmitRead(pb.AdmitReadRequest(workspace=SHOP)),
        ):
            assert await code_of(asking) == "unauthenticated"


@pytest.mark.parametrize(
    "token", ["yzs_" + "x" * 43, "yzs_short", "", "Bearer"], ids=["unknown", "short", "none", "word"]
)
async def test_what_is_no_token_of_ours_opens_nothing(own: Served, token: str) -> None:
    status, code = await (await hello(own, token)).ended()
    assert (status, code in {"token_unknown", "unauthenticated"}) == (Status.UNAUTHENTICATED, True)


async def test_an_expired_token_ends_a_running_stream_and_opens_no_other(
    own: Served, registry: SystemRegistry, clock: SteppedClock
) -> None:
    token = await registry.add("own", frozenset(AGENTS), HOUR)
    line = await attended(own, token)
    clock.step(3599)
    await line.online("ann")
    clock.step(1)
    assert await line.ended() == (Status.UNAUTHENTICATED, "token_expired")
    assert await (await hello(own, token)).ended() == (Status.UNAUTHENTICATED, "token_expired")


async def test_a_rotated_token_is_good_for_the_overlap(
    own: Served, registry: SystemRegistry, token: str, clock: SteppedClock
) -> None:
    line = await attended(own, token)
    newer = await registry.rotate("own", None, HOUR)
    clock.step(3599)
    await line.online("ann")
    clock.step(1)
    assert await line.ended() == (Status.UNAUTHENTICATED, "token_rotated")
    assert await (await hello(own, token)).ended() == (Status.UNAUTHENTICATED, "token_rotated")
    await attended(own, newer)


async def test_removing_a_system_ends_its_stream(own: Served, registry: SystemRegistry, token: str) -> None:
    line = await attended(own, token)
    await registry.remove("own")
    assert await line.ended() == (Status.UNAUTHENTICATED, "token_removed")
    assert await (await hello(own, token)).ended() == (Status.UNAUTHENTICATED, "token_removed")
    again = await registry.add("own", frozenset(AGENTS), None)
    await attended(own, again)
    assert await (await hello(own, token)).ended() == (Status.UNAUTHENTICATED, "token_removed"), "an old one stays over"


async def test_what_cannot_be_registered(registry: SystemRegistry, token: str, clock: SteppedClock) -> None:
    for asking, code in (
        (registry.add("own", frozenset(), None), "system_exists"),
        (registry.add("", frozenset(), None), "name_invalid"),
        (registry.add("x" * 65, frozenset(), None), "name_invalid"),
        (registry.rotate("theirs", None, HOUR), "unknown_system"),
        (registry.remove("theirs"), "unknown_system"),
    ):
        with pytest.raises(SystemRefused) as refused:
            await asking
        assert refused.value.code == code
    [only] = await registry.list()
    assert [one.problem(clock()) for one in only.tokens] == [""]
    assert token.encode() not in only.tokens[0].digest


@asynccontextmanager
async def reading(own: Served, database: Database, token: str) -> AsyncIterator[grpc.aio.Channel]:
    """A channel to dialogue that shows this token; dialogue asks routing, in another process."""
    conversations = ConversationsApi(database)
    clock, metrics = own.desk.clock, Metrics("dialogue")
    orders = CustomerOrders(database, {}, lambda _workspace: None, OrderSearch(ConnectorFigures(metrics)), clock)
    customers, _ = customers_of(database, lambda _workspace: None, ValueRules((), {}), orders, clock=clock, new_id=str)
    services = [
        lambda built: add_ConversationsServiceServicer_to_server(conversations, built),
        lambda built: add_CustomersServiceServicer_to_server(customers, built),
    ]
    async with channel(f"127.0.0.1:{own.port}", "a-token-of-the-tests") as routing:
        doors = read_doors(asking_routing(routing))
        opened = server(
            services, "127.0.0.1", 0, ["inside"], health=Health("x"), metrics=metrics, doors=doors, grace=0.2
        )
        async with opened as port, channel(f"127.0.0.1:{port}", token) as shown:
            yield shown


async def test_it_reads_conversations_that_its_agents_were_offered_and_no_others(
    own: Served, database: Database, token: str, clock: SteppedClock
) -> None:
    line = await attended(own, token)
    await line.online("ann")
    await own.desk.wants_human("c1")
    await line.next("offer")
    await own.desk.agent("eve")
    async with reading(own, database, token) as opened:
        conversations = ConversationsServiceStub(opened)

        async def read(conversation: str, workspace: str = SHOP) -> object:
            asked = conversations_pb2.ListMessagesRequest(workspace=workspace, conversation_id=conversation)
            return await conversations.ListMessages(asked)

        await read("c1")
        assert await code_of(read("c2")) == "foreign_conversation"
        assert await code_of(read("c1", "other")) == "foreign_workspace"
        clock.step(86_401)
        assert await code_of(read("c1")) == "foreign_conversation", "it was offered a day ago, and not taken"


async def test_it_reads_what_it_has_for_as_long_and_a_month_more(
    own: Served, database: Database, token: str, clock: SteppedClock
) -> None:
    line = await attended(own, token)
    await line.online("ann")
    await own.desk.wants_human("c1")
    offer = (await line.next("offer")).offer.offer
    await line.ask("t", accept=pb.AcceptOfferRequest(agent_id="ann", offer_id=offer.id))
    async with reading(own, database, token) as opened:
        stub = ConversationsServiceStub(opened)
        asked = conversations_pb2.ListMessagesRequest(workspace=SHOP, conversation_id="c1")
        clock.step(timedelta(days=40).total_seconds())
        await swept(database, clock)
        await stub.ListMessages(asked)
        await own.desk.closed("c1", 4)
        clock.step(timedelta(days=29).total_seconds())
        await stub.ListMessages(asked)
        clock.step(timedelta(days=2).total_seconds())
        assert await code_of(stub.ListMessages(asked)) == "foreign_conversation"


async def test_of_dialogue_it_opens_reading_by_conversation_alone(own: Served, database: Database, token: str) -> None:
    line = await attended(own, token)
    await line.online("ann")
    await own.desk.wants_human("c1")
    await line.next("offer")
    async with reading(own, database, token) as opened:
        conversations, customers = ConversationsServiceStub(opened), CustomersServiceStub(opened)
        known = conversations_pb2.GetConversationRequest(workspace=SHOP, conversation_id="c1")
        assert await code_of(conversations.GetConversation(known)) == "unknown_conversation", "dialogue has none"
        card = customers_pb2.GetCustomerRequest(workspace=SHOP, customer_id="p1", conversation_id="c1")
        assert await code_of(customers.GetCustomer(card)) == "conversation_missing"
        by_address = conversations_pb2.ListMessagesRequest(workspace=SHOP)
        assert await code_of(conversations.ListMessages(by_address)) == "conversation_missing"
        for asking in (
            conversations.ListConversations(conversations_pb2.ListConversationsRequest(workspace=SHOP)),
            conversations.ListNotes(conversations_pb2.ListNotesRequest(workspace=SHOP, conversation_id="c1")),
            customers.ListCustomers(customers_pb2.ListCustomersRequest(workspace=SHOP)),
            customers.AddCustomerNote(customers_pb2.AddCustomerNoteRequest(workspace=SHOP, customer_id="p1")),
        ):
            assert await code_of(asking) == "unauthenticated"


async def test_a_token_that_is_over_reads_nothing(
    own: Served, database: Database, registry: SystemRegistry, token: str
) -> None:
    line = await attended(own, token)
    await line.online("ann")
    await own.desk.wants_human("c1")
    await line.next("offer")
    async with reading(own, database, token) as opened:
        asked = conversations_pb2.ListMessagesRequest(workspace=SHOP, conversation_id="c1")
        await ConversationsServiceStub(opened).ListMessages(asked)
        await registry.rotate("own", None, timedelta())
        assert await code_of(ConversationsServiceStub(opened).ListMessages(asked)) == "token_rotated"
