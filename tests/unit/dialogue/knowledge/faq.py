"""The demo FAQ and the labelled questions, for the tests that ask it."""

import csv
from functools import cache
from importlib.resources import files
from pathlib import Path

from yizhan.dialogue.knowledge import engine
from yizhan.dialogue.knowledge.entry import Entry
from yizhan.dialogue.knowledge.evaluate import Case
from yizhan.dialogue.knowledge.matcher import Matcher
from yizhan.dialogue.knowledge.parse import ParsedFile, parse

CASES = Path(__file__).parent / "cases"


@cache
def parsed() -> ParsedFile:
    return parse("faq.csv", files("yizhan.demo").joinpath("faq.csv").read_bytes())


def entries() -> tuple[Entry, ...]:
    return parsed().entries


@cache
def trained() -> engine.Trained:
    return engine.train(entries(), 0.95)


@cache
def matcher() -> Matcher:
    return engine.open_index(trained().data, entries())


def cases(name: str) -> list[Case]:
    """The rows of a case file; several right entries are separated by a bar, an empty one means out of scope."""
    with (CASES / name).open(encoding="utf-8", newline="") as file:
        return [
            Case(row["question"], frozenset(filter(None, (row.get("entry") or "").split("|"))))
            for row in csv.DictReader(file)
        ]
