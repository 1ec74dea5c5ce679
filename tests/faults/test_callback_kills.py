"""A call is promised, and routing is killed before it is due and at the moment when it falls due: it is offered once, and told once."""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from http import HTTPStatus
from typing import TypeVar
from zoneinfo import ZoneInfo

import aiohttp
import pytest

from tests.faults.traffic import WORKSPACE, Customer, customers
from tests.services.deployment import SECRET, Deployment, apart
from tests.services.postgres import PostgresServer
from tests.services.rabbitmq import RabbitServer
from tests.simulators.console_client import ConsoleClient, Refused, open_console
from yizhan.core.runtime.grpc import channel
from yizhan.core.security.keys import Keyring
from yizhan.core.store.database import Database
from yizhan.pb.v1 import routing_pb2 as pb
from yizhan.pb.v1.routing_pb2_grpc import RoutingServiceStub
from yizhan.routing import store
from yizhan.routing.callbacks.callback import CallbackState, Contact
from yizhan.routing.desk import CALLBACK, CaseState
from yizhan.routing.store import callbacks

T = TypeVar("T")

PHONE = "13812345678"
ZONE = ZoneInfo("Asia/Shanghai")
LEAD = timedelta(minutes=2)
CONTRACT = """\
contract: calls
zone: Asia/Shanghai
handoff: {window: 10m, offer: 5m, nobody: 10s, escalation: [{after: 10m, to: ticket}]}
waiting:
  callback: {lead: 2m, latest: 1d, tries: 2, retry: 30m}
"""
BEFORE_DUE = timedelta(seconds=30)
"""Long enough to be killed in, and for the customer to say how they are reached."""
SETTLED_SECONDS = 5.0
"""In which whatever is done twice would be seen."""
LATE = "没能按时联系您"

pytestmark = pytest.mark.timeout(600)


async def test_a_promised_call_outlives_the_death_of_routing_and_is_offered_once(
    private_rabbit: RabbitServer, private_postgres: PostgresServer
) -> None:
    vhost, database_url = private_rabbit.new_vhost(), private_postgres.new_database()
    deployment = await asyncio.to_thread(apart, vhost, database_url)
    with deployment:
        await publish(deployment)
        login = deployment.logins["agent"]
        async with (
            Database(database_url) as database,
            aiohttp.ClientSession() as http,
            customers(deployment.website, 1) as [customer],
        ):
            session = await ConsoleClient(http, deployment.console).sign_in(login.username, login.password)
            wanted = await arrange(customer)
            await dies(deployment)
            async with open_console(http, deployment.console, session) as agent, heard_of(agent):
                await patiently(partial(agent.appear, "online"))
                due = await falls_due(database)
                await dies(deployment)
                print(
                    f"fell due and killed {(datetime.now(UTC) - due.asked_at).total_seconds():.0f} s after the promise"
                )
                conversation = await agent.accept(await patiently(agent.offered))
                await agent.say(conversation, "您好，我给您回电了")
                await customer.client.until(partial(says, customer, "我给您回电了"), 60.0)
                await agent.act(conversation, "close")
                await over(database)
                await asyncio.sleep(SETTLED_SECONDS)
                assert (await agent.get("/offers"))["items"] == []
            await judge(deployment, database, customer, wanted)


async def publish(deployment: Deployment) -> None:
    """Calls may be promised for the next minutes, at any hour."""
    token = Keyring.parse(SECRET).internal_tokens[0]
    async with channel(deployment.environment["YIZHAN_ROUTING_ADDRESS"], token) as opened:
        asked = pb.PublishContractRequest(workspace=WORKSPACE, text=CONTRACT, by="admin")
        await RoutingServiceStub(opened).PublishContract(asked)


async def arrange(customer: Customer) -> datetime:
    """The customer wants a human, nobody is there, and they are promised a call at this time."""
    client = customer.client
    await client.say("转人工")
    await client.until(partial(says, customer, "正在为您转接"), 60.0)
    await client.say("稍后联系我")
    await client.until(partial(asks, customer, "什么时候联系您"), 60.0)
    wanted = datetime.now(ZONE) + LEAD + BEFORE_DUE
    wanted = wanted.replace(second=0, microsecond=0) + timedelta(minutes=1)
    await client.say(f"{wanted.month}月{wanted.day}日{wanted:%H:%M}")
    await client.until(partial(asks, customer, "怎么联系您"), 60.0)
    await client.say(PHONE)
    await client.until(lambda: promises(customer, wanted) > 0, 60.0)
    return wanted


