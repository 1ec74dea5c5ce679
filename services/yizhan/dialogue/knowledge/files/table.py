"""From rows of cells to records: what CSV and XLSX have in common."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from yizhan.dialogue.knowledge.files import guard, problems as p
from yizhan.dialogue.knowledge.files.columns import Column, columns


@dataclass(frozen=True, slots=True)
class Row:
    """``number`` as the editor counts. ``unreadable``: cells, by position, that have a problem instead of a text."""

    number: int
    cells: tuple[str, ...]
    unreadable: Mapping[int, p.Reason] = field(default_factory=dict)

    @property
    def blank(self) -> bool:
        return not self.unreadable and not any(cell.strip() for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Cell:
    """``row``: where it stands, in a file that gives an entry several lines; 0 for the row of its record."""

    column: Column
    text: str
    reason: p.Reason | None = None
    row: int = 0


@dataclass(frozen=True, slots=True)
class Record:
    """One entry as written: its row and its cells, at most one per column but for paraphrases and attachments."""

    row: int
    cells: tuple[Cell, ...]


def records(rows: Iterable[Row], problems: p.Problems) -> Iterator[Record]:
    """The rows below the header, blank ones left out. Problems of the header end it: every row would repeat them."""
    filled = (row for row in rows if not row.blank)
    header = next(filled, None)
    if header is None:
        if not problems:
            problems.add(0, "", p.EMPTY_FILE)
        return
    named = columns([guard.off(cell) for cell in header.cells], header.number, problems)
    if named is None or problems:
        return
    empty = True
    for row in filled:
        empty = False
        yield Record(row.number, tuple(_cells(row, named, problems)))
    if empty and not problems:
        problems.add(0, "", p.NO_ROWS)


def _cells(row: Row, named: tuple[Column | None, ...], problems: p.Problems) -> Iterator[Cell]:
    for position, text in enumerate(row.cells):
        reason = row.unreadable.get(position)
        if position >= len(named):
            if text.strip() or reason:
                problems.add(row.number, "", p.TOO_MANY_CELLS)
                return
            continue
        column = named[position]
        if column is None:
            if text.strip() or reason:
                problems.add(row.number, "", p.NAMELESS_COLUMN)
            continue
        yield Cell(column, guard.off(text), reason)
