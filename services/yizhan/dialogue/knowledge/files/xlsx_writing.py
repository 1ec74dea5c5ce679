"""Entries as an XLSX workbook that a spreadsheet program shows as text, whatever it says."""

import io
from collections.abc import Iterable, Sequence

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

_TEXT = "s"
_AS_TEXT = "@"
"""The number format under which a spreadsheet program takes what is typed as text too."""


def workbook(rows: Iterable[Sequence[str]]) -> bytes:
    """One sheet; a cell is never a formula, a number or an error value. Empty cells are left out."""
    book = Workbook(write_only=True)
    sheet: WriteOnlyWorksheet = book.create_sheet("知识库")
    sheet.freeze_panes = "A2"
    for row in rows:
        sheet.append([_cell(sheet, text) if text else None for text in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _cell(sheet: WriteOnlyWorksheet, text: str) -> Cell:
    cell: Cell = WriteOnlyCell(sheet, text)
    cell.data_type = _TEXT
    cell.number_format = _AS_TEXT
    return cell
