"""Whether a text says what an entry says, nothing more, nothing less and nothing else.

The check is deterministic and one-sided: it refuses much that is true, because what is refused costs nothing (the entry's own
text is sent) and what is wrongly let through is a promise in the business's name. Texts are brought to one form (width, case,
numerals, units, ways to deny), and then:

1. form: nothing hidden, no other script, no signs, no markup, exactly the entry's quotations and links, no new question;
2. figures: the same, with unit and bounds, in the same order;
3. denials and hedges: the same; promises: none that the entry has not;
4. words: what is left when neutral words (``neutral_words``) are taken out is the entry's, word by word, in its order.

Overlap of words and figures alone does not do: on the demo shop's answers, exchanging two clauses kept every figure and
denial and changed what applies to whom.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from yizhan.dialogue.models.claims import hedges, links, markup, negations, promises, same_words, without_links
from yizhan.dialogue.models.figures import figures, masked
from yizhan.dialogue.models.neutral_words import ENGLISH, ENGLISH_COURTESIES, NEUTRAL_CHINESE

LONGEST = 1.6
"""How much longer than the entry a text may be, and ``LONGEST_MORE`` characters on top."""

LONGEST_MORE = 40

_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")
_CLAUSE_END = re.compile(r"[，,；;。！？!?：:、\n]+|\.(?=\s|$)")
_AFFIRMING = re.compile(r"[可能是行嗯]|好的|^\s*对的?\s*$")
_YES = "可以"
"""Stands for a clause of nothing but neutral words that affirms: 可以，是的，好的. Small words, but an answer."""

_QUOTED = re.compile(r"“[^”]*”|\"[^\"]*\"|「[^」]*」|『[^』]*』|【[^】]*】|《[^》]*》")
_TOKEN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]|[a-z]+|[#@]")


@dataclass(frozen=True, slots=True)
class Supported:
    """It may be sent."""


@dataclass(frozen=True, slots=True)
class Unsupported:
    """``reason`` is a static name; ``span`` is what was objected to, for people who try things out, never for logs."""

    reason: str
    span: str


Verdict = Supported | Unsupported


def check(text: str, approved: str) -> Verdict:
    """Whether ``text`` says what ``approved`` says."""
    if not text.strip():
        return Unsupported("empty", "")
    if len(text) > len(approved) * LONGEST + LONGEST_MORE:
        return Unsupported("too_long", text[len(approved) :][:40])
    said, source = _fold(text), _fold(approved)
    findings = chain(
        _form(text, approved, said, source),
        _figures(said, source),
        _bearing(said, source),
        _wording(without_links(said), without_links(source)),
    )
    return next(findings, Supported())


def _fold(text: str) -> str:
    return same_words(unicodedata.normalize("NFKC", text).casefold().replace("’", "'"))


def _form(text: str, approved: str, said: str, source: str) -> Iterator[Unsupported]:
    known = set(approved)
    hidden = [c for c in text if c not in known and c not in "\n " and unicodedata.category(c)[0] in "CZ"]
    if hidden:
        yield Unsupported("hidden_characters", f"U+{ord(hidden[0]):04X}")
    ours, theirs = ([c for c in masked(plain)[0] if unicodedata.category(c)[0] in "SM"] for plain in (said, source))
    if ours != theirs:
        yield Unsupported("signs", "".join(ours or theirs)[:8])
    if other := quoted(said) ^ quoted(source):
        yield Unsupported("quotation", min(other))
    foreign = [c for c in said if c.isalpha() and not c.isascii() and not _HAN.match(c) and c not in source]
    if foreign:
        yield Unsupported("foreign_letters", foreign[0])
    addresses, their_addresses = links(said), links(source)
    if addresses != their_addresses:
        yield Unsupported("link", min({*addresses} ^ {*their_addresses}, default=""))
    if more := markup(said) - markup(source):
        yield Unsupported("markup", min(more))
    if said.count("?") > source.count("?"):
        yield Unsupported("question", "?")


def quoted(text: str) -> frozenset[str]:
    """What a screen, a button or a programme is called: it is called so and not otherwise."""
    return frozenset(found.strip('“”"「」『』【】《》') for found in _QUOTED.findall(text))


def _figures(said: str, source: str) -> Iterator[Unsupported]:
    ours, theirs = ([figure.claim for figure in figures(text)] for text in (said, source))
    if ours == theirs:
        return
    added, dropped = Counter(ours) - Counter(theirs), Counter(theirs) - Counter(ours)
    value, unit, bounds = min(added or dropped or ours, key=str)
    reason = "figure_added" if added else "figure_dropped" if dropped else "figures_moved"
    yield Unsupported(reason, "".join((*sorted(bounds), value, unit)))


def _bearing(said: str, source: str) -> Iterator[Unsupported]:
    """What turns a statement round, makes it larger, or smaller."""
    ours, theirs = negations(said), negations(source)
    if added := ours - theirs:
        yield Unsupported("negation_added", min(added))
    if dropped := theirs - ours:
        yield Unsupported("negation_dropped", min(dropped))
    if lost := hedges(source) - hedges(said):
        yield Unsupported("condition_dropped", min(lost))
    if promised := promises(said) - promises(source):
        yield Unsupported("promise_added", min(promised))


def _wording(said: str, source: str) -> Iterator[Unsupported]:
    """The same words in the same order; and no comma is moved from between two words to between two others."""
    words, ends = _content(said)
    their_words, their_ends = _content(source)
    if words != their_words:
        yield _difference(words, their_words)
    elif ends - their_ends and their_ends - ends:
        place = min(ends - their_ends)
        yield Unsupported("clauses_cut_otherwise", "".join(words[max(0, place - 4) : place + 4]))


def _content(text: str) -> tuple[list[str], frozenset[int]]:
    """The characters, words, figures (#) and links (@) of a text that are not neutral, and after how many of them a clause ends."""
    plain, _ = masked(ENGLISH_COURTESIES.sub(" ", text))
    words: list[str] = []
    ends = set()
    for clause in _CLAUSE_END.split(plain):
        bare = NEUTRAL_CHINESE.sub(" ", clause)
        found = [word for word in _TOKEN.findall(bare) if word not in ENGLISH]
        words += found or ([_YES] if _AFFIRMING.search(clause) else [])
        ends.add(len(words))
    return words, frozenset(ends)


def _difference(ours: Sequence[str], theirs: Sequence[str]) -> Unsupported:
    known = set(theirs)
    own = [word for word in ours if word not in known]
    if own:
        return Unsupported("own_words", "".join(own[:8]))
    added = Counter(ours) - Counter(theirs)
    if added:
        return Unsupported("words_added", "".join(added)[:8])
    dropped = Counter(theirs) - Counter(ours)
    return Unsupported("words_dropped" if dropped else "words_moved", "".join(dropped)[:8])
