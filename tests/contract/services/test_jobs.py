"""A job is told to its conversation once it has ended, in time, whoever had it; and a backend sees one id for all tries."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from tests.channels.waiting import until
from tests.contract.services.job_bench import (
    ADDRESS,
    PartTimeBus,
    Scripted,
    echo,
    forever,
    left,
    put_away,
    runner_of,
    running,
    start,
)
from yizhan.core.bus.interface import Publication, Unroutable
from yizhan.core.messages import command as k
from yizhan.core.messages.ids import derived_id
from yizhan.core.runtime.metrics import Metrics
from yizhan.core.store.database import Database
from yizhan.dialogue.jobs.attempt import MOST_BYTES, MOST_TRIES
from yizhan.dialogue.jobs.job import Job, JobFailed, OutcomeUnknown, TryAgain

O = k.JobOutcome  # noqa: E741 - reads as the enumeration that it is
SHORT = timedelta(seconds=0.4)
LONG = timedelta(seconds=60)
LATE = timedelta(seconds=-30)


@pytest.fixture
def jobs_bus() -> PartTimeBus:
    return PartTimeBus()


def raising(error: Exception) -> Callable[[Job], Awaitable[bytes]]:
    async def act(_job: Job) -> bytes:
        raise error

    return act


async def too_much(_job: Job) -> bytes:
    return bytes(MOST_BYTES + 1)


@dataclass
class Flaky:
    """Fails so many times, then answers."""

    fails: int
    after: timedelta | None = None
    seen: list[int] = field(default_factory=list)

    async def __call__(self, job: Job) -> bytes:
        self.seen.append(job.tries)
        if len(self.seen) <= self.fails:
            raise TryAgain("unavailable", self.after)
        return b"at last"


ENDS = [
    ("it answers", echo, LONG, O.DONE, b"done body", ""),
    ("it is refused", raising(JobFailed("not_found")), LONG, O.FAILED, b"", "not_found"),
    ("it never answers", forever, SHORT, O.TIMED_OUT, b"", "deadline"),
    ("it may have happened and must not be repeated", raising(OutcomeUnknown("lost")), LONG, O.TIMED_OUT, b"", "lost"),
    ("its own time-out is not ours", raising(TimeoutError()), LONG, O.FAILED, b"", "job_error"),
    ("its code is wrong", raising(KeyError("x")), LONG, O.FAILED, b"", "job_error"),
    ("it answers too much", too_much, LONG, O.FAILED, b"", "result_too_big"),
    (
        "it wants a pause longer than there is time",
        raising(TryAgain("busy", timedelta(minutes=5))),
        LONG,
        O.FAILED,
        b"",
        "busy",
    ),
    ("it was due while nobody ran", echo, LATE, O.TIMED_OUT, b"", "deadline"),
]


@pytest.mark.parametrize(
    ("act", "within", "outcome", "body", "reason"), [case[1:] for case in ENDS], ids=[case[0] for case in ENDS]
)
async def test_every_end_is_told_to_the_conversation_once(
    database: Database,
    jobs_bus: PartTimeBus,
    act: Callable[[Job], Awaitable[bytes]],
    within: timedelta,
    outcome: k.JobOutcome,
    body: bytes,
    reason: str,
) -> None:
    async with running(runner_of(database, jobs_bus, {"parcel": Scripted(act)})) as runner:
        [job_id] = await start(database, b"body", within=within, runner=runner)
        await put_away(database)
    assert jobs_bus.ends() == [k.JobFinished(job_id, "parcel", outcome, body, reason)]
    [command] = jobs_bus.commands()
    assert (command.id, command.address, command.conversation_id) == (
        derived_id("job", job_id),
        ADDRESS,
        "conversation",
    )


async def test_a_try_that_may_be_repeated_is_with_the_same_id(database: Database, jobs_bus: PartTimeBus) -> None:
    handler = Scripted(Flaky(2))
    async with running(runner_of(database, jobs_bus, {"parcel": handler})) as runner:
        [job_id] = await start(database, b"", runner=runner)
        await put_away(database)
    assert [(job.id, job.tries, job.interrupted) for job in handler.tried] == [
        (job_id, 1, False),
        (job_id, 2, False),
        (job_id, 3, False),
    ]
    assert [end.body for end in jobs_bus.ends()] == [b"at last"]


async def test_a_backend_that_asks_for_a_pause_gets_it(database: Database, jobs_bus: PartTimeBus) -> None:
    handler = Scripted(Flaky(1, after=timedelta(seconds=1.2)))
    loop = asyncio.get_running_loop()
    async with running(runner_of(database, jobs_bus, {"parcel": handler})) as runner:
        await start(database, b"", runner=runner)
        await until(lambda: len(handler.tried) == 1)
        first = loop.time()
        await until(lambda: len(handler.tried) == 2)
        assert loop.time() - first > 1.1
        await put_away(database)


async def test_tries_come_to_an_end(database: Database, jobs_bus: PartTimeBus) -> None:
    handler = Scripted(raising(TryAgain("unavailable")))
    async with running(runner_of(database, jobs_bus, {"parcel": handler})) as runner:
        await start(database, b"", runner=runner)
        await put_away(database)
    assert len(handler.tried) == MOST_TRIES
    assert [(end.outcome, end.reason) for end in jobs_bus.ends()] == [(O.FAILED, "unavailable")]


@pytest.mark.parametrize("safe", [True, False], ids=["may be repeated", "may not be repeated"])
async def test_a_try_that_was_cut_off_is_repeated_only_where_that_is_safe(
    database: Database, jobs_bus: PartTimeBus, safe: bool
) -> None:
    lease = timedelta(seconds=0.6)
    first, second = Scripted(forever, safe=safe), Scripted(echo, safe=safe)
    async with running(runner_of(database, jobs_bus, {"parcel": first}, lease=lease)) as runner:
        [job_id] = await start(database, b"x", runner=runner)
        await until(lambda: first.busy == 1)
    assert await left(database) == 1, "the first process is gone, the job is not"
    async with running(runner_of(database, jobs_bus, {"parcel": second}, lease=lease)):
        await put_away(database)
    if safe:
        assert [(job.id, job.interrupted) for job in second.tried] == [(job_id, True)]
        assert jobs_bus.ends() == [k.JobFinished(job_id, "parcel", O.DONE, b"done x")]
    else:
        assert second.tried == []
        assert jobs_bus.ends() == [k.JobFinished(job_id, "parcel", O.TIMED_OUT, reason="outcome_unknown")]


async def test_a_clean_refusal_does_not_make_an_earlier_doubt_go_away(
    database: Database, jobs_bus: PartTimeBus
) -> None:
    """The first try may have had its effect; that the second could not even begin says nothing about the first."""
    errors = [TryAgain("cut_off", unsure=True), *[TryAgain("unreachable")] * 4]

    async def act(job: Job) -> bytes:
        raise errors[job.tries - 1]

    async with running(runner_of(database, jobs_bus, {"parcel": Scripted(act)})) as runner:
        [job_id] = await start(database, b"", runner=runner)
        await put_away(database)
    assert jobs_bus.ends() == [k.JobFinished(job_id, "parcel", O.TIMED_OUT, reason="unreachable")]


async def test_a_job_that_takes_its_process_down_is_given_up_at_last(database: Database, jobs_bus: PartTimeBus) -> None:
    lease = timedelta(seconds=0.3)
    deadly = Scripted(forever)
    [job_id] = await start(database, b"x")
    for life in range(MOST_TRIES):
        async with running(runner_of(database, jobs_bus, {"parcel": deadly}, lease=lease)):
            await until(lambda life=life: len(deadly.tried) > life)  # type: ignore[misc]
    async with running(runner_of(database, jobs_bus, {"parcel": deadly}, lease=lease)):
        await put_away(database)
    assert jobs_bus.ends() == [k.JobFinished(job_id, "parcel", O.TIMED_OUT, reason="too_many_tries")]


async def test_a_try_longer_than_the_lease_stays_with_its_process(database: Database, jobs_bus: PartTimeBus) -> None:
    async def slow(job: Job) -> bytes:
        await asyncio.sleep(1.6)
        return await echo(job)

    lease = timedelta(seconds=0.6)
    one, other = Scripted(slow), Scripted(slow)
    async with (
        running(runner_of(database, jobs_bus, {"parcel": one}, lease=lease)) as runner,
        running(runner_of(database, jobs_bus, {"parcel": other}, lease=lease)),
    ):
        await start(database, b"x", runner=runner)
        await put_away(database)
    assert len(one.tried) + len(other.tried) == 1
    assert len(jobs_bus.ends()) == 1


async def test_replicas_share_the_jobs_and_none_is_done_twice(database: Database, jobs_bus: PartTimeBus) -> None:
    handlers = [Scripted(at_once=3) for _ in range(3)]
    bodies = [str(number).encode() for number in range(60)]
    async with (
        running(runner_of(database, jobs_bus, {"parcel": handlers[0]})),
        running(runner_of(database, jobs_bus, {"parcel": handlers[1]})),
        running(runner_of(database, jobs_bus, {"parcel": handlers[2]})),
    ):
        ids = await start(database, *bodies)
        await put_away(database)
    assert sorted(job.id for handler in handlers for job in handler.tried) == sorted(ids)
    assert sorted(end.job_id for end in jobs_bus.ends()) == sorted(ids)


async def test_a_stuck_backend_holds_up_its_own_kind_only(database: Database, jobs_bus: PartTimeBus) -> None:
    stuck, quick = Scripted(forever, at_once=2), Scripted(echo, at_once=2)
    async with running(runner_of(database, jobs_bus, {"stuck": stuck, "quick": quick})) as runner:
        await start(database, *[b""] * 10, kind="stuck", runner=runner)
        await until(lambda: stuck.busy == 2)
        await start(database, *[b""] * 10, kind="quick", runner=runner)
        await put_away(database, 10)
        assert stuck.busiest == 2
        assert quick.busiest <= 2
    assert len(jobs_bus.ends()) == 10


async def test_with_the_bus_away_the_result_waits_and_the_work_is_not_repeated(
    database: Database, jobs_bus: PartTimeBus
) -> None:
    handler, jobs_bus.away = Scripted(), True
    async with running(runner_of(database, jobs_bus, {"parcel": handler}, lease=timedelta(seconds=0.6))) as runner:
        await start(database, b"x", runner=runner)
        await until(lambda: jobs_bus.refused >= 4)
        assert await left(database) == 1
        jobs_bus.away = False
        await put_away(database)
    assert len(handler.tried) == 1
    assert [end.body for end in jobs_bus.ends()] == [b"done x"]


async def test_a_job_that_cannot_be_told_leaves_the_others_alone(database: Database) -> None:
    class Picky(PartTimeBus):
        async def publish(self, publications: list[Publication]) -> None:  # type: ignore[override]
            if b"poison" in publications[0].envelope.command.job_finished.body:
                raise Unroutable("no queue")
            await super().publish(publications)

    bus = Picky()
    with capture_logs() as logged:
        async with running(runner_of(database, bus, {"parcel": Scripted()})) as runner:
            await start(database, b"poison", b"good", runner=runner)
            await put_away(database, 1)
            await until(lambda: "job_not_told" in [line["event"] for line in logged])
    assert [end.body for end in bus.ends()] == [b"done good"]


async def test_a_kind_of_a_newer_version_is_left_to_it_until_its_time_is_over(
    database: Database, jobs_bus: PartTimeBus
) -> None:
    old, new = Scripted(), Scripted()
    async with running(runner_of(database, jobs_bus, {"parcel": old})) as runner:
        [job_id] = await start(database, b"x", kind="newer", within=timedelta(seconds=1.5), runner=runner)
        [taken] = await start(database, b"y", kind="newer", within=timedelta(seconds=60), runner=runner)
        await put_away(database, 1)
    assert jobs_bus.ends() == [k.JobFinished(job_id, "newer", O.TIMED_OUT, reason="no_handler")]
    async with running(runner_of(database, jobs_bus, {"newer": new})):
        await put_away(database)
    assert [job.id for job in new.tried] == [taken]


async def test_told_to_stop_it_lets_jobs_end(database: Database, jobs_bus: PartTimeBus) -> None:
    async def brief(job: Job) -> bytes:
        await asyncio.sleep(0.5)
        return await echo(job)

    handler = Scripted(brief)
    async with running(runner_of(database, jobs_bus, {"parcel": handler})) as runner:
        await start(database, b"x", runner=runner)
        await until(lambda: handler.busy == 1)
        await runner.drain(20.0)
        assert await left(database) == 0
        await start(database, b"later", runner=runner)
        await asyncio.sleep(0.3)
        assert len(handler.tried) == 1, "nothing is begun any more"
    assert [end.body for end in jobs_bus.ends()] == [b"done x"]


async def test_told_to_stop_it_hands_back_what_does_not_end(database: Database, jobs_bus: PartTimeBus) -> None:
    first, second = Scripted(forever), Scripted(echo)
    lease = timedelta(seconds=600)
    async with running(runner_of(database, jobs_bus, {"parcel": first}, lease=lease)) as runner:
        await start(database, b"x", within=timedelta(seconds=600), runner=runner)
        await until(lambda: first.busy == 1)
        await runner.drain(0.2)
        assert first.busy == 0
    async with running(runner_of(database, jobs_bus, {"parcel": second}, lease=lease)):
        await put_away(database)
    assert [job.interrupted for job in second.tried] == [True]


async def test_what_waits_and_what_ended_is_shown(database: Database, jobs_bus: PartTimeBus) -> None:
    metrics = Metrics("test")
    handlers = {"parcel": Scripted(Flaky(1))}
    await start(database, b"", kind="x" * 60, within=timedelta(seconds=60))
    async with running(runner_of(database, jobs_bus, handlers, metrics=metrics)) as runner:
        await until(lambda: metrics.registry.get_sample_value("yizhan_jobs_waiting") == 1)
        await start(database, b"", runner=runner)
        await start(database, b"", kind="y" * 60, within=LATE, runner=runner)
        await put_away(database, 1)
    shown = metrics.registry.get_sample_value
    assert shown("yizhan_jobs_finished_total", {"kind": "parcel", "outcome": "done"}) == 1
    assert shown("yizhan_jobs_finished_total", {"kind": "other", "outcome": "timed_out"}) == 1
    assert shown("yizhan_jobs_put_off_total", {"kind": "parcel"}) == 1
    assert shown("yizhan_job_seconds_count", {"kind": "parcel"}) == 1
