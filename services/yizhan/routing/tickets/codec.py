"""Tickets between values and protobuf."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

import grpc

from yizhan.core.messages.codec import address_to_proto, timestamp
from yizhan.core.runtime.grpc import RpcProblem
from yizhan.pb.v1 import tickets_pb2 as pb
from yizhan.routing.callbacks.callback import Contact, masked_phone
from yizhan.routing.tickets.change import TicketChange
from yizhan.routing.tickets.filters import Calls, Sort, TicketFilter, TicketView
from yizhan.routing.tickets.history import LinkKind, TicketEvent, TicketNote
from yizhan.routing.tickets.ticket import PRIORITIES, Actor, Kind, Priority, Role, Source, Status, Ticket, overdue

Word = TypeVar("Word", bound=StrEnum)

MOST_CHOICES = 50
LONGEST_TEXT = 200


def ticket_to_proto(
    ticket: Ticket, now: datetime, contact: Contact | None = None, *, whole: bool = False
) -> pb.TicketRecord:
    """``whole``: the customer's number is not masked."""
    record = _record(ticket, now)
    if contact is not None:
        record.contact_phone = contact.phone if whole else masked_phone(contact.phone)
        record.callback_state = contact.state.value
        record.callback_late = contact.late
        record.callback_tries = contact.tries
        if contact.callback_at is not None:
            record.callback_at.FromDatetime(contact.callback_at)
    return record


def _record(ticket: Ticket, now: datetime) -> pb.TicketRecord:
    return pb.TicketRecord(
        id=ticket.id,
        number=ticket.number,
        type=ticket.kind.value,
        priority=ticket.priority.word,
        status=ticket.status.value,
        title=ticket.title,
        source=ticket.source.value,
        reason=ticket.reason,
        conversation_id=ticket.conversation_id,
        address=address_to_proto(ticket.address),
        customer_name=ticket.customer_name,
        last_text=ticket.last_text,
        agent_id=ticket.agent_id,
        group_id=ticket.group_id,
        watchers=ticket.watchers,
        tags=ticket.tags,
        created_at=timestamp(ticket.created_at),
        updated_at=timestamp(ticket.updated_at or ticket.created_at),
        promised_by=timestamp(ticket.promised_by),
        response_due=timestamp(ticket.response_due),
        solution_due=timestamp(ticket.due),
        first_response_at=timestamp(ticket.first_response_at),
        solved_at=timestamp(ticket.solved_at),
        closed_at=timestamp(ticket.closed_at),
        paused_at=timestamp(ticket.paused_at),
        rating=ticket.rating,
        rating_comment=ticket.rating_comment,
        rated_at=timestamp(ticket.rated_at),
        survey=ticket.survey.value,
        survey_reason=ticket.survey_reason,
        surveyed_at=timestamp(ticket.surveyed_at),
        contract_version=ticket.contract_version,
        calendar_version=ticket.calendar_version,
        merged_into=ticket.merged_into,
        revision=ticket.revision,
        overdue=overdue(ticket, now),
        customer_waiting_since=timestamp(ticket.customer_waiting_since),
    )


def event_to_proto(event: TicketEvent) -> pb.TicketHistoryItem:
    return pb.TicketHistoryItem(
        id=event.id,
        at=timestamp(event.at),
        by=pb.TicketActor(id=event.by.id, name=event.by.name, role=event.by.role.value),
        kind=event.kind,
        before=event.before,
        after=event.after,
        note_id=event.note_id,
        revision=event.revision,
    )


def note_to_proto(note: TicketNote) -> pb.TicketNoteItem:
    return pb.TicketNoteItem(
        id=note.id,
        ticket_id=note.ticket_id,
        at=timestamp(note.at),
        author_id=note.author_id,
        author_name=note.author_name,
        text=note.text,
    )


