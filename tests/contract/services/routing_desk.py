"""A routing service without its process: its switchboard on a real database, with a bus that keeps what it is told."""

import asyncio
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from tests.contract.services.conftest import RecordingBus, SteppedClock
from yizhan.contract.contract import Contract
from yizhan.core.bus.interface import Delivery, RetryLater
from yizhan.core.messages import command as k
from yizhan.core.messages.address import Address
from yizhan.core.messages.codec import address_to_proto, timestamp
from yizhan.core.messages.ids import new_id
from yizhan.core.runtime.metrics import Metrics
from yizhan.core.store.database import Database
from yizhan.core.store.inbox import Inbox
from yizhan.core.store.outbox import Outbox
from yizhan.core.store.timers import Timers
from yizhan.pb.v1 import event_pb2, routing_pb2 as pb
from yizhan.pb.v1.envelope_pb2 import Envelope
from yizhan.routing import store
from yizhan.routing.api import RoutingApi
from yizhan.routing.desk import CaseState
from yizhan.routing.events import Listener
from yizhan.routing.finding import Finding
from yizhan.routing.retention import Keep, Sweeper
from yizhan.routing.switchboard import Switchboard
from yizhan.routing.terms import TermsBook
from yizhan.routing.upkeep import on_timer

SHOP = "shop"
HEARD_WITHIN = timedelta(seconds=45)
GONE = timedelta(seconds=120)
NO_CONTEXT: Any = None


@dataclass
class Desk:
    """A routing service without its process."""

    database: Database
    bus: RecordingBus
    clock: SteppedClock
    switchboard: Switchboard
    listener: Listener
    timers: Timers
    api: RoutingApi

    async def agent(self, name: str, *, capacity: int = 2, state: str = "online") -> None:
        put = pb.Agent(id=name, workspace=SHOP, name=name, capacity=capacity, enabled=True)
        await self.api.PutAgent(pb.PutAgentRequest(agent=put), NO_CONTEXT)
        await self.presence(name, state)

    async def presence(self, name: str, state: str = "") -> pb.Agent:
        asked = pb.SetPresenceRequest(workspace=SHOP, agent_id=name, state=state)
        return (await self.api.SetPresence(asked, NO_CONTEXT)).agent

    async def event(self, conversation: str, epoch: int, **kind: object) -> event_pb2.Event:
        address = address_to_proto(Address(SHOP, "website", "demo", conversation))
        event = event_pb2.Event(
            id=new_id(),
            address=address,
            conversation_id=conversation,
            epoch=epoch,
            **kind,  # type: ignore[arg-type]
        )
        await self.deliver(event)
        return event

    async def deliver(self, event: event_pb2.Event) -> None:
        delivery = Delivery("routing.events", Envelope(id=new_id(), event=event), False)
        while True:
            try:
                return await self.listener.handle([delivery])
            except RetryLater:  # the database was busy: the bus delivers it again
                await asyncio.sleep(0)

    async def wants_human(
        self, conversation: str, epoch: int = 2, *, can_choose: bool = False, acknowledge: bool = False
    ) -> event_pb2.Event:
        request = event_pb2.HandoffRequested(
            reason="requested",
            at=timestamp(self.clock()),
            last_text="转人工",
            can_choose=can_choose,
            acknowledge=acknowledge,
        )
        return await self.event(conversation, epoch, handoff_requested=request)

    async def closed(self, conversation: str, epoch: int) -> None:
        closed = event_pb2.ConversationClosed(by="agent", at=timestamp(self.clock()))
        await self.event(conversation, epoch, conversation_closed=closed)

    async def offers(self, agent: str) -> list[pb.Offer]:
        asked = pb.ListOffersRequest(workspace=SHOP, agent_id=agent)
        return list((await self.api.ListOffers(asked, NO_CONTEXT)).offers)

    async def accept(self, agent: str, offer_id: str) -> pb.Assignment:
        asked = pb.AcceptOfferRequest(workspace=SHOP, agent_id=agent, offer_id=offer_id)
        return (await self.api.AcceptOffer(asked, NO_CONTEXT)).assignment

    async def decline(self, agent: str, offer_id: str) -> None:
        await self.api.DeclineOffer(
            pb.DeclineOfferRequest(workspace=SHOP, agent_id=agent, offer_id=offer_id), NO_CONTEXT
        )

    async def pass_time(self, seconds: float) -> None:
        """Let timers fire that come due meanwhile."""
        self.clock.step(seconds)
        await self.timers.fire_due(on_timer(self.switchboard, self.timers))

    async def cases(self, *states: CaseState) -> list[str]:
        async with self.database.read() as tx:
            return [case.conversation_id for case in await store.cases_in(tx, SHOP, states)]

    async def queue(self) -> pb.GetQueueResponse:
        return await self.api.GetQueue(pb.GetQueueRequest(workspace=SHOP), NO_CONTEXT)

    def told(self, kind: type) -> list[k.Command]:
        return [command for command in self.bus.commands() if isinstance(command.kind, kind)]


def desk_on(
    database: Database,
    bus: RecordingBus,
    clock: SteppedClock,
    contract: Contract | None = None,
    *,
    heard_within: timedelta = HEARD_WITHIN,
) -> Desk:
    timers = Timers(database, store.timers, clock=clock)
    finding = Finding(timers=timers, terms=TermsBook(contract or Contract(id="standard")), heard_within=heard_within)
    switchboard = Switchboard(
        database=database,
        bus=bus,  # type: ignore[arg-type]
        outbox=Outbox(database, store.outbox, bus),
        timers=timers,
        finding=finding,
        partitions=16,
        clock=clock,
        new_id=new_id,
    )
    api = RoutingApi(
        switchboard=switchboard,
        database=database,
        bus=bus,  # type: ignore[arg-type]
        partitions=16,
        default_capacity=5,
        clock=clock,
        new_id=new_id,
    )
    return Desk(
        database, bus, clock, switchboard, Listener(switchboard, Inbox(database, store.inbox), new_id), timers, api
    )


async def swept(
    database: Database,
    clock: SteppedClock,
    keep: Keep | None = None,
    *,
    batch: int = 500,
    metrics: Metrics | None = None,
) -> Counter[str]:
    """What had been kept long enough; workspaces without a contract of their own promise the standard one."""
    terms = TermsBook(Contract(id="standard"))
    return await Sweeper(database, keep or Keep(), terms, clock, metrics or Metrics("test"), batch=batch).sweep()
