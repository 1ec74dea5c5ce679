"""What was started is stopped in the opposite order, within its limit, whatever goes wrong on the way."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest
from structlog.testing import capture_logs

from yizhan.core.runtime.lifespan import Lifespan, TaskDied

Story = list[str]


@asynccontextmanager
async def thing(story: Story, name: str, *, fails: str = "", slow: float = 0.0) -> AsyncIterator[str]:
    """Something that is opened and closed, and says so."""
    if fails == "opening":
        raise OSError(f"{name} cannot be opened")
    story.append(f"open {name}")
    try:
        yield name
    finally:
        await asyncio.sleep(slow)
        story.append(f"close {name}")
        if fails == "closing":
            raise OSError(f"{name} cannot be closed")


async def worker(story: Story, name: str) -> None:
    story.append(f"work {name}")
    try:
        await asyncio.Event().wait()
    finally:
        story.append(f"end {name}")


async def test_stopping_undoes_starting_in_reverse() -> None:
    story: Story = []
    async with Lifespan() as life:
        assert await life.enter(thing(story, "database")) == "database"
        life.spawn("sweeper", worker(story, "sweeper"))
        await life.enter(thing(story, "bus"))

        async def drain() -> None:
            story.append("drain consumer")

        life.on_stop("consumer", drain)
        await asyncio.sleep(0)
    assert story == [
        "open database",
        "work sweeper",
        "open bus",
        "drain consumer",
        "close bus",
        "end sweeper",
        "close database",
    ]


async def test_a_failed_start_closes_what_was_open() -> None:
    story: Story = []

    async def process() -> None:
        async with Lifespan() as life:
            await life.enter(thing(story, "database"))
            await life.enter(thing(story, "bus", fails="opening"))

    with pytest.raises(OSError, match="bus cannot be opened"):
        await process()
    assert story == ["open database", "close database"]


async def test_a_start_that_is_cancelled_closes_what_was_half_open() -> None:
    story: Story = []

    @asynccontextmanager
    async def waits_for_broker() -> AsyncIterator[None]:
        try:
            await asyncio.Event().wait()
            yield
        finally:
            story.append("gave up")

    async with Lifespan() as life:
        entering = asyncio.create_task(life.enter(waits_for_broker()))
        await asyncio.sleep(0)
        entering.cancel()
        with pytest.raises(asyncio.CancelledError):
            await entering
        assert story == ["gave up"]


async def test_one_that_fails_to_close_does_not_keep_the_others_open() -> None:
    story: Story = []
    with capture_logs() as logs:
        async with Lifespan() as life:
            await life.enter(thing(story, "database"))
            await life.enter(thing(story, "bus", fails="closing"))
    assert story[-1] == "close database"
    assert [entry["task"] for entry in logs if entry["event"] == "task_failed_while_stopping"] == ["thing"]


async def test_a_stop_step_that_fails_is_told_and_passed_over() -> None:
    story: Story = []

    async def fails() -> None:
        raise OSError

    with capture_logs() as logs:
        async with Lifespan() as life:
            await life.enter(thing(story, "database"))
            life.on_stop("consumer", fails)
    assert story[-1] == "close database"
    assert [entry["step"] for entry in logs if entry["event"] == "stop_step_failed"] == ["consumer"]


async def test_one_that_hangs_is_cut_off_at_its_limit() -> None:
    story: Story = []
    with capture_logs() as logs:
        async with Lifespan() as life:
            await life.enter(thing(story, "database"))
            await life.enter(thing(story, "bus", slow=60), name="bus", within=0.05)
    assert story == ["open database", "open bus", "close database"]
    assert [entry["step"] for entry in logs if entry["event"] == "stop_step_late"] == ["bus"]


async def test_one_that_ignores_being_cancelled_is_left_behind() -> None:
    release, ended = asyncio.Event(), asyncio.Event()

    async def deaf() -> None:
        while not release.is_set():
            try:
                await release.wait()
            except asyncio.CancelledError:
                continue
        ended.set()

    with capture_logs() as logs:
        async with Lifespan() as life:
            life.spawn("deaf", deaf(), within=0.01)
            await asyncio.sleep(0)
    assert any(entry["event"] == "task_ignores_cancellation" for entry in logs)
    release.set()
    await ended.wait()


async def test_all_together_keep_to_the_budget() -> None:
    at = 0.0

    async def takes_all_its_time() -> None:
        nonlocal at
        at += 100.0

    limits: list[float] = []

    class Watched(Lifespan):
        async def _stop_step(self, step: object, limit: float) -> None:
            limits.append(limit)
            await super()._stop_step(step, limit)  # type: ignore[arg-type]

    async with Watched(drain_seconds=20.0, monotonic=lambda: at) as life:
        life.on_stop("last", takes_all_its_time, within=30)
        life.on_stop("first", takes_all_its_time, within=30)
    assert limits == [20.0, 1.0]


async def test_a_dead_task_ends_the_process_with_its_error() -> None:
    async def dies() -> None:
        raise OSError("disk full")

    async with Lifespan() as life:
        life.spawn("sweeper", dies())
        async with asyncio.timeout(30):
            with pytest.raises(TaskDied, match="sweeper") as died:
                await life.stopped()
        assert isinstance(died.value.__cause__, OSError)
        assert life.stopping


async def test_a_task_cancelled_from_inside_is_dead_too() -> None:
    async def awaits_something_cancelled() -> None:
        gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        gone.cancel()
        await gone

    async with Lifespan() as life:
        life.spawn("consumer", awaits_something_cancelled())
        async with asyncio.timeout(30):
            with pytest.raises(TaskDied, match="consumer"):
                await life.stopped()


async def test_a_task_may_end_by_itself_or_be_cancelled_by_an_owner() -> None:
    owned: list[asyncio.Task[object] | None] = []

    async def says_who_it_is() -> None:
        owned.append(asyncio.current_task())
        await asyncio.sleep(60)

    async with Lifespan() as life:
        life.spawn("short", asyncio.sleep(0))
        life.spawn("long", says_who_it_is())
        await asyncio.sleep(0)
        assert owned[0] is not None
        owned[0].cancel()
        await asyncio.wait({owned[0]})
        await asyncio.sleep(0)
        assert not life.stopping


async def test_a_task_group_inside_a_manager_works_and_its_failure_ends_the_process() -> None:
    async def dies() -> None:
        raise OSError("lost")

    @asynccontextmanager
    async def with_group() -> AsyncIterator[asyncio.TaskGroup]:
        async with asyncio.TaskGroup() as group:
            yield group

    async with Lifespan() as life:
        group = await life.enter(with_group(), name="connection")
        assert not life.stopping
        group.create_task(dies())
        async with asyncio.timeout(30):
            with pytest.raises(TaskDied, match="connection"):
                await life.stopped()


async def test_what_is_started_while_stopping_is_stopped_too() -> None:
    story: Story = []
    async with Lifespan() as life:

        async def opens_another() -> None:
            await life.enter(thing(story, "late"))

        life.on_stop("odd", opens_another)
    assert story == ["open late", "close late"]


async def test_those_who_asked_are_told_the_moment_stopping_begins() -> None:
    story: Story = []
    async with Lifespan() as life:
        await life.enter(thing(story, "database"))
        life.when_stopping(lambda: story.append("not ready"))
        life.request_stop("test")
        life.request_stop("test again")
        await life.stopped()
    assert story == ["open database", "not ready", "close database"]


async def test_a_class_can_be_entered_as_well() -> None:
    class Connection(AbstractAsyncContextManager["Connection"]):
        open = False

        async def __aenter__(self) -> "Connection":
            self.open = True
            return self

        async def __aexit__(self, *_: object) -> None:
            self.open = False

    async with Lifespan() as life:
        connection = await life.enter(Connection())
        assert connection.open
    assert not connection.open


async def test_many_short_tasks_leave_nothing_behind() -> None:
    async with Lifespan() as life:
        for _ in range(100):
            life.spawn("short", asyncio.sleep(0))
        await asyncio.sleep(0.01)
        assert life._steps == []
