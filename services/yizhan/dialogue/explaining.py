"""Why the assistant did what it did, as values: read off a decision that was made again."""

from dataclasses import dataclass, replace
from datetime import datetime

from yizhan.core.messages import content as c
from yizhan.core.messages.command import Command, JobFinished
from yizhan.core.messages.message import Message
from yizhan.dialogue.consulting import meaning_of, read_model_result
from yizhan.dialogue.decisions import Basis, Outcome
from yizhan.dialogue.knowledge.decide import Thresholds
from yizhan.dialogue.knowledge.matcher import Candidate
from yizhan.dialogue.models.documents import QuestionVector
from yizhan.dialogue.one_release import OneRelease
from yizhan.dialogue.recognition.believing import plain
from yizhan.dialogue.recognition.documents import RECOGNISE, DocumentUnreadable, decode_heard
from yizhan.dialogue.replay import Again
from yizhan.dialogue.standby import state as standby
from yizhan.dialogue.tasks.state import Phase, TaskState

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

    ``job_*`` are of the job whose result it was: its kind, how it ended (``done``, ``failed``, ``timed_out``), and why.
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
    job_kind: str = ""
    job_outcome: str = ""
    job_reason: str = ""


def explained(basis: Basis, what: Message | Command, again: Again, answerer: OneRelease) -> Explanation:
    """``again`` is the decision as it was made again from ``basis`` about this message or command."""
    outcome, held, turn = again.outcome or basis.outcome, basis.circumstances, again.turn
    felt = _felt(basis, what, answerer)
    words = felt.words.text if felt else _words(what)
    bar = felt.thresholds if felt else Thresholds(held.answer, held.clarify, held.margin)
    grounding = next((said.grounding for said in turn.messages if said.grounding and _follows(said, what)), None)
    release = answerer.served.release if answerer.served else None
    entry = release.targets.get(grounding.entry_id) if release and grounding else None
    by_task = outcome.intent.startswith("task") or isinstance(what, Command)
    task = task_of(basis.before.task, turn.conversation.task) if by_task else None
    rule = _rule(basis, what, words, outcome, answerer)
    job = what.kind if isinstance(what, Command) and isinstance(what.kind, JobFinished) else None
    return Explanation(
        decision_id=what.id,
        conversation_id=basis.before.id,
        channel=basis.before.address.channel,
        decided_at=turn.now,
        words=words,
        intent=outcome.intent,
        decided_by=_decided_by(outcome, rule, job is not None, entry is not None),
        release_id=held.release_id,
        release_number=release.number if release else 0,
        answer_threshold=bar.answer,
        clarify_threshold=bar.clarify,
        margin=bar.margin,
        rule=rule,
        handoff_reason=outcome.handoff_reason if outcome.intent in ("handoff", "task_human") else "",
        entry_id=grounding.entry_id if grounding else "",
        question=entry.question if entry else "",
        score=grounding.score if grounding else 0.0,
        task=task.task if task else "",
        phase=task.phase if task else "",
        open=task.open if task else "",
        considered=_shown(answerer, felt) if felt else _considered(what, words, outcome, answerer),
        job_kind=job.kind if job else "",
        job_outcome=job.outcome.name.lower() if job else "",
        job_reason=job.reason if job else "",
    )


def task_of(before: TaskState | None, after: TaskState | None) -> TaskState | None:
    """The task that a step was one of. At its end the one that was put under it is in its place already."""
    under = before.under if before is not None else None
    if before is None or under is None or after is None:
        return after
    if (after.task, after.opened_at) != (under.task, under.opened_at):
        return after
    return replace(before, phase=Phase.DONE, open="")


def _follows(said: Message, what: Message | Command) -> bool:
    """Not the answer to the message before, which goes out first where it was still waiting."""
    return isinstance(what, Command) or said.in_reply_to == what.id


def _words(what: Message | Command) -> str:
    """What was written, or put into words."""
    match what:
        case Message(content=c.Text() | c.Choice() as content):
            return c.plain_text(content)
        case Message(content=c.Voice(media)):
            return media.recognised
        case Command(kind=JobFinished(kind=kind, body=body)) if kind == RECOGNISE and body:
            return _recognised(body)
        case _:
            return ""


def _recognised(body: bytes) -> str:
    try:
        return plain(decode_heard(body).text)
    except DocumentUnreadable:
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


@dataclass(frozen=True, slots=True)
class _Felt:
    """A question whose meaning a job has told, the candidates that it was then compared with, and what they had to reach."""

    words: standby.Words
    candidates: tuple[Candidate, ...]
    thresholds: Thresholds


def _felt(basis: Basis, what: Message | Command, answerer: OneRelease) -> _Felt | None:
    """None for every decision but that about the result of the job that the question waited for."""
    waiting, served = basis.before.standby, answerer.served
    job = what.kind if isinstance(what, Command) and isinstance(what.kind, JobFinished) else None
    if job is None or served is None or served.meant is None or waiting is None or waiting.unsure is None:
        return None
    result = read_model_result(job)
    if (
        waiting.job_id != job.job_id
        or waiting.release_id != served.release.id
        or not isinstance(result, QuestionVector)
    ):
        return None
    meaning = meaning_of(result, served.meant.dimension)
    if meaning is None:
        return None
    found = served.candidates(waiting.unsure.text, waiting.unsure.received_at, meaning)
    return _Felt(waiting.unsure, tuple(found), served.meaning_thresholds)


def _shown(answerer: OneRelease, felt: _Felt) -> tuple[ShownCandidate, ...]:
    if answerer.served is None:
        return ()
    known = answerer.served.release.targets
    return tuple(
        ShownCandidate(one.entry_id, known[one.entry_id].question, one.score, one.matched) for one in felt.candidates
    )


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