def actor_of(given: pb.TicketActor) -> Actor:
    """Raises RpcProblem unless it is an agent or a supervisor with an id."""
    role = word(given.role, Role, "unknown_role")
    if not given.id or role not in (Role.AGENT, Role.SUPERVISOR):
        raise RpcProblem("actor_missing", grpc.StatusCode.INVALID_ARGUMENT)
    return Actor(given.id, given.name, role)


def change_of(edit: pb.TicketEdit) -> TicketChange:
    """Raises RpcProblem for a word that means nothing."""
    return TicketChange(
        status=word(edit.status, Status, "unknown_status") if edit.HasField("status") else None,
        agent_id=edit.agent_id if edit.HasField("agent_id") else None,
        group_id=edit.group_id[:36] if edit.HasField("group_id") else None,
        priority=priority_of(edit.priority) if edit.HasField("priority") else None,
        kind=word(edit.type, Kind, "unknown_type") if edit.HasField("type") else None,
        title=edit.title if edit.HasField("title") else None,
        add_tags=tuple(edit.add_tags),
        remove_tags=tuple(edit.remove_tags),
        add_watchers=tuple(edit.add_watchers),
        remove_watchers=tuple(edit.remove_watchers),
    )


def filter_of(given: pb.TicketFilterSpec) -> TicketFilter:
    """Raises RpcProblem for a word that means nothing, and for too many."""
    lists = (given.statuses, given.assignees, given.groups, given.priorities, given.types, given.sources, given.tags)
    if any(len(values) > MOST_CHOICES for values in lists) or len(given.text) > LONGEST_TEXT:
        raise RpcProblem("filter_too_large", grpc.StatusCode.INVALID_ARGUMENT)
    return TicketFilter(
        statuses=words(given.statuses, Status, "unknown_status"),
        assignees=tuple(given.assignees),
        groups=tuple(given.groups),
        priorities=tuple(priority_of(item) for item in given.priorities),
        kinds=words(given.types, Kind, "unknown_type"),
        sources=words(given.sources, Source, "unknown_source"),
        tags=tuple(given.tags),
        overdue=given.overdue,
        mine=given.mine,
        watching=given.watching,
        customer_waiting=given.customer_waiting,
        callbacks=word(given.callbacks, Calls, "unknown_callbacks") if given.callbacks else None,
        conversation_id=given.conversation_id,
        text=given.text,
    )


def view_to_proto(view: TicketView) -> pb.TicketViewRecord:
    wanted = view.filter
    return pb.TicketViewRecord(
        id=view.id,
        owner_id=view.owner_id,
        name=view.name,
        sort=view.sort.value,
        revision=view.revision,
        filter=pb.TicketFilterSpec(
            statuses=wanted.statuses,
            assignees=wanted.assignees,
            groups=wanted.groups,
            priorities=[priority.word for priority in wanted.priorities],
            types=wanted.kinds,
            sources=wanted.sources,
            tags=wanted.tags,
            overdue=wanted.overdue,
            mine=wanted.mine,
            watching=wanted.watching,
            customer_waiting=wanted.customer_waiting,
            callbacks=wanted.callbacks or "",
            conversation_id=wanted.conversation_id,
            text=wanted.text,
        ),
    )


def sort_of(given: str) -> Sort:
    return word(given, Sort, "unknown_sort") if given else Sort.CREATED


def link_kind(given: str) -> LinkKind:
    return word(given, LinkKind, "unknown_link")


def priority_of(given: str) -> Priority:
    return _known(PRIORITIES, given, "unknown_priority")


def word(given: str, known: type[Word], code: str) -> Word:
    """The member of that value. Raises RpcProblem with this code."""
    return _known({member.value: member for member in known}, given, code)


def words(given: Iterable[str], known: type[Word], code: str) -> tuple[Word, ...]:
    return tuple(word(item, known, code) for item in given)


Value = TypeVar("Value")


def _known(values: Mapping[str, Value], given: str, code: str) -> Value:
    value = values.get(given)
    if value is None:
        raise RpcProblem(code, grpc.StatusCode.INVALID_ARGUMENT, f"one of {', '.join(values)}")
    return value
