"""What tests of drafts and releases share: a desk whose builds take no process of their own, and a few entries."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from tests.contract.services.conftest import NOON
from yizhan.core.messages.ids import new_id
from yizhan.core.store.database import Database
from yizhan.dialogue.builder import Builder, Built
from yizhan.dialogue.builds import Builds
from yizhan.dialogue.drafts import Drafts
from yizhan.dialogue.knowledge import building
from yizhan.dialogue.knowledge.building import Order
from yizhan.dialogue.knowledge.contents import Contents
from yizhan.dialogue.knowledge.decide import Thresholds
from yizhan.dialogue.knowledge.entry import Entry
from yizhan.dialogue.knowledge.report import report_bytes
from yizhan.dialogue.knowledge.stored import packed_documents, packed_entries
from yizhan.dialogue.knowledge_desk import KnowledgeDesk
from yizhan.dialogue.library import Library
from yizhan.dialogue.publishing import Publisher
from yizhan.dialogue.release_vectors import ReleaseVectors

SHOP = "shop"
SHIP = Entry("ship", "什么时候发货", ("多久发货", "几天能发货"), "48小时内发货。", "物流")
BACK = Entry("back", "怎么退货", ("如何申请退货", "我要退货"), "在订单页申请退货。", "售后")
FEE = Entry("fee", "运费多少钱", ("邮费怎么算", "快递费多少"), "满99元包邮。", "物流")
ENTRIES = (SHIP, BACK, FEE)
TESTS = "问题,条目编号\n多久可以发货,ship\n怎么申请退货,back\n今天天气怎么样,\n"


class InProcess(Builder):
    """Builds as the process would, without starting one; counts how often."""

    def __init__(self) -> None:
        super().__init__()
        self.built = 0

    async def build(self, contents: Contents, order: Order, vectors: bytes = b"") -> Built:
        self.built += 1
        index, report = await asyncio.to_thread(building.build, contents, order, vectors)
        entries, documents = packed_entries(contents.entries), packed_documents(contents.documents)
        return Built(entries, documents, index, report, report_bytes(report))


@dataclass
class Bench:
    """One replica's view of the knowledge."""

    database: Database
    now: datetime = NOON
    builder: Builder = field(default_factory=InProcess)
    desk: KnowledgeDesk = field(init=False)
    embedding: ReleaseVectors | None = None
    unusable: list[int] = field(default_factory=list)
    """How many workspaces were not answered from what is published, each time that was looked at."""

    def __post_init__(self) -> None:
        library = Library(
            self.database,
            thresholds=Thresholds(),
            zone=ZoneInfo("Asia/Shanghai"),
            clock=self.clock,
            new_id=new_id,
            builder=self.builder,
            on_unusable=self.unusable.append,
        )
        drafts = Drafts(self.database, library.shelf, clock=self.clock, new_id=new_id)
        publisher = Publisher(self.database, library, drafts, clock=self.clock, new_id=new_id, embedding=self.embedding)
        builds = Builds(self.database, publisher, clock=self.clock, new_id=new_id)
        self.desk = KnowledgeDesk(library, drafts, publisher, builds)

    def clock(self) -> datetime:
        return self.now

    @property
    def library(self) -> Library:
        return self.desk.library

    async def take(self, *entries: Entry, documents: dict[str, str] | None = None) -> str:
        """These entries as the draft, built; the release's id."""
        contents = Contents(entries or ENTRIES, documents or {})
        await self.desk.drafts.load(SHOP, contents, mode="replace", by="editor", source_name="faq.csv")
        return (await self.desk.publisher.build(SHOP, by="editor")).id

    async def publish(self, release_id: str, reason: str = "") -> None:
        await self.desk.publisher.publish(SHOP, release_id, by="editor", forced_reason=reason)

    def said(self, words: str, *, channel: str = "website", at: datetime | None = None) -> str:
        """What the assistant of this replica would answer; empty for anything but an answer."""
        decision = self.library.decide(SHOP, words, channel=channel, at=at or self.now)
        return getattr(decision, "text", "")
