"""Rows of the first sheet of an XLSX workbook.

A workbook is a zip of XML from a stranger: it is opened only after its size unpacked, its members and the absence of
document type declarations were checked, and is read as a stream.
"""

import io
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from typing import Protocol

import openpyxl
from openpyxl.cell.read_only import EMPTY_CELL
from openpyxl.worksheet._read_only import ReadOnlyWorksheet

from yizhan.dialogue.knowledge.files import problems as p
from yizhan.dialogue.knowledge.files.columns import MOST_COLUMNS
from yizhan.dialogue.knowledge.files.limits import Limits
from yizhan.dialogue.knowledge.files.table import Row

_MOST_MEMBERS = 2_000
_PIECE = 1 << 20
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"
_ENCRYPTED = 0x1
_DECLARATIONS = tuple(
    word.encode(encoding) for word in ("<!DOCTYPE", "<!ENTITY") for encoding in ("utf-8", "utf-16-le", "utf-16-be")
)


class _Cell(Protocol):
    @property
    def data_type(self) -> str: ...
    @property
    def value(self) -> object: ...


def rows(data: bytes, limits: Limits, problems: p.Problems) -> Iterator[Row]:
    """All rows, the header first; empty when the workbook cannot be read."""
    refusal = _refusal(data, limits)
    if refusal is not None:
        problems.add(0, "", refusal)
        return
    try:
        yield from _read(data, limits, problems)
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - openpyxl raises whatever its parts raise on a damaged workbook
        problems.add(0, "", p.BROKEN_WORKBOOK)


def _refusal(data: bytes, limits: Limits) -> p.Reason | None:
    if data.startswith(_OLD_EXCEL):
        return p.OLD_EXCEL
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            if any(member.flag_bits & _ENCRYPTED for member in members):
                return p.LOCKED_WORKBOOK
            too_much = sum(member.file_size for member in members) > limits.unpacked_bytes
            if too_much or len(members) > _MOST_MEMBERS or _declares(archive, members):
                return p.UNSAFE_WORKBOOK
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError, RuntimeError):
        # All that zipfile raises on bytes made to confuse it; NotImplementedError: a compression that it does not know.
        return p.BROKEN_WORKBOOK
    return None


def _declares(archive: zipfile.ZipFile, members: list[zipfile.ZipInfo]) -> bool:
    """Whether any part has a document type or entity declaration; no spreadsheet program writes one."""
    for member in members:
        if not member.filename.lower().endswith((".xml", ".rels", ".vml")):
            continue
        with archive.open(member) as part:
            tail = b""
            while piece := part.read(_PIECE):
                seen = tail + piece
                if any(word in seen for word in _DECLARATIONS):
                    return True
                tail = seen[-32:]
    return False


def _read(data: bytes, limits: Limits, problems: p.Problems) -> Iterator[Row]:
    workbook = openpyxl.load_workbook(io.BytesIO(data), read_only=True, keep_links=False)
    try:
        sheets = workbook.worksheets
        if not sheets:
            problems.add(0, "", p.NO_SHEET)
            return
        sheet = sheets[0]
        if isinstance(sheet, ReadOnlyWorksheet):
            # What a sheet says of its own size is not to be believed; neither is the number of a row.
            sheet.reset_dimensions()
        most = 2 * limits.entries + 1_000
        for number, cells in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS), start=1):
            if number > most:
                problems.add(number, "", p.too_many_entries(limits.entries))
                return
            yield _row(number, cells)
    finally:
        workbook.close()


def _row(number: int, cells: Sequence[_Cell]) -> Row:
    width = len(cells)
    # Rows are padded to the widest allowed; the padding is one object, and asking for it is cheap.
    while width and (cells[width - 1] is EMPTY_CELL or cells[width - 1].value is None):
        width -= 1
    texts: list[str] = []
    unreadable: dict[int, p.Reason] = {}
    for position, cell in enumerate(cells[:width]):
        if cell.data_type == "f":
            unreadable[position] = p.FORMULA
        elif cell.data_type == "e":
            unreadable[position] = p.ERROR_VALUE
        texts.append("" if position in unreadable else _text(cell.value))
    return Row(number, tuple(texts), unreadable)


def _text(value: object) -> str:
    """What an editor sees in the cell, as near as it matters for questions and answers."""
    match value:
        case None:
            return ""
        case bool():
            return "TRUE" if value else "FALSE"
        case float() if value.is_integer() and abs(value) < 1e15:
            return str(int(value))
        case datetime() if value.time() == time():
            return value.date().isoformat()
        case datetime():
            return value.isoformat(sep=" ")
        case date() | time():
            return value.isoformat()
        case _:
            return str(value)
