"""Agents' answers in metrics: kept as routing reckoned them, counted once, whatever comes late or again."""

from datetime import timedelta

import pytest

from tests.contract.services.conftest import NOON, SteppedClock
from tests.contract.services.metrics_board import Board, event
from yizhan.core.messages.codec import timestamp
from yizhan.core.messages.ids import derived_id
from yizhan.core.store.database import Database
from yizhan.metrics import store
from yizhan.metrics.answers import Clock
from yizhan.pb.v1 import event_pb2

FIRST, NEXT = "agent_first_response", "agent_next_response"


@pytest.fixture
def board(database: Database, clock: SteppedClock) -> Board:
    return Board(database, clock)


def timed(
    clock: str, mark: str, at: float, due: float, *, number: int = 1, case: str = "case", open: float = 0, why: str = ""
) -> event_pb2.Event:
    """Seconds before now; ``open``: seconds of open time."""
    kind = event_pb2.AnswerTimed(
        clock=clock,
        mark=mark,
        at=timestamp(NOON - timedelta(seconds=at)),
        due_at=timestamp(NOON - timedelta(seconds=due)),
        contract="c" * 16,
        calendar="d" * 16,
        open_ms=int(open * 1000),
        number=number,
        agent_id="ann",
        reason=why,
        case_id=case,
    )
    return event(3, id=derived_id("answer", case, str(number), mark), answer_timed=kind)


STORY = [
    timed(FIRST, "start", 900, 840, number=0),
    timed(FIRST, "stop", 870, 840, number=0, open=30),
    timed(NEXT, "start", 800, 500),
    timed(NEXT, "stop", 400, 500, open=310),
    timed(NEXT, "start", 390, 90, number=2),
    timed(NEXT, "cancel", 60, 90, number=2, open=330, why="closed"),
    timed(FIRST, "start", 300, 240, number=0, case="other"),
    timed(FIRST, "cancel", 280, 240, number=0, case="other", open=20, why="handed_on"),
    timed(FIRST, "start", 100, 40, number=0, case="third"),
]
"""Answered in time; late, over a pause; closed overdue; handed on in time; still waiting, and overdue."""


async def figures(board: Board) -> dict[str, tuple[int, int, int, int, int, float]]:
    return {
        one.clock: (one.in_time, one.late, one.missed, one.waiting, one.excluded, one.share_in_time)
        for one in (await board.numbers()).agent_answers
    }


EXPECTED = {FIRST: (1, 0, 0, 1, 1, 0.5), NEXT: (0, 1, 1, 0, 0, 0.0)}


async def test_the_share_in_time_from_events_that_come_late_and_again(board: Board) -> None:
    await board.happen(*reversed(STORY[:5]))
    await board.happen(*STORY)
    for one in STORY:
        await board.happen(one)
    assert await figures(board) == EXPECTED
    assert board.counted("yizhan_agent_answers_total") == {
        ("website", FIRST, "in_time"): 1,
        ("website", FIRST, "excluded"): 1,
        ("website", NEXT, "late"): 1,
        ("website", NEXT, "missed"): 1,
    }
    assert board.counted("yizhan_agent_answer_seconds_sum") == {(FIRST,): 30, (NEXT,): 310}
    async with board.database.read() as tx:
        kept = await store.answers_of(tx, "c1")
    assert len(kept) == len(STORY)
    [begun, ended] = [one for one in kept if (one.case_id, one.number) == ("case", 1)]
    assert (begun.contract, begun.calendar) == (ended.contract, ended.calendar) == ("c" * 16, "d" * 16)
    assert (ended.at - begun.at, ended.open_ms) == (timedelta(seconds=400), 310_000), "the rest was a pause"


async def test_whatever_order_the_news_of_a_clock_comes_in_the_figure_is_the_same(board: Board) -> None:
    stories = [
        [
            timed(NEXT, "start", 800, 500, case=f"case{at}"),
            timed(NEXT, "stop", 600, 500, case=f"case{at}", open=200),
            timed(NEXT, "cancel", 450, 500, case=f"case{at}", open=350, why="closed"),
        ]
        for at in range(3)
    ]
    for story, order in zip(stories, [(0, 1, 2), (1, 0, 2), (1, 2, 0)], strict=True):
        for at in order:
            await board.happen(story[at])
    assert (await figures(board))[NEXT] == (3, 0, 0, 0, 0, 1.0)
    assert board.counted("yizhan_dropped_clock_marks_total") == {(NEXT, "cancel", "repeated"): 3}


async def test_an_end_alone_counts_and_its_start_does_not_bring_it_back(board: Board) -> None:
    await board.happen(timed(NEXT, "stop", 600, 500, open=200))
    assert (await figures(board))[NEXT] == (1, 0, 0, 0, 0, 1.0)
    await board.happen(timed(NEXT, "start", 800, 500))
    assert (await figures(board))[NEXT] == (1, 0, 0, 0, 0, 1.0), "nobody waits"


async def test_news_of_another_clock_changes_no_figure_and_shows(board: Board) -> None:
    await board.happen(timed("agent_third_response", "stop", 600, 500, number=9), *STORY)
    assert await figures(board) == EXPECTED
    assert board.counted("yizhan_dropped_clock_marks_total") == {("unknown", "unknown", "unknown"): 1}


async def test_what_is_not_due_yet_is_in_no_figure(board: Board) -> None:
    await board.happen(timed(NEXT, "start", 10, -290))
    assert (await figures(board))[NEXT] == (0, 0, 0, 0, 0, 0.0)
    assert set(await figures(board)) == set(Clock)
