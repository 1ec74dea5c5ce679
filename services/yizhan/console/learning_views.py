"""Misses and suggestions as the console's clients see them."""

from yizhan.console.knowledge_views import draft_entry_json, full_entry_json
from yizhan.console.views import time
from yizhan.core.messages.codec import content_from_proto
from yizhan.core.messages.json_form import Json, MediaUrl, content_json
from yizhan.pb.v1 import learning_pb2 as pb

STATES = {
    "open": pb.MissState.MISS_STATE_OPEN,
    "drafted": pb.MissState.MISS_STATE_DRAFTED,
    "dismissed": pb.MissState.MISS_STATE_DISMISSED,
}
_NAMES = {number: name for name, number in STATES.items()}


def group_json(group: pb.MissGroup) -> Json:
    nearest = _near_json(group.nearest) if group.HasField("nearest") else None
    drafted: Json | None = None
    if group.drafted_entry_id:
        drafted = {
            "entry_id": group.drafted_entry_id,
            "at": time(group, "drafted_at"),
            "by": group.drafted_by,
            "published": group.published,
            "still_missed": group.still_missed,
        }
    dismissed: Json | None = None
    if group.HasField("dismissed_at"):
        dismissed = {
            "reason": group.dismissed_reason,
            "by": group.dismissed_by,
            "at": time(group, "dismissed_at"),
        }
    return {
        "id": group.id,
        "question": group.question,
        "state": _NAMES[group.state],
        "count": group.count,
        "customers": group.customers,
        "customers_7_days": group.customers_7_days,
        "customers_30_days": group.customers_30_days,
        "last_7_days": group.last_7_days,
        "last_30_days": group.last_30_days,
        "rank": group.rank,
        "languages": list(group.languages),
        "reasons": {one.reason: one.count for one in group.reasons},
        "first_at": time(group, "first_at"),
        "last_at": time(group, "last_at"),
        "nearest": nearest,
        "answered_now": group.answered_now,
        "answered_by": list(group.answered_by),
        "drafted": drafted,
        "dismissed": dismissed,
    }


def group_details_json(found: pb.GetMissGroupResponse, media_url: MediaUrl) -> Json:
    return {
        "group": group_json(found.group),
        "wordings": [
            {
                "text": one.text,
                "count": one.count,
                "last_at": time(one, "last_at"),
                "conversation_id": one.conversation_id,
                "language": one.language,
                "masked": one.masked,
            }
            for one in found.wordings
        ],
        "replies": [
            {
                "text": one.text,
                "conversation_id": one.conversation_id,
                "agent_name": one.agent_name,
                "at": time(one, "at"),
            }
            for one in found.replies
        ],
        "proposal": full_entry_json(found.proposal, media_url),
        "near": list(map(_near_json, found.near)),
    }


def _near_json(near: pb.NearEntry) -> Json:
    return {"entry_id": near.entry_id, "question": near.question, "score": near.score}


def drafted_json(done: pb.DraftMissGroupResponse, media_url: MediaUrl) -> Json:
    return {"draft": draft_entry_json(done.entry, media_url), "group": group_json(done.group)}


def suggested_json(answer: pb.SuggestedAnswer, media_url: MediaUrl) -> Json:
    return {
        "entry_id": answer.entry_id,
        "question": answer.question,
        "text": answer.text,
        "score": answer.score,
        "category": answer.category,
        "attachments": [content_json(content_from_proto(one), media_url) for one in answer.attachments],
    }


def uses_json(uses: pb.SuggestionUses) -> Json:
    return {
        "entry_id": uses.entry_id,
        "question": uses.question,
        "as_is": uses.as_is,
        "edited": uses.edited,
        "ignored": uses.ignored,
        "found_as_is": uses.found_as_is,
        "found_edited": uses.found_edited,
    }
