"""Why the assistant did what it did, as values: read off a decision that was made again."""

from dataclasses import dataclass
from datetime import datetime

from yizhan.core.messages import content as c
from yizhan.core.messages.command import Command
from yizhan.core.messages.message import Message
from yizhan.dialogue.decisions import Basis, Outcome
from yizhan.dialogue.one_release import OneRelease
from yizhan.dialogue.replay import Again

_BY_RULE = frozenset({"guarded", "handoff"})
_BY_NOBODY = frozenset({"human", "rating"})
"""Intents of messages that the assistant did not look at."""


@dataclass(frozen=True, slots=True)
class ShownCandidate:
    """An entry, or a task by its target, that came into question; ``score`` is 0 to 1, ``matched`` the nearest phrasing."""

    entry_id: str
    question: str
    score: float
    matched: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """``intent`` is what metrics count. Empty is what had no part in it; ``release_number`` 0: none was published.

    ``decided_by`` is ``rule``, ``task``, ``entry``, ``person`` (who has the conversation), ``result`` (of a job) or
    ``assistant`` (its own texts: greeting, asking back, handing off). The thresholds are those that held then.
    """

    decision_id: str
    conversation_id: str
    channel: str
    decided_at: datetime
    words: str
    intent: str
    decided_by: str
    release_id: str
    release_number: int
    answer_threshold: float
    clarify_threshold: float
    margin: float
    rule: str
    handoff_reason: str
    entry_id: str
    question: str
    score: float
    task: str
    phase: str
    open: str
    considered: tuple[ShownCandidate, ...]


def explained(basis: Basis, what: Message | Command, again: Again, answerer: OneRelease) -> Explanation:
    """``again`` is the decision as it was made again from ``basis`` about this message or command."""
    outcome, held, turn = again.outcome or basis.outcome, basis.circumstances, again.turn
    words = _words(what)
    grounding = next((message.grounding for message in turn.messages if message.grounding), None)
    release = answerer.served.release if answerer.served else None
    entry = release.targets.get(grounding.entry_id) if release and grounding else None
    task = turn.conversation.task if outcome.intent.startswith("task") or isinstance(what, Command) else None
    rule = _rule(basis, what, words, outcome, answerer)
    return Explanation(
        decision_id=what.id,
        conversation_id=basis.before.id,
        channel=basis.before.address.channel,
        decided_at=turn.now,
        words=words,
        intent=outcome.intent,
        decided_by=_decided_by(outcome, rule, isinstance(what, Command), entry is not None),
        release_id=held.release_id,
        release_number=release.number if release else 0,
        answer_threshold=held.answer,
        clarify_threshold=held.clarify,
        margin=held.margin,
        rule=rule,
        handoff_reason=outcome.handoff_reason if outcome.intent in ("handoff", "task_human") else "",
        entry_id=grounding.entry_id if grounding else "",
        question=entry.question if entry else "",
        score=grounding.score if grounding else 0.0,
        task=task.task if task else "",
        phase=task.phase if task else "",
        open=task.open if task else "",
        considered=_considered(what, words, outcome, answerer),
    )


def _words(what: Message | Command) -> str:
    if isinstance(what, Message) and isinstance(what.content, c.Text | c.Choice):
        return c.plain_text(what.content)
    return ""


def _rule(basis: Basis, what: Message | Command, words: str, outcome: Outcome, answerer: OneRelease) -> str:
    """The guard that decided it."""
    if outcome.rule or outcome.intent not in _BY_RULE or not isinstance(what, Message) or not words:
        return outcome.rule
    before = basis.before
    verdict = answerer.guards(before.address.workspace).judge(words, before.locale or what.locale, before.fired)
    return verdict.rule if verdict and verdict.rule in outcome.fired else ""


def _decided_by(outcome: Outcome, rule: str, result: bool, entry: bool) -> str:
    if result:
        return "result"
    if outcome.intent in _BY_NOBODY:
        return "person" if outcome.intent == "human" else "assistant"
    if rule:
        return "rule"
    if outcome.intent.startswith("task"):
        return "task"
    return "entry" if entry else "assistant"


def _considered(
    what: Message | Command, words: str, outcome: Outcome, answerer: OneRelease
) -> tuple[ShownCandidate, ...]:
    served = answerer.served
    if served is None or not isinstance(what, Message) or not words or outcome.intent in _BY_NOBODY:
        return ()
    return tuple(
        ShownCandidate(one.entry_id, served.release.targets[one.entry_id].question, one.score, one.matched)
        for one in served.candidates(words, what.received_at)
    )
