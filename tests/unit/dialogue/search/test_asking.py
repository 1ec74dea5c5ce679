"""Numbers that grow with time, tokens of pages, and questions that are refused."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from yizhan.core.runtime.grpc import RpcProblem
from yizhan.dialogue.search.page_token import place_in, token_of
from yizhan.dialogue.search.place import LAST, first_of, given_numbers, wanted_number
from yizhan.dialogue.search.wanted import Reader, Speaker, Wanted

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
WANTED = Wanted("shop", "退款", Reader("mei", reads_whispers=False))


def test_what_was_said_later_has_a_higher_number() -> None:
    draw = random.Random(1)
    earlier = [wanted_number(NOON, f"c-{draw.random()}", draw.randrange(1, 10_000)) for _ in range(500)]
    later = [wanted_number(NOON + timedelta(milliseconds=1), f"c-{n}", 1) for n in range(500)]
    assert max(earlier) < first_of(NOON + timedelta(milliseconds=1)) <= min(later)
    assert max(later) < LAST


def test_an_answer_stands_after_its_question_in_the_same_millisecond() -> None:
    numbers = [wanted_number(NOON, "c-1", seq) for seq in range(1, 200)]
    assert numbers == sorted(set(numbers))


@pytest.mark.parametrize(
    ("wanted", "taken", "given"),
    [
        pytest.param([5, 9], [], [5, 9], id="free"),
        pytest.param([5, 5, 5], [], [5, 6, 7], id="several want one"),
        pytest.param([5, 6], [5, 6, 7], [8, 9], id="all near it are taken"),
        pytest.param([], [5], [], id="nobody"),
    ],
)
def test_everyone_gets_a_number_of_their_own(wanted: list[int], taken: list[int], given: list[int]) -> None:
    assert given_numbers(wanted, taken) == given


def test_a_token_goes_on_with_the_same_search() -> None:
    assert place_in(token_of(77, WANTED), WANTED) == 77
    assert place_in("", WANTED) == LAST
    within = replace(WANTED, conversation_ids=("c-1",))
    assert place_in(token_of(77, WANTED), within) == 77, "what a customer's conversations are may change meanwhile"


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(replace(WANTED, workspace="other"), id="workspace"),
        pytest.param(replace(WANTED, query="发货"), id="query"),
        pytest.param(replace(WANTED, reader=Reader("lin", reads_whispers=False)), id="reader"),
        pytest.param(replace(WANTED, speakers=(Speaker.AGENT,)), id="speaker"),
        pytest.param(replace(WANTED, named=("c-1", "")), id="conversation"),
        pytest.param(replace(WANTED, since=NOON), id="time"),
    ],
)
def test_a_token_of_another_search_is_refused(other: Wanted) -> None:
    with pytest.raises(RpcProblem, match="bad_page_token"):
        place_in(token_of(77, WANTED), other)


@pytest.mark.parametrize("token", ["x", "退款", "AAAA", "=", "NzcgeA=="])
def test_a_token_that_is_none_is_refused(token: str) -> None:
    with pytest.raises(RpcProblem, match="bad_page_token"):
        place_in(token, WANTED)
