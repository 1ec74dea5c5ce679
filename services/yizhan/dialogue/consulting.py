"""Models on a conversation: asked beside the writer, with the answer that goes out without them standing by.

An embedding model says what the words mean; the same release then decides once more. A chat model chooses among entries
that are offered, or words an entry's answer. What it gives is sent only as far as it is the entry's; everything else, and
silence, sends what stood by. Guards, tasks and wishes for a human never come here.
"""

import base64
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np
from pydantic import ValidationError

from yizhan.core.messages import command as k, content as c
from yizhan.core.messages.message import Grounding, Message
from yizhan.dialogue import guarding
from yizhan.dialogue.answering import Answerer, AskBack, NoAnswer, Say
from yizhan.dialogue.asked_task import rather_offered
from yizhan.dialogue.conversation import State
from yizhan.dialogue.guards.verdict import Urgency
from yizhan.dialogue.handoff_reasons import NO_ANSWER
from yizhan.dialogue.knowledge.matcher import Meaning
from yizhan.dialogue.misses.noting import asked_of, words_of
from yizhan.dialogue.models import grounding
from yizhan.dialogue.models.documents import (
    KIND,
    MAX_WORDS,
    Candidate,
    ChooseEntry,
    Chosen,
    EmbedQuestion,
    ModelRequest,
    ModelResult,
    QuestionVector,
    RephraseAnswer,
    Reworded,
    encoded,
    read_result,
)
from yizhan.dialogue.replies import menu_of
from yizhan.dialogue.standby.ends import End
from yizhan.dialogue.standby.settling import GRACE, put_by, send, settle
from yizhan.dialogue.standby.state import HandOff, Question, Report, Standby, Words, packed
from yizhan.dialogue.turn import Turn

WAITING = "waiting"
"""The intent of a message whose answer waits for a model."""

LEAST_SECONDS = 0.4
"""With less time than this a model is not asked."""

WAY_BACK_SECONDS = 0.2
"""Of an answer's time, what is left for a job's end to come back to the conversation."""

LONGEST_ANSWER = 2_000
"""Characters of an answer that a model is asked to word; a longer one it would cut."""

MOST_OFFERED = 10


def means(turn: Turn, message: Message, words: str, decision: Say | AskBack | NoAnswer, answerer: Answerer) -> bool:
    """Whether a model was asked what the words mean; if not, what words alone found is to be sent.

    A phrasing asked literally needs no model, and a release compares only with vectors of the model that made its own.
    Where words find nothing, handing off stands by, unless the assistant is busy with a task or a ticket is open.
    """
    if not turn.models.embed or (isinstance(decision, Say) and decision.score >= 1.0):
        return False
    meant = answerer.meant(message.address.workspace)
    seconds = _seconds(turn, message.received_at, words)
    if meant is None or meant.model != turn.models.embed or not seconds:
        return False
    if isinstance(decision, NoAnswer) and (turn.conversation.state is not State.BOT or turn.conversation.task):
        return False
    asking = _asking(message, words, answerer)
    urgency = guarding.urgency(message, words, answerer)
    standby = replace(
        _ready(turn, asking, decision) if not isinstance(decision, NoAnswer) else _parting(turn, asking, urgency),
        release_id=answerer.source(message.address.workspace).release_id,
        unsure=Words(words, message.received_at),
    )
    _ask(turn, standby, EmbedQuestion(words=words, dimension=meant.dimension), seconds)
    return True


def rewords(turn: Turn, message: Message, words: str, answer: Say, answerer: Answerer) -> bool:
    """Whether a model was asked to word the answer; if not, it is to be sent."""
    return turn.models.reword and _rewords(turn, _asking(message, words, answerer), answer)


def chooses(turn: Turn, message: Message, words: str, decision: AskBack, answerer: Answerer) -> bool:
    """Whether a model was asked which of the suggestions is meant; if not, the menu is to be sent.

    A task is offered like an entry, so that a model need not take the nearest entry for it; choosing it leaves the menu.
    """
    return turn.models.choose and _chooses(turn, _asking(message, words, answerer), decision, answerer)


