"""A business's own agent system that is killed while customers talk to it: every word is answered once, and in order."""

import asyncio
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import pytest

from tests.faults.traffic import WORKSPACE, Customer, customers
from tests.services.deployment import ROOT, SECRET, Deployment, embedded
from tests.services.process import Process, free_port
from yizhan.core.runtime.grpc import RpcProblem, channel
from yizhan.core.security.keys import Keyring
from yizhan.pb.v1 import routing_pb2 as pb
from yizhan.pb.v1.routing_pb2_grpc import RoutingServiceStub

CUSTOMERS = 6
WORDS = 12
BETWEEN_SECONDS = 0.3
AGENT = "own-1"
GREETING = "您好，我是人工客服。"
TOKEN = Keyring.parse(SECRET).internal_tokens[0]

pytestmark = pytest.mark.timeout(300)


class Sample:
    """The sample client as a process, which keeps its memory when it dies."""

    def __init__(self, deployment: Deployment, port: int) -> None:
        shown = deployment.yizhan("system", "add", "sample", "--agent", AGENT)
        self._environment = deployment.environment | {
            "YIZHAN_TOKEN": shown.split()[-1],
            "PYTHONPATH": f"{ROOT}:{ROOT / 'services'}",
        }
        self._folder: Path = deployment.folder
        self._command = [
            *(sys.executable, "-m", "examples.own_agent_system"),
            *("--routing", f"127.0.0.1:{port}", "--agent", AGENT),
        ]
        self.process = self._start()

    def kill_and_start(self) -> None:
        self.process.kill()
        self.process = self._start()

    def _start(self) -> Process:
        return Process(
            self._command,
            environment=self._environment,
            folder=self._folder,
            log=self._folder / "own-agent-system.log",
            account=None,
        )


async def register(port: int) -> None:
    """The business tells the gateway of an agent of its own."""
    async with channel(f"127.0.0.1:{port}", TOKEN) as opened:
        agent = pb.Agent(id=AGENT, workspace=WORKSPACE, name="小雅", capacity=CUSTOMERS, enabled=True)
        try:
            await RoutingServiceStub(opened).PutAgent(pb.PutAgentRequest(agent=agent))
        except RpcProblem as problem:
            raise AssertionError(problem.code) from problem


async def talk(customer: Customer, number: int) -> None:
    for word in range(WORDS):
        customer.sent.append(f"话{number}-{word}")
        await customer.client.say(customer.sent[-1])
        await asyncio.sleep(BETWEEN_SECONDS)


async def shown(everybody: Sequence[Customer], met: Callable[[Customer], bool]) -> None:
    """Wait until every customer's screen is like that. Raises TimeoutError."""
    for customer in everybody:
        await customer.client.until(partial(met, customer), 90.0)


def answers(customer: Customer) -> list[str]:
    return [text.removeprefix("收到：") for text in customer.client.texts("agent") if text.startswith("收到：")]


def greeted(customer: Customer) -> bool:
    return GREETING in customer.client.texts("agent")


def answered(customer: Customer) -> bool:
    return len(answers(customer)) >= WORDS


def asked_to_rate(customer: Customer) -> bool:
    return customer.client.messages[-1]["content"]["type"] == "menu"


async def test_killed_and_resumed_it_loses_nothing_and_says_nothing_twice() -> None:
    port = free_port()
    deployment = await asyncio.to_thread(
        embedded, YIZHAN_SECRET=SECRET, YIZHAN_GRPC_PORT=str(port), YIZHAN_WEBSITE_SENDS_PER_MINUTE="6000"
    )
    with deployment:
        await register(port)
        sample = Sample(deployment, port)
        try:
            async with customers(deployment.website, CUSTOMERS) as everybody:
                await asyncio.sleep(3)  # the sample goes online; a request before that would become a ticket
                for customer in everybody:
                    await customer.client.say("转人工")
                await shown(everybody, greeted)
                async with asyncio.TaskGroup() as group:
                    for number, customer in enumerate(everybody):
                        group.create_task(talk(customer, number))
                    for _ in range(3):
                        await asyncio.sleep(0.8)
                        await asyncio.to_thread(sample.kill_and_start)
                    await asyncio.to_thread(deployment.kill, "yizhan")
                    await asyncio.to_thread(deployment.start, "yizhan")
                await shown(everybody, answered)
                for customer in everybody:
                    assert answers(customer) == customer.sent
                    assert customer.client.texts("agent").count(GREETING) == 1
                    await customer.client.say("再见")
                await shown(everybody, asked_to_rate)
        except BaseException:
            print(sample.process.log.read_text("utf-8", "replace")[-3000:])
            print(deployment.log("yizhan")[-3000:])
            raise
        finally:
            sample.process.kill()
