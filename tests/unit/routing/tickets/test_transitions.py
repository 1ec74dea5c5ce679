"""Which status may follow which and by whom, and what a move does to the clocks."""

from datetime import datetime, timedelta

import pytest

from tests.unit.routing.tickets.examples import DAY, FRESH, HOUR, NOON, ticket
from yizhan.routing.tickets.due import ElapsedDeadlines
from yizhan.routing.tickets.errors import ReopenTooLate, RoleTooLow, StatusRefused
from yizhan.routing.tickets.ticket import PAUSED, UNSETTLED, Role, Status, Ticket, overdue
from yizhan.routing.tickets.transitions import ALLOWED, Periods, closes_at, following_statuses, moved

S, R = Status, Role
DEADLINES, PERIODS = ElapsedDeadlines(), Periods()


def move(start: Ticket, to: Status, at: datetime, role: Role = R.AGENT) -> Ticket:
    return moved(start, to, role, at, DEADLINES, PERIODS)


@pytest.mark.parametrize(
    ("start", "to", "may"),
    [
        pytest.param(S.OPEN, S.PENDING, {R.AGENT, R.SUPERVISOR, R.SYSTEM}, id="ask the customer something"),
        pytest.param(S.OPEN, S.ON_HOLD, {R.AGENT, R.SUPERVISOR, R.SYSTEM}, id="wait for somebody else"),
        pytest.param(S.OPEN, S.SOLVED, {R.AGENT, R.SUPERVISOR, R.SYSTEM}, id="solve it"),
        pytest.param(S.OPEN, S.CLOSED, {R.SUPERVISOR, R.SYSTEM}, id="only a supervisor closes what is not solved"),
        pytest.param(S.OPEN, S.REOPENED, set(), id="what was never settled is not reopened"),
        pytest.param(S.PENDING, S.OPEN, {R.AGENT, R.SUPERVISOR, R.SYSTEM, R.CUSTOMER}, id="the customer answered"),
        pytest.param(
            S.ON_HOLD, S.OPEN, {R.AGENT, R.SUPERVISOR, R.SYSTEM}, id="the customer ends no waiting for others"
        ),
        pytest.param(S.PENDING, S.ON_HOLD, {R.AGENT, R.SUPERVISOR, R.SYSTEM}, id="from one waiting to the other"),
        pytest.param(S.PENDING, S.SOLVED, {R.AGENT, R.SUPERVISOR, R.SYSTEM}, id="solve while waiting"),
        pytest.param(S.SOLVED, S.REOPENED, {R.AGENT, R.SUPERVISOR, R.SYSTEM, R.CUSTOMER}, id="not solved after all"),
        pytest.param(S.SOLVED, S.CLOSED, {R.AGENT, R.SUPERVISOR, R.SYSTEM}, id="close what is solved"),
        pytest.param(S.SOLVED, S.OPEN, set(), id="a solved one is reopened, not opened"),
        pytest.param(S.CLOSED, S.REOPENED, {R.SUPERVISOR, R.SYSTEM}, id="only a supervisor reopens a closed one"),
        pytest.param(S.CLOSED, S.OPEN, set(), id="closed is no way to open"),
        pytest.param(S.REOPENED, S.SOLVED, {R.AGENT, R.SUPERVISOR, R.SYSTEM}, id="solve it once more"),
        pytest.param(S.REOPENED, S.CLOSED, {R.SUPERVISOR, R.SYSTEM}, id="close what was reopened"),
    ],
)
def test_who_may_move_a_ticket(start: Status, to: Status, may: set[Role]) -> None:
    given = ticket(status=start, solved_at=NOON if start in (S.SOLVED, S.CLOSED) else None)
    for role in Role:
        if role in may:
            assert move(given, to, NOON + HOUR, role).status is to
        else:
            with pytest.raises(RoleTooLow if may else StatusRefused):
                move(given, to, NOON + HOUR, role)
        assert (to in following_statuses(given, role)) == (role in may)


def test_every_status_has_its_ways_on() -> None:
    assert set(ALLOWED) == set(Status)


def test_the_same_status_again_changes_nothing() -> None:
    assert move(FRESH, S.OPEN, NOON + HOUR) == FRESH


