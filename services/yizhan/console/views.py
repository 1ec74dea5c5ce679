"""What the console's clients see, as JSON: built here from what other services answer."""

from collections.abc import Mapping

from google.protobuf.timestamp_pb2 import Timestamp

from yizhan.console.store import User
from yizhan.core.messages.codec import message_from_proto, moment as datetime_of
from yizhan.core.messages.json_form import Json, MediaUrl, author_json, content_json, moment
from yizhan.core.messages.message import AuthorKind, Message
from yizhan.pb.v1 import (
    conversations_pb2,
    event_pb2,
    knowledge_pb2,
    live_pb2,
    message_pb2,
    receipt_pb2,
    reports_pb2,
    routing_pb2,
)


def time(owner: object, field: str) -> str | None:
    """A timestamp field as ISO 8601 in UTC; None when it is not set."""
    if not owner.HasField(field):  # type: ignore[attr-defined]
        return None
    stamp: Timestamp = getattr(owner, field)
    return moment(datetime_of(stamp))


def state_name(state: int) -> str:
    return (
        event_pb2.ConversationState.Name(event_pb2.ConversationState.ValueType(state))
        .removeprefix("CONVERSATION_STATE_")
        .lower()
    )


def receipt_name(state: int) -> str | None:
    if not state:
        return None
    return (
        receipt_pb2.ReceiptState.Name(receipt_pb2.ReceiptState.ValueType(state)).removeprefix("RECEIPT_STATE_").lower()
    )


def window_json(owner: object) -> Json | None:
    """The field ``reply_window`` of a message: until when, and how many (null: any number); None when it is not set."""
    if not owner.HasField("reply_window"):  # type: ignore[attr-defined]
        return None
    window: message_pb2.ReplyWindow = owner.reply_window  # type: ignore[attr-defined]
    return {"until": time(window, "until"), "left": window.left if window.left >= 0 else None}


def user_json(user: User) -> Json:
    return {
        "id": user.id,
        "username": user.username,
        "name": user.name,
        "roles": list(user.roles),
        "locale": user.locale,
        "capacity": user.capacity,
        "enabled": user.enabled,
    }


def conversation_json(item: conversations_pb2.Conversation) -> Json:
    handoff = None
    if item.HasField("handoff_at"):
        handoff = {"reason": item.handoff_reason, "at": time(item, "handoff_at")}
    return {
        "id": item.id,
        "channel": item.address.channel,
        "account": item.address.account,
        "customer": {
            "id": item.address.customer,
            "name": item.customer_name,
            "verified": item.verified,
            "locale": item.locale,
            "page_url": item.page_url,
            "page_title": item.page_title,
            "first_seen_at": time(item, "first_seen_at"),
        },
        "state": state_name(item.state),
        "epoch": item.epoch,
        "session": item.session,
        "agent": {"id": item.agent_id, "name": item.agent_name} if item.agent_id else None,
        "last_seq": item.last_seq,
        "last_text": item.last_text,
        "last_author": _author_name(item.last_author),
        "last_message_at": time(item, "last_message_at"),
        "opened_at": time(item, "opened_at"),
        "closed_at": time(item, "closed_at"),
        "rating": item.rating,
        "handoff": handoff,
        "delivered_seq": item.delivered_seq,
        "read_seq": item.read_seq,
        "reply_window": window_json(item),
        "task": task_json(item),
        "subject": item.mail_subject,
        "topic": item.topic,
        "urgency": _urgency_name(item.urgency),
    }


def task_json(item: conversations_pb2.Conversation) -> Json | None:
    """What the assistant does with the customer step by step: values as people may read them; None where there is nothing."""
    if not item.HasField("task"):
        return None
    task = item.task
    return {
        "name": task.name,
        "title": task.title,
        "phase": task.phase,
        "asked": task.asked,
        "values": [{"slot": one.slot, "label": one.label, "shown": one.shown} for one in task.values],
        "opened_at": time(task, "opened_at"),
    }


