"""Notes misses on a turn: reads what the assistant did in it, and lets ``watch`` judge."""

from dataclasses import replace

from yizhan.core.messages import content as c
from yizhan.core.messages.message import AuthorKind, Message
from yizhan.dialogue.answering import Answerer
from yizhan.dialogue.asked_task import OFFERED
from yizhan.dialogue.conversation import State
from yizhan.dialogue.courtesies import ACKNOWLEDGED, SILENT
from yizhan.dialogue.handoff_reasons import NO_ANSWER, REQUESTED
from yizhan.dialogue.instead.state import INTENT as INSTEAD
from yizhan.dialogue.knowledge.normalise import normalise
from yizhan.dialogue.misses import watch
from yizhan.dialogue.misses.miss import (
    MOST_CANDIDATES,
    MOST_CATEGORY,
    MOST_WORDS,
    Asked,
    Miss,
    Trail,
    key_of,
    language_of,
)
from yizhan.dialogue.misses.watch import Missed, Outcome, Step
from yizhan.dialogue.turn import Turn

CLARIFY = "clarify:"
"""What the menu ids of ask-backs begin with; the id of the question follows."""

_CHOICES = {"none": watch.NONE, "human": watch.HUMAN}
_COURTESIES = frozenset({"greeting", "thanks"})
_NODS = frozenset({ACKNOWLEDGED, SILENT, INSTEAD})


def note(turn: Turn, message: Message, intent: str, answerer: Answerer, *, first: int) -> None:
    """After the assistant has responded to a customer's message. ``first``: how many messages the turn had before.

    Of a message whose answer stands by nothing is noted yet: ``note_answer`` does that when it has gone out. Who only nods
    (好的), or arranges a callback, has said nothing about what was asked before.
    """
    standby = turn.conversation.standby
    if intent in _NODS or (standby is not None and standby.question.id == message.id):
        return
    step = _step(turn, message, intent, answerer, turn.messages[first:])
    trail, missed = watch.judge(turn.conversation.trail, step)
    _follow(turn, trail)
    _keep(turn, missed)


def note_answer(turn: Turn, asked: Asked, words: str, *, first: int) -> None:
    """After the answer to an earlier message has gone out: as if it had been given at once."""
    said = _by_the_assistant(turn.messages[first:])
    grounding = next((one.grounding for one in said if one.grounding is not None), None)
    outcome = _outcome(turn, "", said, answered=grounding is not None)
    step = Step(turn.now, outcome, asked, words, entry_id=grounding.entry_id if grounding else "")
    trail, missed = watch.judge(turn.conversation.trail, step)
    _follow(turn, trail)
    _keep(turn, missed)


def note_rating(turn: Turn, score: int) -> None:
    """After a session was rated, 1 to 5."""
    trail, missed = watch.judge_rating(turn.conversation.trail, score)
    turn.conversation = replace(turn.conversation, trail=trail)
    _keep(turn, missed)


def _follow(turn: Turn, trail: Trail | None) -> None:
    """Which menu is open is the turn's to say, and not what misses are judged by."""
    menu = turn.open_menu
    trail = replace(trail or Trail(turn.now), menu=menu) if menu else trail
    turn.conversation = replace(turn.conversation, trail=trail)


def _keep(turn: Turn, missed: tuple[Missed, ...]) -> None:
    turn.misses += [Miss(turn.new_id(), asked, reason) for asked, reason in missed]


def _step(turn: Turn, message: Message, intent: str, answerer: Answerer, said: list[Message]) -> Step:
    said = _by_the_assistant(said)
    grounding = next((one.grounding for one in said if one.grounding is not None), None)
    outcome = _outcome(turn, intent, said, answered=grounding is not None)
    entry_id = grounding.entry_id if grounding else ""
    match message.content:
        case c.Choice(menu_id, option_id, label) if menu_id.startswith(CLARIFY):
            asked = asked_of(message, label, answerer)
            chosen, of = _CHOICES.get(option_id, watch.ENTRY), menu_id.removeprefix(CLARIFY)
            return Step(turn.now, outcome, asked, "", chosen, of, entry_id)
        case c.Text(text) | c.Choice(_, _, text):
            asked = asked_of(message, text, answerer)
            return Step(turn.now, outcome, asked, words_of(text), entry_id=entry_id)
        case _:
            return Step(turn.now, outcome, Asked(message.id, "", "", ""))


def _outcome(turn: Turn, intent: str, said: list[Message], *, answered: bool) -> Outcome:
    if intent == "ticket":
        return Outcome.NO_ANSWER
    if intent == OFFERED:  # a number is no question that an entry could answer
        return Outcome.OTHER
    if turn.conversation.state is State.QUEUED:
        reason = turn.conversation.handoff_reason
        return {NO_ANSWER: Outcome.NO_ANSWER, REQUESTED: Outcome.HUMAN}.get(reason, Outcome.OTHER)
    if answered:
        return Outcome.ANSWERED
    if any(isinstance(one.content, c.Menu) and one.content.menu_id.startswith(CLARIFY) for one in said):
        return Outcome.ASKED_BACK
    return Outcome.COURTESY if intent in _COURTESIES else Outcome.OTHER


def _by_the_assistant(said: list[Message]) -> list[Message]:
    return [one for one in said if one.author.kind is AuthorKind.BOT]


def words_of(text: str) -> str:
    """A question as misses look at it."""
    return normalise(text)[:MOST_WORDS]


def asked_of(message: Message, text: str, answerer: Answerer) -> Asked:
    """The question in a customer's message, without its words."""
    words = words_of(text)
    considered = answerer.considered(message.address.workspace, text, at=message.received_at)
    near = tuple((one.entry_id, round(one.score, 4)) for one in considered.candidates[:MOST_CANDIDATES])
    language = language_of(words)
    return Asked(
        message.id, key_of(words), language, considered.release_id, near, category=considered.category[:MOST_CATEGORY]
    )
