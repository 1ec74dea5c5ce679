"""Writes knowledge to a file that ``parse`` reads back, character by character."""

from collections.abc import Sequence
from pathlib import PurePath

import orjson

from yizhan.dialogue.knowledge.entry import Entry
from yizhan.dialogue.knowledge.files.attachments import object_of
from yizhan.dialogue.knowledge.files.columns import Field
from yizhan.dialogue.knowledge.files.csv_file import to_csv
from yizhan.dialogue.knowledge.files.grid import fields, grid
from yizhan.dialogue.knowledge.files.markdown_writing import markdown
from yizhan.dialogue.knowledge.files.xlsx_writing import workbook

FORMATS = (".csv", ".xlsx", ".jsonl", ".md")


def export(file_name: str, entries: Sequence[Entry]) -> bytes:
    """The entries in the format that the ending names. Raises ValueError for another ending than one of ``FORMATS``."""
    match PurePath(file_name).suffix.lower():
        case ".csv":
            return to_csv(grid(entries))
        case ".xlsx":
            return workbook(grid(entries))
        case ".jsonl":
            return to_jsonl(entries)
        case ".md":
            return markdown(entries).encode("utf-8")
        case ending:
            known = f"{', '.join(FORMATS[:-1])} or {FORMATS[-1]}"
            raise ValueError(f"cannot write {ending or 'a file without an ending'}; use {known}")


def to_jsonl(entries: Sequence[Entry]) -> bytes:
    """One object per line, in UTF-8. The five keys that every knowledge has are always there."""
    return b"".join(orjson.dumps(_object(entry), option=orjson.OPT_APPEND_NEWLINE) for entry in entries)


def _object(entry: Entry) -> dict[str, object]:
    always: dict[str, object] = {
        Field.ID.value: entry.id,
        Field.CATEGORY.value: entry.category,
        Field.QUESTION.value: entry.question,
        Field.PARAPHRASES.value: list(entry.paraphrases),
        Field.ANSWER.value: entry.answer,
    }
    more = {field.value: text for field, text in fields(entry).items()}
    if not entry.attachments:
        return always | more
    return always | more | {Field.ATTACHMENTS.value: [orjson.Fragment(object_of(item)) for item in entry.attachments]}
