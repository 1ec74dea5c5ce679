"""Answers for agents out of the published release: to the customer's last words, or to words of their own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from yizhan.core.messages import content as c
from yizhan.core.messages.message import AuthorKind, Message
from yizhan.dialogue.answering import Say
from yizhan.dialogue.mail_words import words_of
from yizhan.dialogue.paging import searched
from yizhan.dialogue.served import Served, plain_intent
from yizhan.dialogue.tasks.definition import TARGET

MOST_SUGGESTED = 3
MOST_FOUND = 10
NEAR = 0.5
"""An answer is suggested from this share of the threshold for asking back: less sure than what customers are asked about."""

MOST_LAST_WORDS = 3
"""So many of the customer's last messages are taken together."""


@dataclass(frozen=True, slots=True)
class Suggested:
    """An answer as it would be sent; ``score`` is 0 to 1, 0 for one that only holds the words."""

    answer: Say
    question: str
    category: str
    score: float


@dataclass(frozen=True, slots=True)
class LastWords:
    """What the customer wrote since an agent last spoke. ``message_id`` is the newest one's."""

    message_id: str
    texts: tuple[str, ...]


def last_words(messages: Sequence[Message]) -> LastWords | None:
    """None where there is nothing to answer: an agent has, or it was no question. ``messages`` are oldest first."""
    found: list[Message] = []
    for message in reversed(messages):
        if message.author.kind is AuthorKind.AGENT or len(found) == MOST_LAST_WORDS:
            break
        if message.automatic:
            continue
        if message.author.kind is AuthorKind.CUSTOMER and isinstance(message.content, c.Text | c.Choice):
            found.append(message)
    asked = [one for one in reversed(found) if _asks(_words(one.content))]
    return LastWords(asked[-1].id, tuple(_words(one.content) for one in asked)) if asked else None


def _words(content: c.Content) -> str:
    return words_of(content) if isinstance(content, c.Text) else c.plain_text(content)


def _asks(text: str) -> bool:
    """Neither a greeting, thanks or the wish for a human, nor a mere number, which was told and not asked."""
    return plain_intent(text) is None and any(map(str.isalpha, text))


def suggest(served: Served, words: LastWords, *, channel: str, at: datetime) -> Sequence[Suggested]:
    """Best first, at most three, none where nothing is near: for the last message, and for the last ones together,
    whichever knows better.
    """
    least = served.thresholds.clarify * NEAR
    scores: dict[str, float] = {}
    for asked in dict.fromkeys((words.texts[-1], " ".join(words.texts))):
        near = (one for one in served.candidates(asked, at) if one.score >= least)
        for one in near:
            scores[one.entry_id] = max(one.score, scores.get(one.entry_id, 0.0))
    ranked = sorted(scores, key=lambda entry_id: (-scores[entry_id], entry_id))
    return _worded(served, ranked, scores, channel, at)[:MOST_SUGGESTED]


def near(served: Served, words: str, *, channel: str, at: datetime) -> Suggested | None:
    """The nearest answer to one thing that is asked; None where nothing is near enough to be suggested."""
    found = [one for one in served.candidates(words, at) if one.score >= served.thresholds.clarify * NEAR]
    scores = {one.entry_id: one.score for one in found}
    ranked = sorted(scores, key=lambda entry_id: (-scores[entry_id], entry_id))
    return next(iter(_worded(served, ranked, scores, channel, at)), None)


def search(served: Served, words: str, *, channel: str, at: datetime) -> Sequence[Suggested]:
    """What matches as a question first, then what holds the words; at most ten."""
    scores = {one.entry_id: one.score for one in served.candidates(words, at)}
    holding = [entry.id for entry in searched(served.release.entries, words.strip().lower(), "")]
    return _worded(served, list(dict.fromkeys((*scores, *holding))), scores, channel, at)[:MOST_FOUND]


def _worded(
    served: Served, ids: Sequence[str], scores: dict[str, float], channel: str, at: datetime
) -> list[Suggested]:
    """Those that answer on that day; tasks are the assistant's to do."""
    found: list[Suggested] = []
    for entry_id in ids:
        entry = served.release.entry(entry_id)
        answer = served.entry(entry_id, channel=channel, at=at) if entry and not entry_id.startswith(TARGET) else None
        if entry is not None and answer is not None:
            found.append(Suggested(answer, entry.question, entry.category, scores.get(entry_id, 0.0)))
        if len(found) == MOST_FOUND:
            break
    return found
