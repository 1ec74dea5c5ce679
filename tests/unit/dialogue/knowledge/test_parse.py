"""An editor uploads a file: either all of it is taken as written, or every wrong row is named so that it can be mended."""

import io
import zipfile
from collections.abc import Sequence
from datetime import date

import openpyxl
import orjson
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from yizhan.dialogue.knowledge.entry import Entry, id_of
from yizhan.dialogue.knowledge.files.limits import Limits
from yizhan.dialogue.knowledge.parse import ParsedFile, parse

GOOD = "编号,分类,问题,相似问法,答案\na,物流,什么时候发货,啥时候发货|几天发货,48小时内发货\n"
PARSED = (Entry("a", "什么时候发货", ("啥时候发货", "几天发货"), "48小时内发货", "物流"),)


def csv(text: str, encoding: str = "utf-8") -> ParsedFile:
    return parse("faq.csv", text.encode(encoding))


def xlsx(rows: Sequence[Sequence[object]]) -> bytes:
    workbook = openpyxl.Workbook()
    sheet = workbook.worksheets[0]
    for row in rows:
        sheet.append(list(row))
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


def jsonl(*lines: object) -> ParsedFile:
    return parse("faq.jsonl", b"\n".join(orjson.dumps(line) for line in lines))


def told(parsed: ParsedFile) -> list[tuple[int, str, str]]:
    """Row, column and English reason of each problem; nothing may be importable then."""
    assert parsed.entries == ()
    assert all(problem.reason_zh and problem.reason_en for problem in parsed.problems)
    return [(problem.row, problem.column, problem.reason_en) for problem in parsed.problems]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"], ids=lambda encoding: f"saved as {encoding}"
)
def test_a_csv_is_read_in_every_encoding_that_editors_save(encoding: str) -> None:
    assert csv(GOOD, encoding) == ParsedFile(PARSED, ())


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_csv_is_read_with_every_separator_that_spreadsheets_write(separator: str) -> None:
    assert csv(GOOD.replace(",", separator)).entries == PARSED


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_a_csv_is_read_with_every_line_end(newline: str) -> None:
    assert csv(GOOD.replace("\n", newline)).entries == PARSED


@pytest.mark.parametrize(
    "header",
    [
        "id,category,question,paraphrases,answer",
        "ID,Category,Question,Similar Questions,Answer",
        "序号,类别,标准问题,扩展问,回复",
        "编号（必填）,分类,问题*,相似问法,答案：",
        "编号,分类,标准问,其他问法,标准答案",
        "FAQ ID,问题分类,主问题,相似问,答复",
    ],
)
def test_columns_are_known_by_their_usual_names(header: str) -> None:
    assert csv(GOOD.replace("编号,分类,问题,相似问法,答案", header)).entries == PARSED


@pytest.mark.parametrize("separator", ["|", "｜", ";", "；", "\n", " | "])
def test_paraphrases_in_one_cell_are_told_apart(separator: str) -> None:
    parsed = csv(f'问题,相似问法,答案\n怎么退货,"退货流程{separator}我要退东西",七天内可退\n')
    assert parsed.entries[0].paraphrases == ("退货流程", "我要退东西")


def test_paraphrases_may_stand_in_columns_of_their_own_and_then_keep_every_character() -> None:
    parsed = csv("问题,相似问法1,similar2,相似问法3,答案\n怎么退货,退货|流程,我要退；东西,,七天内可退\n")
    assert parsed.entries[0].paraphrases == ("退货|流程", "我要退；东西")


def test_a_paraphrase_that_says_nothing_new_is_left_out() -> None:
    parsed = csv("问题,相似问法,答案\n怎么退货,怎么退货|怎么退货？|请问怎么退货呢|退货流程,七天内可退\n")
    assert parsed.entries[0].paraphrases == ("退货流程",)


