"""Agents' answers against the contract: what came of a clock, and which news of it counts."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from yizhan.core.messages.address import Address
from yizhan.core.messages.codec import address_to_proto, timestamp
from yizhan.metrics.answers import AnswerFigures, AnswerMark, Clock, Mark, Outcome, answer_mark, sort
from yizhan.pb.v1.event_pb2 import AnswerTimed, Event

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
DUE = NOON + timedelta(minutes=5)


def mark(kind: Mark = Mark.STOP, at: datetime = NOON, number: int = 1, case: str = "case") -> AnswerMark:
    return AnswerMark(
        case_id=case,
        number=number,
        workspace="shop",
        channel="website",
        conversation_id="c1",
        agent_id="ann",
        clock=Clock.NEXT,
        mark=kind,
        at=at,
        due_at=DUE,
        contract="c" * 16,
        calendar="d" * 16,
        open_ms=0,
        reason="",
        source="e",
    )


@pytest.mark.parametrize(
    ("kind", "after", "outcome"),
    [
        pytest.param(Mark.START, 0, None, id="it has only begun"),
        pytest.param(Mark.STOP, 299.999, Outcome.IN_TIME, id="answered just before it was due"),
        pytest.param(Mark.STOP, 300, Outcome.LATE, id="answered at the moment from which the row says overdue"),
        pytest.param(Mark.STOP, 3600, Outcome.LATE, id="answered much later"),
        pytest.param(Mark.CANCEL, 299, Outcome.EXCLUDED, id="handed on in time"),
        pytest.param(Mark.CANCEL, 300, Outcome.MISSED, id="closed to be rid of it when it was overdue"),
    ],
)
def test_what_came_of_it(kind: Mark, after: float, outcome: Outcome | None) -> None:
    assert mark(kind, NOON + timedelta(seconds=after)).outcome is outcome


@pytest.mark.parametrize(
    ("told", "known", "counted"),
    [
        pytest.param([Mark.START, Mark.STOP], [], [Mark.START, Mark.STOP], id="in order"),
        pytest.param([Mark.STOP, Mark.START], [], [Mark.STOP, Mark.START], id="the end before the start"),
        pytest.param([Mark.STOP, Mark.STOP], [], [Mark.STOP], id="twice in a batch"),
        pytest.param([Mark.STOP], [Mark.STOP], [], id="again later"),
        pytest.param([Mark.CANCEL], [Mark.STOP], [], id="closed when it was answered already"),
        pytest.param([Mark.STOP, Mark.CANCEL], [Mark.START], [Mark.STOP], id="the first end counts"),
    ],
)
def test_which_news_counts(told: list[Mark], known: list[Mark], counted: list[Mark]) -> None:
    sorted_ = sort([mark(kind) for kind in told], {mark(kind).key for kind in known})
    assert [one.mark for one in sorted_.new] == counted
    assert len(sorted_.new) + len(sorted_.repeated) == len(told)


def test_clocks_of_one_case_and_of_another_are_apart() -> None:
    several = [mark(number=0), mark(number=1), mark(number=1, case="other")]
    assert sort(several, {mark(number=2).key}).new == several


def test_the_share_counts_those_who_still_wait_and_leaves_the_excluded_out() -> None:
    figures = AnswerFigures(Clock.FIRST, in_time=6, late=2, missed=1, excluded=5, waiting=1)
    assert (figures.counted, figures.not_in_time) == (10, 4)


def told(clock: str = "agent_next_response", what: str = "stop") -> Event:
    timed = AnswerTimed(
        clock=clock,
        mark=what,
        at=timestamp(NOON),
        due_at=timestamp(DUE),
        contract="c" * 16,
        calendar="d" * 16,
        number=1,
        agent_id="ann",
        case_id="case",
    )
    address = address_to_proto(Address("shop", "website", "demo", "v:1"))
    return Event(id="e", address=address, conversation_id="c1", epoch=3, answer_timed=timed)


def test_an_event_is_read_with_its_versions() -> None:
    assert answer_mark(told()) == mark()
    assert answer_mark(told(what="start")) == replace(mark(), mark=Mark.START)


@pytest.mark.parametrize(("clock", "what"), [("agent_third_response", "stop"), ("agent_next_response", "paused")])
def test_news_that_only_a_later_version_knows_is_none(clock: str, what: str) -> None:
    assert answer_mark(told(clock, what)) is None
