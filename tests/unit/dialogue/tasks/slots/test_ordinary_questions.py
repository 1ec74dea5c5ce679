"""Questions in the middle of a task are questions: the readers take nothing from what says nothing of their slot."""

import csv
from pathlib import Path

import pytest

from tests.unit.dialogue.tasks.slots.cases import TUESDAY, outcome
from yizhan.dialogue.tasks.slots import kinds
from yizhan.dialogue.tasks.slots.cancel import TaskWords, leaving
from yizhan.dialogue.tasks.slots.reading import Context

CASES = Path(__file__).parents[2] / "knowledge" / "cases"


def sentences() -> list[str]:
    """What customers of the demo shop ask, none of it an answer to a task's question."""
    found: list[str] = []
    for path in sorted(CASES.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            found += [row[0] for row in csv.reader(file) if row and not row[0].isdigit()]
    assert len(found) > 300, "the sentences are no longer there"
    return found


SENTENCES = sentences()
NUMBERS_OF_ONES_OWN = ("phone", "id_card", "order_number", "email", "address")


def taken(kind: str, *, asked: bool) -> dict[str, str | None]:
    read = kinds.reader(kind, {})
    context = Context(TUESDAY, asked=asked)
    given = {text: outcome(read(text, context)) for text in SENTENCES}
    return {text: value for text, value in given.items() if value is not None}


@pytest.mark.parametrize("kind", [*NUMBERS_OF_ONES_OWN, "name", "yes_no", "text"])
def test_nothing_is_taken_in_passing(kind: str) -> None:
    assert taken(kind, asked=False) == {}


@pytest.mark.parametrize("kind", NUMBERS_OF_ONES_OWN)
def test_a_question_is_no_answer_even_where_one_was_asked_for(kind: str) -> None:
    assert taken(kind, asked=True) == {}


@pytest.mark.parametrize(
    ("kind", "most"),
    [("amount", 0.02), ("number", 0.05), ("appointment", 0.05), ("time", 0.03), ("yes_no", 0.01), ("name", 0.02)],
)
def test_a_question_is_seldom_taken_for_a_sum_a_number_or_a_day(kind: str, most: float) -> None:
    found = taken(kind, asked=True)
    assert len(found) <= most * len(SENTENCES), found


def test_a_question_does_not_end_the_task() -> None:
    assert [text for text in SENTENCES if leaving(text, TaskWords(("预约",)))] == []
