"""Invariants 1 to 3 under fire: whatever dies, every message that a client saw as sent is stored once, in order, answered once."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from tests.faults.traffic import ask_until, customers, judge, settle
from tests.services.deployment import SECRET, Deployment, apart, embedded
from tests.services.postgres import PostgresServer
from tests.services.process import free_port
from tests.services.rabbitmq import RabbitServer
from yizhan.core.security.keys import Keyring

CONVERSATIONS = 200
PER_SECOND = 50.0
BETWEEN_SECONDS = 3.0
SETTLE_SECONDS = 120.0

pytestmark = pytest.mark.timeout(300)


@dataclass(frozen=True, slots=True)
class Blow:
    """Something that goes wrong, and how it is set right again."""

    name: str
    strike: Callable[[], None]


def blows_apart(deployment: Deployment, rabbit: RabbitServer, postgres: PostgresServer) -> list[Blow]:
    def kill(name: str) -> Callable[[], None]:
        def strike() -> None:
            deployment.kill(name)
            deployment.start(name)

        return strike

    return [
        Blow("kill -9 dialogue", kill("dialogue")),
        Blow("kill -9 website", kill("website")),
        Blow("kill -9 routing", kill("routing")),
        Blow("RabbitMQ restarted", rabbit.restart),
        Blow("PostgreSQL restarted", postgres.restart),
    ]


async def strike_under_traffic(deployment: Deployment, blows: list[Blow], grpc_address: str, token: str) -> None:
    async with customers(deployment.website, CONVERSATIONS) as everybody:
        stop = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            asking = group.create_task(ask_until(everybody, stop, per_second=PER_SECOND))
            await asyncio.sleep(BETWEEN_SECONDS)
            for blow in blows:
                sent = sum(len(customer.sent) for customer in everybody)
                print(f"{blow.name} after {sent} messages")
                await asyncio.to_thread(blow.strike)
                await asyncio.sleep(BETWEEN_SECONDS)
            stop.set()
            await asking
        await settle(everybody, within=SETTLE_SECONDS)
        verdict = await judge(everybody, grpc_address, token)
    print(verdict)
    assert verdict.accepted > CONVERSATIONS
    assert verdict.clean, str(verdict)


async def test_customers_lose_nothing_when_services_die_one_after_the_other(
    private_rabbit: RabbitServer, private_postgres: PostgresServer
) -> None:
    vhost, database = private_rabbit.new_vhost(), private_postgres.new_database()
    deployment = await asyncio.to_thread(
        apart, vhost, database, YIZHAN_WEBSITE_SENDS_PER_MINUTE="6000", YIZHAN_WEBSITE_SESSIONS_PER_MINUTE="60000"
    )
    with deployment:
        blows = blows_apart(deployment, private_rabbit, private_postgres)
        address = deployment.environment["YIZHAN_DIALOGUE_ADDRESS"]
        token = Keyring.parse(SECRET).internal_tokens[0]
        await strike_under_traffic(deployment, blows, address, token)


async def test_customers_lose_nothing_when_the_embedded_product_dies() -> None:
    port = free_port()
    deployment = await asyncio.to_thread(
        embedded,
        YIZHAN_SECRET=SECRET,
        YIZHAN_GRPC_PORT=str(port),
        YIZHAN_WEBSITE_SENDS_PER_MINUTE="6000",
        YIZHAN_WEBSITE_SESSIONS_PER_MINUTE="60000",
    )
    with deployment:

        def strike() -> None:
            deployment.kill("yizhan")
            deployment.start("yizhan")

        blows = [Blow("kill -9 yizhan up", strike)] * 3
        token = Keyring.parse(SECRET).internal_tokens[0]
        await strike_under_traffic(deployment, blows, f"127.0.0.1:{port}", token)
