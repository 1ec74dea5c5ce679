"""What routing keeps about a customer: hand-offs and tickets, their words and names, and what own agent systems were told.

Cases and tickets are what waits and promises are proved from: their times stay, whose they were goes.
"""

from collections.abc import Callable, Mapping, Sequence

import sqlalchemy as sa

from yizhan.core.messages.address import Address
from yizhan.core.store.database import Transaction
from yizhan.core.store.personal import (
    About,
    Condition,
    Deleted,
    Emptied,
    Holding,
    Inventory,
    Pseudonyms,
    Row,
    Subject,
    contains_any,
)
from yizhan.core.store.tables import among
from yizhan.pb.v1.routing_pb2 import Assignment, AttendAssigned, AttendEvent, AttendResult, AttendSnapshot, Offer
from yizhan.routing.desk import BUSY, UNSERVED
from yizhan.routing.store import (
    agent_history_tables as n,
    answer_tables as w,
    attend_tables as a,
    callback_tables as b,
    contract_tables as k,
    group_tables as g,
    reply_tables as r,
    system_tables as y,
    tables as t,
    tickets_tables as i,
    webhook_tables as h,
)
from yizhan.routing.store.addresses import address_of, address_text
from yizhan.routing.store.tickets import TAG
from yizhan.routing.tickets.ticket import UNSETTLED, Role, Status

WAITS = "waits and their contract, from which promises are proved and expected waits are reckoned"
REASONS = "why which colleague was chosen; names no customer"
PROMISES = "times, deadlines and contract of a ticket, from which the contract's report is proved"
HISTORY = "who did what to the ticket and when; what it said is gone"
CURSORS = "its place in the order of what an own agent system is told; goes when it is acknowledged or after days"

_SAYING = frozenset({"title", "tag", "left_message", "comment", "replied"})
"""Steps of a ticket's history whose values are words."""


def _of_cases(subject: Subject) -> "sa.Select[tuple[str]]":
    return sa.select(t.cases.c.id).where(among(t.cases.c.conversation_id, subject.conversations))


def _of_tickets(column: sa.ColumnElement[str]) -> Callable[[Subject], Condition]:
    def found(subject: Subject) -> Condition:
        theirs = sa.select(i.tickets.c.id).where(among(i.tickets.c.conversation_id, subject.conversations))
        return column.in_(theirs)

    return found


def _of_conversation(column: sa.ColumnElement[str]) -> Callable[[Subject], Condition]:
    return lambda subject: among(column, subject.conversations)


def _timers(subject: Subject) -> Condition:
    return sa.or_(t.timers.c.case_id.in_(_of_cases(subject)), _of_tickets(t.timers.c.case_id)(subject))


def _nobody(text: str, names: Pseudonyms) -> str:
    """An address of the same channel at which there is nobody."""
    here = address_of(text)
    return address_text(Address(here.workspace, here.channel, here.account, names.of(here.key())))


def _case(row: Row, _: Subject, names: Pseudonyms) -> Mapping[str, object]:
    return {
        "conversation_id": names.of(row["conversation_id"]),
        "address": _nobody(row["address"], names),
        "customer_name": "",
        "last_text": "",
        "note": "",
    }


def _ticket(row: Row, subject: Subject, names: Pseudonyms) -> Mapping[str, object]:
    emptied: dict[str, object] = {
        "conversation_id": names.of(row["conversation_id"]),
        "address": _nobody(row["address"], names),
        "customer_name": "",
        "last_text": "",
        "title": "",
        "rating_comment": "",
        "status": Status.CLOSED.value,
        "closed_at": row["closed_at"] or subject.until,
        "revision": row["revision"] + 1,
        "watched": False,
    }
    return emptied


def _event(row: Row, _: Subject, __: Pseudonyms) -> Mapping[str, object]:
    emptied: dict[str, object] = {"detail": ""}
    if row["kind"] in _SAYING:
        emptied |= {"before": "", "after": ""}
    if row["by_role"] == Role.CUSTOMER.value:
        emptied |= {"by_id": "", "by_name": ""}
    return emptied


def _told(row: Row, subject: Subject, names: Pseudonyms) -> Mapping[str, object]:
    event = AttendEvent.FromString(row["body"])
    match event.WhichOneof("kind"):
        case "snapshot":
            offers, assigned = event.snapshot.offers, event.snapshot.assigned
            others = AttendSnapshot(
                offers=[one for one in offers if one.conversation_id not in subject.conversations],
                assigned=[one for one in assigned if one.assignment.conversation_id not in subject.conversations],
            )
            event.snapshot.CopyFrom(others)
        case "offer":
            _forget(event.offer.offer)
            _forget_place(event.offer.offer, names)
        case "assigned":
            _forget(event.assigned)
            _forget_place(event.assigned.assignment, names)
        case "ended":
            event.ended.conversation_id = names.of(event.ended.conversation_id)
        case "refused":
            event.refused.conversation_id = names.of(event.refused.conversation_id)
        case _:  # a kind of a later version: the client is told of nothing at this place
            event = AttendEvent(cursor=event.cursor, at=event.at)
    return {"body": event.SerializeToString()}


def _answered(row: Row, _: Subject, names: Pseudonyms) -> Mapping[str, object]:
    result = AttendResult.FromString(row["result"])
    _forget_place(result.assignment, names)
    return {"result": result.SerializeToString()}


def _forget(card: Offer | AttendAssigned) -> None:
    card.customer_name = card.last_text = card.note = ""