def test_an_entry_without_id_gets_the_same_id_in_every_import() -> None:
    first = csv("问题,答案\n怎么退货,七天内可退\n").entries[0].id
    again = csv("答案,问题,分类\n别的答案,怎么退货,售后\n").entries[0].id
    assert first == again == id_of("怎么退货")
    assert first != id_of("怎么换货")


def test_blank_rows_and_columns_are_skipped_and_rows_keep_their_numbers() -> None:
    parsed = csv("\n问题,答案,\n,,\n\n怎么退货,七天内可退,\n怎么换货,,\n")
    assert told(parsed) == [(6, "答案", "the answer is empty")]


def test_a_cell_with_line_breaks_is_one_row_as_in_a_spreadsheet() -> None:
    parsed = csv('问题,答案\n怎么退货,"第一步\n第二步\n第三步"\n,没有问题\n')
    assert told(parsed) == [(3, "问题", "the question is empty")]
    answer = csv('问题,答案\n怎么退货,"第一步\r\n第二步"\n').entries[0].answer
    assert answer == "第一步\n第二步"


@pytest.mark.parametrize("text", ["=1+1", "+86 400", "-5度可以吗", "@客服", '=HYPERLINK("x")', "=cmd|' /C calc'!A0"])
def test_text_that_looks_like_a_formula_stays_text(text: str) -> None:
    quoted = text.replace('"', '""')
    parsed = csv(f'问题,答案\n怎么退货,"{quoted}"\n')
    assert parsed.entries[0].answer == text
    assert jsonl({"question": "怎么退货", "answer": text}).entries[0].answer == text


