"""What an agent owes a customer next, as the console's clients see it."""

from collections.abc import Mapping, Sequence

import structlog

from yizhan.console.peers import Peers
from yizhan.console.views import time
from yizhan.core.messages.json_form import Json
from yizhan.core.runtime.grpc import RpcProblem
from yizhan.pb.v1 import conversations_pb2, event_pb2, live_pb2, routing_pb2

log = structlog.get_logger(__name__)


def answer_json(owed: routing_pb2.AnswerDue | live_pb2.AnswerHint) -> Json | None:
    """Which clock runs since when, from when on it is at risk, and when it is overdue; None: nothing is owed."""
    if not owed.clock:
        return None
    return {
        "clock": owed.clock,
        "since": time(owed, "since"),
        "risk_at": time(owed, "risk_at"),
        "due_at": time(owed, "due_at"),
    }


async def answers_of(
    peers: Peers, workspace: str, conversations: Sequence[conversations_pb2.Conversation]
) -> Mapping[str, Json | None]:
    """By conversation; empty while routing cannot be asked: the lists are shown all the same, without countdowns."""
    served = [one.id for one in conversations if one.state == event_pb2.CONVERSATION_STATE_ASSIGNED]
    answers: dict[str, Json | None] = {one.id: None for one in conversations}
    if not served:
        return answers
    asked = routing_pb2.ListAnswersDueRequest(workspace=workspace, conversation_ids=served)
    try:
        found = await peers.routing.ListAnswersDue(asked)
    except RpcProblem as error:
        log.warning("answers_not_told", code=error.code)
        return {}
    return answers | {one.conversation_id: answer_json(one) for one in found.answers}
