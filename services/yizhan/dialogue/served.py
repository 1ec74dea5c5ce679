"""Answers from exactly one release: what is asked of it twice comes out twice the same."""

from collections.abc import Sequence
from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np

from yizhan.dialogue.answering import (
    Acknowledges,
    AskBack,
    Considered,
    Decision,
    Greets,
    Meant,
    NoAnswer,
    Say,
    StartTask,
    Suggestion,
    Thanks,
    WantsHuman,
)
from yizhan.dialogue.knowledge.decide import Answer, Clarify, Thresholds, decide
from yizhan.dialogue.knowledge.intents import acknowledgement, asks_who, goodbye, greeting, thanks, wants_human
from yizhan.dialogue.knowledge.matcher import Candidate, Meaning
from yizhan.dialogue.knowledge.release import Release
from yizhan.dialogue.knowledge.variables import UnknownVariable, fill
from yizhan.dialogue.spoken_language import worded
from yizhan.dialogue.tasks.definition import TARGET

REMEMBERED = 4096
"""Questions of a release whose candidates are kept: people ask the same things."""

REMEMBERED_MEANINGS = 256
"""As many as are on their way from being foreseen to being decided on: nobody asks for a vector twice."""

CONSIDERED = 10
"""So many candidates are looked at: some may not answer on this day."""

OFFERED = 5

NEAR = 0.2
"""From this probability on the best candidate's category is worth a guess at what the question is about: it only sorts cases."""


def plain_intent(words: str) -> Decision | None:
    """What needs no knowledge. A plain request for a human always wins."""
    if wants_human(words):
        return WantsHuman()
    if greeting(words):
        return Greets()
    if asks_who(words):
        return Greets(asks_who=True)
    if thanks(words) or goodbye(words):
        return Thanks()
    return Acknowledges() if acknowledgement(words) else None


class Served:
    """A release as it is answered from. Immutable, and safe to use from several threads."""

    def __init__(self, release: Release, thresholds: Thresholds, zone: ZoneInfo) -> None:
        """``thresholds`` hold where the release's training found none; ``zone`` is where the business's days begin."""
        self.release = release
        self.thresholds = release.thresholds or thresholds
        self.meaning_thresholds = release.meaning_thresholds or self.thresholds
        self.tasks = release.tasks
        self._zone = zone
        self._match = lru_cache(maxsize=REMEMBERED)(self._matched)
        self._match_meaning = lru_cache(maxsize=REMEMBERED_MEANINGS)(self._matched_by_meaning)

    @property
    def meant(self) -> Meant | None:
        """Whose vectors are compared with; None where words are compared alone."""
        model = self.release.embedding_model
        return Meant(model, self.release.dimension) if model else None

    def decide(self, words: str, *, channel: str, at: datetime, meaning: Meaning | None = None) -> Decision:
        """What to do with a customer's words. ``channel`` is its kind; ``at`` is when they were received.

        Raises OtherVectors for a ``meaning`` that is not as ``meant`` says.
        """
        plain = plain_intent(words)
        if plain is not None:
            return plain
        thresholds = self.thresholds if meaning is None else self.meaning_thresholds
        match decide(self.candidates(words, at, meaning), thresholds):
            case Answer(candidate) if candidate.entry_id.startswith(TARGET):
                return StartTask(candidate.entry_id.removeprefix(TARGET), self.release.id, candidate.score)
            case Answer(candidate):
                return self._say(candidate.entry_id, candidate.score, channel) or NoAnswer()
            case Clarify(candidates):
                return AskBack(tuple(self._suggestion(candidate, words) for candidate in candidates))
            case _:
                return NoAnswer()

    def foresee(self, words: str, meaning: Meaning | None = None) -> None:
        """Remember what deciding about these words will look at; misses look at it after greetings too. Raises OtherVectors."""
        self._found(words, meaning)

    def entry(self, entry_id: str, *, channel: str, at: datetime) -> Say | None:
        """The approved answer of an entry that is valid on that day."""
        found = self.release.entry(entry_id)
        return self._say(entry_id, 1.0, channel) if found is not None and found.valid_on(self._day(at)) else None

    def candidates(self, words: str, at: datetime, meaning: Meaning | None = None) -> Sequence[Candidate]:
        """What comes into question on that day, best first. Raises OtherVectors."""
        day = self._day(at)
        return [one for one in self._found(words, meaning) if self.release.targets[one.entry_id].valid_on(day)][
            :OFFERED
        ]

    def considered(self, words: str, at: datetime, meaning: Meaning | None = None) -> Considered:
        """What a decision about these words looks at, and what they are about. Raises OtherVectors."""
        found = tuple(self.candidates(words, at, meaning))
        entry = self.release.entry(found[0].entry_id) if found and found[0].score >= NEAR else None
        return Considered(self.release.id, found, entry.category if entry else "")

    def _found(self, words: str, meaning: Meaning | None) -> Sequence[Candidate]:
        if meaning is None:
            return self._match(words)
        return self._match_meaning(words, np.asarray(meaning, np.float16).tobytes())

    def _matched(self, words: str) -> tuple[Candidate, ...]:
        return tuple(self.release.matcher.match(words, CONSIDERED))

    def _matched_by_meaning(self, words: str, meaning: bytes) -> tuple[Candidate, ...]:
        return tuple(self.release.matcher.match(words, CONSIDERED, np.frombuffer(meaning, np.float16)))

    def _say(self, entry_id: str, score: float, channel: str) -> Say | None:
        """None where a variable has no value: braces are no answer."""
        entry = self.release.targets[entry_id]
        try:
            text = fill(entry.answer_for(channel), self.release.variables)
        except UnknownVariable:
            return None
        return Say(entry.id, self.release.id, text, score, entry.attachments)

    def _suggestion(self, candidate: Candidate, words: str) -> Suggestion:
        return Suggestion(candidate.entry_id, worded(self.release.targets[candidate.entry_id].phrasings, words))

    def _day(self, at: datetime) -> date:
        return at.astimezone(self._zone).date()
