"""Looking for who is behind: now and then, and after a gap, without asking twice at once."""

import asyncio
from collections.abc import Sequence

from prometheus_client import CollectorRegistry, Counter

from tests.channels.waiting import until
from yizhan.channels.screens import catchup as catchup_module
from yizhan.channels.screens.catchup import CatchUp
from yizhan.channels.screens.history import HistoryUnavailable, Page
from yizhan.channels.screens.protocol import CloseCode
from yizhan.channels.screens.sessions import Client, Sessions
from yizhan.channels.screens.tasks import Tasks
from yizhan.channels.screens.view import Outgoing
from yizhan.core.messages.address import Address
from yizhan.core.messages.content import Text
from yizhan.core.messages.message import Author, AuthorKind, Message
from yizhan.core.runtime.clock import now


class Transcripts:
    """Everybody's transcript has ``head`` messages."""

    def __init__(self, head: int) -> None:
        self.head = head
        self.away = False
        self.heads_asked = 0
        self.pages_asked: list[int] = []
        self.at_once = self.most_at_once = 0

    async def after(self, address: Address, seq: int, limit: int) -> Page:
        self.pages_asked.append(seq)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await asyncio.sleep(0.001)
        self.at_once -= 1
        if self.away:
            raise HistoryUnavailable("away")
        last = min(self.head, seq + limit)
        author = Author(AuthorKind.BOT)
        messages = [Message(f"m-{n}", address, author, Text(f"{n}"), now(), seq=n) for n in range(seq + 1, last + 1)]
        return Page(tuple(messages), self.head, last < self.head)

    async def before(self, address: Address, seq: int, limit: int) -> Page:
        raise AssertionError("catching up only looks forward")

    async def heads(self, addresses: Sequence[Address]) -> dict[Address, int]:
        self.heads_asked += 1
        await asyncio.sleep(0.001)
        if self.away:
            raise HistoryUnavailable("away")
        return dict.fromkeys(addresses, self.head)


class Screen:
    def __init__(self) -> None:
        self.seqs: list[int] = []

    async def write(self, frames: Sequence[Outgoing]) -> None:
        self.seqs += [outgoing.seq for outgoing in frames if outgoing.seq]

    async def close(self, code: CloseCode, reason: str) -> None: ...

    def cut(self) -> None: ...


def connected(sessions: Sessions, tasks: Tasks, after: int, number: int = 1) -> tuple[Client, Screen]:
    screen = Screen()
    client = Client(Address("default", "website", "demo", f"v:{number}"), screen, after, tasks, 0.0)
    client.open([], None)
    sessions.add(client)
    return client, screen


def catch_up_of(history: Transcripts, sessions: Sessions, tasks: Tasks, side_by_side: int = 32) -> CatchUp:
    fetched = Counter("fetched", "x", registry=CollectorRegistry())
    return CatchUp(sessions, history, lambda _: "", tasks, fetched, side_by_side=side_by_side, jitter=lambda: 0.0)


async def test_now_and_then_whoever_is_behind_is_brought_up_to_date() -> None:
    history, sessions, tasks = Transcripts(250), Sessions(), Tasks()
    catch_up = catch_up_of(history, sessions, tasks)
    _, behind = connected(sessions, tasks, 0, 1)
    _, current = connected(sessions, tasks, 250, 2)
    running = asyncio.create_task(catch_up.run(every=0.01))
    await until(lambda: len(behind.seqs) == 250)
    running.cancel()
    await asyncio.wait({running})
    assert behind.seqs == list(range(1, 251))
    assert current.seqs == []
    assert history.pages_asked == [0, 100, 200]


async def test_a_sweep_that_fails_is_only_skipped_now_and_then() -> None:
    history, sessions, tasks = Transcripts(5), Sessions(), Tasks()
    history.away = True
    catch_up = catch_up_of(history, sessions, tasks)
    _, screen = connected(sessions, tasks, 0)
    running = asyncio.create_task(catch_up.run(every=0.01))
    await until(lambda: history.heads_asked >= 2)
    history.away = False
    await until(lambda: screen.seqs == [1, 2, 3, 4, 5])
    running.cancel()
    await asyncio.wait({running})


async def test_after_a_gap_the_sweep_is_tried_until_it_works_and_many_gaps_are_one() -> None:
    history, sessions, tasks = Transcripts(5), Sessions(), Tasks()
    history.away = True
    catch_up = catch_up_of(history, sessions, tasks)
    _, screen = connected(sessions, tasks, 0)
    sweeps = [asyncio.create_task(catch_up.sweep_surely()) for _ in range(20)]
    await asyncio.sleep(0.05)
    assert history.heads_asked <= 2
    history.away = False
    await until(lambda: screen.seqs == [1, 2, 3, 4, 5])
    await asyncio.wait(sweeps, timeout=5)
    assert all(sweep.done() for sweep in sweeps)
    assert history.heads_asked <= 6


async def test_only_so_many_ask_at_once() -> None:
    history, sessions, tasks = Transcripts(3), Sessions(), Tasks()
    catch_up = catch_up_of(history, sessions, tasks, side_by_side=4)
    screens = [connected(sessions, tasks, 0, number)[1] for number in range(50)]
    await catch_up.sweep()
    await until(lambda: all(screen.seqs == [1, 2, 3] for screen in screens))
    assert history.most_at_once == 4


async def test_nobody_is_asked_about_when_nobody_is_here() -> None:
    history = Transcripts(3)
    await catch_up_of(history, Sessions(), Tasks()).sweep()
    assert history.heads_asked == 0


async def test_a_hole_that_fills_itself_asks_nobody() -> None:
    history, sessions, tasks = Transcripts(3), Sessions(), Tasks()
    catch_up = catch_up_of(history, sessions, tasks)
    client, screen = connected(sessions, tasks, 0)
    client.behind = catch_up.soon
    for seq in (3, 2, 1):
        client.deliver(Outgoing("message", b"{}", seq))
    await asyncio.sleep(2 * catchup_module.GAP_SECONDS)
    assert screen.seqs == [1, 2, 3]
    assert history.pages_asked == []


async def test_a_client_that_left_is_not_fetched_for() -> None:
    history, sessions, tasks = Transcripts(1000), Sessions(), Tasks()
    catch_up = catch_up_of(history, sessions, tasks)
    client, _ = connected(sessions, tasks, 0)
    catch_up.start(client)
    await asyncio.sleep(0)
    sessions.remove(client)
    await tasks.settled(2.0)
    assert len(history.pages_asked) <= 1
    assert len(tasks) == 0
