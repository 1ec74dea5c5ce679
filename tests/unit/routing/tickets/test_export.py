"""Files of tickets do nothing in a spreadsheet program but show what customers wrote."""

import csv
import io

import openpyxl
import pytest

from yizhan.console.ticket_files import BOM, Sheet, csv_rows
from yizhan.console.ticket_table import HEADINGS, harmless, ticket_row
from yizhan.pb.v1 import tickets_pb2 as pb

HOSTILE = [
    pytest.param('=HYPERLINK("http://evil.example","x")', id="a formula"),
    pytest.param("+1+2", id="plus"),
    pytest.param("-1+2", id="minus"),
    pytest.param("@SUM(A1)", id="at"),
    pytest.param("\t=1", id="tab"),
    pytest.param("\r=1", id="carriage return"),
]


@pytest.mark.parametrize("text", HOSTILE)
def test_what_would_run_is_made_text(text: str) -> None:
    assert harmless(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "退款", "a=b", " =1", "'quoted", "1-2"])
def test_other_words_stay_as_they_are(text: str) -> None:
    assert harmless(text) == text


@pytest.mark.parametrize("text", HOSTILE)
def test_no_column_of_a_ticket_lets_a_formula_through(text: str) -> None:
    hostile = pb.TicketRecord(
        number=text,
        title=text,
        customer_name=text,
        last_text=text,
        agent_id="a",
        group_id=text,
        tags=[text],
        reason=text,
        conversation_id=text,
        contract_version=text,
    )
    hostile.address.channel = text
    cells = ticket_row(hostile, {"a": text})
    assert sum(text in cell for cell in cells) == 11
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


def test_headings_are_as_many_as_cells_in_every_language() -> None:
    cells = len(ticket_row(pb.TicketRecord(), {}))
    assert {len(headings) for headings in HEADINGS.values()} == {cells}


def test_csv_keeps_commas_quotes_and_lines() -> None:
    rows = [["T000001", '退款,\n还没"到"', "'=1"], ["", "", "x"]]
    data = BOM + csv_rows(rows)
    assert data.startswith(b"\xef\xbb\xbf")
    assert list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""))) == rows


def test_half_a_character_stops_no_export() -> None:
    assert csv_rows([["a", "\ud83d", "b"]]) == b"a,?,b\r\n"


def test_a_workbook_holds_text_whatever_it_says() -> None:
    sheet, file = Sheet("tickets", ["a", "b"]), io.BytesIO()
    sheet.add([["=1+1", "#REF!"], ["x\x00\x0by", ""]])
    sheet.save(file)
    read = openpyxl.load_workbook(file)["tickets"]
    assert [[cell.value for cell in row] for row in read.iter_rows()] == [["a", "b"], ["=1+1", "#REF!"], ["xy", None]]
    assert {cell.data_type for row in read.iter_rows() for cell in row if cell.value} <= {"s", "inlineStr"}
