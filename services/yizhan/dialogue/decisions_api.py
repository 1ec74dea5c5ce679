"""gRPC DecisionsService: why the assistant did what it did."""

from typing import Any

import grpc

from yizhan.core.messages.codec import timestamp
from yizhan.core.runtime.grpc import RpcProblem
from yizhan.dialogue.replaying import NotReplayable, Replayed, Replayer, UnknownMessage
from yizhan.pb.v1 import decision_pb2 as pb, decision_pb2_grpc

Context = grpc.aio.ServicerContext[Any, Any]

MOST_LINES = 200
"""Lines of differences that are told; the command line has them all."""


class DecisionsApi(decision_pb2_grpc.DecisionsServiceServicer):
    def __init__(self, replayer: Replayer) -> None:
        self._replayer = replayer

    async def Explain(self, request: pb.ExplainRequest, context: Context) -> pb.ExplainResponse:
        if not request.workspace:
            raise RpcProblem("workspace_missing", grpc.StatusCode.INVALID_ARGUMENT)
        if not request.message_id:
            raise RpcProblem("message_missing", grpc.StatusCode.INVALID_ARGUMENT)
        try:
            return _to_proto(await self._replayer.replay(request.workspace, request.message_id))
        except UnknownMessage as error:
            raise RpcProblem("unknown_message", grpc.StatusCode.NOT_FOUND) from error
        except NotReplayable as error:
            raise RpcProblem(error.reason, grpc.StatusCode.FAILED_PRECONDITION, error.detail) from error


def _to_proto(replayed: Replayed) -> pb.ExplainResponse:
    one = replayed.explanation
    candidates = [
        pb.DecisionCandidate(entry_id=item.entry_id, question=item.question, score=item.score, matched=item.matched)
        for item in one.considered
    ]
    return pb.ExplainResponse(
        decision_id=one.decision_id,
        conversation_id=one.conversation_id,
        decided_at=timestamp(one.decided_at),
        intent=one.intent,
        decided_by=one.decided_by,
        release_id=one.release_id,
        release_number=one.release_number,
        answer_threshold=one.answer_threshold,
        clarify_threshold=one.clarify_threshold,
        margin=one.margin,
        rule=one.rule,
        handoff_reason=one.handoff_reason,
        entry_id=one.entry_id,
        question=one.question,
        score=one.score,
        task=one.task,
        phase=one.phase,
        open=one.open,
        candidates=candidates,
        messages=replayed.messages,
        identical=replayed.identical,
        differences=replayed.differences[:MOST_LINES],
        changed=replayed.changed,
        job_kind=one.job_kind,
        job_outcome=one.job_outcome,
        job_reason=one.job_reason,
    )
