"""Groups and routing decisions as the console's clients see them."""

from collections.abc import Mapping

from yizhan.console.routing_record import Read, RecordUnreadable, Standing, read_record
from yizhan.console.views import time
from yizhan.core.messages.json_form import Json
from yizhan.pb.v1 import routing_pb2 as pb


def group_json(group: pb.Group) -> Json:
    return {"id": group.id, "name": group.name, "agent_ids": list(group.agent_ids), "wider_ids": list(group.wider_ids)}


def decision_json(decision: pb.RoutingDecision, agents: Mapping[str, str], groups: Mapping[str, str]) -> Json:
    """``agents`` and ``groups``: names by id. ``decided`` is null where the record is of a kind not known here."""
    return {
        "case_id": decision.case_id,
        "number": decision.number,
        "at": time(decision, "at"),
        "agent": _agent(decision.agent_id, agents),
        "decided": _decided(decision.record, agents, groups),
    }


def _decided(record: str, agents: Mapping[str, str], groups: Mapping[str, str]) -> Json | None:
    try:
        read = read_record(record)
    except RecordUnreadable:
        return None
    return {
        "by": read.decided_by or None,
        "priority": read.priority,
        "language": read.language or None,
        "skills": list(read.skills),
        "group": _group(read, groups),
        "level": read.level,
        "waited_seconds": read.waited,
        "standings": [_standing(one, agents) for one in read.standings],
    }


def _standing(one: Standing, agents: Mapping[str, str]) -> Json:
    return {
        "agent": _agent(one.agent_id, agents),
        "why_not": one.why_not,
        "load": one.load,
        "capacity": one.capacity,
    }


def _group(read: Read, groups: Mapping[str, str]) -> Json | None:
    return {"id": read.group_id, "name": groups.get(read.group_id, "")} if read.group_id else None


def _agent(agent_id: str, names: Mapping[str, str]) -> Json | None:
    return {"id": agent_id, "name": names.get(agent_id, "")} if agent_id else None
