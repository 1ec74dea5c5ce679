"""A decision of the assistant as the console's clients see it."""

from yizhan.console.views import time
from yizhan.core.messages.json_form import Json
from yizhan.pb.v1 import decision_pb2 as pb


def decision_json(found: pb.ExplainResponse) -> Json:
    """What had no part in it is null. ``identical``: made again, it came out the same to the byte."""
    return {
        "id": found.decision_id,
        "conversation_id": found.conversation_id,
        "decided_at": time(found, "decided_at"),
        "intent": found.intent,
        "decided_by": found.decided_by,
        "release": _release(found),
        "thresholds": {
            "answer": found.answer_threshold,
            "clarify": found.clarify_threshold,
            "margin": found.margin,
        },
        "rule": found.rule or None,
        "handoff_reason": found.handoff_reason or None,
        "entry": _entry(found),
        "task": _task(found),
        "job": _job(found),
        "candidates": [
            {"entry_id": one.entry_id, "question": one.question, "score": one.score, "matched": one.matched}
            for one in found.candidates
        ],
        "identical": found.identical,
        "differences": list(found.differences),
        "changed": list(found.changed),
    }


def _release(found: pb.ExplainResponse) -> Json | None:
    return {"id": found.release_id, "number": found.release_number} if found.release_id else None


def _entry(found: pb.ExplainResponse) -> Json | None:
    return {"id": found.entry_id, "question": found.question, "score": found.score} if found.entry_id else None


def _task(found: pb.ExplainResponse) -> Json | None:
    return {"name": found.task, "phase": found.phase, "open": found.open} if found.task else None


def _job(found: pb.ExplainResponse) -> Json | None:
    if not found.job_kind:
        return None
    return {"kind": found.job_kind, "outcome": found.job_outcome, "reason": found.job_reason}
