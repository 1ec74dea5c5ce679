"""The message, its author, and how a reply is built from what it answers."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import IntEnum

from yizhan.core.messages.address import Address
from yizhan.core.messages.content import Content


class AuthorKind(IntEnum):
    """Who speaks. The numbers are those of ``yizhan.v1.AuthorKind``."""

    CUSTOMER = 1
    BOT = 2
    AGENT = 3
    SYSTEM = 4


@dataclass(frozen=True, slots=True)
class Author:
    kind: AuthorKind
    id: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Grounding:
    """The knowledge entry and release that an answer was taken from, and how sure the match was (0 to 1)."""

    release_id: str
    entry_id: str
    score: float


@dataclass(frozen=True, slots=True)
class ReplyWindow:
    """What the platform still allows to send to the customer: nothing after ``until``, at most ``left`` messages (None: any)."""

    until: datetime
    left: int | None = None

    def open(self, at: datetime) -> bool:
        """Whether something may be sent at this time."""
        return at < self.until and self.left != 0


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a conversation, in either direction.

    ``id`` is ours (UUIDv7, made at receipt); ``external_id`` is the platform's, never interpreted. Equal
    ``dedupe_key`` values of one account are one message. ``conversation_id``, ``seq``, ``epoch``, ``session`` and
    ``decided_at`` are set by dialogue when it stores the message. ``automatic``: a program of the customer's wrote it (an
    absence note, a newsletter); it is kept and shown, and no program answers it.
    """

    id: str
    address: Address
    author: Author
    content: Content
    received_at: datetime
    external_id: str = ""
    dedupe_key: str = ""
    in_reply_to: str = ""
    conversation_id: str = ""
    seq: int = 0
    epoch: int = 0
    session: int = 0
    sent_at: datetime | None = None
    decided_at: datetime | None = None
    grounding: Grounding | None = None
    channel_data: bytes = b""
    locale: str = ""
    customer_name: str = ""
    reply_window: ReplyWindow | None = None
    automatic: bool = False


def reply(
    question: Message, *, id: str, author: Author, content: Content, at: datetime, grounding: Grounding | None = None
) -> Message:
    """The answer to a message. Where it goes is taken from the question and cannot be given: invariant 5."""
    return Message(
        id=id,
        address=question.address,
        author=author,
        content=content,
        received_at=at,
        in_reply_to=question.id,
        conversation_id=question.conversation_id,
        grounding=grounding,
        channel_data=question.channel_data,
        locale=question.locale,
    )


def placed(message: Message, *, conversation_id: str, seq: int, epoch: int, session: int, at: datetime) -> Message:
    """The message as dialogue stores it: with its place in the conversation's one order."""
    return replace(message, conversation_id=conversation_id, seq=seq, epoch=epoch, session=session, decided_at=at)
