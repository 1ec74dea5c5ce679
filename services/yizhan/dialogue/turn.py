"""One step of one conversation, as values: what is appended, sent, announced and told to others.

A ``Turn`` only collects; ``writer`` stores and publishes what it holds in one transaction.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol

from yizhan.core.bus.topology import READING_SHOWN
from yizhan.core.messages import content as c
from yizhan.core.messages.codec import address_to_proto, message_to_proto, timestamp, window_to_proto
from yizhan.core.messages.ids import NewId
from yizhan.core.messages.message import Author, AuthorKind, Grounding, Message, ReplyWindow, placed
from yizhan.core.messages.receipt import Receipt, ReceiptState
from yizhan.dialogue.conversation import Conversation, State
from yizhan.dialogue.customers.rating import Rated
from yizhan.dialogue.internal_note import InternalNote, note_to_proto
from yizhan.dialogue.misses.miss import Miss, Trail
from yizhan.dialogue.misses.suggestion import Used
from yizhan.dialogue.models.use import NO_MODELS, ModelUse
from yizhan.dialogue.recognition.policy import Recognising
from yizhan.dialogue.standby.ends import End
from yizhan.dialogue.texts import PREVIEW_CHARACTERS, Texts, Voice
from yizhan.pb.v1 import event_pb2, live_pb2, message_pb2, receipt_pb2

NOT_MAILED = "not_mailed"
"""The code of what the assistant would have said to somebody who sits there."""

SUBJECT_CHARACTERS = 300

IDLE = "idle"
"""The purpose of the timer that closes a session in which nobody writes any more."""


@dataclass(frozen=True, slots=True)
class TimerSet:
    purpose: str
    due_at: datetime
    session: int


@dataclass(frozen=True, slots=True)
class JobStart:
    """Something slow to do outside the writer. ``deadline``: its result or the lack of one is told by then."""

    id: str
    kind: str
    body: bytes
    deadline: datetime


@dataclass(frozen=True, slots=True)
class Recognised:
    """How a recognition ended (a static name), and the words for the message at this place where they are believed."""

    outcome: str
    seq: int = 0
    words: str = ""


class Answered(Protocol):
    """What a reply takes from the customer's message that it answers."""

    @property
    def id(self) -> str: ...

    @property
    def channel_data(self) -> bytes: ...


