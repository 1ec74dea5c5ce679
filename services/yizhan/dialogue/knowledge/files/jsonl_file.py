"""Records of a JSONL file: one object per line, its keys named like columns."""

from collections.abc import Iterator

import orjson

from yizhan.dialogue.knowledge.files import problems as p
from yizhan.dialogue.knowledge.files.columns import SEVERAL, Column, Field, column
from yizhan.dialogue.knowledge.files.decode import decode
from yizhan.dialogue.knowledge.files.limits import Limits
from yizhan.dialogue.knowledge.files.lines import lines
from yizhan.dialogue.knowledge.files.table import Cell, Record


def records(data: bytes, limits: Limits, problems: p.Problems) -> Iterator[Record]:
    """The lines that are objects; all others are problems. Blank lines are left out."""
    text = decode(data)
    if text is None:
        problems.add(0, "", p.UNDECODABLE_FILE)
        return
    empty = True
    for number, line in lines(text):
        if not line.strip():
            continue
        empty = False
        if len(line) > limits.line_chars:
            problems.add(number, "", p.line_too_long(limits.line_chars))
            continue
        try:
            value = orjson.loads(line)
        except orjson.JSONDecodeError:
            problems.add(number, "", p.NOT_JSON)
            continue
        if isinstance(value, dict):
            yield Record(number, tuple(_cells(number, value, problems)))
        else:
            problems.add(number, "", p.NOT_AN_OBJECT)
    if empty and not problems:
        problems.add(0, "", p.EMPTY_FILE)


def _cells(row: int, value: dict[str, object], problems: p.Problems) -> Iterator[Cell]:
    seen: set[Field] = set()
    for key, item in value.items():
        named = column(key)
        if named is None:
            problems.add(row, key, p.UNKNOWN_COLUMN)
            continue
        if named.field in seen and named.field not in SEVERAL:
            problems.add(row, key, p.REPEATED_COLUMN)
            continue
        seen.add(named.field)
        if named.field in SEVERAL and isinstance(item, list):
            verbatim = Column(named.name, named.field, verbatim=True)
            yield from (_cell(verbatim, one) for one in item)
        else:
            yield _cell(named, item)


def _cell(named: Column, item: object) -> Cell:
    if item is None:
        return Cell(named, "")
    if isinstance(item, str):
        return Cell(named, item)
    if named.field is Field.ID and isinstance(item, int) and not isinstance(item, bool):
        return Cell(named, str(item))
    if named.field is Field.ATTACHMENTS and isinstance(item, dict):
        return Cell(named, orjson.dumps(item).decode())
    return Cell(named, "", p.NOT_TEXT)