def stored_message_json(stored: conversations_pb2.StoredMessage, media_url: MediaUrl) -> Json:
    """A message of a transcript with how far it got."""
    shown = message_json(message_from_proto(stored.message), media_url)
    shown["receipt"] = receipt_name(stored.receipt)
    shown["receipt_reason"] = stored.receipt_reason
    shown["receipt_detail"] = stored.receipt_detail
    shown["fallback"] = stored.fallback
    return shown


def message_json(message: Message, media_url: MediaUrl) -> Json:
    """A message as agents see it: with the knowledge entry that an answer was taken from.

    ``elsewhere``: an agent wrote it in the platform's own client; it came in by the channel, under a key of its own.
    """
    grounding = message.grounding
    elsewhere = message.author.kind is AuthorKind.AGENT and bool(message.dedupe_key)
    shown: Json = {
        "seq": message.seq,
        "id": message.id,
        "author": author_json(message.author) | {"id": message.author.id},
        "content": content_json(message.content, media_url),
        "sent_at": moment(message.received_at),
        "session": message.session,
        "receipt": None,
        "receipt_reason": "",
        "receipt_detail": "",
        "fallback": "",
        "elsewhere": elsewhere,
        "grounding": None
        if grounding is None
        else {"release_id": grounding.release_id, "entry_id": grounding.entry_id, "score": grounding.score},
    }
    if message.author.kind in (AuthorKind.CUSTOMER, AuthorKind.AGENT) and message.external_id and not elsewhere:
        shown["client_id"] = message.external_id
    return shown


def offer_json(offer: routing_pb2.Offer) -> Json:
    return {
        "id": offer.id,
        "conversation_id": offer.conversation_id,
        "customer_name": offer.customer_name,
        "last_text": offer.last_text,
        "reason": offer.reason,
        "made_at": time(offer, "made_at"),
        "expires_at": time(offer, "expires_at"),
        "deadline": time(offer, "deadline"),
        "epoch": offer.epoch,
        "reply_window": window_json(offer),
        "group_id": offer.group_id or None,
        "priority": offer.priority,
        "from_agent_id": offer.from_agent_id or None,
        "note": offer.note,
    }


def offer_hint_json(live: live_pb2.Live) -> Json:
    offer = live.offer
    return {
        "id": offer.offer_id,
        "conversation_id": live.conversation_id,
        "customer_name": offer.customer_name,
        "last_text": offer.last_text,
        "reason": offer.reason,
        "expires_at": time(offer, "expires_at"),
        "deadline": time(offer, "deadline"),
        "change": offer.change,
        "reply_window": window_json(offer),
        "group_id": offer.group_id or None,
        "priority": offer.priority,
        "from_agent_id": offer.from_agent_id or None,
        "note": offer.note,
    }


def ticket_hint_json(ticket: live_pb2.TicketHint) -> Json:
    """That it changed, and whom it concerns: what it is now is read from the list."""
    return {
        "id": ticket.ticket_id,
        "number": ticket.number,
        "agent_id": ticket.agent_id or None,
        "before_agent_id": ticket.before_agent_id or None,
        "by_id": ticket.by_id,
    }


def state_json(live: live_pb2.Live) -> Json:
    """The part of a conversation that a change of state tells."""
    changed = live.state_changed
    return {
        "id": live.conversation_id,
        "state": state_name(changed.state),
        "epoch": changed.epoch,
        "agent": {"id": changed.agent_id, "name": changed.agent_name} if changed.agent_id else None,
        "last_seq": changed.last_seq,
        "session": changed.session,
    }


def ticket_json(ticket: routing_pb2.Ticket, names: Mapping[str, str]) -> Json:
    """``names``: the agents' names by id."""
    agent = None
    if ticket.agent_id:
        agent = {"id": ticket.agent_id, "name": names.get(ticket.agent_id, "")}
    return {
        "id": ticket.id,
        "number": ticket.number,
        "conversation_id": ticket.conversation_id,
        "channel": ticket.address.channel,
        "status": ticket.status,
        "reason": ticket.reason,
        "created_at": time(ticket, "created_at"),
        "promised_by": time(ticket, "promised_by"),
        "agent": agent,
        "customer_name": ticket.customer_name,
        "last_text": ticket.last_text,
    }


