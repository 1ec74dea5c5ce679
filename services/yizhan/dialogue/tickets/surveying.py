"""Asking a customer how satisfied they are with a ticket's solution: once for each, and never while somebody talks. ADR 0041."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from yizhan.core.messages import command as k, content as c
from yizhan.core.messages.codec import timestamp
from yizhan.core.messages.ids import derived_id
from yizhan.core.messages.message import Message
from yizhan.dialogue import by_mail
from yizhan.dialogue.answering import Answerer, AskBack, NoAnswer
from yizhan.dialogue.conversation import ASSISTED, Conversation, State
from yizhan.dialogue.served import plain_intent
from yizhan.dialogue.tickets.ties import Survey
from yizhan.dialogue.tickets.watching import RATING
from yizhan.dialogue.turn import TimerSet, Turn
from yizhan.pb.v1 import event_pb2

SURVEY = "survey"
"""The purpose of the timer that looks whether a question can be asked now."""

MENU = f"{RATING}ticket:"
"""How the ids of these menus begin; the ticket and the number of its solution follow."""

QUIET = timedelta(minutes=10)
"""Nobody talks when nobody has said anything for so long."""

MOST = 20
LONGEST_COMMENT = 1000
SCORES = frozenset("12345")

WINDOW_CLOSED = "window_closed"
NO_QUIET_MOMENT = "no_quiet_moment"
WITHDRAWN = "withdrawn"

_ASKS = ("?", "？", "吗", "呢")


@dataclass(frozen=True, slots=True)
class Later:
    """Not now. ``at``: when to look again; None: when the customer writes, or whoever has the conversation leaves it.

    ``why``: what it comes to if that never happens.
    """

    at: datetime | None
    why: str


@dataclass(frozen=True, slots=True)
class Scored:
    survey: Survey
    score: int


@dataclass(frozen=True, slots=True)
class Commented:
    survey: Survey
    text: str


@dataclass(frozen=True, slots=True)
class Over:
    """A question that was answered, or is not asked any more, was answered once again."""


Answer = Scored | Commented | Over


def menu_id(survey: Survey) -> str:
    return f"{MENU}{survey.ticket_id}:{survey.solving}"


def moment_for(conversation: Conversation, open_menu: str, now: datetime) -> Later | None:
    """When to ask; None: now. Pure."""
    if conversation.state is not State.CLOSED and conversation.state not in ASSISTED:
        return Later(None, NO_QUIET_MOMENT)
    quiet_at = (conversation.last_message_at or conversation.first_seen_at) + QUIET
    busy = conversation.task or conversation.standby or conversation.recognition
    if conversation.state in ASSISTED and (busy or quiet_at > now):
        return Later(max(quiet_at, now + QUIET) if busy else quiet_at, NO_QUIET_MOMENT)
    if open_menu.startswith(RATING) and quiet_at > now:
        return Later(quiet_at, NO_QUIET_MOMENT)  # one question at a time
    if conversation.mail_case.no_programs:
        return Later(None, WINDOW_CLOSED)
    window = conversation.reply_window
    if window is not None and (window.until <= now or window.left == 0):
        return Later(None, WINDOW_CLOSED)
    return None


def ask(turn: Turn, asked: k.AskTicketRating) -> str:
    """A ticket is solved, or taken up again; never refused."""
    surveys = turn.conversation.ties.surveys
    same = [one for one in surveys if one.ticket_id == asked.ticket_id]
    if asked.withdraw:
        gone = [one for one in same if one.solving <= asked.solving]
        for one in gone:
            if not one.asked:
                _tell(turn, one, "not_asked", reason=WITHDRAWN)
        _keep(turn, [one for one in surveys if one not in gone])
        return ""
    if any(one.solving >= asked.solving for one in same):
        return ""
    survey = Survey(asked.ticket_id, asked.ticket_number, asked.solving, asked.until)
    if asked.at_end and _session_asked(turn):
        _tell(turn, survey, "with_session")
        return ""
    _keep(turn, [*surveys, survey])
    look(turn)
    return ""


def look(turn: Turn) -> None:
    """Ask what can be asked now, and see to it that the rest is looked at again."""
    conversation = turn.conversation
    if not conversation.ties.surveys:
        return
    later = moment_for(conversation, turn.open_menu, turn.now)
    kept: list[Survey] = []
    for one in conversation.ties.surveys:
        if one.until > turn.now:
            kept.append(one)
        elif not one.asked:
            _tell(turn, one, "not_asked", reason=later.why if later else NO_QUIET_MOMENT)
    waiting = [one for one in kept if not one.asked]
    if waiting and later is None:
        first = waiting.pop(0)
        kept[kept.index(first)] = replace(first, asked=True)
        _put(turn, first)
        later = Later(turn.now + QUIET, NO_QUIET_MOMENT)
    _keep(turn, kept)
    if waiting and later is not None:
        ends = min(one.until for one in waiting)
        due_at = min(later.at or ends, ends)
        turn.timers.append(TimerSet(SURVEY, due_at, turn.conversation.session))


def answer_in(turn: Turn, message: Message, answerer: Answerer) -> Answer | None:
    """What a customer's message says to one of the questions, if it does."""
    surveys, content = turn.conversation.ties.surveys, message.content
    if isinstance(content, c.Choice) and content.menu_id.startswith(MENU):
        for one in surveys:
            if menu_id(one) == content.menu_id and content.option_id in SCORES and one.asked and not one.score:
                return Scored(one, int(content.option_id))
        return Over()
    if not isinstance(content, c.Text) or not _may_speak(turn.conversation):
        return None
    for one in surveys:
        just_thanked = one.thanked_seq and one.thanked_seq == turn.conversation.last_seq
        if just_thanked and not one.commented and _is_comment(turn, message, content.text, answerer):
            return Commented(one, content.text.strip()[:LONGEST_COMMENT])
    return None