UNKNOWN_COLUMN = (
    "unknown column; known are: id, category, question, paraphrases, answer, answer_<channel> (such as answer_wechat), "
    "valid_from, valid_until, attachments"
)
WRONG_CSV = [
    ("an empty file", "", [(0, "", "the file is empty")]),
    ("blank lines only", "\n\n , \n", [(0, "", "the file is empty")]),
    ("a header and no rows", "问题,答案\n\n", [(0, "", "there is no row below the header")]),
    (
        "no header",
        "怎么退货,七天内可退\n怎么换货,也可以\n",
        [(1, "", "the first row must be a header with at least the columns 'question' and 'answer'")],
    ),
    ("no answer column", "问题,分类\n怎么退货,售后\n", [(1, "", "the column 'answer' is missing")]),
    ("no question column", "id,答案\na,可以\n", [(1, "", "the column 'question' is missing")]),
    (
        "an unknown column",
        "问题,答案,备注\n怎么退货,可以,急\n",
        [(1, "备注", UNKNOWN_COLUMN)],
    ),
    ("a column twice", "问题,答案,回复\n怎么退货,可以,是\n", [(1, "回复", "this column is there more than once")]),
    (
        "a cell under no header",
        "问题,答案,\n怎么退货,可以,多的\n",
        [(2, "", "the column of this cell has no name in the header")],
    ),
    (
        "unquoted commas",
        "问题,答案\n怎么退货,可以,但要快\n",
        [(2, "", "this row has more cells than the header; put text with separators in double quotes")],
    ),
    ("an empty question", "问题,答案\n ,可以\n", [(2, "问题", "the question is empty")]),
    ("an empty answer", "问题,答案\n怎么退货,\n", [(2, "答案", "the answer is empty")]),
    (
        "a question without a word",
        "问题,答案\n？？,可以\n",
        [(2, "问题", "there is no word in it, so nothing could match it")],
    ),
    (
        "a paraphrase without a word",
        "问题,相似问法,答案\n怎么退货,？！|退货流程,可以\n",
        [(2, "相似问法", "there is no word in it, so nothing could match it")],
    ),
    (
        "a long question",
        f"问题,答案\n{'长' * 201},可以\n",
        [(2, "问题", "longer than 200 characters (it has 201)")],
    ),
    (
        "a long answer",
        f"问题,答案\n怎么退货,{'长' * 4001}\n",
        [(2, "答案", "longer than 4000 characters (it has 4001)")],
    ),
    (
        "a long paraphrase",
        f"问题,相似问法,答案\n怎么退货,退货流程|{'长' * 201},可以\n",
        [(2, "相似问法", "longer than 200 characters (it has 201)")],
    ),
    (
        "a long id",
        f"id,问题,答案\n{'x' * 65},怎么退货,可以\n",
        [(2, "id", "longer than 64 characters (it has 65)")],
    ),
    (
        "a long category",
        f"分类,问题,答案\n{'类' * 51},怎么退货,可以\n",
        [(2, "分类", "longer than 50 characters (it has 51)")],
    ),
    (
        "too many paraphrases",
        f"问题,相似问法,答案\n怎么退货,{'|'.join(f'退货{n}' for n in range(201))},可以\n",
        [(2, "相似问法", "more than 200 paraphrases (there are 201)")],
    ),
    (
        "an id twice",
        "id,问题,答案\na,怎么退货,可以\nb,怎么换货,可以\na,怎么退款,可以\n",
        [(4, "id", "the id is also that of row 2")],
    ),
    (
        "a space in an id",
        "id,问题,答案\na b,怎么退货,可以\n",
        [(2, "id", "an id cannot contain spaces or line breaks")],
    ),
    (
        "an id that a task has",
        "id,问题,答案\ntask:x,怎么退货,可以\n",
        [(2, "id", "this id is reserved; use another one")],
    ),
    ("a reserved id", "id,问题,答案\nHuman,怎么退货,可以\n", [(2, "id", "this id is reserved; use another one")]),
    (
        "the same question twice",
        "问题,答案\n怎么退货,可以\n怎么退货,不可以\n",
        [
            (3, "问题", "the same question as in row 2"),
            (3, "问题", "the phrasing '怎么退货' is also one of the entry in row 2"),
        ],
    ),
    (
        "the same phrasing under two entries",
        "问题,相似问法,答案\n怎么退货,退货流程,可以\n怎么换货,请问退貨流程呢？,可以\n",
        [(3, "相似问法", "the phrasing '请问退貨流程呢？' is also one of the entry in row 2")],
    ),
    ("a control character", "问题,答案\n怎么\x07退货,可以\n", [(2, "问题", "contains control characters")]),
    ("a null character", "问题,答案\n怎么退货,可\x00以\n", [(2, "答案", "contains control characters")]),
    ("reversed text", "问题,答案\n怎么退货,\u202e可以\n", [(2, "答案", "contains control characters")]),
    (
        "a quote that is never closed",
        '问题,答案\n怎么退货,可以\n怎么换货,"可以\n怎么退款,可以\n',
        [(3, "", "not valid CSV (a double quote is not closed); nothing was read from here on")],
    ),
    (
        "a quote in the wrong place",
        '问题,答案\n怎么退货,"可以"吗\n',
        [(2, "", "not valid CSV (a double quote is misplaced); nothing was read from here on")],
    ),
    (
        "a cell of megabytes",
        f"问题,答案\n怎么退货,{'x' * 140_000}\n",
        [(2, "", "not valid CSV (a cell is too long); nothing was read from here on")],
    ),
    (
        "several wrong rows",
        "id,问题,答案\na,,\nb,怎么退货,可以\nb,,可以\n",
        [
            (2, "问题", "the question is empty"),
            (2, "答案", "the answer is empty"),
            (4, "问题", "the question is empty"),
            (4, "id", "the id is also that of row 3"),
        ],
    ),
]


@pytest.mark.parametrize(("text", "expected"), [case[1:] for case in WRONG_CSV], ids=[case[0] for case in WRONG_CSV])
def test_what_is_wrong_with_a_csv_is_told_by_row_and_column(text: str, expected: list[tuple[int, str, str]]) -> None:
    assert told(csv(text)) == expected


