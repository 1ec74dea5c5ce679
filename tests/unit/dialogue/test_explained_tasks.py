"""Which task a decision is told to be of, where one was put under another."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from yizhan.dialogue.explaining import task_of
from yizhan.dialogue.tasks.state import Phase, TaskState

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)


def state(task: str, phase: Phase, minutes: int = 0) -> TaskState:
    at = NOON + timedelta(minutes=minutes)
    return TaskState(task, task, "1", "zh", phase, "number", at, at)


RETURN = state("after_sales", Phase.ASIDE)
QUERY = replace(state("order_query", Phase.WORKING, 1), under=RETURN)


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (None, None, None),
        (None, QUERY, ("order_query", Phase.WORKING)),
        (QUERY, QUERY, ("order_query", Phase.WORKING)),
        (QUERY, None, None),
        (QUERY, RETURN, ("order_query", Phase.DONE)),
        (QUERY, state("after_sales", Phase.ASKING, 2), ("after_sales", Phase.ASKING)),
        (RETURN, QUERY, ("order_query", Phase.WORKING)),
    ],
    ids=["none", "begun", "going on", "over", "over, and the other one in its place", "the other one begun anew", "begun above"],
)  # fmt: skip
def test_a_step_is_of_the_task_that_took_it(
    before: TaskState | None, after: TaskState | None, told: tuple[str, Phase] | None
) -> None:
    found = task_of(before, after)
    assert (found and (found.task, found.phase)) == told
