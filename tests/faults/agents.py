"""Agents at work over gRPC, for crowds of customers who want a human: they accept, speak, close, and now and then look away."""

import asyncio
import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from yizhan.core.runtime.grpc import RpcProblem
from yizhan.pb.v1 import message_pb2, routing_pb2 as pb

if TYPE_CHECKING:
    from yizhan.pb.v1.routing_pb2_grpc import RoutingServiceAsyncStub

POLL_SECONDS = 0.5
BEAT_SECONDS = 5.0
IGNORES = 0.15
"""Of the offers, how many an agent does not notice."""


@dataclass(slots=True)
class Worker:
    """One agent. ``spoken``: the conversations in which words of theirs were taken."""

    id: str
    workspace: str
    random: random.Random
    spoken: set[str] = field(default_factory=set)
    closing: dict[str, float] = field(default_factory=dict)
    ignored: set[str] = field(default_factory=set)

    async def work(self, routing: "RoutingServiceAsyncStub", stop: asyncio.Event) -> None:
        """Until told to stop. Routing may be away at any moment: whatever failed is done again."""
        loop = asyncio.get_running_loop()
        beat = 0.0
        while not stop.is_set():
            try:
                if loop.time() >= beat:
                    await routing.SetPresence(
                        pb.SetPresenceRequest(workspace=self.workspace, agent_id=self.id, state="online"), timeout=5.0
                    )
                    beat = loop.time() + BEAT_SECONDS
                await self._look(routing, loop.time())
            except RpcProblem:
                beat = 0.0  # it may have been killed; what is on its screen is asked for again
            await asyncio.sleep(POLL_SECONDS * (0.5 + self.random.random()))

    async def _look(self, routing: "RoutingServiceAsyncStub", now: float) -> None:
        offers = await routing.ListOffers(pb.ListOffersRequest(workspace=self.workspace, agent_id=self.id), timeout=5.0)
        for offer in offers.offers:
            if offer.id not in self.ignored and self.random.random() < IGNORES:
                self.ignored.add(offer.id)
            if offer.id not in self.ignored:
                await self._accept(routing, offer.id)
        mine = await routing.ListAssignments(
            pb.ListAssignmentsRequest(workspace=self.workspace, agent_id=self.id), timeout=5.0
        )
        for one in mine.assignments:
            await self._serve(routing, one, now)

    async def _accept(self, routing: "RoutingServiceAsyncStub", offer_id: str) -> None:
        try:
            await routing.AcceptOffer(
                pb.AcceptOfferRequest(workspace=self.workspace, agent_id=self.id, offer_id=offer_id), timeout=5.0
            )
        except RpcProblem as problem:
            if problem.code != "offer_gone":
                raise

    async def _serve(self, routing: "RoutingServiceAsyncStub", one: pb.Assignment, now: float) -> None:
        text = message_pb2.Content(text=message_pb2.Text(text=f"您好，我是 {self.id}"))
        try:
            if one.id not in self.closing:
                say = pb.SayRequest(
                    workspace=self.workspace,
                    agent_id=self.id,
                    conversation_id=one.conversation_id,
                    epoch=one.epoch,
                    client_id=f"hello-{one.id}",
                    content=text,
                )
                await routing.Say(say, timeout=5.0)
                self.spoken.add(one.conversation_id)
                self.closing[one.id] = now + 1.0 + 3.0 * self.random.random()
            elif now >= self.closing[one.id]:
                close = pb.CloseConversationRequest(
                    workspace=self.workspace,
                    agent_id=self.id,
                    conversation_id=one.conversation_id,
                    epoch=one.epoch,
                    reason="served",
                )
                await routing.CloseConversation(close, timeout=5.0)
        except RpcProblem as problem:
            if problem.code not in {"not_yours", "stale_epoch"}:
                raise
