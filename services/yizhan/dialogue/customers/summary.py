"""What a session is about, for the person who takes it over: lines taken from its transcript, by no model. Pure.

First what led to the hand-off, then the customer's own sentences that tell most, what the assistant answered, and the task that
is under way. A sentence tells as much as the words in it that no earlier pick has told: words of a meaning count, those
that the customer comes back to count more, and so do order numbers, amounts and days. Nothing is drawn by chance: the
same transcript gives the same lines.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from yizhan.core.messages.message import AuthorKind
from yizhan.dialogue.knowledge.intents import acknowledgement, goodbye, greeting, thanks
from yizhan.dialogue.knowledge.normalise import normalise
from yizhan.dialogue.knowledge.tokens import CONCEPT, LATIN, MODIFIER, WORD, tokenize
from yizhan.dialogue.models.masking import Mask
from yizhan.dialogue.tasks.state import Phase, TaskState

MOST_LINES = 5
MOST_CHARACTERS = 160
MOST_TITLES = 3
LEAST_TOLD = 1.0
"""A sentence that tells less is left out, such as the same once more."""

_SENTENCES = re.compile(r"[。！？!?；;\n]+|(?<=[a-z])\.\s")
_HIDDEN = re.compile(r"\[[A-Z]+_\d+\]")
_WEIGHTS = {WORD: 1.0, CONCEPT: 1.5, LATIN: 1.0, MODIFIER: 0.25}
_OFTEN = 2.0
"""So many times as much a word can weigh for being said again and again."""

_FACT = 1.5
_FACTS = (
    re.compile(r"\[(?:ORDER|NUMBER)_\d+\]"),
    re.compile(r"[¥￥$€]\s?\d|\d\s?(?:元|块|rmb|cny|yuan|dollars?)", re.IGNORECASE),
    re.compile(
        r"\d{1,2}\s?月\s?\d{1,2}|\d{4}-\d{1,2}-\d{1,2}|今天|昨天|前天|明天|上周|下周|周[一二三四五六日天]"
        r"|\b(?:today|yesterday|tomorrow|last week|next week|monday|tuesday|wednesday|thursday|friday)\b",
        re.IGNORECASE,
    ),
)


class LineKind(StrEnum):
    TRIGGER = "trigger"
    """What the customer said when the conversation went to a human."""
    SAID = "said"
    ANSWERED = "answered"
    """The entries from which the assistant answered."""
    TASK = "task"
    """What is being done step by step, with what was told so far."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """A message of the session. ``entry_id``: the entry that it answers from, if it is the assistant's.

    ``in_words``: it was typed, spoken or chosen, and is no card, place or link that only reads as words.
    """

    seq: int
    author: AuthorKind
    text: str
    at: datetime
    entry_id: str = ""
    in_words: bool = True


@dataclass(frozen=True, slots=True)
class Line:
    """``seqs``: the messages that it is taken from, at least one."""

    kind: LineKind
    text: str
    seqs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Sentence:
    seq: int
    place: int
    text: str
    words: frozenset[str]
    facts: frozenset[int]


def summarise(
    session: Sequence[Utterance],
    *,
    handoff_at: datetime | None = None,
    task: TaskState | None = None,
    titles: Mapping[str, str] | None = None,
) -> tuple[Line, ...]:
    """At most ``MOST_LINES``. ``session`` in its order; ``titles``: the questions of entries by their ids."""
    mask = Mask()
    said = [one for one in session if one.author is AuthorKind.CUSTOMER and one.text.strip()]
    trigger = _trigger(said, handoff_at)
    first = [Line(LineKind.TRIGGER, _cut(mask.hide(trigger.text)), (trigger.seq,))] if trigger else []
    answered = _answered(session, titles or {})
    last = [*answered, *_task(task, said)]
    told = frozenset().union(*(_terms(line.text) for line in (*first, *answered)))
    sentences = [one for item in said if item is not trigger for one in _sentences(item, mask)]
    picked = _picked(sentences, MOST_LINES - len(first) - len(last), told)
    return (*first, *(Line(LineKind.SAID, one.text, (one.seq,)) for one in picked), *last)


def mask_of(session: Sequence[Utterance], *, handoff_at: datetime | None = None) -> Mask:
    """A mask whose placeholders are those of the session's lines (``summarise``): [PHONE_1] is the same number in both."""
    mask = Mask()
    said = [one for one in session if one.author is AuthorKind.CUSTOMER and one.text.strip()]
    trigger = _trigger(said, handoff_at)
    for one in ([trigger] if trigger else []) + [one for one in said if one is not trigger]:
        mask.hide(one.text)
    return mask


