"""Whether a text says what an entry says, nothing more, nothing less and nothing else.

The check is deterministic and one-sided: it refuses much that is true, because what is refused costs nothing (the entry's own
text is sent) and what is wrongly let through is a promise in the business's name. It compares, clause by clause:

1. form: nothing hidden, no other script, no markup, no link that the entry has not;
2. figures with unit and bounds, negations and promises: each in the clause of the entry that the clause restates;
3. nothing left out: every figure, negation and hedge of the entry, and enough of each of its clauses;
4. words: what is neither the entry's nor neutral (``neutral_words``) is a claim of the model's own.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice, pairwise

from yizhan.dialogue.models.claims import hedges, links, markup, negations, promises, same_words, without_links
from yizhan.dialogue.models.figures import Figure, figures, masked
from yizhan.dialogue.models.neutral_words import CHINESE, ENGLISH

LEAST_OVERLAP = 0.5
"""Share of a clause's word pieces that must be the entry's."""

LEAST_KEPT = 0.5
"""Share of an entry clause's pairs of characters that must still be there."""

LEAST_WORDS_KEPT = 0.8
"""The same for a clause in words."""

_NEUTRAL = re.compile("|".join(map(re.escape, CHINESE)))
_NEUTRAL_HERE = re.compile(f"(?=({_NEUTRAL.pattern}))")
_LONG_NEUTRAL = re.compile("|".join(re.escape(word) for word in CHINESE if len(word) > 1))
_SINGLE = [word for word in CHINESE if len(word) == 1]
_NEUTRAL_PAIRS = frozenset(a + b for a in [*_SINGLE, "#"] for b in [*_SINGLE, "#"])

LONGEST = 1.6
"""How much longer than the entry a text may be, and ``LONGEST_MORE`` characters on top."""

LONGEST_MORE = 40

_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")
_CLAUSE_END = re.compile(r"[，,；;。！？!?：:、\n]+|\.(?=\s|$)|(?<=[a-z])\s(?=but\s|and\s)")
_SENTENCE_END = re.compile(r"[。！？!?；;\n]+|\.(?=\s|$)")
_TOKEN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]|[a-z]+|#")
_ALONE = re.compile(r"(?<![\u3400-\u4dbf\u4e00-\u9fff#])[\u3400-\u4dbf\u4e00-\u9fff](?![\u3400-\u4dbf\u4e00-\u9fff#])")
_MERGED = 3
"""Clauses of the entry that a text may make one of."""


@dataclass(frozen=True, slots=True)
class Supported:
    """It may be sent."""


@dataclass(frozen=True, slots=True)
class Unsupported:
    """``reason`` is a static name; ``span`` is what was objected to, for people who try things out, never for logs."""

    reason: str
    span: str


Verdict = Supported | Unsupported


@dataclass(frozen=True, slots=True)
class _Clause:
    text: str
    grams: frozenset[str]
    figures: tuple[tuple[str, str, frozenset[str]], ...]
    promises: frozenset[str]


_Sentences = Sequence[Sequence[_Clause]]


def check(text: str, approved: str, question: str = "") -> Verdict:
    """Whether ``text`` says what ``approved`` does. The entry's ``question`` lends its words, not its figures."""
    if not text.strip():
        return Unsupported("empty", "")
    if len(text) > len(approved) * LONGEST + LONGEST_MORE:
        return Unsupported("too_long", text[len(approved) :][:40])
    said, source = _fold(text), _fold(approved)
    words = (without_links(said), without_links(source), _fold(question))
    findings = chain(_form(text, approved, said, source), _missing(said, source), _clauses(*words))
    return next(findings, Supported())


def _fold(text: str) -> str:
    return same_words(unicodedata.normalize("NFKC", text).casefold().replace("’", "'"))


