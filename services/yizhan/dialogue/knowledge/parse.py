"""Reads a knowledge file. All of it or nothing: with any problem there are no entries to publish."""

from dataclasses import dataclass
from pathlib import PurePath

from yizhan.dialogue.knowledge.entry import Entry
from yizhan.dialogue.knowledge.files import csv_file, jsonl_file, markdown_file, problems as p, table, xlsx_file
from yizhan.dialogue.knowledge.files.checks import EntryChecks
from yizhan.dialogue.knowledge.files.limits import DEFAULT_LIMITS, Limits
from yizhan.dialogue.knowledge.files.problems import RowProblem

__all__ = ["Limits", "ParsedFile", "RowProblem", "parse"]


@dataclass(frozen=True, slots=True)
class ParsedFile:
    """Either entries or problems, never both and never neither."""

    entries: tuple[Entry, ...]
    problems: tuple[RowProblem, ...]


def parse(file_name: str, data: bytes, limits: Limits = DEFAULT_LIMITS) -> ParsedFile:
    """The entries of a CSV, XLSX, JSONL or Markdown file (its ending tells which), or every problem that it has.

    Never raises for what is in the file. Takes seconds for a large file: call it in a thread.
    """
    problems = p.Problems(limits.problems)
    entries = _entries(file_name, data, limits, problems)
    if not problems and not entries:
        problems.add(0, "", p.NO_ROWS)
    if problems:
        return ParsedFile((), problems.listed())
    return ParsedFile(tuple(entries), ())


def _entries(file_name: str, data: bytes, limits: Limits, problems: p.Problems) -> list[Entry]:
    ending = PurePath(file_name).suffix.lower()
    if len(data) > limits.file_bytes:
        problems.add(0, "", p.file_too_large(limits.file_bytes))
        return []
    checks = EntryChecks(limits, problems)
    match ending:
        case ".csv" | ".tsv" | ".txt":
            return checks.entries(table.records(csv_file.rows(data, problems), problems))
        case ".xlsx" | ".xlsm":
            return checks.entries(table.records(xlsx_file.rows(data, limits, problems), problems))
        case ".jsonl" | ".ndjson":
            return checks.entries(jsonl_file.records(data, limits, problems))
        case ".md" | ".markdown":
            return checks.entries(markdown_file.records(data, problems))
        case ".xls":
            problems.add(0, "", p.OLD_EXCEL)
        case _:
            problems.add(0, "", p.unknown_format(ending))
    return []