def _trigger(said: Sequence[Utterance], handoff_at: datetime | None) -> Utterance | None:
    """The last words before the hand-off, which are of the same moment where they brought it about."""
    before = [one for one in said if handoff_at is not None and one.at <= handoff_at]
    return before[-1] if before else None


def _answered(session: Sequence[Utterance], titles: Mapping[str, str]) -> list[Line]:
    """The last entries that were answered, each once and where it was answered last."""
    places: dict[str, Utterance] = {}
    for one in session:
        if one.entry_id and one.author is AuthorKind.BOT:
            places.pop(one.entry_id, None)
            places[one.entry_id] = one
    last = list(places.items())[-MOST_TITLES:]
    if not last:
        return []
    names = [titles.get(entry_id) or Mask().hide(one.text.strip())[:40] or entry_id for entry_id, one in last]
    return [Line(LineKind.ANSWERED, _cut("；".join(names)), tuple(one.seq for _, one in last))]


def _task(task: TaskState | None, said: Sequence[Utterance]) -> list[Line]:
    """The values as people may read them; cited is the message that began it."""
    if task is None or task.phase is Phase.DONE or not said:
        return []
    began = next((one for one in said if one.at >= task.opened_at), said[-1])
    values = [f"{task.labels.get(name, name)} {value.shown}" for name, value in task.values.items()]
    return [Line(LineKind.TASK, _cut(": ".join(filter(None, (task.title, "；".join(values))))), (began.seq,))]


def _picked(sentences: Sequence[_Sentence], most: int, told: frozenset[str]) -> list[_Sentence]:
    """Those that tell most beyond what was told already, in the order in which they were said."""
    often = Counter(word for sentence in sentences for word in sentence.words)
    known, facts = set(told), set[int]()
    picked: list[_Sentence] = []

    def gain(one: _Sentence) -> float:
        fresh = sum(_WEIGHTS[word[0]] * min(_OFTEN, 1 + 0.5 * (often[word] - 1)) for word in one.words - known)
        return fresh + _FACT * len(one.facts - facts)

    while len(picked) < most:
        best = max(
            (one for one in sentences if one not in picked), key=lambda one: (gain(one), -one.place), default=None
        )
        if best is None or gain(best) < LEAST_TOLD:
            break
        picked.append(best)
        known |= best.words
        facts |= best.facts
    return sorted(picked, key=lambda one: one.place)


def _sentences(item: Utterance, mask: Mask) -> list[_Sentence]:
    """What a message says, sentence by sentence; masked as a whole, so that nothing personal is cut in two."""
    parts = [part.strip() for part in _SENTENCES.split(mask.hide(item.text))]
    return [
        _Sentence(item.seq, item.seq * 1000 + place, _cut(part), _terms(part), _facts(part))
        for place, part in enumerate(parts[:100])
        if part and not _courteous(part)
    ]


def _terms(text: str) -> frozenset[str]:
    """The words of a meaning, as the knowledge is searched by them."""
    plain = _HIDDEN.sub(" ", text[:2000])
    return frozenset(token for token in tokenize(normalise(plain)) if token[0] in _WEIGHTS)


def _courteous(text: str) -> bool:
    return any(kind(text) for kind in (greeting, thanks, goodbye, acknowledgement))


def _facts(text: str) -> frozenset[int]:
    """Which kinds of fact are in it."""
    return frozenset(number for number, pattern in enumerate(_FACTS) if pattern.search(text))


def _cut(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= MOST_CHARACTERS else f"{line[: MOST_CHARACTERS - 1]}…"
