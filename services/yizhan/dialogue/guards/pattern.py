"""What a rule looks for, and what lifts it, over the words found in a message.

Four ways: a phrase anywhere, groups of words near each other, a phrase that is the whole message, and a recogniser of
the assistant's own. All are bounded: the work depends on what was found, never on how the message is put together.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import permutations

from yizhan.dialogue.guards.verdict import Hit
from yizhan.dialogue.guards.words import Marks, Span
from yizhan.dialogue.knowledge.intents import wants_human_in
from yizhan.dialogue.knowledge.normalise import normalise

RECOGNISERS: Mapping[str, Callable[[str, str], bool]] = {"wish_for_human": wants_human_in}
"""What can be asked for by name in a document; each takes the text as typed, and folded."""

MOST_CHAINS = 64
"""Ways to take one word of each group that are followed."""


@dataclass(frozen=True)
class Reading:
    """A message as the rules see it; what only some rules ask for is worked out once, when it is asked for."""

    text: str
    folded: str
    marks: Marks

    @cached_property
    def bare(self) -> str:
        """Without courtesies and repetition."""
        return normalise(self.folded)


@dataclass(frozen=True, slots=True)
class Near:
    """One word of each group, at most ``within`` characters between one and the next, in this order or in any."""

    item: int
    groups: tuple[frozenset[int], ...]
    within: int
    ordered: bool

    def hits(self, marks: Marks) -> Iterator[Hit]:
        found = []
        for group in self.groups:
            spans = [span for word, places in marks.items() if word in group for span in places]
            if not spans:
                return
            found.append(spans)
        for order in (found,) if self.ordered else permutations(found):
            for start, end in _chains(order, self.within):
                yield Hit(start, end, self.item)


@dataclass(frozen=True, slots=True)
class Pattern:
    """``phrases`` and ``wholes``: the number of the item, by the number of the word; ``recognisers`` likewise by name."""

    phrases: Mapping[int, int]
    nears: Mapping[int, tuple[Near, ...]]
    """By each word of their rarest group, so that the others are looked at only when one of these is there."""
    wholes: Mapping[int, tuple[int, str]]
    recognisers: Mapping[str, int]
    keys: frozenset[int]
    """The words of all three: when none was found, only recognisers can match."""

    def hits(self, reading: Reading) -> list[Hit]:
        """Everything that matches, in no particular order; the same may be there twice."""
        hits = [
            Hit(0, len(reading.folded), item)
            for name, item in self.recognisers.items()
            if RECOGNISERS[name](reading.text, reading.folded)
        ]
        for word in self.keys.intersection(reading.marks):
            if (item := self.phrases.get(word)) is not None:
                hits += (Hit(start, end, item) for start, end in reading.marks[word])
            if (whole := self.wholes.get(word)) is not None and whole[1] == reading.bare:
                hits.append(Hit(0, len(reading.folded), whole[0]))
            for near in self.nears.get(word, ()):
                hits += near.hits(reading.marks)
        return hits


def unlifted(hits: Sequence[Hit], lifting: Sequence[Hit]) -> tuple[Hit, ...]:
    """The hits that no exception touches, by position."""
    return tuple(
        sorted(
            hit for hit in set(hits) if not any(hit.start < other.end and other.start < hit.end for other in lifting)
        )
    )


def _chains(groups: Sequence[Sequence[Span]], within: int) -> set[Span]:
    """From the first word's start to the last word's end."""
    chains = set(groups[0])
    for spans in groups[1:]:
        longer = ((start, b) for start, end in sorted(chains)[:MOST_CHAINS] for a, b in spans if 0 <= a - end <= within)
        chains = set(longer)
    return chains
