"""CSV and XLSX files that are written row by row: no more than a page of tickets is in memory at a time."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import IO

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

BOM = "\ufeff".encode()
"""Without it, Excel reads UTF-8 as the local code page."""

_TEXT = "s"
_CHUNK = 64 * 1024


def csv_rows(rows: Iterable[Sequence[str]]) -> bytes:
    """These rows, with the line ends that spreadsheet programs expect."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows)
    return out.getvalue().encode("utf-8", "replace")


class Sheet:
    """A workbook of one sheet. Rows go to a temporary file as they come; every cell is text, whatever it says.

    For a thread of its own: writing takes a while.
    """

    def __init__(self, title: str, headings: Sequence[str]) -> None:
        self._book = Workbook(write_only=True)
        self._sheet: WriteOnlyWorksheet = self._book.create_sheet(title)
        self._sheet.freeze_panes = "A2"
        self.add([headings])

    def add(self, rows: Iterable[Sequence[str]]) -> None:
        """Characters that no workbook may hold are left out."""
        for row in rows:
            self._sheet.append([self._cell(text) if text else None for text in row])

    def save(self, file: IO[bytes]) -> None:
        """Write the workbook, and go back to its beginning."""
        self._book.save(file)
        file.seek(0)

    def _cell(self, text: str) -> Cell:
        cell: Cell = WriteOnlyCell(self._sheet, ILLEGAL_CHARACTERS_RE.sub("", text))
        cell.data_type = _TEXT
        return cell


def chunks(file: IO[bytes]) -> Iterator[bytes]:
    """The rest of a file in parts."""
    while part := file.read(_CHUNK):
        yield part
