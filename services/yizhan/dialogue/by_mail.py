"""The assistant on mail. Whoever writes a mail does not sit there: nothing is asked back, nothing is told in passing.

A mail is answered at once only when all that it asks has a calibrated answer. Otherwise a person answers, with what came near at
hand, and the customer gets one acknowledgement with the contract's time. Pure, as all of the assistant is.
"""

import re
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final
from zoneinfo import ZoneInfo

from yizhan.core.messages import command as k, content as c
from yizhan.core.messages.message import Grounding, Message
from yizhan.dialogue import guarding
from yizhan.dialogue.answering import Acknowledges, Answerer, Decision, Greets, Say, Thanks, WantsHuman
from yizhan.dialogue.conversation import WAITING, Conversation, State
from yizhan.dialogue.guards.verdict import Kind, Urgency, Verdict
from yizhan.dialogue.handoff import hand_off
from yizhan.dialogue.handoff_reasons import NO_ANSWER, REQUESTED, UNREADABLE
from yizhan.dialogue.mail_words import salutation, sentences_of, words_of
from yizhan.dialogue.replies import decided
from yizhan.dialogue.texts import promised
from yizhan.dialogue.turn import Turn

ONCE_IN = timedelta(hours=24)
"""A conversation is acknowledged no more often, and its customer asked for no rating more often: two programs that
acknowledge each other would never end."""

FILE = "mail_file"
"""The intent of a file of a mail: it was decided about with the mail's words."""

COURTESY = "mail_courtesy"
"""That of a mail that only says thanks: an answer to it would be one mail too many."""

NOT_WAITING = "not_waiting"

_MOST_SENTENCES = 12

