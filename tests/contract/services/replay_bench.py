"""A shop whose customers are answered from real releases, by the real writer, and what was decided is made again."""

import csv
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import ClassVar
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from tests.contract.services.conftest import RecordingBus, SteppedClock
from tests.contract.services.knowledge_bench import SHOP, Bench, InProcess
from tests.contract.services.test_writer import Desk, address, told
from tests.unit.dialogue.knowledge.faq import entries
from yizhan.core.bus import envelopes
from yizhan.core.messages import command as k, content as c
from yizhan.core.messages.ids import new_id
from yizhan.core.messages.message import Author, AuthorKind, Message
from yizhan.core.store.database import Database
from yizhan.core.store.inbox import Inbox
from yizhan.core.store.outbox import Outbox
from yizhan.core.store.timers import Timers
from yizhan.dialogue import store
from yizhan.dialogue.builder import Built
from yizhan.dialogue.conversation import ASSISTED, Conversation, State
from yizhan.dialogue.knowledge.building import Order
from yizhan.dialogue.knowledge.contents import TASK, Contents
from yizhan.dialogue.knowledge.entry import Entry
from yizhan.dialogue.knowledge.stored import packed_documents, packed_entries
from yizhan.dialogue.models.documents import (
    KIND as MODEL,
    ChooseEntry,
    Chosen,
    ModelResult,
    NotDone,
    RephraseAnswer,
    Reworded,
    encoded,
    read_request,
)
from yizhan.dialogue.models.use import NO_MODELS, ModelUse
from yizhan.dialogue.replay import Setting
from yizhan.dialogue.replaying import Replayer
from yizhan.dialogue.store.tables import decisions
from yizhan.dialogue.takers import job_ends
from yizhan.dialogue.tasks.calls import CONNECTOR, Result, decode_call, encode_result
from yizhan.dialogue.tasks.shipped import shipped_documents
from yizhan.dialogue.tasks.state import Phase
from yizhan.dialogue.texts import Voice
from yizhan.dialogue.writer import Rules, Writer
from yizhan.pb.v1 import message_pb2
from yizhan.pb.v1.envelope_pb2 import Envelope

ZONE = ZoneInfo("Asia/Shanghai")
SETTING = Setting(Voice("助手"), timedelta(minutes=30), ZONE)
HELDOUT = Path(__file__).parents[2] / "knowledge" / "heldout" / "dev.csv"
TASKS = {TASK + name.removesuffix(".yaml"): text for name, text in shipped_documents()}

RESULTS = {
    "find_orders": Result("found", {"order_number": "20261101123456", "status": "已发货"}),
    "check_order": Result("eligible", {}, (c.MenuOption("lamp", "智能台灯"), c.MenuOption("kettle", "保温水壶"))),
    "apply": Result("applied", {"application_number": "AS1001"}),
    "book": Result("booked", {"appointment_number": "AP2001", "appointment_time": "11月25日14:00"}),
}
TASK_WORDS = (
    "查订单", "我要退货", "我要预约", "我想预约上门安装，下周三下午，电话13800138000", "20261101123456", "13800138000",
    "下周三下午", "清洗", "到店", "杭州的", "王小明", "浙江省杭州市西湖区文三路100号3幢201室", "灯罩裂了", "跳过",
    "确认", "不对，电话是13900139000", "取消", "查订单 20261101123456", "智能台灯", "好的", "怎么付款", "注册",
)  # fmt: skip
SLOT_WORDS = {
    "order_number": "20261101123456",
    "phone": "13800138000",
    "item": "智能台灯",
    "type": "退货",
    "reason": "灯罩裂了",
    "picture": "跳过",
    "service": "清洗",
    "place": "到店",
    "store": "杭州的",
    "address": "浙江省杭州市西湖区文三路100号3幢201室",
    "time": "下周三下午",
    "name": "王小明",
}
GUARD_WORDS = (
    "转人工",
    "我要投诉你们，再不解决我就曝光",
    "我要找律师起诉你们",
    "你是傻逼吗",
    "我不想活了",
    "你好",
    "谢谢",
)


def shop_entries() -> tuple[Entry, ...]:
    """The demo FAQ; some answers end on the day that the dialogues begin, some begin the day after."""
    day = date(2026, 11, 22)
    return tuple(
        replace(entry, valid_until=day) if place % 7 == 0
        else replace(entry, valid_from=day + timedelta(days=1)) if place % 7 == 3
        else entry
        for place, entry in enumerate(entries())
    )  # fmt: skip


