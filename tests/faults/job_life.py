"""One life of a dialogue process with a job in hand: ``python -m tests.faults.job_life STEP DATABASE BUS SHOP``.

With a step it opens a conversation that applies for after-sales, and kills itself at that step. With ``none`` it goes on
with what it finds, until nothing is left to do, and prints what the customer was told, as JSON.
"""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Sequence
from datetime import timedelta
from zoneinfo import ZoneInfo

from pydantic import SecretStr

from tests.unit.dialogue.stage import ScriptedAnswerer
from yizhan.core.bus import envelopes
from yizhan.core.bus.interface import Bus, Delivery, Publication
from yizhan.core.bus.open import open_bus
from yizhan.core.bus.topology import inbound_queue
from yizhan.core.messages import command as k, content as c
from yizhan.core.messages.address import Address
from yizhan.core.messages.ids import new_id
from yizhan.core.messages.message import Author, AuthorKind, Message
from yizhan.core.runtime import clock
from yizhan.core.runtime.metrics import Metrics
from yizhan.core.store.database import Database
from yizhan.core.store.inbox import Inbox
from yizhan.core.store.outbox import Outbox
from yizhan.core.store.timers import Timers
from yizhan.dialogue import store
from yizhan.dialogue.connectors.http import HttpPlace, open_http
from yizhan.dialogue.connectors.jobs import ConnectorJobs
from yizhan.dialogue.jobs.finished import JobEnds
from yizhan.dialogue.jobs.job import Job
from yizhan.dialogue.jobs.runner import JobRunner
from yizhan.dialogue.tasks.calls import CONNECTOR, Call, decode_result, encode_call
from yizhan.dialogue.texts import Voice
from yizhan.dialogue.turn import Turn
from yizhan.dialogue.writer import Rules, Writer
from yizhan.pb.v1 import message_pb2

SECRET = "a-secret-of-the-shop"
PARTITIONS = 1
ADDRESS = Address("shop", "website", "demo", "v:1")
STEPS = (
    "job committed",
    "claimed",
    "called",
    "published",
    "row deleted",
    "result committed",
)
"""Where a process can end, in the order of things."""
APPLY = {"order_number": "SJ100002", "item": "VASE-WHITE", "type": "return", "reason": "碎了", "phone": "13800138000"}
LEASE = timedelta(seconds=2)
RULES = Rules(PARTITIONS, Voice("助手"), timedelta(minutes=30), ZoneInfo("Asia/Shanghai"))


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class Mortal:
    """Dies at its step."""

    def __init__(self, step: str) -> None:
        self._step = step

    def reaches(self, step: str) -> None:
        if step == self._step:
            die()


class MortalJobs(ConnectorJobs):
    """A handler in a process that ends before or after the call."""

    mortal: Mortal

    async def carry_out(self, job: Job) -> bytes:
        self.mortal.reaches("claimed")
        result = await super().carry_out(job)
        self.mortal.reaches("called")
        return result


class MortalBus:
    """The bus of the job runner, in a process that ends once the result is on it."""

    def __init__(self, bus: Bus, mortal: Mortal) -> None:
        self._bus = bus
        self._mortal = mortal

    async def publish(self, publications: Sequence[Publication]) -> None:
        await self._bus.publish(publications)
        self._mortal.reaches("published")


def apply(turn: Turn, _: k.JobFinished) -> str:
    """What starts the job: stands in for a task."""
    call = Call("business", "apply", APPLY, changes=True, locale="zh")
    turn.start_job(CONNECTOR, encode_call(call), timedelta(seconds=60))
    return ""


def tell(turn: Turn, finished: k.JobFinished) -> str:
    done = finished.outcome is k.JobOutcome.DONE
    result = decode_result(finished.body) if done else None
    text = result.facts["application_number"] if result else f"{finished.outcome.name} {finished.reason}"
    turn.bot(c.Text(f"{result.branch if result else ''} {text}"))
    return ""


def last_word(turn: Turn, _: k.JobFinished) -> str:
    """Comes after everything else on the partition."""
    turn.bot(c.Text("that was all"))
    return ""