_ASKS: Final = re.compile(
    r"[?？]\s*$|怎么|怎样|如何|什么|多少|多久|几[天时个]|哪[里个些]|吗[。！]?$|呢[。！]?$|能否|可否|是否|能不能|可不可以|有没有"
    r"|\b(?:how|what|when|where|which|why|who|can|could|may|do|does|did|is|are|will|would)\s+(?:i|you|we|it|the|my|your|there|this|that|long|much|many|to)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a mail asks, each with what is known about it. ``others``: things that are said besides."""

    decisions: tuple[Decision, ...]
    others: bool = False


def respond(turn: Turn, message: Message, answerer: Answerer) -> str:
    """Answer a mail, leave it, or give it to a person; the intent."""
    content = message.content
    if not isinstance(content, c.Text) or content.mail is None:
        return FILE
    if turn.conversation.state is State.TICKETED:
        return "ticket"  # it is about the ticket, whose agent is told of it
    mail, words = content.mail, words_of(content)
    asked = _asked(message, words, answerer)
    verdict = guarding.judged(turn, message, words, answerer)
    if verdict is not None and not (verdict.knowledge_first and _all_known(asked)):
        return _guarded(turn, message, mail, verdict, answerer)
    if any(isinstance(decision, WantsHuman) for decision in asked.decisions):
        return _to_person(turn, message, mail, REQUESTED, answerer, words)
    if mail.files or mail.clipped:
        return _to_person(turn, message, mail, UNREADABLE if mail.files else NO_ANSWER, answerer, words)
    if not asked.others and asked.decisions and all(isinstance(one, Thanks | Acknowledges) for one in asked.decisions):
        turn.nobody_answers(message.id)
        return COURTESY
    if _all_known(asked) and not mail.no_automatic_answer:
        return _answer(turn, message, asked)
    return _to_person(turn, message, mail, NO_ANSWER, answerer, words)


def _guarded(turn: Turn, message: Message, mail: c.Mail, verdict: Verdict, answerer: Answerer) -> str:
    """What a rule says is said; what it would ask is left to a person."""
    if verdict.rule not in turn.conversation.fired:
        turn.conversation = replace(turn.conversation, fired=(*turn.conversation.fired, verdict.rule))
    asks = bool(verdict.menu) or verdict.offers_human
    if verdict.text and not asks and not mail.no_automatic_answer:
        turn.bot(c.Text(letter(turn, verdict.text)), answers=message, posted=True)
    if not verdict.action.hands_off and not asks and verdict.text:
        return "guarded"
    reason = verdict.reason if verdict.action.hands_off and verdict.kind is not Kind.HUMAN else REQUESTED
    words = c.plain_text(message.content)
    return _to_person(turn, message, mail, reason, answerer, words, rule=verdict.rule, urgency=verdict.urgency)


def acknowledge(turn: Turn, command: k.Command, told: k.Acknowledge, zone: ZoneInfo) -> str:
    """Say once that the mail is there and when it will be answered; why that was not taken."""
    conversation = turn.conversation
    if command.epoch != conversation.epoch or conversation.state not in WAITING:
        return NOT_WAITING
    if not may_acknowledge(turn):
        return ""
    turn.conversation = replace(conversation, acknowledged_at=turn.now)
    by = promised(turn.texts, told.promised_by, zone)
    turn.bot(c.Text(letter(turn, turn.texts.mail_received.format(promised_by=by))), posted=True)
    return ""


def may_acknowledge(turn: Turn) -> bool:
    """Whether this conversation was not acknowledged for a day."""
    last = turn.conversation.acknowledged_at
    return turn.conversation.is_mail and (last is None or turn.now - last >= ONCE_IN)


def was_acknowledged(conversation: Conversation) -> bool:
    """Whether the customer was told in this session that their mail is there."""
    at = conversation.acknowledged_at
    return at is not None and (conversation.opened_at is None or at >= conversation.opened_at)


def may_invite(turn: Turn) -> bool:
    """Whether the customer may be asked by mail how it was: not asked for a day, and no mail of theirs forbids programs."""
    case = turn.conversation.mail_case
    return not case.no_programs and (case.asked_at is None or turn.now - case.asked_at >= ONCE_IN)


def addressed(turn: Turn, words: str) -> str:
    """Words with a salutation; what else the mail says is its channel's to add."""
    return f"{salutation(turn.texts, turn.conversation.customer_name)}\n\n{words}"


def letter(turn: Turn, words: str) -> str:
    """Words as a mail: with a salutation and a closing in the customer's language, and who it is that writes."""
    speaker = turn.voice.speaker(turn.conversation.locale)
    return f"{addressed(turn, words)}\n\n{turn.texts.mail_closing.format(name=speaker)}"


def _asked(message: Message, words: str, answerer: Answerer) -> Asked:
    """A mail of one thing is asked as it stands; of several questions each is, and whatever else is said is noted."""
    sentences = sentences_of(words)
    if len(sentences) > _MOST_SENTENCES:
        return Asked((), others=True)
    known = [(piece, decided(answerer, message, piece)) for piece in sentences]
    said = [(piece, what) for piece, what in known if not isinstance(what, Greets | Thanks | Acknowledges)]
    if not said:
        return Asked(tuple(what for _, what in known))
    questions = [what for piece, what in said if _ASKS.search(piece)]
    if len(said) == 1:
        return Asked((said[0][1],))
    if len(questions) > 1:
        others = any(not _ASKS.search(piece) for piece, _ in said)
        return Asked(tuple(what for _, what in said), others=others)
    return Asked((decided(answerer, message, " ".join(piece for piece, _ in said)),))


def _all_known(asked: Asked) -> bool:
    return not asked.others and bool(asked.decisions) and all(isinstance(one, Say) for one in asked.decisions)


def _answer(turn: Turn, message: Message, asked: Asked) -> str:
    """Each answer once, by itself, naming its source."""
    answers = {one.entry_id: one for one in asked.decisions if isinstance(one, Say)}
    for answer in answers.values():
        grounding = Grounding(answer.release_id, answer.entry_id, answer.score)
        turn.bot(c.Text(letter(turn, answer.text)), answers=message, grounding=grounding)
        for attachment in answer.attachments:
            turn.bot(attachment, answers=message, grounding=grounding)
    turn.conversation = replace(turn.conversation, answered=True)
    return "answer"


def _to_person(
    turn: Turn,
    message: Message,
    mail: c.Mail,
    reason: str,
    answerer: Answerer,
    words: str,
    *,
    rule: str = "",
    urgency: Urgency | None = None,
) -> str:
    """With its category, priority and language, and the wish for an acknowledgement where one may go."""
    considered = answerer.considered(message.address.workspace, words, at=message.received_at)
    hand_off(
        turn,
        message,
        reason,
        rule=rule,
        urgency=urgency if urgency is not None else guarding.urgency(message, words, answerer),
        topic=considered.category,
        acknowledge=may_acknowledge(turn) and not mail.no_automatic_answer and not mail.automatic,
    )
    return "handoff"
