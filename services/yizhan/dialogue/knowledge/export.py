"""Writes knowledge to a file that ``parse`` reads back, character by character."""

import csv
import io
from collections.abc import Sequence
from pathlib import PurePath

import orjson

from yizhan.dialogue.knowledge.entry import Entry
from yizhan.dialogue.knowledge.files import guard
from yizhan.dialogue.knowledge.files.checks import SEPARATORS
from yizhan.dialogue.knowledge.files.columns import CHINESE, Field

FORMATS = (".csv", ".jsonl")


def export(file_name: str, entries: Sequence[Entry]) -> bytes:
    """The entries in the format that the ending names. Raises ValueError for another ending than .csv and .jsonl."""
    match PurePath(file_name).suffix.lower():
        case ".csv":
            return to_csv(entries)
        case ".jsonl":
            return to_jsonl(entries)
        case ending:
            raise ValueError(f"cannot write {ending or 'a file without an ending'}; use {' or '.join(FORMATS)}")


def to_csv(entries: Sequence[Entry]) -> bytes:
    """UTF-8 with mark, which spreadsheet programs need to see Chinese. Cells that look like formulas are guarded.

    Paraphrases stand in one cell; in numbered columns when one of them contains a separator.
    """
    apart = any(SEPARATORS.search(paraphrase) for entry in entries for paraphrase in entry.paraphrases)
    width = max((len(entry.paraphrases) for entry in entries), default=0)
    named = [CHINESE[field] for field in (Field.ID, Field.CATEGORY, Field.QUESTION, Field.ANSWER)]
    similar = CHINESE[Field.PARAPHRASES]
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([*named, *([f"{similar}{number}" for number in range(1, width + 1)] if apart else [similar])])
    for entry in entries:
        phrasings = list(entry.paraphrases) if apart else ["|".join(entry.paraphrases)]
        cells = [entry.id, entry.category, entry.question, entry.answer, *phrasings]
        writer.writerow([guard.on(cell) for cell in cells])
    return out.getvalue().encode("utf-8-sig")


def to_jsonl(entries: Sequence[Entry]) -> bytes:
    """One object per line, in UTF-8."""
    return b"".join(
        orjson.dumps(
            {
                Field.ID.value: entry.id,
                Field.CATEGORY.value: entry.category,
                Field.QUESTION.value: entry.question,
                Field.PARAPHRASES.value: list(entry.paraphrases),
                Field.ANSWER.value: entry.answer,
            },
            option=orjson.OPT_APPEND_NEWLINE,
        )
        for entry in entries
    )