def _form(text: str, approved: str, said: str, source: str) -> Iterator[Unsupported]:
    known = set(approved)
    hidden = [c for c in text if c not in known and c not in "\n " and unicodedata.category(c)[0] in "CZ"]
    if hidden:
        yield Unsupported("hidden_characters", f"U+{ord(hidden[0]):04X}")
    if said.count("?") > source.count("?"):
        yield Unsupported("question", "?")
    odd = [c for c in text if c not in known and unicodedata.category(c)[0] in "SM"]
    if odd:
        yield Unsupported("signs", odd[0])
    foreign = [c for c in said if c.isalpha() and not c.isascii() and not _HAN.match(c) and c not in source]
    if foreign:
        yield Unsupported("foreign_letters", foreign[0])
    if other := links(said) ^ links(source):
        yield Unsupported("link", min(other))
    if more := markup(said) - markup(source):
        yield Unsupported("markup", min(more))


def _missing(said: str, source: str) -> Iterator[Unsupported]:
    """What of the whole entry must be in the whole text, and the other way round."""
    here, there = ({figure.claim for figure in figures(text)} for text in (said, source))
    if here != there:
        added = here - there
        value, unit, bounds = min(added or there - here, key=str)
        yield Unsupported("figure_added" if added else "figure_dropped", "".join((*sorted(bounds), value, unit)))
    denied, source_denied = negations(said), negations(source)
    if denied != source_denied:
        added_denials = denied - source_denied
        yield Unsupported(
            "negation_added" if added_denials else "negation_dropped", min(added_denials or source_denied - denied)
        )
    if lost := hedges(source) - hedges(said):
        yield Unsupported("condition_dropped", min(lost))
    if promised := promises(said) - promises(source):
        yield Unsupported("promise_added", min(promised))


def _clauses(said: str, source: str, question: str) -> Iterator[Unsupported]:
    ours, theirs = _sentences(said), _sentences(source)
    asked, _ = masked(question)
    known = frozenset().union(*(clause.grams for sentence in theirs for clause in sentence), _grams(asked))
    for clause in chain(*ours):
        if own := _own_words(clause.text, known):
            yield Unsupported("own_words", own)
        weighed = _weighed(clause.text)
        if weighed and len(weighed & known) / len(weighed) < LEAST_OVERLAP:
            yield Unsupported("not_in_the_entry", clause.text[:40])
        if not _restates(clause, theirs):
            yield Unsupported("claims_moved", clause.text[:40])
    if joint := _new_joint(ours, theirs, asked):
        yield Unsupported("joined_otherwise", joint)
    yield from _dropped(ours, theirs)


def _dropped(ours: _Sentences, theirs: _Sentences) -> Iterator[Unsupported]:
    kept = frozenset().union(*(clause.grams for clause in chain(*ours)))
    for clause in chain(*theirs):
        weighed = _weighed(clause.text)
        least = LEAST_KEPT if any(map(_HAN.match, weighed)) else LEAST_WORDS_KEPT
        if weighed and len(weighed & kept) / len(weighed) < least:
            yield Unsupported("clause_dropped", clause.text[:40])


def _new_joint(ours: _Sentences, theirs: _Sentences, question: str) -> str:
    """Two words side by side that the entry has apart: who gets what was exchanged. Neutral words do not part them.

    Neither does a comma, unless what stands before it is a whole clause of the entry.
    """
    known = _joints(question).union(*(_joints(" ".join(clause.text for clause in sentence)) for sentence in theirs))
    wholes = [_joints(clause.text) for clause in chain(*theirs)]
    for sentence in ours:
        piece = ""
        for clause in sentence:
            piece += " " + clause.text
            joints = _joints(piece)
            if new := joints - known:
                return "".join(min(new))
            if any(whole and len(whole & joints) / len(whole) >= LEAST_KEPT for whole in wholes):
                piece = ""
    return ""


