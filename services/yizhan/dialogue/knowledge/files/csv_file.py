"""Rows of a CSV file, separated by comma, semicolon or tab; and rows as such a file."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence

from yizhan.dialogue.knowledge.files import problems as p
from yizhan.dialogue.knowledge.files.columns import column
from yizhan.dialogue.knowledge.files.decode import decode
from yizhan.dialogue.knowledge.files.table import Row

IsKnown = Callable[[str], bool]

_SEPARATORS = (",", ";", "\t")
_WORKBOOK = b"PK\x03\x04"
_FAULTS = {
    "unexpected end of data": p.Reason("有未闭合的双引号", "a double quote is not closed"),
    "field larger": p.Reason("单元格过长", "a cell is too long"),
}
_OTHER_FAULT = p.Reason("双引号的位置不对", "a double quote is misplaced")


def _is_column(name: str) -> bool:
    return column(name) is not None


def rows(data: bytes, problems: p.Problems, is_known: IsKnown = _is_column) -> Iterator[Row]:
    """All rows, the header first. A file that breaks off is a problem at the row where it does.

    ``is_known`` says whether a name is one of a column; by that the separator is found.
    """
    if data.startswith(_WORKBOOK):
        problems.add(0, "", p.IS_EXCEL)
        return
    text = decode(data)
    if text is None:
        problems.add(0, "", p.UNDECODABLE_FILE)
        return
    number = 0
    try:
        # Strict: a quote that is not closed would swallow the rest of the file as one cell.
        for number, cells in enumerate(_reader(text, _separator(text, is_known), strict=True), start=1):
            yield Row(number, tuple(cells))
    except csv.Error as error:
        fault = next((reason for start, reason in _FAULTS.items() if str(error).startswith(start)), _OTHER_FAULT)
        problems.add(number + 1, "", p.broken_csv(fault))


def to_csv(rows: Iterable[Sequence[str]]) -> bytes:
    """UTF-8 with mark, which spreadsheet programs need to see Chinese. The cells must be guarded already."""
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\r\n").writerows(rows)
    return out.getvalue().encode("utf-8-sig")


def _reader(text: str, separator: str, *, strict: bool) -> Iterator[list[str]]:
    return csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=strict)


def _separator(text: str, is_known: IsKnown) -> str:
    """The separator under which the first row names the most known columns; the comma when none does."""

    def known(separator: str) -> int:
        try:
            header = next((cells for cells in _reader(text, separator, strict=False) if any(cells)), [])
        except csv.Error:
            return 0
        return sum(is_known(name) for name in header)

    return max(_SEPARATORS, key=known)
