"""What the channels keep about a customer. What is found by an address alone and is younger than the erasure is not theirs:
whoever writes again has begun anew.
"""

from collections.abc import Callable
from dataclasses import replace

import sqlalchemy as sa
from google.protobuf.json_format import MessageToDict

from yizhan.channels.store import tables as t
from yizhan.core.store.personal import About, Condition, Deleted, Inventory, Row, Subject
from yizhan.core.store.tables import among
from yizhan.pb.v1.message_pb2 import AUTHOR_KIND_AGENT, Message

WAITING = t.waiting.name
"""Where a message may be in the hands of whoever tries to send it again just now: it is put back if that fails."""


def _waiting(subject: Subject) -> Condition:
    at_address = sa.and_(among(t.waiting.c.address_key, subject.address_keys), t.waiting.c.held_at <= subject.until)
    return sa.or_(among(t.waiting.c.message_id, subject.messages), at_address)


def _at_address(table: sa.Table, since: str) -> Callable[[Subject], Condition]:
    return lambda subject: sa.and_(among(table.c.address_key, subject.address_keys), table.c[since] <= subject.until)


def _in_their_cases(subject: Subject) -> Condition:
    """Whoever was brought into a case of theirs, and they themselves in cases of others."""
    names = tuple({address.customer for address in subject.addresses})
    here = among(t.mail_people.c.account, tuple({address.account for address in subject.addresses}))
    theirs = sa.and_(here, among(t.mail_people.c.person, names))
    return sa.or_(among(t.mail_people.c.address_key, subject.address_keys), theirs)


def _as_correspondent(subject: Subject) -> Condition:
    keys = tuple({replace(address, thread="").key() for address in subject.addresses})
    return among(t.mail_correspondents.c.address_key, keys)


def _whole_message(row: Row) -> dict[str, object]:
    message = Message.FromString(row["body"])
    if message.author.kind == AUTHOR_KIND_AGENT:
        message.author.id = ""
    return {"body": MessageToDict(message, preserving_proto_field_name=True)}


INVENTORY = Inventory(
    t.SERVICE,
    (
        Deleted(t.sends, lambda subject: among(t.sends.c.message_id, subject.messages)),
        Deleted(t.waiting, _waiting, _whole_message),
        Deleted(
            t.windows,
            lambda subject: sa.and_(
                among(t.windows.c.address_key, subject.address_keys), t.windows.c.at <= subject.until
            ),
        ),
        Deleted(
            t.menus,
            lambda subject: sa.and_(
                among(t.menus.c.address_key, subject.address_keys), t.menus.c.shown_at <= subject.until
            ),
        ),
        Deleted(
            t.devices,
            lambda subject: sa.and_(
                among(t.devices.c.address_key, subject.address_keys), t.devices.c.put_at <= subject.until
            ),
        ),
        Deleted(
            t.pushes,
            lambda subject: sa.and_(
                among(t.pushes.c.address_key, subject.address_keys), t.pushes.c.planned_at <= subject.until
            ),
        ),
        Deleted(t.erasure_requests, lambda subject: among(t.erasure_requests.c.identity_id, subject.identities), None),
        Deleted(t.customer_state, lambda subject: among(t.customer_state.c.address_key, subject.address_keys)),
        Deleted(t.mail_people, _in_their_cases),
        Deleted(t.mail_ids, _at_address(t.mail_ids, "at")),
        Deleted(t.mail_threads, _at_address(t.mail_threads, "created_at")),
        Deleted(t.mail_correspondents, _as_correspondent),
    ),
    {About.OPERATION: (t.members, t.accounts, t.tokens, t.grants, t.cursors)},
)
