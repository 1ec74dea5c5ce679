"""A model is asked about a state of a session once, and what it made of it is not kept for long, nor much of it."""

import asyncio

import pytest

from yizhan.dialogue.customers.kept_wordings import (
    KEEP_FAILURE_SECONDS,
    KEEP_SECONDS,
    MOST_KEPT,
    KeptWordings,
    SessionState,
)
from yizhan.dialogue.customers.summary import LineKind
from yizhan.dialogue.customers.wording import WordedLine, Wording

GOOD = Wording("worded", (WordedLine(LineKind.SAID, "客户要求退款", (1,)),))
BAD = Wording("too_slow")


def state(seq: int) -> SessionState:
    return SessionState("shop", "c-1", 1, seq, None)


class Model:
    """``now`` is the time; ``gate`` is open unless a test closes it."""

    def __init__(self) -> None:
        self.now = 100.0
        self.kept = KeptWordings(lambda: self.now)
        self.asked = 0
        self.gate = asyncio.Event()
        self.gate.set()
        self.gives: Wording | Exception = GOOD

    async def make(self) -> Wording:
        self.asked += 1
        await self.gate.wait()
        if isinstance(self.gives, Exception):
            raise self.gives
        return self.gives

    async def get(self, seq: int = 1) -> Wording:
        return await self.kept.get(state(seq), self.make)

    def start(self, seq: int = 1) -> asyncio.Task[Wording]:
        return asyncio.create_task(self.get(seq))


async def idle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


@pytest.mark.parametrize(("gives", "seconds"), [(GOOD, KEEP_SECONDS), (BAD, KEEP_FAILURE_SECONDS)])
async def test_what_came_of_it_is_kept_for_its_time(gives: Wording, seconds: float) -> None:
    model = Model()
    model.gives = gives
    assert await model.get() == gives
    model.now += seconds - 1
    assert await model.get() == gives
    assert model.asked == 1
    model.now += 1
    await model.get()
    assert model.asked == 2


async def test_who_asks_at_the_same_time_waits_for_the_same_answer() -> None:
    model = Model()
    model.gate.clear()
    askers = [model.start() for _ in range(3)] + [model.start(2)]
    await idle()
    assert model.asked == 2, "one for each state"
    model.gate.set()
    assert await asyncio.gather(*askers) == [GOOD] * 4
    assert model.asked == 2


async def test_when_the_first_to_ask_is_cut_off_the_next_asks() -> None:
    model = Model()
    model.gate.clear()
    first, second = model.start(), model.start()
    await idle()
    first.cancel()
    await idle()
    model.gate.set()
    assert await second == GOOD
    assert model.asked == 2


async def test_what_broke_is_not_kept() -> None:
    model = Model()
    model.gives = ValueError("broken")
    with pytest.raises(ValueError, match="broken"):
        await model.get()
    assert len(model.kept) == 0
    model.gives = GOOD
    assert await model.get() == GOOD


async def test_no_more_are_kept_than_there_is_room_and_nobody_who_waits_loses_a_place() -> None:
    model = Model()
    model.gate.clear()
    waiting = model.start(0)
    await idle()
    model.gate.set()
    for seq in range(1, MOST_KEPT + 10):
        await model.get(seq)
    assert len(model.kept) <= MOST_KEPT + 1
    assert await waiting == GOOD
    asked = model.asked
    await model.get(MOST_KEPT + 9)
    assert model.asked == asked, "the newest are kept"


async def test_what_is_over_is_dropped_although_nobody_asks() -> None:
    model = Model()
    await model.get()
    model.now += KEEP_SECONDS
    model.kept.drop_expired()
    assert len(model.kept) == 0
