"""Whether a line of a summary stands on the messages that it names.

The check is deterministic and one-sided, as ``grounding`` is: a line that is refused costs nothing, for the transcript's own
lines stand beside it. Compared is with what the model was shown, masked as it was:

1. voice: all of the messages are the customer's, or all are the business's, so that whoever reads the line is told who says it;
2. form: nothing hidden, no other script, no signs, no markup; placeholders, links and names in quotation marks are theirs;
3. figures: number, unit and bound are theirs, and so are days; where the messages have two of a kind (two amounts, two
   parcels), the words around one are not rather those around the other;
4. bearing: no promise, no settlement and no "already" that they have not; what is settled is the business's to say;
5. polarity: a clause denies where the clause that is most like it denies, and only there; what depends on a condition or is
   only likely is not told as it were certain;
6. words: of the words of a meaning in each clause most are theirs.

It does not understand. It cannot tell what is left out, whether a line matters, or who does what to whom where the words are
the same; and what a customer claims is a customer's claim in a line, too.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from yizhan.dialogue.knowledge.normalise import normalise
from yizhan.dialogue.knowledge.tokens import CONCEPT, LATIN
from yizhan.dialogue.models.claims import links, markup, promises
from yizhan.dialogue.models.clauses import WEIGHTS, Clause, Mark, Reading, fold, read
from yizhan.dialogue.models.grounding import Supported, Unsupported, Verdict, quoted
from yizhan.dialogue.models.masking import PLACEHOLDER

LONGEST = 160
"""Characters of a line, as many as a line of the transcript has."""

MOST_CITED = 12
ENOUGH = 0.7
"""The share of a clause's words, by weight, that must be the messages'. See the table in ``test_faithful``."""


_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")
_STRANGE: tuple[tuple[str, Callable[[str], bool]], ...] = (
    ("hidden_characters", lambda character: unicodedata.category(character)[0] in "CZ"),
    ("signs", lambda character: unicodedata.category(character)[0] in "SM"),
    (
        "foreign_letters",
        lambda character: not character.isascii() and not _HAN.match(character) and character.isalpha(),
    ),
)
"""What no line needs that its messages do not have."""

_SETTLED = re.compile(
    r"批准|核准|获批|同意|答应|应允|许诺|审核通过|确认[退赔换补]|[已经]+[退赔补换]|特批|授权|有权"
    r"|(?<![a-z])(?:approv\w*|grant\w*|agree\w*|accept\w*|authori[sz]\w*|entitled|eligible|confirmed|waive\w*)(?![a-z])"
)
"""What only the business can bring about: a customer who says so (or has a model say so) is not believed."""

_DONE = re.compile(
    r"已经?|完成|成功|办妥|办好|(?<![a-z])(?:already|done|completed|successfully|resolved|solved)(?![a-z])"
)
_DONE_TOO = re.compile(r"已|了|过|完|成功|好|(?<![a-z])(?:already|done|\w+ed|been|was|were|have|has|had)(?![a-z])")
_BUSINESS = re.compile(
    r"客服|人工|助手|商家|店家|卖家|店铺|平台|(?<![a-z])(?:agent|assistant|staff|support|shop|store|seller|business)(?![a-z])"
)
_BUSINESS_TOO = re.compile(rf"{_BUSINESS.pattern}|你|您|(?<![a-z])(?:you|your)(?![a-z])")


@dataclass(frozen=True, slots=True)
class Spoken:
    """A message as the model was shown it."""

    by_customer: bool
    text: str


def check(line: str, cited: Sequence[Spoken]) -> Verdict:
    """Whether ``line`` says what the messages say that it names; ``cited`` are those, at least one."""
    if not line.strip() or len(line) > LONGEST:
        return Unsupported("length", "")
    if not cited or len(cited) > MOST_CITED:
        return Unsupported("citations", "")
    if len({one.by_customer for one in cited}) > 1:
        return Unsupported("two_voices", "")
    source = "\n".join(one.text for one in cited)
    form = next(_form(line, source), None)
    if form is not None:
        return form
    said, theirs = read([line]), read([one.text for one in cited])
    findings = chain(
        _marks(said, theirs),
        _bearing(said.folded, theirs.folded, by_customer=cited[0].by_customer),
        _polarity(said, theirs),
        _words(said, theirs),
    )
    return next(findings, Supported())


def _form(line: str, source: str) -> Iterator[Unsupported]:
    own = sorted(set(line) - (set(source) - {"\n"}) - {" "})
    for reason, is_such in _STRANGE:
        if strange := [character for character in own if is_such(character)]:
            yield Unsupported(reason, f"U+{ord(strange[0]):04X}")
    if unknown := set(PLACEHOLDER.findall(line)) - set(PLACEHOLDER.findall(source)):
        yield Unsupported("placeholder", min(unknown))
    if re.search(r"[\[\]{}]", PLACEHOLDER.sub("", line)):
        yield Unsupported("markup", "[")
    said, theirs = fold(line), fold(source)
    if more := markup(said) - markup(theirs):
        yield Unsupported("markup", min(more))
    if addresses := set(links(said)) - set(links(theirs)):
        yield Unsupported("link", min(addresses))
    if names := [name for name in quoted(said) if name not in theirs]:
        yield Unsupported("quotation", min(names))


def _marks(said: Reading, theirs: Reading) -> Iterator[Unsupported]:
    """Every figure is theirs and stands where it stood, as far as the words around it can tell."""
    known = theirs.marks
    for mark in said.marks:
        same = [one for one in known if one.claim == mark.claim]
        if not same:
            yield Unsupported("figure", " ".join(map(str, mark.claim)))
        others = [one for one in known if one.family == mark.family and one.claim != mark.claim]
        mine = max((_near(mark, one) for one in same), default=0)
        rival = max((_near(mark, one) for one in others), default=0)
        lone = sum(one.family == mark.family for one in said.marks) < 2
        if rival > mine or (others and mine == 0 and not lone):
            yield Unsupported("figure_moved", " ".join(map(str, mark.claim)))


def _near(one: Mark, other: Mark) -> int:
    return len(one.left & other.left) + len(one.right & other.right)


def _bearing(said: str, theirs: str, *, by_customer: bool) -> Iterator[Unsupported]:
    if more := promises(said) - promises(theirs):
        yield Unsupported("promise", min(more))
    settled = set(_SETTLED.findall(said))
    if settled and (by_customer or settled - set(_SETTLED.findall(theirs))):
        yield Unsupported("settled", min(settled))
    if (done := _DONE.search(said)) and not _DONE_TOO.search(theirs):
        yield Unsupported("done", done.group())
    if by_customer and (party := _BUSINESS.search(said)) and not _BUSINESS_TOO.search(theirs):
        yield Unsupported("party", party.group())


def _polarity(said: Reading, theirs: Reading) -> Iterator[Unsupported]:
    """A denial is of what they deny; and where the clause that a clause is most like denies a thing, it does, too."""
    for clause in said.clauses:
        for denial in clause.denials:
            if not any(_denies_as_well(other, denial) for other in theirs.denials):
                yield Unsupported("denial_added", "".join(letter[1:] for letter in denial))
        alike = [len(clause.letters & one.letters) for one in theirs.clauses]
        most = max(alike, default=0)
        like = [one for one, count in zip(theirs.clauses, alike, strict=True) if most and count == most]
        if clause.denials and like and not any(one.denials for one in like):
            yield Unsupported("denial_added", "")
        if not clause.denials and any(_turned_round(clause, one) for one in like):
            yield Unsupported("denial_dropped", "")
        if like and not clause.depends and all(one.depends for one in like):
            yield Unsupported("condition_dropped", "")
        if like and not clause.likely and all(one.likely for one in like):
            yield Unsupported("hedge_dropped", "")


def _denies_as_well(theirs: tuple[str, ...], ours: tuple[str, ...]) -> bool:
    """A denial that nothing follows is of what came before it, and is not looked into."""
    if not theirs or not ours:
        return True
    what = set(ours[:1] if ours[0][0] == LATIN else ours[:2])
    return what <= set(theirs)


def _turned_round(clause: Clause, other: Clause) -> bool:
    """Whether it says, without a denial, what the other denies."""
    return any(not denial or clause.letters & set(denial) for denial in other.denials)


def _words(said: Reading, theirs: Reading) -> Iterator[Unsupported]:
    known = frozenset[str]().union(*(clause.words for clause in theirs.clauses))
    plain = normalise(theirs.folded)
    if not any(clause.words or clause.marks for clause in said.clauses):
        yield Unsupported("says_nothing", "")
    for clause in said.clauses:
        own = [
            word for word in clause.words if word not in known and not (word[0] != CONCEPT and _within(word[1:], plain))
        ]
        whole = _weight(clause.words)
        if own and _weight(own) > (1 - ENOUGH) * whole:
            yield Unsupported("own_words", " ".join(sorted(word[1:] for word in own)))


def _within(word: str, text: str) -> bool:
    return not word.isascii() and word in text


def _weight(words: Iterable[str]) -> float:
    return sum(WEIGHTS[word[0]] for word in words)
