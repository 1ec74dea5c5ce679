"""What an agent owes a customer: due in the desk's open time, for the first words that have no answer."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from yizhan.contract.arrangements import resolve
from yizhan.contract.file import parse_contract
from yizhan.core.messages.address import Address
from yizhan.routing.answers import answered, asked, assigned
from yizhan.routing.desk import Case, CaseState
from yizhan.routing.owed import Answering, Clock
from yizhan.routing.terms import Terms

CONTRACT = parse_contract("""\
contract: office
zone: Asia/Shanghai
calendars:
  desk:
    hours:
      mon-fri: ["09:00-12:00", "13:30-18:00"]
handoff:
  calendar: desk
  agent_first_response: 60s
  agent_next_response: 5m
""")


def local(day: int, hour: int, minute: int = 0, second: int = 0) -> datetime:
    """In November 2026, by the wall clock of Shanghai; the 23rd is a Monday."""
    return datetime(2026, 11, day, hour, minute, second, tzinfo=UTC) - timedelta(hours=8)


def terms() -> Terms:
    plan = CONTRACT.calendar("desk")
    desk = resolve(plan, [], local(1, 12).date(), local(30, 12).date())
    return Terms(CONTRACT, CONTRACT.version, {"desk": desk})


def case() -> Case:
    return Case(
        id="case",
        workspace="shop",
        conversation_id="c1",
        address=Address("shop", "website", "demo", "v"),
        epoch=3,
        state=CaseState.ASSIGNED,
        reason="requested",
        customer_name="",
        last_text="",
        requested_at=local(23, 10),
        deadline=local(23, 10, 1),
        agent_id="ann",
    )


def at_work(at: datetime | None = None) -> Answering:
    return assigned(case(), terms(), at or local(23, 10))


def greeted() -> Answering:
    return answered(at_work(), 4)


@pytest.mark.parametrize(
    ("since", "due"),
    [
        pytest.param(local(23, 10), local(23, 10, 5), id="in the morning"),
        pytest.param(local(23, 11, 58), local(23, 13, 33), id="with lunch between"),
        pytest.param(local(23, 12, 20), local(23, 13, 35), id="asked at lunch"),
        pytest.param(local(23, 17, 57), local(24, 9, 2), id="shortly before the end of the day"),
        pytest.param(local(23, 17, 55), local(23, 18), id="used up exactly at the end of the day"),
        pytest.param(local(27, 17, 59), local(30, 9, 4), id="on Friday before closing time"),
        pytest.param(local(28, 11), local(30, 9, 5), id="on Saturday"),
    ],
)
def test_the_next_answer_is_due_in_the_hours_of_the_desk(since: datetime, due: datetime) -> None:
    kept = asked(greeted(), terms(), 5, since)
    assert kept.due is not None
    assert (kept.due.clock, kept.due.since, kept.due.due_at) == (Clock.NEXT, since, due)


@pytest.mark.parametrize(
    ("since", "risk", "due"),
    [
        pytest.param(local(23, 10), local(23, 10, 0, 40), local(23, 10, 1), id="the last twenty seconds of a minute"),
        pytest.param(
            local(23, 11, 59, 30), local(23, 13, 30, 10), local(23, 13, 30, 30), id="which lunch may come between"
        ),
        pytest.param(local(23, 12, 0), local(23, 13, 30, 40), local(23, 13, 31), id="assigned as lunch begins"),
    ],
)
def test_the_first_words_are_due_from_the_assignment_on(since: datetime, risk: datetime, due: datetime) -> None:
    kept = at_work(since)
    assert kept.due is not None
    assert (kept.due.clock, kept.due.risk_at, kept.due.due_at) == (Clock.FIRST, risk, due)


def test_the_last_third_of_a_longer_time_is_at_risk() -> None:
    kept = asked(greeted(), terms(), 5, local(23, 10))
    assert kept.due is not None
    assert kept.due.risk_at == local(23, 10, 3, 20)


def test_of_several_messages_in_a_row_the_first_counts() -> None:
    kept = greeted()
    for seq, minute in ((5, 1), (6, 3), (7, 4)):
        kept = asked(kept, terms(), seq, local(23, 10, minute))
    assert kept.due is not None
    assert (kept.due.seq, kept.due.due_at, kept.number) == (5, local(23, 10, 6), 1)
    assert answered(kept, 8).due is None


def test_before_the_first_words_a_message_makes_nothing_later() -> None:
    kept = at_work()
    assert asked(kept, terms(), 4, local(23, 10, 0, 30)) == kept


def test_after_an_answer_the_next_message_starts_a_clock_of_its_own() -> None:
    first = asked(greeted(), terms(), 5, local(23, 10, 1))
    second = asked(answered(first, 6), terms(), 7, local(23, 10, 9))
    assert second.due is not None
    assert (first.number, second.number, second.due.since) == (1, 2, local(23, 10, 9))


@pytest.mark.parametrize(
    ("seq", "stays"),
    [
        pytest.param(4, True, id="words from before the question do not answer it"),
        pytest.param(6, False, id="words after it do"),
        pytest.param(0, False, id="words of which an older version does not say the place do"),
    ],
)
def test_what_answers_a_question(seq: int, *, stays: bool) -> None:
    kept = asked(greeted(), terms(), 5, local(23, 10, 1))
    assert (answered(kept, seq).due is not None) == stays


def test_a_question_that_is_told_after_its_answer_starts_nothing() -> None:
    kept = answered(greeted(), 6)
    assert asked(kept, terms(), 5, local(23, 10, 1)) == kept


def test_the_versions_are_those_of_the_case() -> None:
    kept = at_work()
    assert (kept.contract, kept.calendar) == (CONTRACT.version, terms().hours.version)
    assert asked(replace(kept, due=None), terms(), 9, local(23, 10)).contract == CONTRACT.version
