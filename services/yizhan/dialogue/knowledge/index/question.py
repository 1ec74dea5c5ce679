"""A question, or a phrasing, as everything that compares it needs it: read once."""

from dataclasses import dataclass

from yizhan.dialogue.knowledge.index.features import Features, features
from yizhan.dialogue.knowledge.normalise import normalise
from yizhan.dialogue.knowledge.tokens import tokenize

QUESTION_CHARS = 500
"""No more of a question than this is looked at: what is asked stands in there, and work per question stays bounded."""


@dataclass(frozen=True, slots=True)
class Question:
    written: str
    text: str
    """Normalised."""
    features: Features
    tokens: tuple[str, ...]


def read(written: str) -> Question:
    text = normalise(written[:QUESTION_CHARS])
    return Question(written, text, features(text), tokenize(text))


def reread(question: Question, text: str) -> Question:
    """The same question with another normalised text, as it was meant."""
    return question if text == question.text else Question(question.written, text, features(text), tokenize(text))


class Reader:
    """Reads many texts; equal features of different texts are one string in memory, which is most of what there is."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def read(self, written: str) -> Question:
        question = read(written)
        own = question.features
        features = Features(
            tuple(map(self._shared, own.views)), self._shared(own.telling), own.kinds, self._shared(own.typed)
        )
        return Question(question.written, question.text, features, self._shared(question.tokens))

    def _shared(self, texts: tuple[str, ...]) -> tuple[str, ...]:
        known = self._known
        return tuple([known.setdefault(text, text) for text in texts])
