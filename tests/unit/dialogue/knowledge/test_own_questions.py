"""A business's own test questions survive a spreadsheet, and a slip in them is named by row and column."""

import io

import openpyxl
import pytest
from hypothesis import given, settings, strategies as st

from yizhan.dialogue.knowledge.files.limits import Limits
from yizhan.dialogue.knowledge.normalise import normalise
from yizhan.dialogue.knowledge.own_questions import (
    ParsedQuestions,
    TestQuestion,
    export_questions,
    parse_questions,
)

QUESTIONS = (TestQuestion("想退了咋整", "return"), TestQuestion("=1+1 今天天气", ""), TestQuestion('a,b;c|d "e"', "-x"))


def csv(text: str, limits: Limits | None = None) -> ParsedQuestions:
    return parse_questions("questions.csv", text.encode(), limits or Limits())


def told(parsed: ParsedQuestions) -> list[tuple[int, str, str]]:
    assert parsed.questions == ()
    assert all(problem.reason_zh and problem.reason_en for problem in parsed.problems)
    return [(problem.row, problem.column, problem.reason_en) for problem in parsed.problems]


def test_what_is_exported_is_imported_unchanged() -> None:
    data = export_questions(QUESTIONS)
    assert b",'-x\r\n" in data
    assert parse_questions("questions.csv", data) == ParsedQuestions(QUESTIONS, ())
    assert data.startswith("\ufeff测试问题,条目编号\r\n想退了咋整,return\r\n'=1+1 今天天气,\r\n".encode())


def test_a_file_without_questions_is_a_file_of_none() -> None:
    assert parse_questions("questions.csv", export_questions(())) == ParsedQuestions((), ())


@pytest.mark.parametrize(
    "header", ["测试问题,条目编号", "问题;编号", "text\tlabel", "Entry ID,Question", "\n\n问句,条目编号"]
)
def test_columns_are_known_by_their_usual_names_in_either_order(header: str) -> None:
    separator = next(mark for mark in ",;\t" if mark in header)
    row = ["return", "想退了咋整"] if header.startswith("Entry") else ["想退了咋整", "return"]
    assert csv(f"{header}\n{separator.join(row)}\n").questions == QUESTIONS[:1]


def test_a_workbook_is_read_like_a_csv() -> None:
    book = openpyxl.Workbook()
    for row in (["测试问题", "条目编号"], ["想退了咋整", "return"], [None, None], ["今天天气", None]):
        book.worksheets[0].append(row)
    out = io.BytesIO()
    book.save(out)
    parsed = parse_questions("questions.xlsx", out.getvalue())
    assert parsed.questions == (TestQuestion("想退了咋整", "return"), TestQuestion("今天天气"))


HEADER = "the first row must be a header with the two columns 'question' and 'entry'"
WRONG = [
    ("an empty file", "", [(0, "", "the file is empty")]),
    ("no header", "想退了咋整,return\n", [(1, "想退了咋整", HEADER)]),
    ("one column", "测试问题\n想退了咋整\n", [(1, "", HEADER)]),
    ("a column too many", "测试问题,条目编号,备注\n", [(1, "备注", HEADER)]),
    ("a column twice", "测试问题,问题,条目编号\n", [(1, "", HEADER)]),
    ("an id without a question", "测试问题,条目编号\n,a\n", [(2, "测试问题", "the question is empty")]),
    ("no word", "测试问题,条目编号\n？？,a\n", [(2, "测试问题", "there is no word in it, so nothing could match it")]),
    (
        "the same question twice",
        "测试问题,条目编号\n怎么退货,a\n请问怎么退貨呢？,\n",
        [(3, "测试问题", "the same question as in row 2")],
    ),
    ("a long id", f"测试问题,条目编号\n退货,{'a' * 65}\n", [(2, "条目编号", "longer than 64 characters (it has 65)")]),
    ("a control character", "测试问题,条目编号\n退\x07货,a\n", [(2, "测试问题", "contains control characters")]),
    (
        "a quote that is never closed",
        '测试问题,条目编号\n退货,a\n"换货,b\n',
        [(3, "", "not valid CSV (a double quote is not closed); nothing was read from here on")],
    ),
]


@pytest.mark.parametrize(("text", "expected"), [case[1:] for case in WRONG], ids=[case[0] for case in WRONG])
def test_what_is_wrong_is_told_by_row_and_column(text: str, expected: list[tuple[int, str, str]]) -> None:
    assert told(csv(text)) == expected


def test_more_than_allowed_is_not_read() -> None:
    rows = "".join(f"第{n}个问题,\n" for n in range(5))
    text = f"测试问题,条目编号\n{rows}"
    assert told(csv(text, Limits(entries=3))) == [(5, "", "more than 3 test questions; nothing was read from here on")]
    assert told(csv(text, Limits(file_bytes=10)))[0][2].startswith("the file is larger than")
    assert told(parse_questions("a.md", b"# x"))[0][2] == ".md cannot hold test questions; use .csv or .xlsx"


_TEXT = st.text(
    st.characters(exclude_categories=["C", "Z"], exclude_characters="\ufffd") | st.sampled_from("'=+-@,;\" 退"),
    min_size=1,
    max_size=20,
)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(_TEXT, _TEXT | st.just("")), max_size=4))
def test_any_questions_survive_export_and_import(rows: list[tuple[str, str]]) -> None:
    questions: dict[str, TestQuestion] = {}
    for number, (text, entry_id) in enumerate(rows):
        question = TestQuestion(" ".join(f"{text} {number}".split()), " ".join(entry_id.split()))
        questions.setdefault(normalise(question.text), question)
    found = tuple(questions.values())
    assert parse_questions("q.csv", export_questions(found)) == ParsedQuestions(found, ())


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300), st.sampled_from(["a.csv", "a.xlsx", "a"]))
def test_random_bytes_never_crash(data: bytes, name: str) -> None:
    parsed = parse_questions(name, data)
    assert not (parsed.questions and parsed.problems)
