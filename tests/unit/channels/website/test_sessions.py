"""A client gets every message once and in order, whatever order they come in and however slow it is."""

import asyncio
from collections.abc import Sequence

import pytest
from hypothesis import given, strategies as st

from yizhan.channels.screens import sessions as sessions_module
from yizhan.channels.screens.history import ServiceState
from yizhan.channels.screens.protocol import CloseCode
from yizhan.channels.screens.sessions import Client, Sessions, TooManyConnections
from yizhan.channels.screens.tasks import Tasks
from yizhan.channels.screens.view import Outgoing, frame
from yizhan.core.messages.address import Address

ADDRESS = Address("default", "website", "demo", "v:1")


class Screen:
    """An outlet that keeps what was written; ``open`` lets it through."""

    def __init__(self, *, open: bool = True) -> None:
        self.shown: list[Outgoing] = []
        self.closed: list[tuple[CloseCode, str]] = []
        self.cuts = 0
        self.open = asyncio.Event()
        if open:
            self.open.set()

    async def write(self, frames: Sequence[Outgoing]) -> None:
        await self.open.wait()
        self.shown += frames

    async def close(self, code: CloseCode, reason: str) -> None:
        self.closed.append((code, reason))

    def cut(self) -> None:
        self.cuts += 1

    @property
    def seqs(self) -> list[int]:
        return [outgoing.seq for outgoing in self.shown if outgoing.seq]


def client_of(screen: Screen, after: int = 0, *, opened: bool = True) -> Client:
    client = Client(ADDRESS, screen, after, Tasks(), 0.0)
    if opened:
        client.open([], None)
    return client


def message(seq: int, size: int = 2) -> Outgoing:
    return Outgoing("message", b"x" * size, seq)


@given(st.permutations(list(range(1, 9))), st.lists(st.integers(1, 8), max_size=8), st.integers(0, 8))
def test_any_order_of_arrival_is_shown_in_order_once(order: list[int], again: list[int], after: int) -> None:
    async def scenario() -> list[int]:
        screen = Screen()
        client = client_of(screen, after)
        for seq in [*order, *again]:
            client.deliver(message(seq))
        await client.flushed()
        return screen.seqs

    assert asyncio.run(scenario()) == list(range(after + 1, 9))


async def test_nothing_is_shown_before_the_client_is_let_in() -> None:
    screen = Screen()
    client = client_of(screen, opened=False)
    client.deliver(message(2))
    client.deliver(message(1))
    client.tell(frame("typing"))
    client.tell_service(ServiceState("queued"))
    await asyncio.sleep(0)
    assert screen.shown == []
    client.open([frame("ready")], ServiceState("bot"))
    await client.flushed()
    assert [outgoing.type for outgoing in screen.shown] == ["ready", "message", "message"]
    assert screen.seqs == [1, 2]


async def test_a_hole_is_reported_and_filled() -> None:
    screen = Screen()
    client = client_of(screen)
    holes: list[int] = []
    client.behind = lambda _: holes.append(client.cursor + 1)
    for seq in (1, 4, 2):
        client.deliver(message(seq))
    assert holes == [2, 3]
    assert client.waits_for
    client.deliver(message(3))
    assert not client.waits_for
    await client.flushed()
    assert screen.seqs == [1, 2, 3, 4]


async def test_early_messages_are_kept_in_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions_module, "MAX_AHEAD", 3)
    screen = Screen()
    client = client_of(screen)
    for seq in range(2, 10):
        client.deliver(message(seq))
    client.deliver(message(1))
    await client.flushed()
    assert screen.seqs == [1, 2, 3, 4]


async def test_service_states_are_told_once() -> None:
    screen = Screen()
    client = client_of(screen)
    for service in (ServiceState("queued"), ServiceState("queued"), ServiceState("assigned", "王芳")):
        client.tell_service(service)
    await client.flushed()
    assert [outgoing.data for outgoing in screen.shown] == [
        b'{"type":"state","state":"queued","agent":null}',
        '{"type":"state","state":"assigned","agent":{"name":"王芳"}}'.encode(),
    ]


@pytest.mark.parametrize(
    ("limit", "value"),
    [pytest.param("MAX_QUEUED_BYTES", 100, id="bytes"), pytest.param("MAX_QUEUED_FRAMES", 9, id="frames")],
)
async def test_a_client_that_does_not_keep_up_is_closed(
    monkeypatch: pytest.MonkeyPatch, limit: str, value: int
) -> None:
    monkeypatch.setattr(sessions_module, limit, value)
    screen = Screen(open=False)
    client = client_of(screen)
    for seq in range(1, 30):
        client.deliver(message(seq, 10))
        await asyncio.sleep(0)
    assert client.gone
    assert screen.closed == [(CloseCode.SLOW, "resync")]


async def test_a_write_that_hangs_cuts_the_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions_module, "WRITE_SECONDS", 0.02)
    screen = Screen(open=False)
    client = client_of(screen)
    client.deliver(message(1))
    await client.flushed()
    assert client.gone
    assert screen.cuts == 1


async def test_whoever_hands_over_waits_for_a_slow_reader() -> None:
    screen = Screen(open=False)
    client = client_of(screen)
    client.deliver(message(1, 600_000))
    waiting = asyncio.create_task(client.drained())
    await asyncio.sleep(0.01)
    assert not waiting.done()
    screen.open.set()
    await asyncio.wait_for(waiting, 30.0)


async def test_nobody_waits_for_a_client_that_left() -> None:
    screen = Screen(open=False)
    client = client_of(screen)
    client.deliver(message(1, 600_000))
    waiting = asyncio.create_task(client.drained())
    await asyncio.sleep(0.01)
    client.leave()
    await asyncio.wait_for(waiting, 30.0)
    screen.open.set()


async def test_a_claimed_cursor_is_corrected_until_a_message_proves_it() -> None:
    client = client_of(Screen(), after=99)
    client.correct(5)
    assert client.cursor == 5
    client.deliver(message(6))
    client.correct(5)
    assert client.cursor == 6
    client.rewind(50)
    client.correct(6)
    assert client.cursor == 6


async def test_sessions_know_who_is_where() -> None:
    sessions = Sessions(per_visitor=2)
    one, two = client_of(Screen()), client_of(Screen())
    sessions.add(one)
    sessions.add(two)
    with pytest.raises(TooManyConnections):
        sessions.add(client_of(Screen()))
    assert (len(sessions), list(sessions.of(ADDRESS)), sessions.addresses()) == (2, [one, two], [ADDRESS])
    sessions.remove(one)
    sessions.remove(one)
    sessions.remove(two)
    assert (len(sessions), list(sessions.of(ADDRESS)), sessions.addresses()) == (0, [], [])
    assert one.gone


async def test_those_that_fell_silent_are_closed() -> None:
    sessions = Sessions()
    silent, loud = Screen(), Screen()
    quiet = Client(ADDRESS, silent, 0, Tasks(), 10.0)
    talking = Client(ADDRESS, loud, 0, Tasks(), 90.0)
    for client in (quiet, talking):
        sessions.add(client)
    sessions.close_silent(50.0)
    await asyncio.sleep(0)
    assert silent.closed == [(CloseCode.TIMEOUT, "silent")]
    assert loud.closed == []