@dataclass(frozen=True, slots=True)
class _Asking:
    """The customer's question for which models are asked, one after the other where there is time."""

    question: Question
    words: str
    received_at: datetime
    report: Report | None = None
    meaning: Meaning | None = None


def _asking(message: Message, words: str, answerer: Answerer) -> _Asking:
    facts = base64.b64encode(message.channel_data).decode("ascii")
    question = Question(message.id, facts, asked_of(message, words, answerer), words_of(words))
    return _Asking(question, words, message.received_at)


def _ready(turn: Turn, asking: _Asking, decision: Say | AskBack) -> Standby:
    """What goes out if nothing better comes."""
    match decision:
        case Say():
            grounding = Grounding(decision.release_id, decision.entry_id, decision.score)
            contents = packed((c.Text(decision.text), *decision.attachments))
            return Standby(
                "", turn.now, asking.question, contents, "answer", decision.release_id, grounding, report=asking.report
            )
        case AskBack():
            menu = packed((menu_of(turn, asking.question.id, decision.suggestions),))
            return Standby("", turn.now, asking.question, menu, "clarify", "", report=asking.report)


def _parting(turn: Turn, asking: _Asking, urgency: Urgency) -> Standby:
    """A human takes over if nothing comes of it."""
    left = HandOff(NO_ANSWER, int(urgency), turn.conversation.subject)
    return Standby("", turn.now, asking.question, (), "handoff", "", hands_off=left)


def _rewords(turn: Turn, asking: _Asking, answer: Say) -> bool:
    seconds = _seconds(turn, asking.received_at, asking.words)
    if not seconds or len(answer.text) > LONGEST_ANSWER:
        return False
    entry = Candidate(entry_id=answer.entry_id, question="", answer=answer.text)
    _ask(turn, _ready(turn, asking, answer), RephraseAnswer(words=asking.words, entry=entry), seconds)
    return True


def _chooses(turn: Turn, asking: _Asking, decision: AskBack, answerer: Answerer) -> bool:
    seconds = _seconds(turn, asking.received_at, asking.words)
    suggestions = decision.suggestions[:MOST_OFFERED]
    if not seconds or not suggestions:
        return False
    workspace, channel = turn.conversation.address.workspace, turn.conversation.address.channel
    found = {
        one.entry_id: answerer.entry(workspace, one.entry_id, channel=channel, at=asking.received_at)
        for one in suggestions
    }
    known = [answer for answer in found.values() if answer is not None]
    if not known:
        return False
    considered = answerer.considered(workspace, asking.words, at=asking.received_at, meaning=asking.meaning)
    scores = {one.entry_id: round(one.score, 6) for one in considered.candidates}
    candidates = tuple(
        Candidate(entry_id=one.entry_id, question=one.question, answer=answer.text if answer else "")
        for one in suggestions
        for answer in (found[one.entry_id],)
    )
    standby = replace(
        _ready(turn, asking, decision),
        release_id=known[0].release_id,
        offers=tuple((answer.entry_id, scores.get(answer.entry_id, 0.0)) for answer in known),
    )
    _ask(turn, standby, ChooseEntry(words=asking.words, candidates=candidates), seconds)
    return True


def finished(turn: Turn, job: k.JobFinished, answerer: Answerer) -> str:
    """The end of a model's job. One whose answer has gone out meanwhile has no effect but to be counted."""
    standby = turn.conversation.standby
    if standby is None or standby.job_id != job.job_id:
        turn.ends.append(End.LATE)
        return ""
    match read_model_result(job):
        case Reworded(text=text) as reworded if standby.grounding and _may_be_said(standby, reworded):
            send(turn, standby, (c.Text(text), *standby.said()[1:]), standby.grounding, End.REWORDED)
        case Chosen(entry_id=entry_id) if answer := _offered(turn, standby, entry_id, answerer):
            grounds = Grounding(answer.release_id, answer.entry_id, dict(standby.offers)[entry_id])
            send(turn, standby, (c.Text(answer.text), *answer.attachments), grounds, End.CHOSEN)
        case QuestionVector() as vector if standby.unsure and (found := _by_meaning(turn, standby, vector, answerer)):
            _go_on(turn, standby, found, answerer)
        case _:
            settle(turn, End.INSTEAD)
    return ""


