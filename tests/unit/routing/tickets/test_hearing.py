"""What a customer's message does to a ticket: a table."""

from datetime import timedelta

import pytest

from tests.unit.routing.tickets.examples import DAY, HOUR, NOON, ticket
from yizhan.routing.tickets.due import ElapsedDeadlines
from yizhan.routing.tickets.hearing import Sense, Wrote, heard, moves_to
from yizhan.routing.tickets.ticket import Role, Source, Status, source_on
from yizhan.routing.tickets.transitions import Periods, attended, moved

PERIODS = Periods()
SECOND = timedelta(seconds=1)
SOLVED = {"status": Status.SOLVED, "solved_at": NOON, "status_at": NOON}


@pytest.mark.parametrize(
    ("before", "after_noon", "sense", "to"),
    [
        pytest.param({"status": Status.PENDING, "status_at": NOON}, HOUR, Sense.WORDS, Status.OPEN, id="it was waited for"),
        pytest.param({"status": Status.PENDING, "status_at": NOON}, HOUR, Sense.COURTESY, Status.OPEN, id="a yes is one"),
        pytest.param({"status": Status.PENDING, "status_at": NOON}, HOUR, Sense.RATING, None, id="a rating is none"),
        pytest.param({"status": Status.PENDING, "status_at": NOON}, -SECOND, Sense.WORDS, None, id="written before it was asked"),
        pytest.param({"status": Status.PENDING, "paused_at": NOON}, -SECOND, Sense.WORDS, None, id="of the version before, too"),
        pytest.param({"status": Status.OPEN}, HOUR, Sense.WORDS, None, id="open stays open"),
        pytest.param({"status": Status.ON_HOLD, "status_at": NOON}, HOUR, Sense.WORDS, None, id="somebody else has to act"),
        pytest.param(SOLVED, DAY, Sense.WORDS, Status.REOPENED, id="it is not solved after all"),
        pytest.param(SOLVED, 3 * DAY, Sense.WORDS, Status.REOPENED, id="to the third day"),
        pytest.param(SOLVED, 3 * DAY + SECOND, Sense.WORDS, None, id="later it is something else"),
        pytest.param(SOLVED, HOUR, Sense.COURTESY, None, id="thanks"),
        pytest.param(SOLVED, HOUR, Sense.RATING, None, id="a rating"),
        pytest.param(SOLVED, -SECOND, Sense.WORDS, None, id="written before it was solved, told late"),
        pytest.param({"status": Status.CLOSED, "closed_at": NOON}, HOUR, Sense.WORDS, None, id="closed"),
    ],
)  # fmt: skip
def test_what_the_customer_writes_moves_a_ticket(
    before: dict[str, object], after_noon: timedelta, sense: Sense, to: Status | None
) -> None:
    given = ticket(created_at=NOON - DAY, **before)
    assert moves_to(given, Wrote(NOON + after_noon, sense), PERIODS) is to


def test_the_wait_is_counted_from_the_first_message_that_nobody_saw_to() -> None:
    given = ticket(attended_at=NOON)
    second = heard(given, Wrote(NOON + 2 * HOUR, Sense.WORDS, "还有"), moved=False)
    first = heard(second, Wrote(NOON + HOUR, Sense.WORDS, "单号"), moved=False)
    assert first.customer_waiting_since == NOON + HOUR, "told in the wrong order, it is the same wait"
    assert heard(given, Wrote(NOON - HOUR, Sense.WORDS), moved=False) == given, "that was answered before"
    assert attended(first, NOON + 3 * HOUR).customer_waiting_since is None
    assert attended(first, NOON).customer_waiting_since == NOON + HOUR, "an answer from before answers nothing"


@pytest.mark.parametrize("sense", [Sense.COURTESY, Sense.RATING])
def test_nobody_waits_for_an_answer_to_a_courtesy(sense: Sense) -> None:
    assert heard(ticket(), Wrote(NOON + HOUR, sense, "谢谢"), moved=False) == ticket()


def test_whoever_puts_it_aside_has_read_what_was_written_and_the_customer_has_not() -> None:
    waiting = ticket(customer_waiting_since=NOON)
    pending = moved(waiting, Status.PENDING, Role.AGENT, NOON + HOUR, ElapsedDeadlines(), PERIODS)
    assert (pending.customer_waiting_since, pending.status_at) == (None, NOON + HOUR)
    again = heard(pending, Wrote(NOON + 2 * HOUR, Sense.WORDS), moved=True)
    opened = moved(again, Status.OPEN, Role.CUSTOMER, NOON + 2 * HOUR, ElapsedDeadlines(), PERIODS)
    assert opened.customer_waiting_since == NOON + 2 * HOUR


@pytest.mark.parametrize(
    ("channel", "given", "source"),
    [
        ("email", Source.HANDOFF, Source.EMAIL),
        ("email", Source.OFF_HOURS, Source.EMAIL),
        ("email", Source.AGENT, Source.EMAIL),
        ("wechat", Source.WINDOW_CLOSED, Source.WINDOW_CLOSED),
        ("website", Source.HANDOFF, Source.HANDOFF),
    ],
)
def test_what_comes_by_email_comes_from_there(channel: str, given: Source, source: Source) -> None:
    assert source_on(channel, given) is source
