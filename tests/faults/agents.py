"""Agents at work, for crowds of customers who want a human: they accept, speak, close, and now and then look away.

What they do is one thing, how it reaches the gateway another: ``OverGrpc`` is a business's own system, and ``OverConsole``
in ``console_agents`` is what a browser does.
"""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from yizhan.core.runtime.grpc import RpcProblem
from yizhan.pb.v1 import message_pb2, routing_pb2 as pb

if TYPE_CHECKING:
    from yizhan.pb.v1.routing_pb2_grpc import RoutingServiceAsyncStub

POLL_SECONDS = 0.5
BEAT_SECONDS = 5.0
IGNORES = 0.15
"""Of the offers, how many an agent does not notice."""


class Away(Exception):
    """The gateway was not there, or nobody knows what became of it: it is done again."""


class Gone(Exception):
    """What it was about is not this agent's any more."""


@dataclass(frozen=True, slots=True)
class Held:
    """A conversation that an agent has, under this ownership."""

    conversation_id: str
    epoch: int


class Hands(Protocol):
    """How an agent sees and does things. All raise Away; what is done to an offer or a conversation raises Gone."""

    async def beat(self) -> None:
        """Be online, and be heard of."""

    async def offers(self) -> Sequence[str]: ...

    async def held(self) -> Sequence[Held]: ...

    async def accept(self, offer_id: str) -> None: ...

    async def say(self, held: Held, client_id: str, text: str) -> None: ...

    async def close(self, held: Held) -> None: ...


@dataclass(slots=True)
class Worker:
    """One agent. ``closing``: when they are done with each conversation in which they have spoken."""

    id: str
    hands: Hands
    random: random.Random
    closing: dict[Held, float] = field(default_factory=dict)
    ignored: set[str] = field(default_factory=set)

    async def work(self, stop: asyncio.Event) -> None:
        """Until told to stop. The gateway may be away at any moment: whatever failed is done again."""
        loop = asyncio.get_running_loop()
        beat = 0.0
        while not stop.is_set():
            try:
                if loop.time() >= beat:
                    await self.hands.beat()
                    beat = loop.time() + BEAT_SECONDS
                await self._look(loop.time())
            except Away:
                beat = 0.0  # it may have been killed; what is on its screen is asked for again
            await asyncio.sleep(POLL_SECONDS * (0.5 + self.random.random()))

    async def _look(self, now: float) -> None:
        for offer in await self.hands.offers():
            if offer not in self.ignored and self.random.random() < IGNORES:
                self.ignored.add(offer)
            if offer not in self.ignored:
                try:
                    await self.hands.accept(offer)
                except Gone:
                    continue
        for held in await self.hands.held():
            try:
                await self._serve(held, now)
            except Gone:
                continue

    async def _serve(self, held: Held, now: float) -> None:
        if held not in self.closing:
            await self.hands.say(held, f"hello-{held.conversation_id}-{held.epoch}", f"您好，我是 {self.id}")
            self.closing[held] = now + 1.0 + 3.0 * self.random.random()
        elif now >= self.closing[held]:
            await self.hands.close(held)


@dataclass(frozen=True, slots=True)
class OverGrpc:
    """An agent of a business's own system, which asks again and again."""

    routing: "RoutingServiceAsyncStub"
    workspace: str
    agent_id: str

    async def beat(self) -> None:
        try:
            await self.routing.SetPresence(
                pb.SetPresenceRequest(workspace=self.workspace, agent_id=self.agent_id, state="online"), timeout=5.0
            )
        except RpcProblem as problem:
            raise Away from problem

    async def offers(self) -> Sequence[str]:
        asked = pb.ListOffersRequest(workspace=self.workspace, agent_id=self.agent_id)
        try:
            return [offer.id for offer in (await self.routing.ListOffers(asked, timeout=5.0)).offers]
        except RpcProblem as problem:
            raise Away from problem

    async def held(self) -> Sequence[Held]:
        asked = pb.ListAssignmentsRequest(workspace=self.workspace, agent_id=self.agent_id)
        try:
            found = (await self.routing.ListAssignments(asked, timeout=5.0)).assignments
        except RpcProblem as problem:
            raise Away from problem
        return [Held(one.conversation_id, one.epoch) for one in found]

    async def accept(self, offer_id: str) -> None:
        asked = pb.AcceptOfferRequest(workspace=self.workspace, agent_id=self.agent_id, offer_id=offer_id)
        try:
            await self.routing.AcceptOffer(asked, timeout=5.0)
        except RpcProblem as problem:
            raise _ended(problem, "offer_gone") from problem

    async def say(self, held: Held, client_id: str, text: str) -> None:
        asked = pb.SayRequest(
            workspace=self.workspace,
            agent_id=self.agent_id,
            conversation_id=held.conversation_id,
            epoch=held.epoch,
            client_id=client_id,
            content=message_pb2.Content(text=message_pb2.Text(text=text)),
        )
        try:
            await self.routing.Say(asked, timeout=5.0)
        except RpcProblem as problem:
            raise _ended(problem, "not_yours", "stale_epoch") from problem

    async def close(self, held: Held) -> None:
        asked = pb.CloseConversationRequest(
            workspace=self.workspace,
            agent_id=self.agent_id,
            conversation_id=held.conversation_id,
            epoch=held.epoch,
            reason="served",
        )
        try:
            await self.routing.CloseConversation(asked, timeout=5.0)
        except RpcProblem as problem:
            raise _ended(problem, "not_yours", "stale_epoch") from problem


def _ended(problem: RpcProblem, *gone: str) -> Exception:
    return Gone(problem.code) if problem.code in gone else Away(problem.code)