async def live(step: str, database_url: str, bus_url: str, shop_url: str) -> None:
    mortal, metrics = Mortal(step), Metrics("test")
    place = HttpPlace(url=lambda: shop_url, secret=SecretStr(f"Bearer {SECRET}"))
    async with (
        Database(database_url) as database,
        open_bus(bus_url, database=database, partitions=PARTITIONS, producer="dialogue") as bus,
        open_http(place, at_once=4) as connector,
        asyncio.TaskGroup() as group,
    ):
        handler = MortalJobs({("shop", "business"): connector}, ZoneInfo("Asia/Shanghai"), metrics)
        handler.mortal = mortal
        runner = JobRunner(
            database=database,
            bus=MortalBus(bus, mortal),  # type: ignore[arg-type]
            handlers={CONNECTOR: handler},
            partitions=PARTITIONS,
            clock=clock.now,
            new_id=new_id,
            metrics=metrics,
            lease=LEASE,
        )
        outbox = Outbox(database, store.outbox, bus)
        writer = Writer(
            database=database,
            bus=bus,
            inbox=Inbox(database, store.inbox),
            outbox=outbox,
            timers=Timers(database, store.timers),
            answerer=ScriptedAnswerer(),
            job_ends=JobEnds({"apply": apply, CONNECTOR: tell, "last": last_word}),
            wake_jobs=runner.wake,
            rules=RULES,
            clock=clock.now,
            new_id=new_id,
        )

        async def handle(deliveries: Sequence[Delivery]) -> None:
            await writer.handle(deliveries)
            kinds = [one.envelope.command.job_finished.kind for one in deliveries]
            if "apply" in kinds:
                mortal.reaches("job committed")
            if CONNECTOR in kinds:
                mortal.reaches("result committed")

        tasks = [
            group.create_task(work)
            for work in (writer.publish_committed(), outbox.run(), runner.run(), _when_deleted(database, mortal, step))
        ]
        consumer = await bus.consume([inbound_queue(0)], handle)
        if step == "none":
            await finish(database, bus)
            await consumer.stop()
            for task in tasks:
                task.cancel()
        else:
            await begin(bus)


async def begin(bus: Bus) -> None:
    """A customer writes, and something slow is started for them."""
    customer = Author(AuthorKind.CUSTOMER, "v:1")
    message = Message(new_id(), ADDRESS, customer, c.Text("发货"), clock.now(), dedupe_key=new_id())
    await bus.publish([envelopes.inbound(message, PARTITIONS)])
    await send(bus, "apply", "begin-1")


async def send(bus: Bus, kind: str, command_id: str) -> None:
    what = k.JobFinished(command_id, kind, k.JobOutcome.DONE)
    await bus.publish([envelopes.inbound(k.Command(command_id, ADDRESS, clock.now(), what), PARTITIONS)])


async def finish(database: Database, bus: Bus) -> None:
    """Wait until the job is told and put away and everything before it is handled; print the bot's words."""
    await until(database, lambda words, jobs: jobs == 0 and len(words) >= 2)
    await send(bus, "last", new_id())
    words = await until(database, lambda words, _: "that was all" in words)
    print(json.dumps(words, ensure_ascii=False), flush=True)


async def until(database: Database, met: object) -> list[str]:
    assert callable(met)
    async with asyncio.timeout(60):
        while True:
            async with database.read() as tx:
                jobs = await store.count_jobs(tx)
                conversation = await store.conversation_by_address(tx, ADDRESS)
                rows = await store.messages_after(tx, conversation.id, 0, 500) if conversation else ()
            words = [
                message.content.text.text
                for row in rows
                if (message := message_pb2.Message.FromString(row.body)).author.kind == message_pb2.AUTHOR_KIND_BOT
            ]
            if met(words, jobs):
                return words
            await asyncio.sleep(0.05)


async def _when_deleted(database: Database, mortal: Mortal, step: str) -> None:
    """Notices that the job was there and is gone."""
    seen = False
    while step == "row deleted":
        async with database.read() as tx:
            count = await store.count_jobs(tx)
        if seen and not count:
            mortal.reaches("row deleted")
        seen = seen or count > 0
        await asyncio.sleep(0.001)


if __name__ == "__main__":
    asyncio.run(live(*sys.argv[1:]))