def taker(answerer: Answerer) -> Callable[[Turn, k.JobFinished], str]:
    """What takes the results of jobs of kind ``KIND``."""

    def take_result(turn: Turn, job: k.JobFinished, /) -> str:
        return finished(turn, job, answerer)

    return take_result


def meaning_of(vector: QuestionVector, dimension: int) -> Meaning | None:
    """The vector that a job brought; None where it is not one of so many numbers."""
    try:
        meaning = vector.array()
    except ValueError:
        return None
    return meaning if meaning.shape == (dimension,) and bool(np.isfinite(meaning).all()) else None


def _by_meaning(
    turn: Turn, standby: Standby, vector: QuestionVector, answerer: Answerer
) -> tuple[Say | AskBack, Meaning] | None:
    """What the release that words alone were compared with makes of the question now that its meaning is known.

    None where what stands by is sent: another release is served, another model is set, or it would be no answer.
    """
    address, unsure = turn.conversation.address, standby.unsure
    meant = answerer.meant(address.workspace)
    same = answerer.source(address.workspace).release_id == standby.release_id
    if unsure is None or meant is None or meant.model != turn.models.embed or not same:
        return None
    meaning = meaning_of(vector, meant.dimension)
    if meaning is None:
        return None
    decision = answerer.decide(
        address.workspace, unsure.text, channel=address.channel, at=unsure.received_at, meaning=meaning
    )
    decision = rather_offered(answerer.tasks(address.workspace), unsure.text, decision)
    return (decision, meaning) if isinstance(decision, Say | AskBack) else None


def _go_on(turn: Turn, standby: Standby, found: tuple[Say | AskBack, Meaning], answerer: Answerer) -> None:
    """Send what was found by meaning; a chat model is asked first as it would have been, if there is time for it."""
    decision, meaning = found
    unsure = standby.unsure or Words("", turn.now)
    asking = _Asking(standby.question, unsure.text, unsure.received_at, standby.report, meaning)
    match decision:
        case Say() if turn.models.reword and _rewords(turn, asking, decision):
            return
        case AskBack() if turn.models.choose and _chooses(turn, asking, decision, answerer):
            return
    ready = _ready(turn, asking, decision)
    send(turn, ready, ready.said(), ready.grounding, End.MEANT)


def _seconds(turn: Turn, received_at: datetime, words: str) -> float:
    """The time that a model has, counted from when the message was received; 0: it is not asked."""
    passed = max(0.0, (turn.now - received_at).total_seconds())
    left = turn.models.seconds - passed
    return left if left >= LEAST_SECONDS and 0 < len(words) <= MAX_WORDS else 0.0


def _ask(turn: Turn, standby: Standby, request: ModelRequest, seconds: float) -> None:
    within = timedelta(seconds=seconds)
    job_id = turn.start_job(KIND, encoded(request), within - timedelta(seconds=WAY_BACK_SECONDS))
    put_by(turn, replace(standby, job_id=job_id, until=turn.now + within + GRACE))


def read_model_result(job: k.JobFinished) -> ModelResult | None:
    """What a job for a model brought; None where it brought nothing that can be read."""
    if job.outcome is not k.JobOutcome.DONE:
        return None
    try:
        return read_result(job.body)
    except ValidationError:
        return None


def _may_be_said(standby: Standby, reworded: Reworded) -> bool:
    """Whether the words are the entry's: looked at once more here, where what is compared is what would be sent."""
    approved = standby.said()[0]
    return (
        standby.grounding is not None
        and reworded.entry_id == standby.grounding.entry_id
        and isinstance(approved, c.Text)
        and isinstance(grounding.check(reworded.text, approved.text), grounding.Supported)
    )


def _offered(turn: Turn, standby: Standby, entry_id: str, answerer: Answerer) -> Say | None:
    """The answer of an entry that was offered, as long as it is the one that the model was shown."""
    if entry_id not in dict(standby.offers):
        return None
    address = turn.conversation.address
    answer = answerer.entry(address.workspace, entry_id, channel=address.channel, at=turn.now)
    return answer if answer is not None and answer.release_id == standby.release_id else None
