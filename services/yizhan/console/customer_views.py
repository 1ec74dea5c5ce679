"""Customers as the console's clients see them."""

from yizhan.console.views import task_json, time
from yizhan.core.messages.json_form import Json
from yizhan.pb.v1 import conversations_pb2, customers_pb2 as pb

_KINDS = {pb.LinkKind.LINK_KIND_LINK: "link", pb.LinkKind.LINK_KIND_UNLINK: "unlink"}


def card_json(found: pb.GetCustomerResponse) -> Json:
    return {
        "customer": customer_json(found.customer),
        "attributes": [
            {"name": one.name, "value": one.value, "by": _editor_json(one.by), "at": time(one, "at")}
            for one in found.attributes
        ],
        "notes": [
            {"id": one.id, "text": one.text, "by": _editor_json(one.by), "at": time(one, "at")} for one in found.notes
        ],
        "profile": _profile_json(found.profile),
    }


def customer_json(customer: pb.Customer) -> Json:
    return {
        "id": customer.id,
        "name": customer.name,
        "locale": customer.locale,
        "verified": customer.verified,
        "identities": list(map(identity_json, customer.identities)),
        "tags": [{"tag": one.tag, "by": _editor_json(one.by), "at": time(one, "at")} for one in customer.tags],
        "first_seen_at": time(customer, "first_seen_at"),
        "last_seen_at": time(customer, "last_seen_at"),
    }


def identity_json(identity: pb.CustomerIdentity) -> Json:
    return {
        "id": identity.id,
        "channel": identity.channel,
        "account": identity.account,
        "customer": identity.customer,
        "name": identity.name,
        "verified": identity.verified,
        "linked": identity.linked,
        "conversations": identity.conversations,
        "sessions": identity.sessions,
        "messages": identity.messages,
        "conversation_ids": list(identity.conversation_ids),
        "first_seen_at": time(identity, "first_seen_at"),
        "last_seen_at": time(identity, "last_seen_at"),
    }


def event_json(event: pb.LinkEvent) -> Json:
    return {
        "kind": _KINDS[event.kind],
        "identity_id": event.identity_id,
        "number": event.number,
        "from_customer_id": event.from_customer_id,
        "to_customer_id": event.to_customer_id,
        "forced": event.forced,
        "reason": event.reason,
        "by": _editor_json(event.by),
        "at": time(event, "at"),
    }


def suggestion_json(found: pb.LinkSuggestion) -> Json:
    return {
        "identity": identity_json(found.identity),
        "customer_id": found.customer_id,
        "reason": found.reason,
        "same_account": found.same_account,
    }


def summary_json(found: pb.SummariseSessionResponse) -> Json:
    return {
        "session": found.session,
        "handoff_reason": found.handoff_reason or None,
        "lines": list(map(_line_json, found.lines)),
        "wording_offered": found.wording_offered,
    }


def wording_json(found: pb.WordSessionResponse) -> Json:
    return {"session": found.session, "lines": list(map(_line_json, found.lines))}


def _line_json(line: pb.SummaryLine) -> Json:
    return {"kind": line.kind, "text": line.text, "seqs": list(line.seqs)}


def _profile_json(profile: pb.CustomerProfile) -> Json:
    return {
        "channels": [
            {
                "channel": one.channel,
                "account": one.account,
                "conversations": one.conversations,
                "sessions": one.sessions,
                "messages": one.messages,
                "first_seen_at": time(one, "first_seen_at"),
                "last_seen_at": time(one, "last_seen_at"),
            }
            for one in profile.channels
        ],
        "topics": list(map(_count_json, profile.topics)),
        "handoffs": list(map(_count_json, profile.handoffs)),
        "misses": list(map(_count_json, profile.misses)),
        "ratings": [
            {
                "conversation_id": one.conversation_id,
                "session": one.session,
                "score": one.score,
                "agent_id": one.agent_id or None,
                "at": time(one, "at"),
            }
            for one in profile.ratings
        ],
        "figures": {one.name: one.value if one.HasField("value") else None for one in profile.figures},
        "value_tags": [
            {
                "tag": one.tag,
                "label": {"zh": one.label_zh, "en": one.label_en},
                "because": [{"condition": held.condition, "value": held.value} for held in one.because],
            }
            for one in profile.value_tags
        ],
        "open_tasks": [
            {
                "conversation_id": one.conversation_id,
                "task": task_json(conversations_pb2.Conversation(task=one.task)),
            }
            for one in profile.open_tasks
        ],
        "partial": profile.partial,
    }


def _count_json(one: pb.CustomerCount) -> Json:
    return {"name": one.name, "count": one.count}


def _editor_json(editor: pb.CustomerEditor) -> Json:
    return {"id": editor.id, "name": editor.name}
