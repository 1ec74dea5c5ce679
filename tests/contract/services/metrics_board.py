"""A metrics service without its process, and events for it."""

from datetime import datetime
from typing import Any

from tests.contract.services.conftest import SteppedClock
from yizhan.core.bus.interface import Delivery
from yizhan.core.messages.address import Address
from yizhan.core.messages.codec import address_to_proto
from yizhan.core.messages.ids import new_id
from yizhan.core.runtime.metrics import Metrics
from yizhan.core.store.database import Database
from yizhan.core.store.inbox import Inbox
from yizhan.metrics import store
from yizhan.metrics.api import ReportsApi
from yizhan.metrics.conservation import Conservation
from yizhan.metrics.figures import Figures
from yizhan.metrics.listener import Listener
from yizhan.pb.v1 import event_pb2, reports_pb2
from yizhan.pb.v1.envelope_pb2 import Envelope

ADDRESS = address_to_proto(Address("shop", "website", "demo", "v:1"))
NO_CONTEXT: Any = None


class Board:
    """A metrics service without its process."""

    def __init__(self, database: Database, clock: SteppedClock) -> None:
        self.database = database
        self.seconds = 0.0
        self.metrics = Metrics("metrics")
        self.figures = Figures(self.metrics, Conservation(lambda: self.seconds))
        self.listener = Listener(database, Inbox(database, store.inbox), self.figures, "shop")
        self.api = ReportsApi(database=database, figures=self.figures, handoff_seconds=60, clock=clock)

    async def happen(self, *events: event_pb2.Event) -> None:
        await self.listener.handle(
            [Delivery("metrics.events", Envelope(id=new_id(), event=event), False) for event in events]
        )

    async def ledger(self) -> list[tuple[str, str, datetime, str]]:
        async with self.database.read() as tx:
            return [(row.clock, row.mark, row.at, row.reason) for row in await store.ledger_of(tx, "c1")]

    def counted(self, name: str) -> dict[tuple[str, ...], float]:
        """The samples of a figure by the values of their labels, in the order of the labels' names."""
        return {
            tuple(sample.labels[label] for label in sorted(sample.labels)): sample.value
            for family in self.metrics.registry.collect()
            for sample in family.samples
            if sample.name == name
        }

    async def numbers(self) -> reports_pb2.GetLiveNumbersResponse:
        async with self.database.read() as tx:
            counts = await store.producer_counts(tx, "shop")
        self.figures.balances = self.figures._conservation.balance(counts)
        return await self.api.GetLiveNumbers(reports_pb2.GetLiveNumbersRequest(workspace="shop"), NO_CONTEXT)


def event(epoch: int = 1, *, id: str = "", session: int = 1, **kind: object) -> event_pb2.Event:
    return event_pb2.Event(
        id=id or new_id(),
        address=ADDRESS,
        conversation_id="c1",
        epoch=epoch,
        session=session,
        **kind,  # type: ignore[arg-type]
    )
