"""A task on a real database: kept with the conversation, its calls started once, its results told once."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from tests.contract.services.conftest import RecordingBus, SteppedClock
from tests.contract.services.test_writer import Desk, said, told
from tests.unit.dialogue.tasks.script import ShopAnswerer, shipped_book
from yizhan.core.messages import command as k
from yizhan.core.messages.ids import new_id
from yizhan.core.store.database import Database
from yizhan.core.store.inbox import Inbox
from yizhan.core.store.outbox import Outbox
from yizhan.core.store.timers import Timers
from yizhan.dialogue import store, tasking
from yizhan.dialogue.conversations_api import to_proto
from yizhan.dialogue.jobs.finished import JobEnds
from yizhan.dialogue.store.tables import conversations, jobs
from yizhan.dialogue.tasks.calls import CONNECTOR, Result, decode_call, encode_result
from yizhan.dialogue.tasks.state import Phase
from yizhan.dialogue.texts import Voice
from yizhan.dialogue.writer import Rules, Writer

RULES = Rules(partitions=16, voice=Voice("助手"), idle_close=timedelta(minutes=30), zone=ZoneInfo("Asia/Shanghai"))


@pytest.fixture
def desk(database: Database, bus: RecordingBus, clock: SteppedClock) -> Desk:
    answerer = ShopAnswerer(shipped_book())
    outbox = Outbox(database, store.outbox, bus)
    writer = Writer(
        database=database,
        bus=bus,  # type: ignore[arg-type]
        inbox=Inbox(database, store.inbox),
        outbox=outbox,
        timers=Timers(database, store.timers, clock=clock),
        answerer=answerer,
        job_ends=JobEnds({CONNECTOR: tasking.taker(answerer)}),
        wake_jobs=lambda: None,
        rules=RULES,
        clock=clock,
        new_id=new_id,
    )
    return Desk(database, bus, outbox, writer, [])


async def started(desk: Desk) -> list[str]:
    """The jobs in the table, by operation."""
    async with desk.database.read() as tx:
        rows = (await tx.execute(sa.select(jobs.c.body).order_by(jobs.c.created_at, jobs.c.id))).all()
    return [decode_call(row.body).operation for row in rows]


async def job_of(desk: Desk, customer: str) -> str:
    task = (await desk.conversation(customer)).task
    assert task is not None
    assert task.phase is Phase.WORKING
    return task.job_id


def found(job_id: str) -> k.JobFinished:
    result = Result("found", {"order_number": "20261101123456", "status": "已发货"})
    return k.JobFinished(job_id, CONNECTOR, k.JobOutcome.DONE, encode_result(result))


async def test_a_task_goes_on_from_the_table(desk: Desk) -> None:
    await desk.take(said("v:1", "查订单"))
    task = (await desk.conversation("v:1")).task
    assert task is not None
    assert (task.phase, task.open) == (Phase.ASKING, "order_number")
    await desk.take(said("v:1", "20261101123456"))
    assert await started(desk) == ["find_orders"]
    await desk.take(told("v:1", found(await job_of(desk, "v:1")), 0))
    assert "已发货" in (await desk.words("v:1"))[-1]
    async with desk.database.read() as tx:
        stored = (await tx.execute(sa.select(conversations.c.task))).scalar_one()
    assert '"phase":"done"' in stored


async def test_one_batch_with_a_question_its_answer_and_a_repetition_starts_one_call(desk: Desk) -> None:
    await desk.take(
        said("v:1", "查订单", key="1"), said("v:1", "20261101123456", key="2"), said("v:1", "20261101123456", key="2")
    )
    assert await started(desk) == ["find_orders"]


async def test_a_result_that_is_told_twice_is_said_once(desk: Desk) -> None:
    await desk.take(said("v:1", "查订单 20261101123456"))
    finished = told("v:1", found(await job_of(desk, "v:1")), 0, id="finished")
    await desk.take(finished)
    await desk.take(finished)
    assert sum("已发货" in words for words in await desk.words("v:1")) == 1


async def test_a_private_number_is_not_kept_longer_than_the_task(desk: Desk) -> None:
    await desk.take(said("v:1", "查订单"), said("v:1", "13800138000"))
    async with desk.database.read() as tx:
        assert "13800138000" in (await tx.execute(sa.select(conversations.c.task))).scalar_one()
    await desk.take(told("v:1", found(await job_of(desk, "v:1")), 0))
    async with desk.database.read() as tx:
        stored = (await tx.execute(sa.select(conversations.c.task))).scalar_one()
    assert "13800138000" not in stored
    assert "138****8000" in stored


async def test_an_agent_sees_what_the_customer_was_doing_and_no_private_number(desk: Desk) -> None:
    await desk.take(said("v:1", "我要预约"), said("v:1", "清洗"), said("v:1", "电话13800138000"), said("v:1", "转人工"))
    task = to_proto(await desk.conversation("v:1")).task
    assert (task.name, task.title, task.phase) == ("appointment", "预约登记", "asking")
    assert [(value.label, value.shown) for value in task.values] == [("服务项目", "清洗"), ("联系电话", "138****8000")]


async def test_a_state_that_cannot_be_read_costs_the_task_and_nothing_else(desk: Desk) -> None:
    await desk.take(said("v:1", "查订单"))
    async with desk.database.begin() as tx:
        await tx.execute(sa.update(conversations).values(task='{"phase": "dreaming"}'))
    await desk.take(said("v:1", "可以开发票吗"))
    assert (await desk.words("v:1"))[-1] == "可以，在订单详情页申请电子发票。"
    assert (await desk.conversation("v:1")).task is None


async def test_two_customers_tasks_do_not_meet(desk: Desk) -> None:
    await desk.take(said("v:1", "查订单"), said("v:2", "我要预约"), said("v:1", "20261101123456"), said("v:2", "清洗"))
    assert [(await desk.conversation(name)).task.open for name in ("v:1", "v:2")] == ["find", "place"]  # type: ignore[union-attr]
