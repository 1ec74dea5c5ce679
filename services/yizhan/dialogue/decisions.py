"""What a decision of the assistant was made from and what came of it: enough to make it again.

Everything else that counts is stored already: the customer's message and the replies as they were sent, and the release.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from yizhan import __version__
from yizhan.dialogue.answering import Source
from yizhan.dialogue.conversation import Conversation
from yizhan.dialogue.knowledge import engine
from yizhan.dialogue.models.use import NO_MODELS, ModelUse
from yizhan.dialogue.recognition.policy import Recognising
from yizhan.dialogue.tasks.state import dump
from yizhan.dialogue.texts import Voice
from yizhan.dialogue.turn import Turn

T = TypeVar("T")

RULES = 5
"""Rises when the same words in the same place may come to another decision: a replay then says that another program decided.

2: nods (好的) are left alone, a number alone begins its task, an order named in a question is offered, and questions that
are put otherwise or mix two languages are read.

3: a task that another one is begun in the midst of is offered again; customers are spoken to in the language they write in.

4: who wants to be called back, or to leave a message, is asked when and how.

5: mails are answered whole or left to a person.
"""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What held when it was decided. ``release_id`` is empty where none was published; the thresholds are 0 to 1.

    ``voice`` is a digest of the texts, the names and the zone that the program and its settings gave the assistant;
    ``engine`` is the version of the matching, ``program`` that of the whole and of its rules. ``recognising``: what the recogniser
    was given, and which of its answers were believed.
    """

    release_id: str
    answer: float
    clarify: float
    margin: float
    voice: str
    engine: str
    program: str
    recognising: Recognising | None = None
    models: ModelUse = NO_MODELS


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it besides messages. ``intent`` is what metrics count; ``task`` and ``jobs`` are digests."""

    intent: str
    state: int
    epoch: int
    session: int
    handoff_reason: str = ""
    rule: str = ""
    urgency: int = 0
    fired: tuple[str, ...] = ()
    task: str = ""
    jobs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Basis:
    """``before``: the conversation as it stood. ``ids``: every id that was drawn, in order."""

    before: Conversation
    circumstances: Circumstances
    ids: tuple[str, ...]
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Decision:
    """``id``: the customer's message, or the command whose protobuf bytes are ``command`` (None for a message).

    Stored for it were the messages after the place ``basis.before.last_seq`` up to ``last_seq``.
    """

    id: str
    decided_at: datetime
    last_seq: int
    basis: Basis
    command: bytes | None = None


class DecisionUnreadable(Exception):
    """The stored document is not one that this version of the program writes."""


_STORED = TypeAdapter(Basis)


def dump_basis(basis: Basis) -> bytes:
    """As JSON, without what is as it is by default."""
    return _STORED.dump_json(basis, exclude_defaults=True)


def load_basis(data: bytes) -> Basis:
    """Raises DecisionUnreadable."""
    try:
        return _STORED.validate_json(data, strict=True)
    except ValidationError as error:
        raise DecisionUnreadable from error


def circumstances(
    source: Source, voice: str, recognising: Recognising | None = None, models: ModelUse = NO_MODELS
) -> Circumstances:
    """``voice`` as ``voice_digest`` gives it."""
    held = source.thresholds
    versions = (engine.VERSION, f"{__version__} rules {RULES}")
    return Circumstances(
        source.release_id, held.answer, held.clarify, held.margin, voice, *versions, recognising, models
    )


def voice_digest(voice: Voice) -> str:
    """Changes with every text that the assistant says by itself, its names and the zone of its days."""
    return _digest(repr(voice).encode())


def observed(turn: Turn, step: Callable[[], T], intent: Callable[[T], str]) -> tuple[T, tuple[str, ...], Outcome]:
    """Take a step of a turn; what it gave, the ids that it drew, and what came of it. The messages are the turn's."""
    events, jobs, draw = len(turn.events), len(turn.jobs), turn.new_id
    ids: list[str] = []

    def drawn() -> str:
        ids.append(draw())
        return ids[-1]

    turn.new_id = drawn
    try:
        given = step()
    finally:
        turn.new_id = draw
    return given, tuple(ids), _outcome(turn, intent(given), events, jobs)


def _outcome(turn: Turn, intent: str, events: int, jobs: int) -> Outcome:
    after = turn.conversation
    asked = [event.handoff_requested for event in turn.events[events:] if event.HasField("handoff_requested")]
    return Outcome(
        intent=intent,
        state=int(after.state),
        epoch=after.epoch,
        session=after.session,
        handoff_reason=after.handoff_reason,
        rule=asked[0].rule if asked else "",
        urgency=asked[0].urgency if asked else 0,
        fired=after.fired,
        task=_digest(dump(after.task).encode()) if after.task else "",
        jobs=tuple(f"{job.kind} {job.id} {job.deadline.isoformat()} {_digest(job.body)}" for job in turn.jobs[jobs:]),
    )


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]