def _joints(text: str) -> frozenset[tuple[str, str]]:
    """Neighbours among the characters, words and figures (#) that are not neutral."""
    bare = _NEUTRAL.sub("", text)
    return frozenset(pairwise(piece for piece in _TOKEN.findall(bare) if piece not in ENGLISH))


def _restates(clause: _Clause, sentences: _Sentences) -> bool:
    """Whether the clause's figures and promises stand, in this order, where the entry says what the clause is about."""
    if not clause.figures and not clause.promises:
        return True
    windows = [window for sentence in sentences for window in _windows(sentence)]
    best = max((_shared(clause, window) for window in windows), default=0)
    near = [window for window in windows if _shared(clause, window) == best]
    smallest = min(map(len, near), default=0)
    return any(_holds(clause, window) for window in near if len(window) == smallest)


def _windows(sentence: Sequence[_Clause]) -> Iterator[Sequence[_Clause]]:
    for size in range(1, _MERGED + 1):
        for start in range(len(sentence) - size + 1):
            yield sentence[start : start + size]


def _shared(clause: _Clause, window: Sequence[_Clause]) -> int:
    return len(clause.grams & frozenset().union(*(part.grams for part in window)))


def _holds(clause: _Clause, window: Sequence[_Clause]) -> bool:
    told = iter(figure for part in window for figure in part.figures)
    in_order = all(figure in told for figure in clause.figures)  # ``in`` takes from the iterator: a subsequence
    return in_order and clause.promises <= frozenset().union(*(part.promises for part in window))


def _sentences(text: str) -> _Sentences:
    """The clauses of each sentence, with their figures; parts without a word or a figure are left out."""
    plain, found = masked(text)
    told = iter(found)
    return [
        [
            _clause(part, list(islice(told, part.count("#"))))
            for part in _CLAUSE_END.split(sentence)
            if _TOKEN.search(part)
        ]
        for sentence in _SENTENCE_END.split(plain)
        if _TOKEN.search(sentence)
    ]


def _clause(text: str, found: Sequence[Figure]) -> _Clause:
    claims = tuple(figure.claim for figure in found)
    return _Clause(text=text, grams=_grams(text), figures=claims, promises=promises(text))


def _grams(text: str) -> frozenset[str]:
    """Pairs of neighbouring Chinese characters (a figure counts as one), and words."""
    tokens = _TOKEN.findall(text)
    pairs = {a + b for a, b in pairwise(tokens) if _in_pair(a) and _in_pair(b)} - {"##"}
    words = {token for token in tokens if token.isalpha() and token.isascii()}
    return frozenset(pairs | words | set(_ALONE.findall(text)))


def _in_pair(piece: str) -> bool:
    return piece == "#" or bool(_HAN.match(piece))


def _weighed(text: str) -> frozenset[str]:
    """The word pieces of a text that are not neutral."""
    bare = _bare(text)
    return _grams(bare) - set(_ALONE.findall(bare)) - _NEUTRAL_PAIRS


def _bare(text: str) -> str:
    """The text without neutral words."""
    text = _LONG_NEUTRAL.sub(" ", text)
    return " ".join(part for part in re.split(r"\s+", text.replace("#", " # ")) if part not in ENGLISH)


def _own_words(text: str, known: frozenset[str]) -> str:
    """The first word, or run of characters, that is neither the entry's nor neutral; empty where there is none."""
    covered = [not _HAN.match(character) for character in text]
    for position in range(len(text) - 1):
        if text[position : position + 2] in known:
            covered[position] = covered[position + 1] = True
    for found in _ALONE.finditer(text):
        covered[found.start()] |= found.group() in known
    for found in _NEUTRAL_HERE.finditer(text):
        covered[found.start() : found.end(1)] = [True] * len(found[1])
    own = "".join(character for character, is_covered in zip(text, covered, strict=True) if not is_covered)
    if own:
        return own
    words = re.findall(r"[a-z]+", text)
    return next((word for word in words if word not in known and word not in ENGLISH), "")
