"""Two hundred customers want a human at once while routing and console are killed: nobody is forgotten, nobody overloaded."""

import asyncio
import os
import random
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import aiohttp
import pytest

from tests.faults.agents import OverGrpc, Worker
from tests.faults.console_agents import OverConsole
from tests.faults.traffic import WORKSPACE, Customer, customers
from tests.services.deployment import SECRET, Deployment, apart
from tests.services.postgres import PostgresServer
from tests.services.rabbitmq import RabbitServer
from tests.simulators.console_client import ConsoleClient
from tests.simulators.staff import hired
from yizhan.core.runtime.grpc import channel
from yizhan.core.security.keys import Keyring
from yizhan.core.store.database import Database
from yizhan.pb.v1 import routing_pb2 as pb
from yizhan.pb.v1.routing_pb2_grpc import RoutingServiceStub
from yizhan.routing import store
from yizhan.routing.desk import BUSY, UNSERVED, Case, CaseState

if TYPE_CHECKING:
    from yizhan.pb.v1.routing_pb2_grpc import RoutingServiceAsyncStub

CUSTOMERS = 200
AT_SCREENS = 20
"""Agents on the console. As many more work over gRPC."""
CAPACITY = 2
WINDOW_SECONDS = 30
BLOWS = 6
SEED = int(os.environ.get("YIZHAN_FAULTS_SEED", "5"))
SETTLED_SECONDS = 150.0

pytestmark = pytest.mark.timeout(400)


