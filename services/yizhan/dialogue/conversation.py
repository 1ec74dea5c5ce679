"""A conversation and its states. One conversation per address, for life; ``session`` counts its service cases."""

from dataclasses import dataclass
from enum import IntEnum

from yizhan.core.messages.address import Address
from yizhan.core.messages.message import AuthorKind, ReplyWindow
from yizhan.core.messages.moment import Moment
from yizhan.dialogue.guards.verdict import Urgency
from yizhan.dialogue.instead.state import Instead
from yizhan.dialogue.mail_case import NO_MAIL, MailCase
from yizhan.dialogue.misses.miss import Trail
from yizhan.dialogue.recognition.pending import Pending
from yizhan.dialogue.standby.state import Standby
from yizhan.dialogue.tasks.state import TaskState
from yizhan.dialogue.tickets.ties import NO_TIES, TicketTies


class State(IntEnum):
    """Where a conversation stands. The numbers are those of ``yizhan.v1.ConversationState``."""

    BOT = 1
    QUEUED = 2
    OFFERED = 3
    ASSIGNED = 4
    TICKETED = 5
    CLOSED = 6


MAIL = "email"
"""The channel on which nobody sits and waits."""

WAITING = frozenset({State.QUEUED, State.OFFERED})
"""A human is being looked for: the queue owns the conversation."""

ASSISTED = frozenset({State.BOT, State.TICKETED})
"""The assistant speaks. In ``TICKETED`` it does so while a ticket waits for a human."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """The stored state of a conversation.

    ``epoch`` grows by one with every change of owner, and with a reply on a ticket; a command that carries another epoch is refused. ``last_seq`` is
    the place of the last message. ``delivered_seq`` and ``read_seq`` are watermarks over messages to the customer.
    ``asked_text`` is how the customer's last message in this session began that says what they want. ``last_note`` is the number of the last internal note. ``told_position`` and ``told_wait`` (seconds at most, 0: none) are
    the place in the queue and the wait that the customer was told. ``served_by`` is the last agent of the session, who is rated at its end. ``reply_until`` and ``reply_left`` are what the
    channel said at ``reply_at`` may still be sent; without ``reply_until`` it has no such rules. ``task`` is what the
    assistant does with the customer step by step, kept while a human has the conversation. ``fired`` are the
    guards that have fired in this session. ``trail`` is what the session's misses are noticed by.
    ``recognition`` is a file that is being put into words, with what waits behind it. ``ties`` are its tickets', for life.
    ``instead`` is how far the customer is with leaving a message or arranging a callback.
    ``topic`` and ``urgency`` are what it was handed off with in this session: the category of what it is about, empty where it is
    not known, and how soon a human should look, None without a hand-off. ``mail_subject`` is that of the last mail.
    """

    id: str
    address: Address
    first_seen_at: Moment
    state: State = State.BOT
    epoch: int = 1
    last_seq: int = 0
    last_note: int = 0
    session: int = 1
    agent_id: str = ""
    agent_name: str = ""
    served_by: str = ""
    agent_replied: bool = False
    answered: bool = False
    greeted: bool = False
    told_position: int = 0
    told_wait: int = 0
    customer_name: str = ""
    locale: str = ""
    verified: bool = False
    page_url: str = ""
    page_title: str = ""
    opened_at: Moment | None = None
    last_message_at: Moment | None = None
    last_customer_at: Moment | None = None
    closed_at: Moment | None = None
    last_text: str = ""
    asked_text: str = ""
    last_author: AuthorKind | None = None
    handoff_reason: str = ""
    handoff_at: Moment | None = None
    ticket_number: str = ""
    rating: int = 0
    delivered_seq: int = 0
    read_seq: int = 0
    reply_until: Moment | None = None
    reply_left: int | None = None
    reply_at: Moment | None = None
    task: TaskState | None = None
    fired: tuple[str, ...] = ()
    trail: Trail | None = None
    standby: Standby | None = None
    recognition: Pending | None = None
    ties: TicketTies = NO_TIES
    instead: Instead | None = None
    acknowledged_at: Moment | None = None
    mail_subject: str = ""
    topic: str = ""
    urgency: Urgency | None = None
    mail_case: MailCase = NO_MAIL

    @property
    def is_mail(self) -> bool:
        """Whether it is held by mail: what goes to the customer lands in a mailbox, each piece as a mail of its own."""
        return self.address.channel == MAIL

    @property
    def subject(self) -> str:
        """What a human is wanted for: not the 转人工 that they were asked for with, where anything was said before it."""
        return self.asked_text or self.last_text

    @property
    def reply_window(self) -> ReplyWindow | None:
        """What may still be sent to the customer, as far as the channel has told; None: anything, always."""
        return None if self.reply_until is None else ReplyWindow(self.reply_until, self.reply_left)
