"""What the held-out sentences are taken for when a figure is stated, they must be: see tests/knowledge/heldout/README.md."""

import csv
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import combinations
from pathlib import Path

import pytest
from opencc import OpenCC
from rapidfuzz import fuzz, process

from tests.unit.dialogue.knowledge import faq
from yizhan.dialogue.knowledge.own_questions import TestQuestion, parse_questions

HELDOUT = Path(__file__).parents[3] / "knowledge" / "heldout"
FILES = ("dev.csv", "test.csv")
QUESTIONS = "test-questions.csv"
ALIKE = 90
"""From this share of common characters, in per cent, one sentence repeats the other."""

SORTS = {"near": 35, "far": 12, "noise": 10}
TAGS = {
    "typo": 20,
    "slang": 20,
    "long": 20,
    "short": 20,
    "mixed": 10,
    "english": 10,
    "traditional": 10,
    "pinyin": 10,
    "numbers": 10,
    "polite": 5,
}
CHINESE = re.compile(r"[\u4e00-\u9fff]")
LATIN = re.compile(r"[A-Za-z]")
NUMBER = re.compile(r"[0-9一二两三四五六七八九十百千万几多]")
COURTESY = re.compile(r"请|請|您|麻烦|麻煩|谢|謝|劳驾|打扰|不好意思|please")


@dataclass(frozen=True, slots=True)
class Sentence:
    text: str
    entries: tuple[str, ...]
    category: str
    tags: frozenset[str]


@cache
def sentences(name: str) -> tuple[Sentence, ...]:
    with (HELDOUT / name).open(encoding="utf-8", newline="") as file:
        return tuple(
            Sentence(row["text"], _listed(row["entry"]), row["category"], frozenset(_listed(row["tags"])))
            for row in csv.DictReader(file)
        )


def _listed(cell: str) -> tuple[str, ...]:
    return tuple(filter(None, cell.split("|")))


@cache
def questions() -> tuple[TestQuestion, ...]:
    found = parse_questions(QUESTIONS, files("yizhan.demo").joinpath(QUESTIONS).read_bytes())
    assert found.problems == ()
    return found.questions


@cache
def _simplifier() -> OpenCC:
    return OpenCC("t2s")


def simplified(text: str) -> str:
    return str(_simplifier().convert(text))


@cache
def plain(text: str) -> str:
    """The characters that a sentence is compared by; what has no letter or digit is compared as it is."""
    folded = simplified(unicodedata.normalize("NFKC", text)).casefold()
    return "".join(filter(str.isalnum, folded)) or text


def repeats(texts: Iterable[str], others: Iterable[str]) -> list[tuple[str, str]]:
    """The pairs of a sentence and one of the others that say it in nearly the same characters."""
    pool = {other: plain(other) for other in others}
    return [
        (text, other)
        for text in texts
        for _, _, other in process.extract(plain(text), pool, scorer=fuzz.ratio, score_cutoff=ALIKE, limit=3)
    ]


def texts(name: str) -> list[str]:
    return [question.text for question in questions()] if name == QUESTIONS else [row.text for row in sentences(name)]


@pytest.mark.parametrize("name", FILES)
def test_there_are_enough_sentences_over_the_whole_faq(name: str) -> None:
    rows = sentences(name)
    inside = [row for row in rows if row.entries]
    assert len(rows) >= 330
    assert len(inside) >= 270
    assert len(rows) - len(inside) >= 60
    assert len({entry for row in inside for entry in row.entries}) >= 150
    assert {row.category for row in inside} == {entry.category for entry in faq.entries()}


@pytest.mark.parametrize("name", FILES)
def test_every_sentence_names_entries_and_a_category_of_the_faq(name: str) -> None:
    category = {entry.id: entry.category for entry in faq.entries()}
    for row in sentences(name):
        assert set(row.entries) <= category.keys(), row
        assert len(row.entries) == len(set(row.entries)), row
        if row.entries:
            assert row.category == category[row.entries[0]], row
        elif "near" in row.tags:
            assert row.category in category.values(), row
        else:
            assert row.category == "", row


