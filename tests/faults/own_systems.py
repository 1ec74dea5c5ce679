"""Businesses' own agent systems as processes that are killed, and the customers who talk to their agents."""

import asyncio
from collections.abc import Callable, Sequence
from functools import partial

from tests.faults.traffic import WORKSPACE, Customer
from tests.services.deployment import ROOT, SECRET, Deployment
from tests.services.process import Process
from yizhan.core.runtime.grpc import RpcProblem, channel
from yizhan.core.security.keys import Keyring
from yizhan.pb.v1 import routing_pb2 as pb
from yizhan.pb.v1.routing_pb2_grpc import RoutingServiceStub

BETWEEN_SECONDS = 0.3
AGENT = "own-1"
GREETING = "您好，我是人工客服。"
TOKEN = Keyring.parse(SECRET).internal_tokens[0]


class Sample:
    """A sample of ours as a process, which keeps its memory when it dies."""

    def __init__(self, deployment: Deployment, command: Sequence[str], environment: dict[str, str]) -> None:
        self._environment = deployment.environment | environment | {"PYTHONPATH": f"{ROOT}:{ROOT / 'services'}"}
        self._folder = deployment.folder
        self._command = list(command)
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
        agent = pb.Agent(id=AGENT, workspace=WORKSPACE, name="小雅", capacity=6, enabled=True)
        try:
            await RoutingServiceStub(opened).PutAgent(pb.PutAgentRequest(agent=agent))
        except RpcProblem as problem:
            raise AssertionError(problem.code) from problem


async def online(port: int) -> None:
    """Wait until the agent is there; a request before that would become a ticket."""
    async with asyncio.timeout(60), channel(f"127.0.0.1:{port}", TOKEN) as opened:
        asked = pb.ListAgentsRequest(workspace=WORKSPACE, agent_id=AGENT)
        while (await RoutingServiceStub(opened).ListAgents(asked)).agents[0].presence != "online":
            await asyncio.sleep(0.2)


async def talk(customer: Customer, number: int, words: int) -> None:
    for word in range(words):
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
    return len(answers(customer)) >= len(customer.sent)


def asked_to_rate(customer: Customer) -> bool:
    return customer.client.messages[-1]["content"]["type"] == "menu"
