"""A timer fires once, at its time, whoever crashes; moved or cancelled it never fires for the old time."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, insert, select
from structlog.testing import capture_logs

from tests.contract.store import shop
from yizhan.core.store.database import Database
from yizhan.core.store.timers import Timer, Timers, TimerSetting

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


class Clock:
    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def timers_of(db: Database, clock: Clock | None, lease: float = 30.0) -> Timers:
    return Timers(db, shop.timers, clock=clock, lease=lease)


async def start(
    db: Database, timers: Timers, case: str, due: datetime, purpose: str = "idle", payload: str = "{}"
) -> None:
    async with db.begin() as tx:
        await timers.set(tx, case, purpose, due, payload)


async def left(db: Database) -> int:
    async with db.read() as tx:
        return (await tx.execute(select(func.count()).select_from(shop.timers))).scalar_one()


class Fired(list[Timer]):
    async def __call__(self, timer: Timer) -> None:
        self.append(timer)


async def test_due_timers_fire_once_the_oldest_first(db: Database, clock: Clock) -> None:
    timers, fired = timers_of(db, clock), Fired()
    await start(db, timers, "c2", NOON, payload='{"n": 2}')
    await start(db, timers, "c1", NOON - MINUTE)
    await start(db, timers, "c1", NOON - 2 * MINUTE, purpose="offer")
    await start(db, timers, "c3", NOON + timedelta(microseconds=1))
    assert await timers.fire_due(fired) == 3
    assert [(timer.case_id, timer.purpose, timer.tries) for timer in fired] == [
        ("c1", "offer", 1),
        ("c1", "idle", 1),
        ("c2", "idle", 1),
    ]
    assert (fired[2].due_at, fired[2].payload) == (NOON, '{"n": 2}')
    assert await timers.fire_due(fired) == 0
    clock.now += MINUTE
    assert await timers.fire_due(fired) == 1
    assert await left(db) == 0


async def test_set_again_moves_the_timer(db: Database, clock: Clock) -> None:
    timers, fired = timers_of(db, clock), Fired()
    await start(db, timers, "c", NOON, payload="old")
    await start(db, timers, "c", NOON + MINUTE, payload="new")
    assert await timers.fire_due(fired) == 0
    clock.now += MINUTE
    await timers.fire_due(fired)
    assert [(timer.due_at, timer.payload) for timer in fired] == [(NOON + MINUTE, "new")]


async def test_cancelled_timers_do_not_fire(db: Database, clock: Clock) -> None:
    timers, fired = timers_of(db, clock), Fired()
    for case in ("a", "b", "c"):
        for purpose in ("x", "y"):
            await start(db, timers, case, NOON, purpose)
    async with db.begin() as tx:
        assert await timers.cancel(tx, "a", "x")
        assert not await timers.cancel(tx, "a", "x")
        assert await timers.cancel_many(tx, [("b", "x"), ("b", "y"), ("c", "y"), ("nobody", "x")]) == 3
        assert await timers.cancel_many(tx, []) == 0
    await timers.fire_due(fired)
    assert sorted((timer.case_id, timer.purpose) for timer in fired) == [("a", "y"), ("c", "x")]


async def test_many_are_set_at_once_and_the_last_of_each_counts(db: Database, clock: Clock) -> None:
    timers, fired = timers_of(db, clock), Fired()
    async with db.begin() as tx:
        await timers.set_many(tx, [])
        await timers.set_many(
            tx,
            [
                *(TimerSetting(f"c{n}", "idle", NOON + MINUTE) for n in range(200)),
                *(TimerSetting(f"c{n}", "idle", NOON, "second") for n in range(200)),
            ],
        )
    assert await timers.fire_due(fired, limit=500) == 200
    assert {timer.payload for timer in fired} == {"second"}


async def test_a_rolled_back_timer_was_never_set(db: Database, clock: Clock) -> None:
    timers = timers_of(db, clock)
    with pytest.raises(ZeroDivisionError):
        async with db.begin() as tx:
            await timers.set(tx, "c", "idle", NOON)
            raise ZeroDivisionError
    assert await left(db) == 0


async def test_a_handler_that_fails_is_called_again_after_the_lease(db: Database, clock: Clock) -> None:
    timers, tries = timers_of(db, clock), list[int]()

    async def fails_twice(timer: Timer) -> None:
        tries.append(timer.tries)
        if len(tries) < 3:
            raise ZeroDivisionError

    await start(db, timers, "c", NOON)
    for _ in range(3):
        assert await timers.fire_due(fails_twice) == 1
        assert await timers.fire_due(fails_twice) == 0
        clock.now += timedelta(seconds=30)
    assert tries == [1, 2, 3]
    assert await left(db) == 0


async def test_a_handler_that_hangs_is_stopped_inside_the_lease(db: Database, clock: Clock) -> None:
    timers = timers_of(db, clock, lease=0.2)
    stopped = list[str]()

    async def hangs(timer: Timer) -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            stopped.append(timer.case_id)
            raise

    await start(db, timers, "c", NOON)
    async with asyncio.timeout(20):
        await timers.fire_due(hangs)
    assert stopped == ["c"]
    assert await left(db) == 1


async def test_a_crash_of_the_claimer_lets_it_fire_again_after_the_lease(db: Database, clock: Clock) -> None:
    crashed, successor, fired = timers_of(db, clock), timers_of(db, clock), Fired()
    await start(db, crashed, "c", NOON)
    async with db.begin() as tx:
        assert len(await crashed.claim_due(tx, clock.now)) == 1
    assert await successor.fire_due(fired) == 0
    clock.now += timedelta(seconds=29)
    assert await successor.fire_due(fired) == 0
    clock.now += timedelta(seconds=1)
    assert await successor.fire_due(fired) == 1
    assert fired[0].tries == 2


@pytest.mark.parametrize("change", ["moved", "cancelled", "cancelled and set anew", "taken over after the lease"])
async def test_a_firing_on_its_way_is_void_when_its_timer_was(db: Database, clock: Clock, change: str) -> None:
    timers, acted = timers_of(db, clock), list[bool]()

    async def change_it(case: str) -> None:
        async with db.begin() as tx:
            if change == "moved":
                await timers.set(tx, case, "idle", NOON + MINUTE)
            elif change == "taken over after the lease":
                assert await timers.claim_due(tx, clock.now + timedelta(seconds=30))
            else:
                await timers.cancel(tx, case, "idle")
                if change != "cancelled":
                    await timers.set(tx, case, "idle", NOON + MINUTE)

    async def acts_late(timer: Timer) -> None:
        await change_it(timer.case_id)
        async with db.begin() as tx:
            acted.append(await timers.finish(tx, timer))

    await start(db, timers, "c", NOON)
    await timers.fire_due(acts_late)
    assert acted == [False]
    assert await left(db) == (0 if change == "cancelled" else 1)


async def test_the_effect_and_the_end_of_the_timer_are_one(db: Database, clock: Clock) -> None:
    timers = timers_of(db, clock)
    fail = [True]

    async def open_case(timer: Timer) -> None:
        async with db.begin() as tx:
            assert await timers.finish(tx, timer)
            await tx.execute(insert(shop.customers).values(id=timer.case_id, name="x"))
            if fail.pop():
                raise ZeroDivisionError

    await start(db, timers, "c", NOON)
    await timers.fire_due(open_case)
    assert await left(db) == 1
    fail.append(False)
    clock.now += MINUTE
    await timers.fire_due(open_case)
    assert await left(db) == 0
    async with db.read() as tx:
        assert (await tx.execute(select(shop.customers.c.id))).scalars().all() == ["c"]


async def test_a_new_timer_set_by_the_handler_stays(db: Database, clock: Clock) -> None:
    timers = timers_of(db, clock)

    async def again(timer: Timer) -> None:
        async with db.begin() as tx:
            await timers.set(tx, timer.case_id, timer.purpose, NOON + MINUTE)

    await start(db, timers, "c", NOON)
    await timers.fire_due(again)
    assert await left(db) == 1


async def test_two_runners_never_have_the_same_timer(shop_url: str) -> None:
    async with Database(shop_url) as one, Database(shop_url) as two:
        at_work, fired = set[str](), list[str]()

        async def handler(timer: Timer) -> None:
            assert timer.case_id not in at_work
            at_work.add(timer.case_id)
            await asyncio.sleep(0.02)
            at_work.discard(timer.case_id)
            fired.append(timer.case_id)

        past = datetime.now(UTC) - MINUTE
        async with one.begin() as tx:
            await timers_of(one, None).set_many(tx, [TimerSetting(f"c{n}", "idle", past) for n in range(60)])
        runners = [
            asyncio.create_task(timers_of(db, None).run(handler, poll=0.01, concurrency=5)) for db in (one, two, two)
        ]
        async with asyncio.timeout(60):
            while await left(one):
                await asyncio.sleep(0.02)
        for runner in runners:
            runner.cancel()
        await asyncio.gather(*runners, return_exceptions=True)
        assert sorted(fired) == sorted(f"c{n}" for n in range(60))


async def test_the_runner_keeps_the_time_of_the_database_and_a_slow_handler_holds_nobody_up(db: Database) -> None:
    timers, done = timers_of(db, None), dict[str, datetime]()
    slow = asyncio.Event()

    async def handler(timer: Timer) -> None:
        if timer.case_id == "slow":
            await slow.wait()
        done[timer.case_id] = datetime.now(UTC)

    begun = datetime.now(UTC)
    await start(db, timers, "slow", begun - MINUTE)
    for number in range(4):
        await start(db, timers, f"c{number}", begun + timedelta(milliseconds=300))
    runner = asyncio.create_task(timers.run(handler, poll=0.02, concurrency=2))
    async with asyncio.timeout(30):
        while len(done) < 4:
            await asyncio.sleep(0.02)
    assert min(done.values()) >= begun + timedelta(milliseconds=290)
    slow.set()
    async with asyncio.timeout(30):
        while await left(db):
            await asyncio.sleep(0.02)
    runner.cancel()
    await asyncio.gather(runner, return_exceptions=True)


async def test_the_runner_goes_on_after_the_database_was_away_and_says_so_once(db: Database) -> None:
    timers, fired = timers_of(db, None), Fired()
    with capture_logs() as logs:
        runner = asyncio.create_task(timers.run(fired, poll=0.02))
        for round_ in range(2):
            await db.close()
            await asyncio.sleep(0.2)
            await db.start()
            await start(db, timers, f"c{round_}", datetime.now(UTC))
            async with asyncio.timeout(30):
                while len(fired) <= round_:
                    await asyncio.sleep(0.02)
        runner.cancel()
        await asyncio.gather(runner, return_exceptions=True)
    said = [entry["event"] for entry in logs if entry["event"].startswith("timers_")]
    assert said == ["timers_wait_for_store", "timers_store_back"] * 2
