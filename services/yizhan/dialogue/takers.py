"""Who takes the results of jobs: the same in the service and in a replay."""

from yizhan.dialogue import tasking
from yizhan.dialogue.answering import Answerer
from yizhan.dialogue.jobs.finished import JobEnds
from yizhan.dialogue.tasks.calls import CONNECTOR


def job_ends(answerer: Answerer) -> JobEnds:
    """By the kind of job."""
    return JobEnds({CONNECTOR: tasking.taker(answerer)})
