"""What the assistant would do with a customer's first words, without doing it: the very steps of a conversation, on a new one.

Optional models are left out: what is shown is what customers are told without them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from yizhan.core.messages import content as c
from yizhan.core.messages.address import Address
from yizhan.core.messages.message import Author, AuthorKind, Grounding, Message
from yizhan.dialogue import assistant
from yizhan.dialogue.asked_task import OFFERED
from yizhan.dialogue.conversation import Conversation
from yizhan.dialogue.guards.verdict import Urgency, Verdict
from yizhan.dialogue.handoff_reasons import REQUESTED
from yizhan.dialogue.knowledge.matcher import Candidate
from yizhan.dialogue.knowledge.normalise import fold, normalise
from yizhan.dialogue.misses.miss import language_of
from yizhan.dialogue.one_release import OneRelease
from yizhan.dialogue.replay import Setting
from yizhan.dialogue.spoken_language import followed
from yizhan.dialogue.turn import Turn
from yizhan.pb.v1 import event_pb2

_TRIED = "tried"
_SHOWN_HITS = 5


@dataclass(frozen=True, slots=True)
class Question:
    """``channel`` is the kind of channel it comes by; ``at`` is when."""

    workspace: str
    words: str
    channel: str
    at: datetime


@dataclass(frozen=True, slots=True)
class FiredRule:
    """A guard whose words were said. Not ``decided``: it lets the knowledge go first, which had an answer.

    ``matched`` is what of the folded words set it off.
    """

    verdict: Verdict
    decided: bool
    matched: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tried:
    """``decision`` is ``answer``, ``clarify``, ``handoff``, ``human``, ``greeting``, ``thanks``,
    ``acknowledged``, ``task`` or ``guarded``.

    ``decided_by`` is ``rule``, ``task``, ``entry`` or ``assistant``. ``says`` is all that the customer would be sent.
    ``open`` is what the ``task`` asks for first. ``urgency`` is that of a hand-off, None where there is none.
    """

    decision: str
    decided_by: str
    says: tuple[c.Content, ...]
    grounding: Grounding | None
    rule: FiredRule | None
    handoff_reason: str
    urgency: Urgency | None
    task: str
    open: str
    language: str
    normalised: str
    day: date
    candidates: tuple[Candidate, ...]

    @property
    def text(self) -> str:
        """The answer's own text, without what it carries along; empty where no entry answers."""
        first = self.says[0] if self.grounding and self.says else None
        return first.text if isinstance(first, c.Text) else ""

    @property
    def attachments(self) -> tuple[c.Content, ...]:
        """What an answer carries along."""
        return self.says[1:] if self.grounding else ()


def try_out(question: Question, answerer: OneRelease, setting: Setting) -> Tried:
    """Pure, and some milliseconds long."""
    normalised = normalise(question.words)
    spoken = language_of(normalised)
    turn, message = _first_turn(question, followed("zh-CN", question.words), setting)
    intent = assistant.respond(turn, message, answerer)
    rule = _rule(question, message.locale, answerer, turn.conversation.fired)
    requested = next((one.handoff_requested for one in turn.events if one.HasField("handoff_requested")), None)
    grounding = next((one.grounding for one in turn.outbound if one.grounding), None)
    task = turn.conversation.task
    return Tried(
        decision=_decision(intent, requested),
        decided_by=_decided_by(rule, task is not None, grounding),
        says=tuple(one.content for one in turn.outbound),
        grounding=grounding,
        rule=rule,
        handoff_reason=requested.reason if requested else "",
        urgency=Urgency(requested.urgency) if requested else None,
        task=task.task if task else "",
        open=task.open if task else "",
        language=spoken,
        normalised=normalised,
        day=question.at.astimezone(setting.zone).date(),
        candidates=tuple(answerer.served.candidates(question.words, question.at)) if answerer.served else (),
    )


def on_day(day: date, now: datetime, zone: ZoneInfo) -> datetime:
    """This time of the day, on another day of the business's calendar."""
    return datetime.combine(day, now.astimezone(zone).time(), zone)


def _first_turn(question: Question, locale: str, setting: Setting) -> tuple[Turn, Message]:
    address = Address(question.workspace, question.channel, _TRIED, _TRIED)
    conversation = Conversation(_TRIED, address, question.at, locale=locale, opened_at=question.at)
    ids = iter(range(1, 1_000))
    turn = Turn(conversation, question.at, lambda: f"{_TRIED}-{next(ids)}", setting.voice, setting.idle_close)
    author = Author(AuthorKind.CUSTOMER)
    said = Message(f"{_TRIED}-0", address, author, c.Text(question.words), question.at, locale=locale)
    return turn, turn.append(said)


def _rule(question: Question, locale: str, answerer: OneRelease, fired: Sequence[str]) -> FiredRule | None:
    verdict = answerer.guards(question.workspace).judge(question.words, locale)
    if verdict is None:
        return None
    folded = fold(question.words)
    matched = dict.fromkeys(folded[hit.start : hit.end] for hit in verdict.hits)
    return FiredRule(verdict, verdict.rule in fired, tuple(matched)[:_SHOWN_HITS])


def _decision(intent: str, requested: event_pb2.HandoffRequested | None) -> str:
    if requested is not None:
        return "human" if requested.reason == REQUESTED else "handoff"
    if intent == OFFERED:
        return "clarify"
    return "task" if intent.startswith("task") else intent


def _decided_by(rule: FiredRule | None, task: bool, grounding: Grounding | None) -> str:
    if rule is not None and rule.decided:
        return "rule"
    if task:
        return "task"
    return "entry" if grounding else "assistant"