@dataclass(slots=True)
class Turn:
    """Collects the effects of handling messages and commands of one conversation, in order.

    ``encoded`` holds each appended message's protobuf form by id: the table, the channel and the screens share it.
    ``recognising``: what is put into words first; None: nothing.
    """

    conversation: Conversation
    now: datetime
    new_id: NewId
    voice: Voice
    idle_close: timedelta
    recognising: Recognising | None = None
    models: ModelUse = NO_MODELS
    messages: list[Message] = field(default_factory=list)
    notes: list[InternalNote] = field(default_factory=list)
    encoded: dict[str, message_pb2.Message] = field(default_factory=dict)
    outbound: list[Message] = field(default_factory=list)
    events: list[event_pb2.Event] = field(default_factory=list)
    console: list[live_pb2.Live] = field(default_factory=list)
    customer: list[live_pb2.Live] = field(default_factory=list)
    timers: list[TimerSet] = field(default_factory=list)
    jobs: list[JobStart] = field(default_factory=list)
    misses: list[Miss] = field(default_factory=list)
    suggestions: list[Used] = field(default_factory=list)
    ends: list[End] = field(default_factory=list)
    recognised: list[Recognised] = field(default_factory=list)
    ratings: list[Rated] = field(default_factory=list)
    stored_seq: int = field(init=False)
    """The last message that was there before: nobody can have seen a later one yet."""

    def __post_init__(self) -> None:
        self.stored_seq = self.conversation.last_seq

    @property
    def texts(self) -> Texts:
        return self.voice.texts(self.conversation.locale)

    @property
    def open_menu(self) -> str:
        """The id of the menu that the assistant's last words ended with; empty where they asked for no choice."""
        return self.conversation.trail.menu if self.conversation.trail else ""

    def append(self, message: Message, *, held: bool = False) -> Message:
        """Give a message the next place in the conversation and show it on every screen.

        ``held``: a customer's message that nobody answers at once, so that its channel need not wait for a reply.
        """
        conversation = self.conversation
        stored = placed(
            message,
            conversation_id=conversation.id,
            seq=conversation.last_seq + 1,
            epoch=conversation.epoch,
            session=conversation.session,
            at=self.now,
        )
        self.messages.append(stored)
        self.conversation = replace(
            conversation,
            last_seq=stored.seq,
            last_message_at=self.now,
            last_author=stored.author.kind,
            last_text=self.preview(stored),
            mail_subject=_subject(stored.content) or conversation.mail_subject,
            trail=self._trail(stored),
        )
        encoded = self.encoded[stored.id] = message_to_proto(stored)
        hint = self._live()
        hint.appended.message.CopyFrom(encoded)
        hint.appended.held = held
        self.console.append(hint)
        self.customer.append(hint)
        return stored

    def _trail(self, said: Message) -> Trail | None:
        """Which menu is open once this is said; what the customer says closes none."""
        trail = self.conversation.trail
        if said.author.kind is AuthorKind.CUSTOMER:
            return trail
        menu = said.content.menu_id if isinstance(said.content, c.Menu) else ""
        return replace(trail or Trail(self.now), menu=menu) if menu != self.open_menu else trail

    def nobody_answers(self, message_id: str) -> None:
        """A customer's message is left as it is after all: its channel need not wait for a reply."""
        for hint in self.customer:
            if hint.appended.message.id == message_id:
                hint.appended.held = True

    def preview(self, message: Message) -> str:
        """The first words of a message, for lists."""
        match message.content:
            case c.Image():
                return self.texts.previews["image"]
            case c.Voice(media):
                return _line(media.recognised) or self.texts.previews["voice"]
            case c.Video():
                return self.texts.previews["video"]
            case c.File():
                return self.texts.previews["file"]
            case content:
                return _line(c.plain_text(content))

    def send(
        self, author: Author, content: c.Content, *, answers: Answered | None = None, grounding: Grounding | None = None
    ) -> Message:
        """Append a message to the customer and hand it to the customer's channel."""
        message = Message(
            id=self.new_id(),
            address=self.conversation.address,
            author=author,
            content=content,
            received_at=self.now,
            in_reply_to=answers.id if answers else "",
            channel_data=answers.channel_data if answers else b"",
            grounding=grounding,
            locale=self.conversation.locale,
        )
        return self.deliver(message)

    def deliver(self, message: Message) -> Message:
        """Append a ready message and hand it to the customer's channel."""
        stored = self.append(message)
        self.outbound.append(stored)
        return stored

    def bot(
        self,
        content: c.Content,
        *,
        answers: Answered | None = None,
        grounding: Grounding | None = None,
        posted: bool = False,
    ) -> Message:
        """The assistant speaks. By mail it sends nothing but approved answers, and what is ``posted``: the rest are
        words for somebody who sits there, and agents see on the timeline that they were not sent.
        """
        if self.conversation.is_mail and grounding is None and not posted:
            return self.note(NOT_MAILED, c.plain_text(content))
        author = Author(AuthorKind.BOT, name=self.voice.speaker(self.conversation.locale))
        return self.send(author, content, answers=answers, grounding=grounding)

    def note(self, code: str, text: str) -> Message:
        """A line on the timeline, for the customer too, unless they would get it as a mail."""
        if not self.conversation.is_mail:
            return self.send(Author(AuthorKind.SYSTEM), c.TimelineEvent(code, text))
        event = c.TimelineEvent(code, text)
        return self.append(
            Message(self.new_id(), self.conversation.address, Author(AuthorKind.SYSTEM), event, self.now)
        )

    def write_note(
        self, *, id: str, author_id: str, author_name: str, text: str, whisper_to: str = "", client_id: str = ""
    ) -> InternalNote:
        """Put a note of a colleague after the last message and show it on agents' screens, and nowhere else."""
        conversation = self.conversation
        note = InternalNote(
            id=id,
            conversation_id=conversation.id,
            seq=conversation.last_seq,
            number=conversation.last_note + 1,
            session=conversation.session,
            author_id=author_id,
            author_name=author_name,
            text=text,
            written_at=self.now,
            whisper_to=whisper_to,
            client_id=client_id,
        )
        self.notes.append(note)
        self.conversation = replace(conversation, last_note=note.number)
        hint = self._live()
        hint.noted.note.CopyFrom(note_to_proto(note))
        self.console.append(hint)
        return note

    def move(self, state: State) -> None:
        """Give the conversation to another owner: the epoch grows, and everybody is told."""
        self.conversation = replace(self.conversation, state=state, epoch=self.conversation.epoch + 1)
        self.announce_state()

    def announce_state(self) -> None:
        """Tell every screen where the conversation stands."""
        conversation = self.conversation
        hint = self._live()
        hint.state_changed.CopyFrom(
            live_pb2.StateChanged(
                state=event_pb2.ConversationState.ValueType(conversation.state),
                epoch=conversation.epoch,
                agent_id=conversation.agent_id,
                agent_name=conversation.agent_name,
                last_seq=conversation.last_seq,
                session=conversation.session,
                customer_name=conversation.customer_name,
            )
        )
        self.console.append(hint)
        self.customer.append(hint)

    def allow(self, window: ReplyWindow | None, at: datetime) -> None:
        """Remember what the channel said at this time may still be sent; what it said later is already known."""
        known = self.conversation.reply_at
        if window is None or (known is not None and at < known):
            return
        self.conversation = replace(self.conversation, reply_until=window.until, reply_left=window.left, reply_at=at)

    def note_window(self, window: ReplyWindow, at: datetime) -> None:
        """What may be sent changed without a message: agents are shown it before they write."""
        self.allow(window, at)
        self.announce_receipt(0, Receipt(self.new_id(), self.conversation.address, ReceiptState.DELIVERED, at))

    def announce_receipt(self, seq: int, receipt: Receipt) -> None:
        """Show agents how far the customer has got, or a message, and what may still be sent.

        The customer's other screens are told what was read, where their channel shows that.
        """
        hint = self._live()
        seen = live_pb2.ReceiptSeen(
            message_id=receipt.message_id,
            seq=seq,
            state=receipt_pb2.ReceiptState.ValueType(receipt.state),
            reason=receipt.reason,
            fallback=receipt.fallback,
            reply_window=window_to_proto(self.conversation.reply_window),
        )
        hint.receipt_seen.CopyFrom(seen)
        self.console.append(hint)
        if receipt.state is ReceiptState.READ and self.conversation.address.channel in READING_SHOWN:
            self.customer.append(hint)

    def event(self, fill: Callable[[event_pb2.Event], None], *, id: str = "", said: Message | None = None) -> None:
        """Publish an event about this conversation; ``fill`` sets its kind.

        Epoch and session are those of now, or those under which a message was ``said`` whose fate is told.
        """
        conversation = self.conversation
        event = event_pb2.Event(
            id=id or self.new_id(),
            address=address_to_proto(conversation.address),
            conversation_id=conversation.id,
            epoch=conversation.epoch if said is None else said.epoch,
            session=conversation.session if said is None else said.session,
        )
        fill(event)
        self.events.append(event)

    def refuse(self, *, client_id: str, agent_id: str, reason: str, action: str = "") -> None:
        """Show an agent that their words or action were not taken."""
        hint = self._live()
        refusal = live_pb2.Refusal(client_id=client_id, agent_id=agent_id, reason=reason, action=action)
        hint.refusal.CopyFrom(refusal)
        self.console.append(hint)

    def start_job(self, kind: str, body: bytes, within: timedelta) -> str:
        """Have something slow done outside the writer; gives the job's id, which is also its idempotency key.

        The result comes back as ``JobFinished`` on the conversation's partition, at the latest when ``within`` is over
        (and the process that had the job is alive or replaced). ``kind`` names a handler in ``jobs.kinds``.
        """
        job = JobStart(self.new_id(), kind, body, self.now + within)
        self.jobs.append(job)
        return job.id

    def open_session(self, *, first: bool) -> None:
        """A new service case begins; the assistant owns it."""
        self.conversation = replace(
            self.conversation,
            session=1 if first else self.conversation.session + 1,
            agent_id="",
            agent_name="",
            served_by="",
            agent_replied=False,
            answered=False,
            greeted=False,
            asked_text="",
            told_position=0,
            told_wait=0,
            handoff_reason="",
            handoff_at=None,
            topic="",
            urgency=None,
            ticket_number="",
            rating=0,
            fired=(),
            trail=None,
            recognition=None,
            opened_at=self.now,
            closed_at=None,
        )
        if not first:
            self.move(State.BOT)
        self.event(lambda e: e.conversation_opened.CopyFrom(event_pb2.ConversationOpened(at=timestamp(self.now))))
        self.timers.append(TimerSet(IDLE, self.now + self.idle_close, self.conversation.session))

    def _live(self) -> live_pb2.Live:
        return live_pb2.Live(address=address_to_proto(self.conversation.address), conversation_id=self.conversation.id)


def _line(text: str, most: int = PREVIEW_CHARACTERS) -> str:
    """On one line, and without NUL, which PostgreSQL takes in no text."""
    return " ".join(text.replace("\x00", "").split())[:most]


def _subject(content: c.Content) -> str:
    """Of a mail; empty where it is none, or has none."""
    mail = content.mail if isinstance(content, c.Text) else None
    return _line(mail.subject, SUBJECT_CHARACTERS) if mail is not None else ""