def take(turn: Turn, message: Message, answer: Answer) -> str:
    """Keep the answer and thank for it; the reply's id, empty where somebody else has the word."""
    reply: Message | None = None
    match answer:
        case Scored(survey, score):
            _tell(turn, survey, "scored", score=score)
            comment = message.content.comment.strip() if isinstance(message.content, c.Choice) else ""
            if comment:
                _tell(turn, survey, "commented", comment=comment[:LONGEST_COMMENT])
            reply = _say(turn, turn.texts.ticket_rating_thanks, message)
            thanked = reply.seq if reply else 0
            after = replace(survey, score=score, thanked_seq=thanked, commented=bool(comment))
            _change(turn, survey, after)
        case Commented(survey, text):
            _tell(turn, survey, "commented", comment=text)
            _change(turn, survey, replace(survey, commented=True))
            reply = _say(turn, turn.texts.ticket_comment_thanks, message)
        case Over():
            reply = _say(turn, turn.texts.ticket_rating_over, message)
    return reply.id if reply else ""


def _session_asked(turn: Turn) -> bool:
    """Whether the session that is over has just asked how it was, or has been told."""
    conversation = turn.conversation
    asked = turn.open_menu == f"{RATING}{conversation.session}"
    return conversation.state is State.CLOSED and (asked or conversation.rating > 0)


def _is_comment(turn: Turn, message: Message, text: str, answerer: Answerer) -> bool:
    """Whether words are one, and no question: what the assistant knows an answer to, or a person is wanted for, is none."""
    words = text.strip()
    if not words or words.endswith(_ASKS) or plain_intent(words) is not None:
        return False
    address = turn.conversation.address
    decision = answerer.decide(address.workspace, words, channel=address.channel, at=message.received_at)
    return isinstance(decision, NoAnswer | AskBack)


def _may_speak(conversation: Conversation) -> bool:
    return conversation.state is State.CLOSED or conversation.state in ASSISTED


def _say(turn: Turn, text: str, message: Message) -> Message | None:
    """By mail nobody is thanked: whoever pressed a button has read it on the page."""
    if turn.conversation.is_mail or not _may_speak(turn.conversation):
        return None
    return turn.bot(c.Text(text), answers=message)


def _put(turn: Turn, survey: Survey) -> None:
    texts = turn.texts
    options = tuple(c.MenuOption(str(score), label) for score, label in enumerate(texts.rating_labels, start=1))
    prompt = texts.ticket_rating_prompt.format(number=survey.ticket_number)
    if turn.conversation.is_mail:
        prompt = by_mail.addressed(turn, prompt)
    turn.bot(c.Menu(menu_id(survey), prompt, options), posted=True)
    _tell(turn, survey, "asked")


def _change(turn: Turn, before: Survey, after: Survey) -> None:
    _keep(turn, [after if one == before else one for one in turn.conversation.ties.surveys])


def _keep(turn: Turn, surveys: Sequence[Survey]) -> None:
    """The latest; one of the oldest goes only where a conversation had so many tickets solved within days."""
    ties = replace(turn.conversation.ties, surveys=tuple(surveys[-MOST:]))
    turn.conversation = replace(turn.conversation, ties=ties)


def _tell(turn: Turn, survey: Survey, mark: str, *, reason: str = "", score: int = 0, comment: str = "") -> None:
    """The id is derived: see ``watching``. What is told twice counts once."""
    told = event_pb2.TicketSurveyed(
        ticket_id=survey.ticket_id,
        solving=survey.solving,
        mark=mark,
        at=timestamp(turn.now),
        reason=reason,
        score=score,
        comment=comment,
    )
    turn.event(partial(_set, told), id=derived_id("surveyed", survey.ticket_id, str(survey.solving), mark))


def _set(told: event_pb2.TicketSurveyed, event: event_pb2.Event) -> None:
    event.ticket_surveyed.CopyFrom(told)