def reworded(given: Sequence[Entry]) -> tuple[Entry, ...]:
    """Other answers, other thresholds, and every ninth entry gone."""
    return tuple(replace(entry, answer=f"{entry.answer}（已更新）") for place, entry in enumerate(given) if place % 9)


class OnceBuilt(InProcess):
    """Trains for the same contents only once in a run: it takes seconds, and what is tested comes after."""

    _made: ClassVar[dict[tuple[bytes, bytes, Order, bytes], Built]] = {}

    async def build(self, contents: Contents, order: Order, vectors: bytes = b"") -> Built:
        key = (packed_entries(contents.entries), packed_documents(contents.documents), order, vectors)
        if key not in self._made:
            self._made[key] = await super().build(contents, order, vectors)
        return self._made[key]


@dataclass
class ReplayShop:
    """``now`` is the clock of everything here."""

    database: Database
    bus: RecordingBus
    clock: SteppedClock
    setting: Setting = SETTING
    models: ModelUse = NO_MODELS
    bench: Bench = field(init=False)
    desk: Desk = field(init=False)

    def __post_init__(self) -> None:
        self.bench = Bench(self.database, builder=OnceBuilt())
        outbox = Outbox(self.database, store.outbox, self.bus)
        writer = Writer(
            database=self.database,
            bus=self.bus,  # type: ignore[arg-type]
            inbox=Inbox(self.database, store.inbox),
            outbox=outbox,
            timers=Timers(self.database, store.timers, clock=self.clock),
            answerer=self.bench.library,
            job_ends=job_ends(self.bench.library),
            wake_jobs=lambda: None,
            rules=Rules(16, self.setting.voice, self.setting.idle_close, self.setting.zone, models=self.models),
            clock=self.clock,
            new_id=new_id,
        )
        self.desk = Desk(self.database, self.bus, outbox, writer, [])

    def replayer(self, setting: Setting = SETTING) -> Replayer:
        return Replayer(self.database, self.bench.library.shelf, setting)

    def said(self, customer: str, content: c.Content | str) -> Envelope:
        """What a customer sends now."""
        message = Message(
            new_id(),
            address(customer),
            Author(AuthorKind.CUSTOMER, customer),
            c.Text(content) if isinstance(content, str) else content,
            self.clock(),
            dedupe_key=new_id(),
            channel_data=b"opaque",
        )
        return envelopes.inbound(message, 16, producer="website-1").envelope

    def visits(self, customer: str) -> Envelope:
        """A customer opens the chat."""
        return told(customer, k.Visit("zh-CN", "", "", "", verified=False), 0)

    async def publish(self, *given: Entry) -> str:
        """A release of these with the shipped tasks, published whatever it is worse in."""
        release_id = await self.bench.take(*given, documents=TASKS)
        await self.bench.publish(release_id, "it is a test")
        return release_id

    async def transcript(self, customer: str) -> list[message_pb2.Message]:
        return await self.desk.transcript(customer)

    async def decided(self) -> list[str]:
        """The ids of all decisions, in the order of time."""
        query = sa.select(decisions.c.id).order_by(decisions.c.decided_at, decisions.c.id)
        async with self.database.read() as tx:
            return [row[0] for row in await tx.execute(query)]


