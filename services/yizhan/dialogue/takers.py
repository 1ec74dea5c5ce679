"""Who takes the results of jobs: the same in the service and in a replay."""

from yizhan.dialogue import consulting, tasking
from yizhan.dialogue.answering import Answerer
from yizhan.dialogue.jobs.finished import JobEnds
from yizhan.dialogue.models.documents import KIND as MODEL
from yizhan.dialogue.recognition import attending
from yizhan.dialogue.recognition.documents import RECOGNISE
from yizhan.dialogue.tasks.calls import CONNECTOR


def job_ends(answerer: Answerer) -> JobEnds:
    """By the kind of job."""
    return JobEnds(
        {
            CONNECTOR: tasking.taker(answerer),
            MODEL: consulting.taker(answerer),
            RECOGNISE: attending.taker(answerer),
        }
    )
