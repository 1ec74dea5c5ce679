"""What a normalised text is made of, in five views that are weighed against each other.

A view is a list of features with repetition; the same text always gives the same lists. Words carry the meaning, pairs
of words near each other the order, concepts what is said in other words, pieces of characters what is misspelt or
inflected, sounds what is typed by ear.
"""

import re
from dataclasses import dataclass

from yizhan.dialogue.knowledge.function_words import EMPTY_CHARACTERS, EMPTY_LATIN, EMPTY_WORDS, LATIN_QUESTIONS
from yizhan.dialogue.knowledge.index.english_concepts import CONCEPT_OF_STEM
from yizhan.dialogue.knowledge.index.sounds import spoken, syllables
from yizhan.dialogue.knowledge.normalise import CJK
from yizhan.dialogue.knowledge.synonyms import CONCEPT_OF, CONCEPT_WORDS, QUESTION_OF, QUESTION_WORDS
from yizhan.dialogue.knowledge.tokens import TOKENIZER_VERSION, segmented, stem

FEATURES_VERSION = f"{TOKENIZER_VERSION}.1"
"""Changes whenever the same text would give other features: an index of another version must be built anew."""

VIEWS = ("words", "pairs", "concepts", "pieces", "sounds")
WORDS, PAIRS, CONCEPTS, PIECES, SOUNDS = range(5)

_PAIRED_WITHIN = 3
_PIECES_FROM, _PIECES_TO = 2, 5
_BREAK = "|"
_RUNS = re.compile(rf"[{CJK}]+|[^\s{CJK}]+")
_IS_CHINESE = re.compile(rf"[{CJK}]")
_SHORT_FORMS = {
    "cant": ("can", "not"),
    "cannot": ("can", "not"),
    "wont": ("will", "not"),
    "dont": ("do", "not"),
    "doesnt": ("does", "not"),
    "didnt": ("did", "not"),
    "isnt": ("is", "not"),
    "arent": ("are", "not"),
    "wasnt": ("was", "not"),
    "werent": ("were", "not"),
    "hasnt": ("has", "not"),
    "havent": ("have", "not"),
    "hadnt": ("had", "not"),
    "couldnt": ("could", "not"),
    "wouldnt": ("would", "not"),
    "shouldnt": ("should", "not"),
    "im": ("i", "am"),
    "ive": ("i", "have"),
    "id": ("i", "would"),
    "youre": ("you", "are"),
    "youve": ("you", "have"),
    "theres": ("there",),
    "whats": ("what",),
    "wheres": ("where",),
    "hows": ("how",),
    "thats": ("that",),
    "its": ("it",),
    "lets": ("let",),
}


@dataclass(frozen=True, slots=True)
class Features:
    """``views`` in the order of ``VIEWS``. ``telling`` are the words that say what a text is about."""

    views: tuple[tuple[str, ...], ...]
    telling: tuple[str, ...]
    kinds: frozenset[str]
    """What kind of answer is wanted: a time, a place, a way (see ``synonyms.QUESTIONS``)."""
    typed: tuple[str, ...]
    """The view of sounds with Latin words read as pinyin: only what is asked is read so, never what is known."""


def features(text: str) -> Features:
    """The features of a normalised text."""
    words: list[str] = []
    concepts: list[str] = []
    pieces: list[str] = []
    heard: list[str] = []
    typed: list[str] = []
    telling: list[str] = []
    kinds: set[str] = set()
    for run in _RUNS.findall(text):
        if _IS_CHINESE.match(run):
            kinds.update(kind for found in QUESTION_WORDS.findall(run) for kind in QUESTION_OF[found])
            own = segmented(run)
            words += own
            telling += [word for word in own if not _empty(word)]
            concepts += _chinese_concepts(run, own)
            pieces += _chinese_pieces(run)
            heard += spoken(run)
            typed += spoken(run)
        else:
            for word in _SHORT_FORMS.get(run, (run,)):
                stemmed = stem(word)
                words.append(stemmed)
                if word not in EMPTY_LATIN:
                    telling.append(stemmed)
                if word in LATIN_QUESTIONS:
                    kinds.add(LATIN_QUESTIONS[word])
                concepts.append(_concept(word) or stemmed)
                pieces += _latin_pieces(word)
            heard.append(_BREAK)
            typed += syllables(run) or (_BREAK,)
    pairs = [
        f"{words[i]} {distance} {words[i + distance]}"
        for i in range(len(words))
        for distance in range(1, _PAIRED_WITHIN + 1)
        if i + distance < len(words)
    ]
    views = (words, pairs, concepts, pieces, _sounds(heard))
    return Features(tuple(map(tuple, views)), tuple(telling), frozenset(kinds), tuple(_sounds(typed)))


def _empty(word: str) -> bool:
    return word in EMPTY_WORDS or EMPTY_CHARACTERS.issuperset(word) or word in QUESTION_OF


def _concept(word: str) -> str:
    return CONCEPT_OF_STEM.get(stem(word), "")


def _chinese_concepts(run: str, words: list[str]) -> list[str]:
    found = [f"#{group}" for match in CONCEPT_WORDS.findall(run) for group in CONCEPT_OF[match]]
    found += [f"?{kind}" for match in QUESTION_WORDS.findall(run) for kind in QUESTION_OF[match]]
    return found + [word for word in words if word not in CONCEPT_OF and not _empty(word)]


def _chinese_pieces(run: str) -> list[str]:
    return [run[i : i + length] for length in (1, 2, 3) for i in range(len(run) - length + 1)]


def _latin_pieces(word: str) -> list[str]:
    edged = f" {word} "
    return [
        edged[i : i + length]
        for length in range(_PIECES_FROM, _PIECES_TO + 1)
        for i in range(max(1, len(edged) - length + 1))
    ]


def _sounds(heard: list[str]) -> list[str]:
    return [
        " ".join(heard[i : i + length])
        for length in (2, 3)
        for i in range(len(heard) - length + 1)
        if _BREAK not in heard[i : i + length]
    ]