@dataclass
class Crowd:
    """Customers, agents and systems who do what such do, drawn from a seed; what happened is counted."""

    shop: ReplayShop
    chance: random.Random
    customers: int
    done: Counter[str] = field(default_factory=Counter)
    questions: list[str] = field(init=False)
    last: Envelope | None = None

    def __post_init__(self) -> None:
        with HELDOUT.open(encoding="utf-8", newline="") as file:
            self.questions = [row["text"] for row in csv.DictReader(file)]

    async def live(self, messages: int) -> None:
        """Until customers have sent so many, some in one batch."""
        until = self.done["messages"] + messages
        while self.done["messages"] < until:
            batch: list[Envelope] = []
            for number in self.chance.sample(range(self.customers), 25):
                batch += await self._move(f"v:{number}")
            self.shop.clock.step(self.chance.choice((1.25, 40.5, 600.0)))
            await self.shop.desk.take(*batch)

    async def _move(self, customer: str) -> list[Envelope]:
        conversation = await self._conversation(customer)
        if conversation is None:
            return [self._says(customer, self.chance.choice(self.questions))]
        if conversation.standby is not None and self.chance.random() < 0.7:
            return [await self._from_a_model(customer, conversation.standby.job_id)]
        task = conversation.task
        if task is not None and task.phase is Phase.WORKING and self.chance.random() < 0.8:
            return [await self._result(customer, task.job_id)]
        if conversation.state in (State.QUEUED, State.OFFERED) and self.chance.random() < 0.7:
            return [self._does(customer, k.Assign("agent-1", "小雅", new_id()), conversation)]
        if conversation.state is State.ASSIGNED and self.chance.random() < 0.6:
            kind = k.ReturnToBot("agent-1") if self.chance.random() < 0.6 else k.Close("agent-1", ask_rating=True)
            return [self._does(customer, kind, conversation)]
        if task is not None and conversation.state in ASSISTED and self.chance.random() < 0.75:
            said = "确认" if task.phase is Phase.CONFIRMING else SLOT_WORDS.get(task.open)
            if said is not None and task.phase in (Phase.CONFIRMING, Phase.ASKING):
                return [self._says(customer, said)]
        if conversation.state in (*ASSISTED, State.CLOSED) and self.chance.random() < 0.5:
            menu = await self._menu(customer)
            if menu is not None:
                option = self.chance.choice(menu.options)
                return [self._says(customer, c.Choice(menu.menu_id, option.id, option.label))]
        more = [self._says(customer, self._words())]
        if self.chance.random() < 0.1:
            more.append(self._says(customer, self._words()))
        if self.last is not None and self.chance.random() < 0.05:
            self.done["handed over twice"] += 1
            more.append(self.last)
        self.last = more[0]
        return more

    def _words(self) -> c.Content | str:
        drawn = self.chance.random()
        if drawn < 0.03:
            return c.Image(c.Media("ab" * 32, "image/jpeg"))
        if drawn < 0.35:
            return self.chance.choice(TASK_WORDS)
        return self.chance.choice(GUARD_WORDS if drawn < 0.45 else self.questions)

    def _says(self, customer: str, content: c.Content | str) -> Envelope:
        self.done["messages"] += 1
        return self.shop.said(customer, content)

    def _does(self, customer: str, kind: k.CommandKind, conversation: Conversation) -> Envelope:
        self.done[type(kind).__name__] += 1
        return told(customer, kind, conversation.epoch)

    async def _result(self, customer: str, job_id: str) -> Envelope:
        query = sa.select(store.tables.jobs.c.body).where(store.tables.jobs.c.id == job_id)
        async with self.shop.database.read() as tx:
            operation = decode_call((await tx.execute(query)).scalar_one()).operation
        outcome = self.chance.choices((k.JobOutcome.DONE, k.JobOutcome.FAILED, k.JobOutcome.TIMED_OUT), (8, 1, 1))[0]
        body = encode_result(RESULTS[operation]) if outcome is k.JobOutcome.DONE else b""
        self.done[f"{operation} {outcome.name}"] += 1
        return told(customer, k.JobFinished(job_id, CONNECTOR, outcome, body), 0)

    async def _from_a_model(self, customer: str, job_id: str) -> Envelope:
        """What comes of a model's job: something to be sent, something that must not be, or nothing."""
        query = sa.select(store.tables.jobs.c.body).where(store.tables.jobs.c.id == job_id)
        async with self.shop.database.read() as tx:
            request = read_request((await tx.execute(query)).scalar_one())
        outcome = self.chance.choices((k.JobOutcome.DONE, k.JobOutcome.TIMED_OUT), (2, 1))[0]
        result: ModelResult = NotDone(reason="not_the_json")
        match request:
            case RephraseAnswer(entry=entry):
                text = self.chance.choice((f"您好，{entry.answer}", entry.answer, f"{entry.answer}我们全额退款。"))
                result = Reworded(entry_id=entry.entry_id, text=text)
            case ChooseEntry(candidates=candidates):
                result = Chosen(entry_id=self.chance.choice((*[one.entry_id for one in candidates], "", "unknown")))
        self.done[f"model {request.task} {outcome.name}"] += 1
        body = encoded(result) if outcome is k.JobOutcome.DONE else b""
        return told(customer, k.JobFinished(job_id, MODEL, outcome, body), 0)

    async def _menu(self, customer: str) -> message_pb2.Menu | None:
        """What the customer was last offered to choose from."""
        shown = [one.content.menu for one in await self.shop.transcript(customer) if one.content.HasField("menu")]
        return shown[-1] if shown else None

    async def _conversation(self, customer: str) -> Conversation | None:
        async with self.shop.database.read() as tx:
            return await store.conversation_by_address(tx, address(customer))


__all__ = ["SHOP", "Crowd", "ReplayShop", "reworded", "shop_entries"]