@pytest.mark.parametrize("waiting", sorted(PAUSED))
def test_time_in_which_we_wait_for_others_is_added_to_the_solution(waiting: Status) -> None:
    paused = move(FRESH, waiting, NOON + HOUR)
    assert (paused.paused_at, paused.solution_due) == (NOON + HOUR, NOON + DAY)
    again = move(paused, S.OPEN, NOON + 6 * HOUR)
    assert (again.paused_at, again.solution_due) == (None, NOON + DAY + 5 * HOUR)
    assert again.promised_by == NOON + DAY, "what the customer was told does not move"


def test_from_pending_to_on_hold_is_one_pause() -> None:
    once = move(move(FRESH, S.PENDING, NOON + HOUR), S.ON_HOLD, NOON + 3 * HOUR)
    assert move(once, S.OPEN, NOON + 4 * HOUR).solution_due == NOON + DAY + 3 * HOUR


def test_solving_while_waiting_counts_the_pause() -> None:
    solved = move(move(FRESH, S.PENDING, NOON + HOUR), S.SOLVED, NOON + 30 * HOUR)
    assert (solved.solved_at, solved.paused_at) == (NOON + 30 * HOUR, None)
    assert solved.solution_due == NOON + DAY + 29 * HOUR


def test_reopening_gives_back_the_time_in_which_nothing_was_owed() -> None:
    solved = ticket(status=S.SOLVED, solved_at=NOON + 20 * HOUR, rating=1, taken_at=NOON)
    again = move(solved, S.REOPENED, NOON + 50 * HOUR, R.CUSTOMER)
    assert (again.status, again.solution_due) == (S.REOPENED, NOON + DAY + 30 * HOUR)
    assert (again.solved_at, again.closed_at, again.rating) == (None, None, 0)
    assert again.taken_at is None, "closing some other conversation of the customer does not solve it again"


@pytest.mark.parametrize(
    ("status", "settled", "after", "refused"),
    [
        pytest.param(S.SOLVED, "solved_at", PERIODS.reopen, False, id="on the last day"),
        pytest.param(S.SOLVED, "solved_at", PERIODS.reopen + timedelta(seconds=1), True, id="a second too late"),
        pytest.param(
            S.CLOSED, "closed_at", PERIODS.reopen + timedelta(seconds=1), True, id="closed without a solution"
        ),
    ],
)
def test_until_when_a_ticket_can_be_reopened(status: Status, settled: str, after: timedelta, refused: bool) -> None:
    given = ticket(status=status, **{settled: NOON})
    if refused:
        with pytest.raises(ReopenTooLate):
            move(given, S.REOPENED, NOON + after, R.SUPERVISOR)
    else:
        assert move(given, S.REOPENED, NOON + after, R.SUPERVISOR).status is S.REOPENED


def test_only_a_solved_ticket_closes_by_itself() -> None:
    assert closes_at(ticket(status=S.SOLVED, solved_at=NOON), PERIODS) == NOON + PERIODS.close
    assert all(closes_at(ticket(status=status), PERIODS) is None for status in UNSETTLED)


@pytest.mark.parametrize(
    ("given", "at", "late"),
    [
        pytest.param(FRESH, NOON + HOUR, False, id="in time for both"),
        pytest.param(FRESH, NOON + 3 * HOUR, True, id="nobody has answered"),
        pytest.param(ticket(first_response_at=NOON), NOON + 3 * HOUR, False, id="somebody has answered"),
        pytest.param(ticket(first_response_at=NOON), NOON + 25 * HOUR, True, id="not solved"),
        pytest.param(
            ticket(first_response_at=NOON, status=S.PENDING, paused_at=NOON + HOUR),
            NOON + 99 * HOUR,
            False,
            id="the clock rests",
        ),
        pytest.param(
            ticket(first_response_at=NOON, status=S.PENDING, paused_at=NOON + 30 * HOUR),
            NOON + 99 * HOUR,
            True,
            id="late before it was paused",
        ),
        pytest.param(ticket(status=S.SOLVED, solved_at=NOON), NOON + 99 * HOUR, False, id="settled"),
    ],
)
def test_what_counts_as_late(given: Ticket, at: datetime, late: bool) -> None:
    assert overdue(given, at) is late
