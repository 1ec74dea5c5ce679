"""Who takes the result of a job when it comes back to its conversation, by the job's kind."""

from collections.abc import Mapping
from typing import Protocol

import structlog

from yizhan.core.messages import command as k
from yizhan.dialogue.turn import Turn

log = structlog.get_logger(__name__)

UNKNOWN_KIND = "unknown_job_kind"


class TakesJob(Protocol):
    """Acts on the end of a job, inside the writer: pure, and for DONE, FAILED and TIMED_OUT alike."""

    def __call__(self, turn: Turn, finished: k.JobFinished, /) -> str:
        """Why the result was not taken (a static name), empty when it was. Being too late for it is no refusal."""


class JobEnds:
    """The takers of results. A kind that has none is refused: logged here, and told as ``command_refused``.

    That happens when a version that knew the kind started the job and another one gets the result (a roll-back).
    """

    def __init__(self, takers: Mapping[str, TakesJob]) -> None:
        self._takers = dict(takers)

    def take(self, turn: Turn, finished: k.JobFinished) -> str:
        """Hand a result to its taker; the reason where it was refused, else empty."""
        taker = self._takers.get(finished.kind)
        if taker is None:
            log.warning(
                "job_without_taker",
                job_id=finished.job_id,
                kind=finished.kind,
                outcome=finished.outcome.name,
                conversation_id=turn.conversation.id,
            )
            return UNKNOWN_KIND
        return taker(turn, finished)
