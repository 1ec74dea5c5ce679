"""Tickets as the console's clients see them. ``names`` are the agents' names by id."""

from collections.abc import Mapping

from yizhan.console.views import receipt_name, state_name, time, window_json
from yizhan.core.messages.json_form import Json
from yizhan.pb.v1 import conversations_pb2, tickets_pb2 as pb

Names = Mapping[str, str]


def ticket_record_json(ticket: pb.TicketRecord, names: Names) -> Json:
    return {
        "id": ticket.id,
        "number": ticket.number,
        "type": ticket.type,
        "priority": ticket.priority,
        "status": ticket.status,
        "title": ticket.title,
        "source": ticket.source,
        "reason": ticket.reason,
        "conversation_id": ticket.conversation_id,
        "channel": ticket.address.channel,
        "account": ticket.address.account,
        "customer": {"id": ticket.address.customer, "name": ticket.customer_name},
        "last_text": ticket.last_text,
        "agent": person_json(ticket.agent_id, names) if ticket.agent_id else None,
        "group_id": ticket.group_id or None,
        "watchers": [person_json(agent, names) for agent in ticket.watchers],
        "tags": list(ticket.tags),
        "created_at": time(ticket, "created_at"),
        "updated_at": time(ticket, "updated_at"),
        "promised_by": time(ticket, "promised_by"),
        "response_due": time(ticket, "response_due"),
        "solution_due": time(ticket, "solution_due"),
        "first_response_at": time(ticket, "first_response_at"),
        "solved_at": time(ticket, "solved_at"),
        "closed_at": time(ticket, "closed_at"),
        "paused_at": time(ticket, "paused_at"),
        "customer_waiting_since": time(ticket, "customer_waiting_since"),
        "overdue": ticket.overdue,
        "contact": _contact_json(ticket),
        "callback": _callback_json(ticket),
        "rating": ticket.rating or None,
        "rating_comment": ticket.rating_comment,
        "rated_at": time(ticket, "rated_at"),
        "survey": ticket.survey or None,
        "survey_reason": ticket.survey_reason or None,
        "surveyed_at": time(ticket, "surveyed_at"),
        "contract_version": ticket.contract_version,
        "calendar_version": ticket.calendar_version,
        "merged_into": ticket.merged_into or None,
        "revision": ticket.revision,
    }


def ticket_details_json(found: pb.GetTicketResponse, names: Names) -> Json:
    return {
        "ticket": ticket_record_json(found.ticket, names),
        "history": [_event_json(event, names) for event in found.history],
        "notes": [note_json(note, names) for note in found.notes],
        "links": [
            {
                "kind": link.kind,
                "outgoing": link.outgoing,
                "other": ticket_record_json(link.other, names),
                "at": time(link, "at"),
                "by": person_json(link.by_id, names),
            }
            for link in found.links
        ],
        "merged": [ticket_record_json(ticket, names) for ticket in found.merged],
        "followers": [person_json(agent, names) for agent in found.followers],
        "next_statuses": list(found.next_statuses),
    }


def note_json(note: pb.TicketNoteItem, names: Names) -> Json:
    return {
        "id": note.id,
        "ticket_id": note.ticket_id,
        "at": time(note, "at"),
        "author": {"id": note.author_id, "name": names.get(note.author_id) or note.author_name},
        "text": note.text,
    }


def replies_json(found: pb.ListTicketRepliesResponse, there: conversations_pb2.ListMessagesResponse) -> Json:
    """``there``: those that were said, as dialogue has them, and their conversation; one that is gone is null."""
    said = {stored.message.id: stored for stored in there.messages}
    known = there.HasField("conversation")
    return {
        "replies": [reply_json(reply, said.get(reply.id)) for reply in found.replies],
        "conversation": _conversation_json(there.conversation) if known else None,
    }


def reply_json(reply: pb.TicketReplyItem, said: conversations_pb2.StoredMessage | None) -> Json:
    """``state``: sending, refused (``reason`` says why), said; or as far as its channel has got with it: held, accepted,
    delivered, read, failed, unknown.
    """
    receipt = receipt_name(said.receipt) if said is not None else None
    return {
        "id": reply.id,
        "ticket_id": reply.ticket_id,
        "at": time(reply, "at"),
        "author": {"id": reply.author_id, "name": reply.author_name},
        "text": reply.text,
        "state": receipt or ("said" if said is not None else reply.state),
        "reason": reply.reason or (said.receipt_reason if said is not None else ""),
        "fallback": said.fallback if said is not None and receipt == "held" else "",
    }


def _conversation_json(item: conversations_pb2.Conversation) -> Json:
    return {
        "id": item.id,
        "channel": item.address.channel,
        "state": state_name(item.state),
        "agent": {"id": item.agent_id, "name": item.agent_name} if item.agent_id else None,
        "reply_window": window_json(item),
    }


def outcome_json(outcome: pb.TicketOutcome, names: Names) -> Json:
    return {
        "id": outcome.ticket_id,
        "code": outcome.code or None,
        "detail": outcome.detail,
        "ticket": ticket_record_json(outcome.ticket, names) if outcome.HasField("ticket") else None,
    }


def view_json(view: pb.TicketViewRecord) -> Json:
    wanted = view.filter
    return {
        "id": view.id,
        "name": view.name,
        "shared": not view.owner_id,
        "sort": view.sort,
        "revision": view.revision,
        "filter": {
            "status": list(wanted.statuses),
            "assignee": list(wanted.assignees),
            "group": list(wanted.groups),
            "priority": list(wanted.priorities),
            "type": list(wanted.types),
            "source": list(wanted.sources),
            "tag": list(wanted.tags),
            "overdue": wanted.overdue,
            "mine": wanted.mine,
            "watching": wanted.watching,
            "customer_waiting": wanted.customer_waiting,
            "callbacks": wanted.callbacks,
            "conversation": wanted.conversation_id,
            "text": wanted.text,
        },
    }


def person_json(agent_id: str, names: Names) -> Json:
    return {"id": agent_id, "name": names.get(agent_id, "")}


def _contact_json(ticket: pb.TicketRecord) -> Json | None:
    """How the customer wants to be reached; in lists with the middle of the number hidden."""
    return {"phone": ticket.contact_phone} if ticket.contact_phone else None


def _callback_json(ticket: pb.TicketRecord) -> Json | None:
    """The call that the customer was promised, or None."""
    if not ticket.callback_state:
        return None
    return {
        "at": time(ticket, "callback_at"),
        "state": ticket.callback_state,
        "late": ticket.callback_late,
        "tries": ticket.callback_tries,
    }


def _event_json(event: pb.TicketHistoryItem, names: Names) -> Json:
    return {
        "id": event.id,
        "at": time(event, "at"),
        "by": {"id": event.by.id, "name": names.get(event.by.id) or event.by.name, "role": event.by.role},
        "kind": event.kind,
        "before": event.before,
        "after": event.after,
        "note_id": event.note_id or None,
    }