def test_damaged_bytes_in_a_utf8_file_are_a_problem_of_their_row_and_never_published_as_garbage() -> None:
    rows = "".join(f"第{n}个问题怎么办,请按照说明第{n}步操作\n" for n in range(20))
    data = f"问题,答案\n{rows}".encode()
    at = data.index("第7个问题".encode()) + 1
    assert told(parse("faq.csv", data[:at] + b"\xff" + data[at + 1 :])) == [
        (9, "问题", "contains bytes that are no text in this encoding")
    ]


def test_bytes_of_no_encoding_are_refused() -> None:
    assert told(parse("faq.csv", b"\x81\xff\x80\xff\xfe\x90\x00")) == [
        (0, "", "the encoding is not known; save the file as UTF-8")
    ]
    assert told(parse("faq.csv", b"\xff\xfea")) == [(0, "", "the encoding is not known; save the file as UTF-8")]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("faq.docx", ".docx is not supported; use .csv, .xlsx, .jsonl or .md"),
        ("faq", "a file without an ending is not supported; use .csv, .xlsx, .jsonl or .md"),
        ("faq.xls", "old .xls and encrypted workbooks are not supported; remove the password and save it as .xlsx"),
    ],
)
def test_other_formats_are_refused_with_what_to_use(name: str, reason: str) -> None:
    assert told(parse(name, GOOD.encode())) == [(0, "", reason)]


def test_a_workbook_called_csv_is_recognised() -> None:
    data = xlsx([["问题", "答案"], ["怎么退货", "可以"]])
    assert told(parse("faq.csv", data)) == [(0, "", "this is an Excel workbook; give it the ending .xlsx")]


def test_a_file_that_is_too_large_is_not_even_looked_at() -> None:
    limits = Limits(file_bytes=2_000_000)
    parsed = parse("faq.csv", GOOD.encode() + b"x" * 2_000_000, limits)
    assert told(parsed) == [(0, "", "the file is larger than 2 MB")]


def test_more_entries_than_allowed_stop_the_reading_where_the_limit_is() -> None:
    rows = "".join(f"第{n}个问题,可以\n" for n in range(10))
    assert told(parse("faq.csv", f"问题,答案\n{rows}".encode(), Limits(entries=4))) == [
        (6, "", "more than 4 entries; nothing was read from this row on")
    ]
    assert told(parse("faq.csv", f"问题,答案\n{rows}".encode(), Limits(phrasings=4))) == [
        (6, "", "more than 4 phrasings in the file")
    ]


def test_so_many_problems_are_listed_and_the_rest_is_counted() -> None:
    rows = "".join(f"第{n}个问题,\n" for n in range(205))
    problems = csv(f"问题,答案\n{rows}").problems
    assert len(problems) == 201
    assert [problem.row for problem in problems[:3]] == [2, 3, 4]
    assert problems[-1].reason_zh == "…还有 5 个问题没有列出"
    assert problems[-1].reason_en == "…5 more problems are not listed"


# --- XLSX


def test_a_workbook_is_read_like_a_csv() -> None:
    data = xlsx(
        [
            ["编号", "分类", "问题", "相似问法", "答案", None],
            ["a", "物流", "什么时候发货", "啥时候发货\n几天发货", "48小时内发货", None],
            [None, None, None, None, None, None],
            [7, "物流", "几号到", None, date(2026, 10, 1), None],
            [8.0, None, "多少钱", None, 9.9, None],
        ]
    )
    assert parse("FAQ.XLSX", data).entries == (
        *PARSED,
        Entry("7", "几号到", (), "2026-10-01", "物流"),
        Entry("8", "多少钱", (), "9.9", ""),
    )


def test_formulas_and_error_values_in_a_workbook_are_problems_of_their_cells() -> None:
    data = xlsx([["问题", "答案"], ["怎么退货", "=1+1"], ["怎么换货", "#N/A"], ["=A2", "可以"]])
    assert told(parse("faq.xlsx", data)) == [
        (2, "答案", "contains a formula; put plain text there"),
        (3, "答案", "is an Excel error value"),
        (4, "问题", "contains a formula; put plain text there"),
    ]