def agent_json(agent: routing_pb2.Agent) -> Json:
    return {
        "id": agent.id,
        "name": agent.name,
        "capacity": agent.capacity,
        "presence": agent.presence,
        "presence_reason": agent.presence_reason or None,
        "load": agent.load,
        "enabled": agent.enabled,
        "heard_at": time(agent, "heard_at"),
        "group_ids": list(agent.group_ids),
        "supervisor": agent.supervisor,
    }


def release_json(response: knowledge_pb2.GetReleaseResponse | knowledge_pb2.ImportKnowledgeResponse) -> Json | None:
    if not response.HasField("release"):
        return None
    release = response.release
    return {
        "id": release.id,
        "number": release.number,
        "entries": release.entries,
        "published_at": time(release, "published_at"),
        "published_by": release.published_by,
        "source_name": release.source_name,
    }


def entry_json(entry: knowledge_pb2.Entry) -> Json:
    return {
        "id": entry.id,
        "question": entry.question,
        "paraphrases": list(entry.paraphrases),
        "answer": entry.answer,
        "category": entry.category,
    }


def problem_json(problem: knowledge_pb2.RowProblem) -> Json:
    return {
        "row": problem.row,
        "column": problem.column,
        "reason_zh": problem.reason_zh,
        "reason_en": problem.reason_en,
    }


def numbers_json(live: reports_pb2.GetLiveNumbersResponse, queue: routing_pb2.GetQueueResponse) -> Json:
    """The live board: what metrics measured, and the queue as it stands."""
    return {
        "at": time(live, "at"),
        "channels": [
            {
                "channel": item.channel,
                "accepted": item.accepted,
                "answered": item.answered,
                "held": item.held,
                "queued": item.queued,
                "refused": item.refused,
                "duplicate": item.duplicate,
                "dead": item.dead,
                "lost": item.lost,
                "difference": item.difference,
            }
            for item in live.channels
        ],
        "steps": [
            {"step": item.step, "p50_ms": item.p50_ms, "p99_ms": item.p99_ms, "count": item.count}
            for item in live.steps
        ],
        "sessions": live.sessions,
        "handoffs": live.handoffs,
        "handoffs_in_window": live.handoffs_in_window,
        "first_responses": live.first_responses,
        "first_response_p50_ms": live.first_response_p50_ms,
        "first_response_p99_ms": live.first_response_p99_ms,
        "first_response_in_target": live.first_response_in_target,
        "ratings": live.ratings,
        "rating_average": live.rating_average,
        "auto_answered": live.auto_answered,
        "ticket_ratings": live.ticket_ratings,
        "ticket_rating_average": live.ticket_rating_average,
        "ticket_surveys": live.ticket_surveys,
        "agent_answers": [
            {
                "clock": item.clock,
                "in_time": item.in_time,
                "late": item.late,
                "missed": item.missed,
                "waiting": item.waiting,
                "excluded": item.excluded,
                "share_in_time": item.share_in_time,
                "open_p50_ms": item.open_p50_ms,
                "open_p99_ms": item.open_p99_ms,
            }
            for item in live.agent_answers
        ],
        "queue": {
            "waiting": queue.waiting,
            "offered": queue.offered,
            "assigned": queue.assigned,
            "oldest_since": time(queue, "oldest_since"),
            "agents_online": queue.agents_online,
            "agents_free": queue.agents_free,
            "tickets_open": queue.tickets_open,
        },
    }


def _urgency_name(urgency: int) -> str | None:
    if not urgency:
        return None
    return event_pb2.Urgency.Name(event_pb2.Urgency.ValueType(urgency)).removeprefix("URGENCY_").lower()


def _author_name(kind: int) -> str | None:
    if not kind:
        return None
    return message_pb2.AuthorKind.Name(message_pb2.AuthorKind.ValueType(kind)).removeprefix("AUTHOR_KIND_").lower()