def _forget_place(card: Offer | Assignment, names: Pseudonyms) -> None:
    card.conversation_id = names.of(card.conversation_id)
    card.address.customer, card.address.thread = names.of(card.address.customer), ""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _open_tickets(subject: Subject) -> "sa.Select[tuple[str]]":
    unsettled = i.tickets.c.status.in_([status.value for status in UNSETTLED] + ["taken"])
    return sa.select(i.tickets.c.number).where(
        among(i.tickets.c.conversation_id, subject.conversations), i.tickets.c.merged_into == "", unsettled
    )


async def unsettled_tickets(tx: Transaction, subject: Subject) -> Sequence[str]:
    """Numbers of their tickets that somebody still has to settle."""
    rows = await tx.execute(_open_tickets(subject).order_by(i.tickets.c.number))
    return [row.number for row in rows]


async def served_now(tx: Transaction, subject: Subject) -> Sequence[str]:
    """Conversations that wait for a human or have one, as far as routing knows."""
    states = [state.value for state in BUSY | UNSERVED]
    query = sa.select(t.cases.c.conversation_id).where(
        among(t.cases.c.conversation_id, subject.conversations), t.cases.c.state.in_(states)
    )
    return [row.conversation_id for row in await tx.execute(query.distinct())]


HOLDINGS: tuple[Holding, ...] = (
    Deleted(t.timers, _timers, None),
    Deleted(w.answers, _of_conversation(w.answers.c.conversation_id)),
    Deleted(b.ticket_contacts, _of_conversation(b.ticket_contacts.c.conversation_id)),
    Deleted(g.transfers, _of_conversation(g.transfers.c.conversation_id)),
    Deleted(y.attend_readable, _of_conversation(y.attend_readable.c.conversation_id), None),
    Deleted(h.webhook_reading, _of_conversation(h.webhook_reading.c.conversation_id), None),
    Deleted(a.attend_held, _of_conversation(a.attend_held.c.conversation_id), None),
    Emptied(
        a.attend_events,
        lambda subject: sa.and_(
            a.attend_events.c.workspace == subject.workspace,
            contains_any(a.attend_events.c.body, [one.encode() for one in subject.conversations]),
        ),
        _told,
        changes=_words("body"),
        stays=_words("workspace system cursor at"),
        why=CURSORS,
        shown=None,
    ),
    Emptied(
        a.attend_requests,
        lambda subject: sa.and_(
            a.attend_requests.c.workspace == subject.workspace,
            a.attend_requests.c.result.is_not(None),
            contains_any(a.attend_requests.c.result, [one.encode() for one in subject.conversations]),
        ),
        _answered,
        changes=_words("result"),
        stays=_words("workspace system id at"),
        why=CURSORS,
        shown=None,
    ),
    Emptied(
        g.decisions,
        _of_conversation(g.decisions.c.conversation_id),
        lambda row, _, names: {"conversation_id": names.of(row["conversation_id"])},
        changes=_words("conversation_id"),
        stays=_words("case_id number workspace at agent_id record"),
        why=REASONS,
        shown=None,
    ),
    Deleted(i.ticket_notes, _of_tickets(i.ticket_notes.c.ticket_id)),
    Deleted(i.ticket_replies, _of_tickets(i.ticket_replies.c.ticket_id)),
    Deleted(i.ticket_terms, _of_tickets(i.ticket_terms.c.ticket_id), None),
    Deleted(
        i.ticket_labels,
        lambda subject: sa.and_(_of_tickets(i.ticket_labels.c.ticket_id)(subject), i.ticket_labels.c.kind == TAG),
    ),
    Emptied(
        i.ticket_events,
        _of_tickets(i.ticket_events.c.ticket_id),
        _event,
        changes=_words("before after detail by_id by_name"),
        stays=_words("id workspace ticket_id at by_role kind revision note_id"),
        why=HISTORY,
    ),
    Emptied(
        i.tickets,
        _of_conversation(i.tickets.c.conversation_id),
        _ticket,
        changes=_words(
            "conversation_id address customer_name last_text title rating_comment status closed_at revision watched"
        ),
        stays=_words(
            "id workspace number reason created_at promised_by agent_id kind priority source group_id updated_at"
            " response_due solution_due first_response_at solved_at paused_at taken_at rating contract_version"
            " calendar_version merged_into status_at customer_waiting_since attended_at rated_at solvings survey survey_reason"
            " surveyed_at"
        ),
        why=PROMISES,
    ),
    Emptied(
        t.cases,
        _of_conversation(t.cases.c.conversation_id),
        _case,
        changes=_words("conversation_id address customer_name last_text note"),
        stays=_words(
            "id workspace epoch state reason requested_at deadline agent_id offer_id offer_expires_at offered_at"
            " assigned_at told_position passed reply_until reply_left priority language skills group_id weight level"
            " only_agent last_agent from_agent contract calendar told_high told_at ended_at ticket_id choice_at can_choose"
        ),
        why=WAITS,
    ),
)

INVENTORY = Inventory(
    t.SERVICE,
    HOLDINGS,
    {
        About.IN_FLIGHT: (t.outbox,),
        About.OPERATION: (
            t.inbox,
            t.desks,
            t.agents,
            n.agent_history,
            g.groups,
            g.group_members,
            g.routes,
            a.attend_systems,
            y.systems,
            y.system_tokens,
            h.webhooks,
            i.ticket_links,
            i.ticket_views,
        ),
        About.BUSINESS: (
            r.canned_replies,
            r.reply_settings,
            k.contracts,
            k.contract_publications,
            k.calendars,
            k.calendar_overrides,
        ),
    },
)
"""``ticket_links`` names tickets by their ids, and colleagues."""