@dataclass(slots=True)
class Watch:
    """Looks at the desk again and again, as nobody in the product can."""

    database: Database
    most: Counter[str] = field(default_factory=Counter)
    unserved: int = CUSTOMERS

    async def look(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            async with self.database.read() as tx:
                busy = await store.cases_in(tx, WORKSPACE, list(BUSY))
                waiting = await store.cases_in(tx, WORKSPACE, list(UNSERVED))
            for agent, load in Counter(case.agent_id for case in busy).items():
                self.most[agent] = max(self.most[agent], load)
            doubled = [one for one, times in Counter(case.conversation_id for case in busy).items() if times > 1]
            assert not doubled, f"{len(doubled)} conversations are with two agents"
            self.unserved = len(waiting)
            await asyncio.sleep(0.2)


async def strike(deployment: Deployment, chance: random.Random) -> None:
    for _ in range(BLOWS):
        await asyncio.sleep(1.0 + 2.0 * chance.random())
        victim = chance.choice(("routing", "routing", "console"))
        await asyncio.to_thread(deployment.kill, victim)
        await asyncio.sleep(chance.random())
        await asyncio.to_thread(deployment.start, victim)


async def all_settled(database: Database) -> None:
    """Every customer has had an agent to the end, or a ticket. Raises TimeoutError with how many have not."""
    found: Sequence[Case] = ()
    try:
        async with asyncio.timeout(SETTLED_SECONDS):
            while True:
                async with database.read() as tx:
                    found = await store.cases_in(tx, WORKSPACE, list(CaseState))
                ended = {case.conversation_id for case in found if case.state in {CaseState.DONE, CaseState.TICKETED}}
                if len(ended) >= CUSTOMERS and all(case.state not in UNSERVED | BUSY for case in found):
                    return
                await asyncio.sleep(0.5)
    except TimeoutError:
        states = Counter(case.state.value for case in found)
        stuck = [
            f"{case.conversation_id} {case.state.value} under {case.epoch} with {case.agent_id or 'nobody'}"
            for case in found
            if case.state in UNSERVED | BUSY
        ]
        raise TimeoutError(f"of {CUSTOMERS} hand-offs: {dict(states)}; {stuck}") from None


async def own_agent(routing: "RoutingServiceAsyncStub", name: str) -> Worker:
    """A new agent of a business's own system."""
    agent = pb.Agent(id=name, workspace=WORKSPACE, name=name, capacity=CAPACITY, enabled=True)
    await routing.PutAgent(pb.PutAgentRequest(agent=agent))
    return Worker(name, OverGrpc(routing, WORKSPACE, name), random.Random(f"{SEED} {name}"))


def speakers(customer: Customer) -> set[str]:
    """The agents whose words are on a customer's screen."""
    return {message["author"]["name"] for message in customer.client.messages if message["author"]["kind"] == "agent"}


async def judge(database: Database, everybody: Sequence[Customer], watch: Watch, at_screens: Collection[str]) -> None:
    async with database.read() as tx:
        found = await store.cases_in(tx, WORKSPACE, list(CaseState))
    outcome: Counter[str] = Counter()
    for case in found:
        if case.state is CaseState.TICKETED:
            outcome["ticketed"] += 1
        elif case.assigned_at is None:
            outcome["left"] += 1
        else:
            outcome["escalated" if case.level else "met"] += 1
    late = [
        case for case in found if case.assigned_at is not None and case.assigned_at > case.deadline and not case.level
    ]
    served = Counter("screens" if case.agent_id in at_screens else "own system" for case in found if case.assigned_at)
    print(
        f"seed {SEED}: {dict(outcome)} of {len(found)} cases; most at a time {max(watch.most.values())}; late {len(late)}; by {dict(served)}"
    )
    assert len({case.conversation_id for case in found}) == CUSTOMERS, "nobody is forgotten"
    assert outcome["met"] + outcome["escalated"] + outcome["ticketed"] == CUSTOMERS == len(found)
    assert max(watch.most.values()) <= CAPACITY, "nobody had more than they can"
    assert [customer for customer in everybody if len(speakers(customer)) > 1] == [], "one voice"
    assert outcome["met"], "some were served within the window"
    assert len(served) == 2, "those at screens and those of the own system all had a part in it"


async def test_two_hundred_hand_offs_survive_the_death_of_routing_and_console(
    private_rabbit: RabbitServer, private_postgres: PostgresServer
) -> None:
    vhost, database_url = private_rabbit.new_vhost(), private_postgres.new_database()
    deployment = await asyncio.to_thread(
        lambda: apart(
            vhost,
            database_url,
            YIZHAN_HANDOFF_SECONDS=str(WINDOW_SECONDS),
            YIZHAN_OFFER_SECONDS="5",
            YIZHAN_PRESENCE_SECONDS="20",
            YIZHAN_TRUSTED_PROXIES="1",
            YIZHAN_WEBSITE_SENDS_PER_MINUTE="6000",
            YIZHAN_WEBSITE_SESSIONS_PER_MINUTE="60000",
        )
    )
    chance = random.Random(SEED)
    token = Keyring.parse(SECRET).internal_tokens[0]
    with deployment:
        address = deployment.environment["YIZHAN_ROUTING_ADDRESS"]
        names = [f"s{number:02}" for number in range(AT_SCREENS)]
        sessions = await hired(deployment.console, deployment.logins["admin"], names, capacity=CAPACITY)
        async with (
            Database(database_url) as database,
            channel(address, token) as opened,
            aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http,
            customers(deployment.website, CUSTOMERS) as everybody,
        ):
            routing = RoutingServiceStub(opened)
            hands = [
                OverConsole(
                    http, ConsoleClient(http, deployment.console, session), random.Random(f"{SEED} line {name}")
                )
                for name, session in zip(names, sessions, strict=True)
            ]
            workers = [
                *[await own_agent(routing, f"a{number:02}") for number in range(AT_SCREENS)],
                *(Worker(name, of, random.Random(f"{SEED} {name}")) for name, of in zip(names, hands, strict=True)),
            ]
            stop, watch = asyncio.Event(), Watch(database)
            async with asyncio.TaskGroup() as group:
                screens = [group.create_task(one.run()) for one in hands]
                working = [group.create_task(worker.work(stop)) for worker in workers]
                group.create_task(watch.look(stop))
                for customer in everybody:
                    customer.sent.append(await customer.client.say("转人工"))
                await strike(deployment, chance)
                await all_settled(database)
                stop.set()
                await asyncio.wait(working)
                for screen in screens:
                    screen.cancel()
            assert min(one.returns for one in hands) > 1, "every screen lost its line and came back"
            await judge(database, everybody, watch, {session.user["id"] for session in sessions})
