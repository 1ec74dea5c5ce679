"""A release's own test questions: what a business says its assistant must answer, and what it must not.

They are kept in a small file of their own: CSV (or the first sheet of an XLSX workbook) with two columns, the question
and the id of the entry that must answer it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import ClassVar

from yizhan.dialogue.knowledge.files import csv_file, guard, problems as p, xlsx_file
from yizhan.dialogue.knowledge.files.csv_file import to_csv
from yizhan.dialogue.knowledge.files.limits import DEFAULT_LIMITS, Limits
from yizhan.dialogue.knowledge.files.problems import RowProblem
from yizhan.dialogue.knowledge.files.question_columns import ENTRY, QUESTION, is_known, positions
from yizhan.dialogue.knowledge.files.table import Row
from yizhan.dialogue.knowledge.files.texts import clean, unprintable
from yizhan.dialogue.knowledge.normalise import normalise


@dataclass(frozen=True, slots=True)
class TestQuestion:
    """``entry_id`` is the entry that must answer ``text``; empty: none may."""

    __test__: ClassVar[bool] = False
    """Not a test case itself, whatever its name makes a test runner think."""

    text: str
    entry_id: str = ""


@dataclass(frozen=True, slots=True)
class ParsedQuestions:
    """Either questions or problems, never both; a file with a header alone has neither."""

    questions: tuple[TestQuestion, ...]
    problems: tuple[RowProblem, ...]


def parse_questions(file_name: str, data: bytes, limits: Limits = DEFAULT_LIMITS) -> ParsedQuestions:
    """The test questions of a file, or every problem that it has. Never raises for what is in the file.

    Whether the entries exist is not asked: that is a question to the release that they belong to.
    """
    problems = p.Problems(limits.problems)
    found = list(_questions(_rows(file_name, data, limits, problems), limits, problems))
    return ParsedQuestions((), problems.listed()) if problems else ParsedQuestions(tuple(found), ())


def export_questions(questions: Sequence[TestQuestion]) -> bytes:
    """A CSV file that ``parse_questions`` reads back; cells that look like formulas are guarded."""
    rows = [(QUESTION, ENTRY), *((guard.on(question.text), guard.on(question.entry_id)) for question in questions)]
    return to_csv(rows)


def _rows(file_name: str, data: bytes, limits: Limits, problems: p.Problems) -> Iterable[Row]:
    if len(data) > limits.file_bytes:
        problems.add(0, "", p.file_too_large(limits.file_bytes))
        return ()
    match PurePath(file_name).suffix.lower():
        case ".csv" | ".tsv" | ".txt":
            return csv_file.rows(data, problems, is_known)
        case ".xlsx" | ".xlsm":
            return xlsx_file.rows(data, limits, problems)
        case ending:
            problems.add(0, "", p.unknown_questions_format(ending))
            return ()


def _questions(rows: Iterable[Row], limits: Limits, problems: p.Problems) -> Iterator[TestQuestion]:
    filled = (row for row in rows if not row.blank)
    header = next(filled, None)
    if header is None:
        if not problems:
            problems.add(0, "", p.EMPTY_FILE)
        return
    where = positions([guard.off(cell) for cell in header.cells], header.number, problems)
    if where is None:
        return
    seen: dict[str, int] = {}
    for count, row in enumerate(filled, start=1):
        if count > limits.entries:
            problems.add(row.number, "", p.too_many_questions(limits.entries))
            return
        text = _cell(row, where.question, QUESTION, limits.question_chars, problems)
        entry_id = _cell(row, where.entry, ENTRY, limits.id_chars, problems)
        if text is None or entry_id is None:
            continue
        key = normalise(text)
        if not key:
            problems.add(row.number, QUESTION, p.WORDLESS if text else p.EMPTY_QUESTION)
        elif key in seen:
            problems.add(row.number, QUESTION, p.repeated_question(seen[key]))
        seen.setdefault(key, row.number)
        yield TestQuestion(text, entry_id)


def _cell(row: Row, position: int, name: str, most: int, problems: p.Problems) -> str | None:
    """The text of a cell, or None when it has a problem. Rows may be shorter than their header."""
    written = row.cells[position] if position < len(row.cells) else ""
    text = clean(guard.off(written), lines=False)
    reason = row.unreadable.get(position) or unprintable(written)
    if reason is None and len(text) > most:
        reason = p.too_long(most, len(text))
    if reason is None:
        return text
    problems.add(row.number, name, reason)
    return None