async def dies(deployment: Deployment) -> None:
    await asyncio.to_thread(deployment.kill, "routing")
    await asyncio.to_thread(deployment.start, "routing")


async def patiently(call: Callable[[], Awaitable[T]]) -> T:
    """As a screen does that is told "not now": the console finds routing again only after a moment. Raises TimeoutError."""
    async with asyncio.timeout(60):
        while True:
            try:
                return await call()
            except Refused as refused:
                if refused.status != HTTPStatus.SERVICE_UNAVAILABLE:
                    raise
            await asyncio.sleep(0.3)


@asynccontextmanager
async def heard_of(agent: ConsoleClient) -> AsyncIterator[None]:
    """The screen stays open: it is a sign of life every few seconds."""

    async def beat() -> None:
        while True:
            await agent.ping()
            await asyncio.sleep(5.0)

    beating = asyncio.create_task(beat())
    try:
        yield
    finally:
        beating.cancel()
        await asyncio.wait({beating})


async def contact(database: Database) -> Contact:
    """The one of this deployment."""
    async with database.read() as tx:
        [case] = [one for one in await store.cases_in(tx, WORKSPACE, list(CaseState)) if one.reason != CALLBACK]
        found = await callbacks.load_contact(tx, case.ticket_id)
    assert found is not None
    return found


async def falls_due(database: Database) -> Contact:
    """Returns as soon as agents are asked to call: what is to be told of it may not have been yet. Raises TimeoutError."""
    async with asyncio.timeout(180):
        while (found := await contact(database)).state is CallbackState.PROMISED:
            await asyncio.sleep(0.005)
    return found


async def over(database: Database) -> None:
    async with asyncio.timeout(60):
        while (await contact(database)).state is not CallbackState.DONE:
            await asyncio.sleep(0.1)


def says(customer: Customer, words: str) -> bool:
    return any(words in text for text in customer.client.texts())


def promises(customer: Customer, at: datetime) -> int:
    """How often the customer was told that they will be called then."""
    return sum("我们会在" in text and f"{at:%H:%M}" in text for text in customer.client.texts())


def asks(customer: Customer, words: str) -> bool:
    return any(words in one["content"].get("prompt", "") for one in customer.client.messages)


async def judge(deployment: Deployment, database: Database, customer: Customer, wanted: datetime) -> None:
    call = await contact(database)
    async with database.read() as tx:
        found = [one for one in await store.cases_in(tx, WORKSPACE, list(CaseState)) if one.reason == CALLBACK]
        decided = await store.load_decisions(tx, WORKSPACE, call.conversation_id)
    rung = Counter(one.case_id for one in decided)
    told = [message["content"] for message in customer.client.messages]
    joined = sum(content.get("code") == "agent_joined" for content in told)
    promised = promises(customer, wanted)
    late = sum(LATE in content.get("text", "") for content in told)
    counted = await counts(deployment)
    print(f"offered {dict(rung)}; told {promised} promise, {late} late, {joined} joined; counted {counted}")
    assert [one.id for one in found] == list(rung), "one call"
    assert list(rung.values()) == [1], "that rings once"
    assert (promised, joined, late) == (1, 1, int(call.late)), "and is told once"
    assert call.tries == 0
    assert counted == {"promised": 1, "due": 1, "taken": 1, "done": 1} | ({"missed": 1} if call.late else {})


async def counts(deployment: Deployment) -> dict[str, int]:
    """What the books say of promised calls."""
    async with aiohttp.ClientSession() as http, http.get(f"{deployment.address('metrics')}/metrics") as answer:
        text = await answer.text()
    found = re.findall(r'^yizhan_callbacks_total\{[^}]*change="(\w+)"[^}]*\} ([0-9.]+)$', text, re.MULTILINE)
    return {change: int(float(count)) for change, count in found if float(count)}
