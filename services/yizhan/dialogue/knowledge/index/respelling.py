"""Reads a question that was typed by ear: pinyin instead of characters, or characters that only sound right.

The words of the release itself are the dictionary, so that nothing is read into a question that the knowledge does
not speak of. ``zenme tuihuo`` becomes 怎么退货, 运废多少钱 becomes 运费多少钱.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from yizhan.dialogue.knowledge.function_words import EMPTY_CHARACTERS
from yizhan.dialogue.knowledge.index.sounds import spoken, syllables
from yizhan.dialogue.knowledge.normalise import CJK
from yizhan.dialogue.knowledge.tokens import segmented

_LONGEST = 4
_FEWEST_SYLLABLES = 2

_CHINESE = re.compile(rf"[{CJK}]+")
_LATIN = re.compile(r"[a-z]+(?: [a-z]+)*")

Sounds = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Respelling:
    """``by_sound``: the commonest word of each sound; ``known``: Latin words that mean themselves."""

    by_sound: Mapping[Sounds, str]
    words: frozenset[str]
    known: frozenset[str]

    def read(self, text: str) -> str:
        """The normalised text as it was meant; the text itself where nothing was typed by ear."""
        if not self.by_sound:
            return text
        return _LATIN.sub(lambda found: self._pinyin(found.group()), _CHINESE.sub(self._homophones, text))

    def _pinyin(self, words: str) -> str:
        heard: list[str] = []
        for word in words.split():
            cut = () if word in self.known else syllables(word)
            if not cut:
                return words
            heard += cut
        if len(heard) < _FEWEST_SYLLABLES:
            return words
        read = self._spelt(heard)
        return words if read is None else read

    def _spelt(self, heard: Sequence[str]) -> str | None:
        """The words of the knowledge with these sounds, as few as possible; None when less than half is known."""
        out: list[str] = []
        found = place = 0
        while place < len(heard):
            for length in range(min(_LONGEST, len(heard) - place), 0, -1):
                word = self.by_sound.get(tuple(heard[place : place + length]))
                if word is not None:
                    out.append(word)
                    found += length
                    place += length
                    break
            else:
                place += 1
        return "".join(out) if 2 * found >= len(heard) else None

    def _homophones(self, found: re.Match[str]) -> str:
        run = found.group()
        tokens = segmented(run)
        ends = [0]
        for token in tokens:
            ends.append(ends[-1] + len(token))
        cuts = set(ends)
        settled = [len(token) > 1 for token in tokens for _ in token]
        place = 0
        out: list[str] = []
        while place < len(run):
            word = self._meant(run, place, cuts, settled)
            out.append(word or run[place])
            place += len(word) or 1
        return "".join(out)

    def _meant(self, run: str, place: int, cuts: set[int], settled: Sequence[bool]) -> str:
        """The word that was meant here, empty when what stands here may stand.

        It begins and ends where words do. What is in the segmenter's dictionary was hardly mistyped, and characters that
        only hold a sentence together stand beside anything.
        """
        if place not in cuts:
            return ""
        for length in range(min(_LONGEST, len(run) - place), 1, -1):
            own = run[place : place + length]
            if place + length not in cuts or all(settled[place : place + length]):
                continue
            if own in self.words or not EMPTY_CHARACTERS.isdisjoint(own):
                continue
            word = self.by_sound.get(tuple(spoken(own)))
            if word is not None and len(word) == length:
                return word
        return ""


def respelling(texts: Iterable[str]) -> Respelling:
    """From the normalised phrasings and answers of a release."""
    counts: Counter[str] = Counter()
    characters: Counter[str] = Counter()
    known: set[str] = set()
    for text in texts:
        for run in _CHINESE.findall(text):
            counts.update(word for word in segmented(run) if 1 < len(word) <= _LONGEST)
            characters.update(run)
        known.update(re.findall(r"[a-z]+", text))
    by_sound: dict[Sounds, str] = {}
    for word, _ in sorted((*counts.items(), *characters.items()), key=lambda item: (-item[1], item[0])):
        by_sound.setdefault(tuple(spoken(word)), word)
    return Respelling(by_sound, frozenset(counts), frozenset(known))
