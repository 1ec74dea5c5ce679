"""What becomes of a job's result inside the conversation."""

from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from tests.unit.dialogue.stage import NOON, Stage
from yizhan.core.messages import command as k, content as c
from yizhan.dialogue.jobs.finished import UNKNOWN_KIND, JobEnds
from yizhan.dialogue.turn import Turn

ENDS = [
    k.JobFinished("job", "parcel", k.JobOutcome.DONE, "在路上".encode()),
    k.JobFinished("job", "parcel", k.JobOutcome.FAILED, reason="unavailable"),
    k.JobFinished("job", "parcel", k.JobOutcome.TIMED_OUT, reason="deadline"),
]


def tell(turn: Turn, finished: k.JobFinished) -> str:
    """A taker that says what it was given."""
    turn.bot(c.Text(finished.body.decode() or finished.reason))
    return ""


def test_a_job_is_collected_with_its_deadline_and_an_id_of_its_own() -> None:
    stage = Stage()
    first = stage.turn.start_job("parcel", b"1", timedelta(seconds=8))
    second = stage.turn.start_job("parcel", b"2", timedelta(seconds=8))
    assert first != second
    assert [(job.id, job.kind, job.body, job.deadline - NOON) for job in stage.turn.jobs] == [
        (first, "parcel", b"1", timedelta(seconds=8)),
        (second, "parcel", b"2", timedelta(seconds=8)),
    ]


@pytest.mark.parametrize("finished", ENDS, ids=lambda end: end.outcome.name)
@pytest.mark.parametrize("handed_off", [False, True], ids=["with the assistant", "with a human by now"])
def test_every_end_reaches_who_takes_it(finished: k.JobFinished, handed_off: bool) -> None:
    stage = Stage(job_ends=JobEnds({"parcel": tell}))
    if handed_off:
        stage.assigned()
    assert stage.command(finished, epoch=0) == ""
    assert stage.said()[-1] == f"bot: {finished.body.decode() or finished.reason}"


def test_a_result_that_nobody_takes_is_refused_aloud() -> None:
    stage = Stage(job_ends=JobEnds({}))
    with capture_logs() as logged:
        assert stage.command(ENDS[0], epoch=0) == UNKNOWN_KIND
    assert [line["event"] for line in logged] == ["job_without_taker"]
    assert "在路上" not in str(logged), "what a backend said about a customer is in no log"
    assert stage.events()[-1] == "command_refused"
