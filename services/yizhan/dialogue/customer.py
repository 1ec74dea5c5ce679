"""What comes from the customer's side: their words, ratings and visits, and what others told them there. Pure."""

from dataclasses import dataclass, replace

from yizhan.core.messages import command as k, content as c
from yizhan.core.messages.codec import timestamp
from yizhan.core.messages.message import Message
from yizhan.dialogue import session_rating
from yizhan.dialogue.answering import Answerer
from yizhan.dialogue.conversation import ASSISTED, WAITING, State
from yizhan.dialogue.instead import taking
from yizhan.dialogue.instead.state import INTENT
from yizhan.dialogue.recognition.attending import LATER, attend
from yizhan.dialogue.spoken_language import followed
from yizhan.dialogue.standby.settling import settle
from yizhan.dialogue.subject import says_what
from yizhan.dialogue.tickets import surveying, watching
from yizhan.dialogue.turn import Turn
from yizhan.pb.v1 import event_pb2, message_pb2

D = event_pb2.Disposition

ELSEWHERE = "elsewhere"
"""The intent of a message that is not the customer's: an agent spoke where this system did not hand it over."""

AUTOMATIC = "automatic"
"""The intent of a message that a program wrote."""


@dataclass(frozen=True, slots=True)
class Handled:
    """What became of a message that came in: its disposition (every message has exactly one) and the intent behind it.

    ``waits``: that is not known yet, and is told when it is: its answer stands by, or it is, or waits for, a file that is
    being put into words.
    """

    disposition: event_pb2.Disposition.ValueType
    intent: str
    reply_id: str = ""
    waits: bool = False


def receive(turn: Turn, message: Message, answerer: Answerer) -> Handled:
    """Store a customer's message and let whoever owns the conversation act on it. What was asked before is answered before."""
    settle(turn)
    _remember(turn, message)
    rated, survey = session_rating.answer_in(turn, message), surveying.answer_in(turn, message, answerer)
    rates = rated is not None or survey is not None
    if turn.conversation.state is State.CLOSED and not rates:
        turn.open_session(first=False)
    before = len(turn.outbound)
    read = taking.read(turn, message) if not rates and turn.conversation.state in WAITING | ASSISTED else None
    taken = read if turn.conversation.state in WAITING else None  # of the others the assistant decides
    unanswered = not rates and turn.conversation.state not in ASSISTED and taken is None
    stored = turn.append(message, held=unanswered)
    if not rates and not taking.only_arranges(turn, stored, read) and says_what(stored.content):
        turn.conversation = replace(turn.conversation, asked_text=turn.preview(stored))
    watching.tell(turn, stored, rating=survey is not None, quotes=not taking.only_arranges(turn, stored, read))
    if survey is not None:
        reply_id = surveying.take(turn, stored, survey)
        return Handled(D.DISPOSITION_ANSWERED if reply_id else D.DISPOSITION_HELD, "rating", reply_id)
    if rated is not None:
        reply_id = session_rating.take(turn, stored, rated)
        return Handled(D.DISPOSITION_ANSWERED if reply_id else D.DISPOSITION_HELD, "rating", reply_id)
    handled = _instead(turn, stored, taken) if taken is not None else _served(turn, stored, answerer, before)
    surveying.look(turn)
    return handled


def _served(turn: Turn, stored: Message, answerer: Answerer, before: int) -> Handled:
    """By whoever owns the conversation. ``before``: of so many replies, none is to this message."""
    if turn.conversation.state not in ASSISTED:
        _spoken(turn, stored)
        return Handled(D.DISPOSITION_HELD, "human")
    intent = attend(turn, stored, answerer)
    reply_id = turn.outbound[before].id if len(turn.outbound) > before else ""
    if turn.conversation.state is State.QUEUED:
        return Handled(D.DISPOSITION_QUEUED, intent, reply_id)
    standby = turn.conversation.standby
    if standby is not None and standby.question.id == stored.id and not reply_id:
        return Handled(D.DISPOSITION_ANSWERED, intent, waits=True)
    if intent in LATER and turn.conversation.recognition is not None:
        return Handled(D.DISPOSITION_HELD, intent, waits=True)
    # Without a reply a task is waiting for a result, and tells it when it comes.
    return Handled(D.DISPOSITION_ANSWERED if reply_id else D.DISPOSITION_HELD, intent, reply_id)


def _instead(turn: Turn, stored: Message, taken: taking.Taken) -> Handled:
    """Who waits chooses something else, or answers what they are asked for it; the queue keeps their place."""
    before = len(turn.outbound)
    taking.carry_out(turn, stored, taken)
    if len(turn.outbound) == before:  # routing is asked, and its answer comes in a moment
        return Handled(D.DISPOSITION_HELD, INTENT)
    return Handled(D.DISPOSITION_ANSWERED, INTENT, turn.outbound[before].id)


def overhear(turn: Turn, message: Message) -> Handled:
    """Store what the business's people wrote to the customer in the platform's own client. Who owns the conversation stays."""
    turn.allow(message.reply_window, message.received_at)
    _spoken(turn, turn.append(message))
    return Handled(D.DISPOSITION_HELD, ELSEWHERE)


def set_aside(turn: Turn, message: Message) -> Handled:
    """Store what a program wrote. Nobody answers it by machine, nobody owes an answer, and no session begins for it."""
    turn.append(message, held=True)
    return Handled(D.DISPOSITION_HELD, AUTOMATIC)


def _spoken(turn: Turn, message: Message) -> None:
    """Tell those who keep the times of agents' answers; while no agent has the conversation, nobody owes one."""
    if turn.conversation.state is not State.ASSIGNED:
        return
    spoken = event_pb2.ConversationSpoken(
        message_id=message.id,
        seq=message.seq,
        at=timestamp(message.received_at),
        author=message_pb2.AuthorKind.ValueType(message.author.kind),
    )
    turn.event(lambda event: event.conversation_spoken.CopyFrom(spoken))


def visit(turn: Turn, facts: k.Visit) -> None:
    """The customer opened the channel: keep what is known of them, and greet them once a session."""
    conversation = turn.conversation
    turn.conversation = conversation = replace(
        conversation,
        locale=_line(facts.locale, 35) or conversation.locale,
        page_url=_line(facts.page_url, 2000) or conversation.page_url,
        page_title=_line(facts.page_title, 300) or conversation.page_title,
        customer_name=_line(facts.customer_name, 200) or conversation.customer_name,
        verified=facts.verified or conversation.verified,
    )
    if conversation.state is State.BOT and not conversation.greeted:
        turn.conversation = replace(conversation, greeted=True)
        if turn.texts.greeting:
            turn.bot(c.Text(turn.texts.greeting))


def _remember(turn: Turn, message: Message) -> None:
    turn.allow(message.reply_window, message.received_at)
    locale = turn.conversation.locale or _line(message.locale, 35)
    turn.conversation = replace(
        turn.conversation,
        locale=followed(locale, message.content.text) if isinstance(message.content, c.Text) else locale,
        customer_name=_line(message.customer_name, 200) or turn.conversation.customer_name,
        last_customer_at=turn.now,
    )
    if isinstance(message.content, c.Text) and message.content.mail is not None:
        case = replace(turn.conversation.mail_case, no_programs=message.content.mail.no_automatic_answer)
        turn.conversation = replace(turn.conversation, mail_case=case)


def _line(text: str, length: int) -> str:
    """A fact about the customer as one printable line that fits its column."""
    return "".join(character if character.isprintable() else " " for character in text).strip()[:length]