def test_text_in_a_workbook_that_only_looks_like_a_formula_is_text() -> None:
    workbook = openpyxl.Workbook()
    sheet = workbook.worksheets[0]
    sheet.append(["问题", "答案"])
    sheet.append(["怎么退货", "x"])
    sheet["B2"].value = "=1+1"
    sheet["B2"].data_type = "s"
    out = io.BytesIO()
    workbook.save(out)
    assert parse("faq.xlsx", out.getvalue()).entries[0].answer == "=1+1"


def changed(data: bytes, member: str, new: bytes) -> bytes:
    """The workbook with one member replaced."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for info in old.infolist():
            made.writestr(info.filename, new if info.filename == member else old.read(info))
    return out.getvalue()


SHEET = "xl/worksheets/sheet1.xml"
NAMESPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
WORKBOOK = xlsx([["问题", "答案"], ["怎么退货", "可以"]])
UNSAFE = "the workbook unpacks to too much or is built in a suspicious way, so it was not read"
DAMAGED = "the workbook is damaged and cannot be read"
ENTITIES = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><worksheet>&b;</worksheet>'

HOSTILE = [
    ("no zip at all", b"hello", DAMAGED),
    ("a zip cut off", WORKBOOK[: len(WORKBOOK) // 2], DAMAGED),
    ("a zip that is no workbook", changed(WORKBOOK, "xl/workbook.xml", b"<nothing/>"), "the workbook has no worksheet"),
    ("a sheet that is no XML", changed(WORKBOOK, SHEET, b"\x00\x01<<<"), DAMAGED),
    ("a zip bomb", changed(WORKBOOK, SHEET, b" " * 120_000_000), UNSAFE),
    ("an entity bomb", changed(WORKBOOK, SHEET, ENTITIES), UNSAFE),
    ("an entity bomb in UTF-16", changed(WORKBOOK, SHEET, ENTITIES.decode().encode("utf-16")), UNSAFE),
    ("an old workbook", b"\xd0\xcf\x11\xe0" + b"\x00" * 600, "old .xls and encrypted workbooks are not supported"),
]


@pytest.mark.parametrize(("data", "reason"), [case[1:] for case in HOSTILE], ids=[case[0] for case in HOSTILE])
def test_a_damaged_or_hostile_workbook_is_refused(data: bytes, reason: str) -> None:
    problems = told(parse("faq.xlsx", data))
    assert len(problems) == 1
    assert problems[0][2].startswith(reason)


@pytest.mark.parametrize("row", [1_048_576, 99_999_999_999])
def test_a_row_number_far_away_does_not_keep_the_reader_busy(row: int) -> None:
    sheet = (
        f'<worksheet xmlns="{NAMESPACE}"><sheetData>'
        '<row r="1"><c r="A1" t="inlineStr"><is><t>问题</t></is></c><c r="B1" t="inlineStr"><is><t>答案</t></is></c></row>'
        f'<row r="{row}"><c r="A{row}" t="inlineStr"><is><t>怎么退货</t></is></c></row></sheetData></worksheet>'
    )
    problems = told(parse("faq.xlsx", changed(WORKBOOK, SHEET, sheet.encode()), Limits(entries=100)))
    assert problems[0][2].startswith("more than 100 entries")


def test_a_cell_in_the_last_column_of_a_workbook_costs_nothing() -> None:
    rows = "".join(f'<row r="{n}"><c r="XFD{n}"><v>1</v></c></row>' for n in range(1, 300))
    sheet = f'<worksheet xmlns="{NAMESPACE}"><sheetData>{rows}</sheetData></worksheet>'
    assert told(parse("faq.xlsx", changed(WORKBOOK, SHEET, sheet.encode()))) == [(0, "", "the file is empty")]


# --- JSONL


def test_jsonl_is_read_with_paraphrases_as_list_or_text() -> None:
    parsed = jsonl(
        {
            "id": "a",
            "question": "什么时候发货",
            "paraphrases": ["啥时候|发货", "几天发货"],
            "answer": "48小时",
            "category": "物流",
        },
        {"问题": "怎么退货", "相似问法": "退货流程；我要退", "答案": "可以"},
        {"id": 7, "question": "怎么换货", "paraphrases": None, "answer": "可以"},
    )
    assert parsed.entries == (
        Entry("a", "什么时候发货", ("啥时候|发货", "几天发货"), "48小时", "物流"),
        Entry(id_of("怎么退货"), "怎么退货", ("退货流程", "我要退"), "可以", ""),
        Entry("7", "怎么换货", (), "可以", ""),
    )


WRONG_JSONL = [
    ("not JSON", b'{"question":"q","answer":"a"}\n{oops}\n', [(2, "", "not valid JSON")]),
    ("half a character", b'{"question":"\\ud800x","answer":"a"}\n', [(1, "", "not valid JSON")]),
    ("deeply nested", b"[" * 5000 + b"\n", [(1, "", "not valid JSON")]),
    ("a list", b"[1,2]\n", [(1, "", "each line must be a JSON object")]),
    (
        "an unknown key",
        b'{"question":"q","answer":"a","x":1}\n',
        [(1, "x", UNKNOWN_COLUMN)],
    ),
    (
        "two keys of one column",
        b'{"question":"q","q":"r","answer":"a"}\n',
        [(1, "q", "this column is there more than once")],
    ),
    ("a number for an answer", b'{"question":"q","answer":5}\n', [(1, "answer", "must be text")]),
    ("true for an id", b'{"id":true,"question":"q","answer":"a"}\n', [(1, "id", "must be text")]),
    (
        "a number among paraphrases",
        b'{"question":"q","paraphrases":["x",1],"answer":"a"}\n',
        [(1, "paraphrases", "must be text")],
    ),
    ("no answer", b'{"question":"q"}\n', [(1, "答案", "the answer is empty")]),
    ("nothing", b"\n\n", [(0, "", "the file is empty")]),
]


@pytest.mark.parametrize(("data", "expected"), [c[1:] for c in WRONG_JSONL], ids=[c[0] for c in WRONG_JSONL])
def test_what_is_wrong_with_jsonl_is_told_by_line(data: bytes, expected: list[tuple[int, str, str]]) -> None:
    assert told(parse("faq.jsonl", data)) == expected


# --- whatever comes


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.binary(max_size=400), ending=st.sampled_from([".csv", ".xlsx", ".jsonl", ".md", ".xls", ""]))
def test_random_bytes_never_crash_and_give_entries_or_problems(data: bytes, ending: str) -> None:
    parsed = parse(f"faq{ending}", data)
    assert bool(parsed.entries) != bool(parsed.problems)


@settings(max_examples=150, deadline=None)
@given(body=st.text(max_size=200), ending=st.sampled_from([".csv", ".jsonl", ".md"]))
def test_random_text_under_a_good_header_never_crashes(body: str, ending: str) -> None:
    heads = {".csv": "问题,答案\n", ".jsonl": '{"question": "怎么退货", "answer": "可以"}\n', ".md": "# 怎么退货\n"}
    parsed = parse(f"faq{ending}", (heads[ending] + body).encode("utf-8", "surrogatepass"))
    assert bool(parsed.entries) != bool(parsed.problems)


@settings(max_examples=60, deadline=None)
@given(at=st.integers(0, len(WORKBOOK) - 1), byte=st.integers(0, 255))
def test_a_workbook_with_a_damaged_byte_never_crashes(at: int, byte: int) -> None:
    parsed = parse("faq.xlsx", WORKBOOK[:at] + bytes([byte]) + WORKBOOK[at + 1 :])
    assert bool(parsed.entries) != bool(parsed.problems)
