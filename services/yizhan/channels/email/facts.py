"""From a mail in its case to the facts that the host acts on. Pure.

What agents are told about a mail (that somebody else's case was named, that a mail server goes on trying) stands on the
timeline as something overheard, which the assistant has nothing to answer to and the customer never sees.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import orjson

from yizhan.channels.contract import Fact, InboundMessage, InboundReceipt, Refusal
from yizhan.channels.email.desk import Case
from yizhan.channels.email.letter import Bounce, BounceKind, Letter
from yizhan.channels.store.mail import IdRow, ThreadRow
from yizhan.core.messages.address import Address
from yizhan.core.messages.content import Content, Text, TimelineEvent
from yizhan.core.messages.ids import NewId
from yizhan.core.messages.message import Author, AuthorKind, Message
from yizhan.core.messages.receipt import Receipt, ReceiptState

LINKED = "mail_linked"
DELAYED = "mail_delayed"

_FUTURE = timedelta(hours=1)
"""A mail that was written later than that by its sender's clock has no time that means anything."""

_MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Arrived:
    """A mail on its way to becoming facts. ``key`` is the same for the same mail, however it came."""

    letter: Letter
    case: Case
    key: str
    received_at: datetime


def said(arrived: Arrived, contents: Sequence[Content], new_id: NewId) -> tuple[Fact, ...]:
    """The mail's contents as messages of one author, after what there is to know about its case."""
    letter, case = arrived.letter, arrived.case
    kind = AuthorKind.AGENT if case.own and not case.first else AuthorKind.CUSTOMER
    author = Author(kind, "" if kind is AuthorKind.AGENT else case.sender, letter.sender.name[:200])
    automatic = letter.automatic is not None or (case.own and case.first)
    facts = [
        _message(arrived, author, _answered_at(content, case.answers_to), number, new_id, automatic)
        for number, content in enumerate(contents)
    ]
    return (*_told(arrived, new_id), *facts)


def too_large(size: int, subject: str) -> Content:
    """What stands for a mail that was not fetched."""
    about = f"：{subject}" if subject else ""
    return Text(
        f"[邮件过大（{max(1, size // _MIB)} MB），未收取。The mail is too large and was not fetched{about}]"[:2000]
    )


def unreadable(subject: str) -> Content:
    """What stands for a mail that could not be made into a message; it is in the mailbox."""
    about = f"：{subject}" if subject else ""
    return Text(f"[邮件无法处理，请在邮箱中查看。The mail could not be processed; see the mailbox{about}]"[:2000])


def bounced(
    bounce: Bounce, mail: IdRow, thread: ThreadRow, workspace: str, at: datetime, new_id: NewId
) -> tuple[Fact, ...]:
    """What a mail server says of a mail of ours."""
    address = Address(workspace, "email", thread.account, thread.customer, thread.thread)
    if bounce.kind is BounceKind.LATER:
        event = TimelineEvent(
            DELAYED, f"[邮件暂未送达，服务器仍在重试。Not delivered yet, still being tried: {bounce.status}]"
        )
        key = f"e:later:{mail.digest[:32]}"
        message = Message(new_id(), address, Author(AuthorKind.AGENT), event, at, dedupe_key=key)
        return (InboundMessage(message),)
    failed = bounce.kind is BounceKind.FAILED
    receipt = Receipt(
        id=new_id(),
        address=address,
        state=ReceiptState.FAILED if failed else ReceiptState.DELIVERED,
        at=at,
        message_id=mail.message_id,
        external_id=mail.mail_id[:200],
        reason=str(_reason(bounce.status)) if failed else "",
        detail=f"{bounce.status} {bounce.diagnostic}".strip()[:500] if failed else "",
    )
    return (InboundReceipt(receipt),)


def is_about_the_address(bounce: Bounce) -> bool:
    """Whether mail to this address will come back again: there is no such mailbox or domain. RFC 3463, section 3.2."""
    return bounce.kind is BounceKind.FAILED and _reason(bounce.status) is Refusal.UNKNOWN_CUSTOMER


def _reason(status: str) -> Refusal:
    """X.1.Z is about the address, X.2.2 a full mailbox, X.3.4 and X.5.Z the size, X.7.Z a policy. RFC 3463."""
    parts = status.split(".")
    if len(parts) != 3 or parts[0] != "5":
        return Refusal.OTHER
    match parts[1], parts[2]:
        case "1", _:
            return Refusal.UNKNOWN_CUSTOMER
        case "2", "1":
            return Refusal.UNKNOWN_CUSTOMER
        case "3", "4":
            return Refusal.TOO_LONG
        case "7", _:
            return Refusal.NOT_PERMITTED
        case _:
            return Refusal.OTHER


def mail_of(channel_data: bytes) -> str:
    """The Message-ID of the mail that a message came in, or is an answer to; empty for none."""
    if not channel_data:
        return ""
    try:
        found = orjson.loads(channel_data)
        return str(found["mail"])
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return ""


def _answered_at(content: Content, address: str) -> Content:
    """With the address that answers to it go to: agents see whom they write to."""
    if not isinstance(content, Text) or content.mail is None:
        return content
    return replace(content, mail=replace(content.mail, answers_to=address))


def _told(arrived: Arrived, new_id: NewId) -> tuple[Fact, ...]:
    linked = arrived.case.linked
    if linked is None:
        return ()
    text = (
        f"[来信引用了 {linked.customer} 的往来邮件，但发件人不同，已单独立案。"
        f"This mail refers to the case of {linked.customer}; its sender is another one, so it is a case of its own.]"
    )
    return (_message(arrived, Author(AuthorKind.AGENT), TimelineEvent(LINKED, text), -1, new_id, automatic=False),)


def _message(
    arrived: Arrived, author: Author, content: Content, number: int, new_id: NewId, automatic: bool
) -> InboundMessage:
    letter, case = arrived.letter, arrived.case
    sent_at = letter.sent_at
    message = Message(
        id=new_id(),
        address=case.address,
        author=author,
        content=content,
        received_at=arrived.received_at,
        external_id=letter.message_id[:200],
        dedupe_key=f"e:{arrived.key}:{number}",
        sent_at=sent_at if sent_at is not None and sent_at <= arrived.received_at + _FUTURE else None,
        channel_data=orjson.dumps({"mail": letter.message_id[:500]}),
        customer_name=letter.sender.name[:200] if case.sender == case.address.customer else "",
        automatic=automatic,
    )
    return InboundMessage(message)
