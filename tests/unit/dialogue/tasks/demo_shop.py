"""The demo shop as it is shipped, in one process: its FAQ and tasks in a real release, its order system behind the calls."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from zoneinfo import ZoneInfo

from tests.unit.dialogue.tasks.script import Bench
from yizhan.core.messages import command as k, content as c
from yizhan.demo.orders.book import OrderBook
from yizhan.demo.orders.journal import Journal
from yizhan.dialogue.connectors.errors import ConnectorError
from yizhan.dialogue.connectors.model import (
    AfterSales,
    AfterSalesRequest,
    Appointment,
    AppointmentRequest,
    AppointmentSlot,
    Booked,
    CancelRequest,
    Order,
    SlotsRequest,
    Taken,
)
from yizhan.dialogue.connectors.operations import Asked, carry_out
from yizhan.dialogue.knowledge.building import Order as BuildOrder, build
from yizhan.dialogue.knowledge.contents import TASK, Contents
from yizhan.dialogue.knowledge.decide import Thresholds
from yizhan.dialogue.knowledge.parse import parse
from yizhan.dialogue.knowledge.release import ReleaseFacts, build_release
from yizhan.dialogue.one_release import OneRelease
from yizhan.dialogue.served import Served
from yizhan.dialogue.tasks.calls import decode_call, encode_result
from yizhan.dialogue.tasks.shipped import shipped_documents

ZONE = ZoneInfo("Asia/Shanghai")
BUILT = datetime(2026, 11, 22, tzinfo=UTC)


@cache
def answerer() -> OneRelease:
    """The release that a new deployment has."""
    tasks = {f"{TASK}{Path(name).stem}": text for name, text in shipped_documents()}
    faq = parse("faq.csv", files("yizhan.demo").joinpath("faq.csv").read_bytes())
    contents = Contents(faq.entries, tasks)
    index, report = build(contents, BuildOrder(date(2026, 11, 22), 0.84, 0.08))
    release = build_release(ReleaseFacts("release-1", "shop", 1, BUILT), contents, index=index, report=report)
    return OneRelease(Served(release, Thresholds(), ZONE), Thresholds())


@dataclass(frozen=True)
class Inside:
    """The order book as a connector."""

    orders: OrderBook
    keeps_keys: bool = True
    finds_by_customer: bool = True

    async def get_order(self, order_id: str, phone: str, locale: str) -> Order:
        return self.orders.get_order(order_id, phone, locale)

    async def find_orders(self, phone: str, locale: str, limit: int, customer: str = "") -> tuple[Order, ...]:
        return self.orders.find_orders(phone, locale, limit, customer)

    async def create_after_sales(self, key: str, request: AfterSalesRequest) -> AfterSales:
        return self.orders.create_after_sales(key, request)

    async def list_slots(self, request: SlotsRequest) -> tuple[AppointmentSlot, ...]:
        return self.orders.list_slots(request)

    async def book(self, key: str, request: AppointmentRequest) -> Booked | Taken:
        return self.orders.book(key, request)

    async def cancel(self, key: str, request: CancelRequest) -> Appointment:
        return self.orders.cancel(key, request)


@dataclass
class DemoShop(Bench):
    """A bench on which every call is carried out at once, unless ``down`` says how the order system fails."""

    answerer: OneRelease = field(default_factory=answerer)  # type: ignore[assignment]
    down: k.JobOutcome | None = None
    orders: OrderBook = field(init=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.orders = OrderBook(lambda: self.stage.now, Journal(None))

    def customer(self, content: c.Content) -> None:
        super().customer(content)
        while self.pending:
            self._carry_out()

    def system(self, how: str) -> None:
        self.down = {"up": None, "slow": k.JobOutcome.TIMED_OUT, "broken": k.JobOutcome.FAILED}[how]

    def _carry_out(self) -> None:
        job = self.pending[0]
        if self.down is not None:
            self.end(self.down, newest=False)
            return
        asked = Asked(Inside(self.orders), decode_call(job.body), job.id, ZONE)
        try:
            result = asyncio.run(carry_out(asked))
        except ConnectorError:
            self.end(k.JobOutcome.FAILED, newest=False)
        else:
            self.end(k.JobOutcome.DONE, encode_result(result), newest=False)
