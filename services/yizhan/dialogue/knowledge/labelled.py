"""Labelled questions as files have them, and a knowledge made of them, to measure matching on any data.

The file is CSV with the columns ``text`` and ``label``. Rows with the same label ask for the same entry; without a
label a row is out of scope.
"""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass

from yizhan.dialogue.knowledge.entry import Entry
from yizhan.dialogue.knowledge.normalise import CJK

_BETWEEN = re.compile(r"[\s_\-/.:]+")
_WORDS = re.compile(rf"[A-Za-z]{{2,}}|[{CJK}]{{2,}}")


class Unlabelled(Exception):
    """The file is not one of labelled questions; the message says what is wrong, and in which line."""


@dataclass(frozen=True, slots=True)
class Labelled:
    text: str
    label: str
    """Empty: out of scope."""


def labelled(data: bytes) -> list[Labelled]:
    """The rows of a file. Raises Unlabelled."""
    reader = csv.DictReader(io.StringIO(_text(data), newline=""), strict=True)
    rows: list[Labelled] = []
    try:
        missing = {"text", "label"}.difference(reader.fieldnames or ())
        if missing:
            raise Unlabelled(f"the header has no column {' and no column '.join(sorted(missing))}")
        for row in reader:
            text, label = (row["text"] or "").strip(), (row["label"] or "").strip()
            if not text:
                raise Unlabelled(f"line {reader.line_num}: no text")
            rows.append(Labelled(text, label))
    except csv.Error as error:
        # The number of the reader within: that of the whole only counts rows that were read.
        raise Unlabelled(f"line {reader.reader.line_num}: {error}") from error
    return rows


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unlabelled(f"not UTF-8 at byte {error.start}") from error


def knowledge(rows: Sequence[Labelled]) -> list[Entry]:
    """One entry per label, in the order of labels; a label made of words is a phrasing too, as a title is."""
    texts: dict[str, list[str]] = {}
    for row in rows:
        if row.label:
            texts.setdefault(row.label, []).append(row.text)
    return [Entry(label, own[0], (*own[1:], *_title(label)), "") for label, own in sorted(texts.items())]


def _title(label: str) -> tuple[str, ...]:
    words = [word for word in _BETWEEN.split(label) if word]
    return (" ".join(words),) if words and all(map(_WORDS.fullmatch, words)) else ()
