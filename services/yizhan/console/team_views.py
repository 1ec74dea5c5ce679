"""Agents with what they can do, and routing rules, as the console's clients see them."""

from yizhan.console.views import agent_json
from yizhan.core.messages.json_form import Json
from yizhan.pb.v1 import routing_pb2 as pb


def member_json(agent: pb.Agent) -> Json:
    return agent_json(agent) | {
        "skills": [{"name": skill.name, "level": skill.level} for skill in agent.skills],
        "languages": list(agent.languages),
    }


def route_json(route: pb.Route) -> Json:
    return {
        "channel": route.channel,
        "reason": route.reason,
        "rule": route.rule,
        "topic": route.topic,
        "language": route.language,
        "least_urgency": route.least_urgency,
        "group_id": route.group_id,
        "skills": list(route.skills),
        "priority": route.priority,
        "weight": route.weight or 1,
    }
