"""The supervisor's board as the console's clients see it."""

from collections.abc import Mapping, Sequence

from yizhan.console.team_views import member_json
from yizhan.console.views import time
from yizhan.core.messages.json_form import Json
from yizhan.pb.v1 import routing_pb2 as pb


def board_json(queue: pb.GetQueueResponse, agents: Sequence[pb.Agent], late: Sequence[Json], count: int) -> Json:
    """``late``: the first of ``count`` tickets that are overdue. Agents that are disabled are left out."""
    names = {agent.id: agent.name for agent in agents}
    return {
        "queue": {
            "waiting": queue.waiting,
            "offered": queue.offered,
            "assigned": queue.assigned,
            "oldest_since": time(queue, "oldest_since"),
            "agents_online": queue.agents_online,
            "agents_free": queue.agents_free,
            "tickets_open": queue.tickets_open,
        },
        "answers": {"due": queue.answers_due, "at_risk": queue.answers_at_risk, "overdue": queue.answers_overdue},
        "promises": [_promise_json(promise, names) for promise in queue.promises],
        "agents": [member_json(agent) for agent in agents if agent.enabled],
        "overdue": {"items": list(late), "count": count},
        "systems": [_system_json(system) for system in queue.troubled],
    }


def _system_json(system: pb.SystemTrouble) -> Json:
    """A business's own agent system that does not take what it is told."""
    return {
        "name": system.system,
        "state": system.state,
        "since": time(system, "since"),
        "problem": system.problem,
        "waiting": system.waiting,
    }


def _promise_json(promise: pb.Promise, names: Mapping[str, str]) -> Json:
    offered_to = None
    if promise.agent_id:
        offered_to = {"id": promise.agent_id, "name": names.get(promise.agent_id, "")}
    return {
        "conversation_id": promise.conversation_id,
        "channel": promise.address.channel,
        "customer": {"id": promise.address.customer, "name": promise.customer_name},
        "reason": promise.reason,
        "requested_at": time(promise, "requested_at"),
        "deadline": time(promise, "deadline"),
        "offered_to": offered_to,
        "group_id": promise.group_id or None,
        "priority": promise.priority,
        "passed": promise.passed,
    }