@pytest.mark.parametrize("name", FILES)
def test_out_of_scope_sentences_are_of_one_sort_and_there_are_enough_of_each(name: str) -> None:
    outside = [row for row in sentences(name) if not row.entries]
    assert [row for row in outside if len(row.tags) != 1 or not row.tags <= SORTS.keys()] == []
    assert not_enough(SORTS, outside) == {}


@pytest.mark.parametrize("name", FILES)
def test_ways_of_writing_are_known_and_there_are_enough_of_each(name: str) -> None:
    inside = [row for row in sentences(name) if row.entries]
    assert [row for row in inside if not row.tags <= TAGS.keys()] == []
    assert not_enough(TAGS, inside) == {}


def not_enough(least: dict[str, int], rows: Iterable[Sentence]) -> dict[str, int]:
    counts = Counter(tag for row in rows for tag in row.tags)
    return {tag: counts[tag] for tag, count in least.items() if counts[tag] < count}


@pytest.mark.parametrize(
    ("tag", "holds"),
    [
        ("long", lambda text: 60 <= len(text) <= 150),
        ("short", lambda text: 2 <= len(text) <= 5),
        ("mixed", lambda text: bool(CHINESE.search(text) and LATIN.search(text))),
        ("english", lambda text: bool(LATIN.search(text)) and not CHINESE.search(text)),
        ("pinyin", lambda text: text.isascii() and bool(LATIN.search(text))),
        ("traditional", lambda text: simplified(text) != text),
        ("numbers", lambda text: bool(NUMBER.search(text))),
        ("polite", lambda text: bool(COURTESY.search(text))),
    ],
)
@pytest.mark.parametrize("name", FILES)
def test_sentences_are_written_as_their_tags_say(name: str, tag: str, holds: Callable[[str], bool]) -> None:
    assert [row.text for row in sentences(name) if tag in row.tags and not holds(row.text)] == []


@pytest.mark.parametrize("name", FILES)
def test_no_way_of_writing_that_can_be_seen_is_left_untagged(name: str) -> None:
    for row in sentences(name):
        if row.entries and CHINESE.search(row.text):
            assert ("short" in row.tags) == (len(row.text) <= 5), row
            assert ("long" in row.tags) == (len(row.text) >= 60), row
            assert ("mixed" in row.tags) == bool(LATIN.search(row.text)), row
            assert ("traditional" in row.tags) == (simplified(row.text) != row.text), row


def test_the_demo_release_has_test_questions_of_every_category_and_some_that_must_not_be_answered() -> None:
    category = {entry.id: entry.category for entry in faq.entries()}
    asked = [question.entry_id for question in questions() if question.entry_id]
    assert set(asked) <= category.keys()
    assert len(asked) >= 60
    assert len(questions()) - len(asked) >= 15
    assert {category[entry_id] for entry_id in asked} == set(category.values())


@pytest.mark.parametrize("name", [*FILES, QUESTIONS])
def test_no_sentence_repeats_a_phrasing_of_the_faq(name: str) -> None:
    phrasings = [phrasing for entry in faq.entries() for phrasing in entry.phrasings]
    assert repeats(texts(name), phrasings) == []


@pytest.mark.parametrize("name", [*FILES, QUESTIONS])
def test_no_sentence_is_there_twice(name: str) -> None:
    said = texts(name)
    assert len(said) == len(set(said))
    assert [pair for pair in repeats(said, said) if pair[0] != pair[1]] == []


@pytest.mark.parametrize(("one", "other"), list(combinations([*FILES, QUESTIONS], 2)))
def test_no_sentence_is_in_two_files(one: str, other: str) -> None:
    assert repeats(texts(one), texts(other)) == []


@pytest.mark.parametrize(
    ("text", "other"),
    [("怎么退货？", "怎么退货"), ("什麼時候發貨", "什么时候发货"), ("Where is my ORDER", "where is my order?")],
)
def test_punctuation_case_and_traditional_characters_do_not_hide_a_repetition(text: str, other: str) -> None:
    assert repeats([text], ["别的", other]) == [(text, other)]
