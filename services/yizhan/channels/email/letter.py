"""A mail as the channel understands it, whatever its sender's program made of it."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Mailbox:
    """``address`` in small letters, with its domain as it is written; ``name`` may be empty."""

    address: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A part that is a file. ``content_id`` without brackets; ``inline``: the HTML shows it in its place.

    ``name`` is safe to keep: no path, no control characters, not empty.
    """

    name: str
    mime_type: str
    data: bytes = field(repr=False)
    content_id: str = ""
    inline: bool = False


class Automatic(StrEnum):
    """Why a mail was written by no person: it is kept and shown, and never answered by a machine."""

    REPLY = "auto_reply"
    GENERATED = "auto_generated"
    LIST = "list"
    BOUNCE = "bounce"
    RECEIPT = "read_receipt"
    OWN = "own"


class BounceKind(StrEnum):
    """``LATER``: the server goes on trying; nothing is decided."""

    FAILED = "failed"
    LATER = "later"
    DELIVERED = "delivered"


@dataclass(frozen=True, slots=True)
class Bounce:
    """What a mail server says of a mail of ours. ``message_id`` is ours, with brackets, empty where it cannot be told.

    ``status`` is the enhanced code (RFC 3463: "5.1.1"), ``diagnostic`` the server's own words, both empty where absent.
    """

    kind: BounceKind
    recipient: str = ""
    message_id: str = ""
    status: str = ""
    diagnostic: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail, read.

    Ids keep their brackets. ``message_id`` is made from the content where the mail has none. ``references`` are from the
    oldest to the newest, ``in_reply_to`` not repeated in them. ``text`` is what the writer wrote this time, without what
    they quote and how they sign; ``full_text`` is everything. ``html`` is what the mail has, not cleaned, empty where it
    has none. ``sent_at`` is None where the date cannot be read. ``clipped`` names what was left out because it was too much.

    ``bounces``: all that a report says, one per recipient, failures first; ``bounce`` is the first of them.
    ``read_message_id``: the mail of ours that a read receipt is about, empty where it cannot be told.
    """

    message_id: str
    sender: Mailbox
    subject: str
    text: str = field(repr=False)
    full_text: str = field(repr=False)
    html: str = field(default="", repr=False)
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    reply_to: tuple[Mailbox, ...] = ()
    to: tuple[Mailbox, ...] = ()
    cc: tuple[Mailbox, ...] = ()
    delivered_to: tuple[str, ...] = ()
    sent_at: datetime | None = None
    attachments: tuple[Attachment, ...] = ()
    automatic: Automatic | None = None
    suppresses_replies: bool = False
    bounce: Bounce | None = None
    clipped: tuple[str, ...] = ()
    bounces: tuple[Bounce, ...] = ()
    read_message_id: str = ""
