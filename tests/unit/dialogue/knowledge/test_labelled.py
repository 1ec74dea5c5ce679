"""Labelled questions from a file: every row, or what is wrong and where."""

import pytest

from yizhan.dialogue.knowledge.labelled import Labelled, Unlabelled, knowledge, labelled


@pytest.mark.parametrize(
    ("data", "rows"),
    [
        (b"text,label\nhow much,fee\n", [("how much", "fee")]),
        (b"label,text\nfee,how much\n", [("how much", "fee")]),
        (b"id,text,label,more\n1,how much,fee,x\n", [("how much", "fee")]),
        ("\ufefftext,label\r\n怎么退货,return\r\n".encode(), [("怎么退货", "return")]),
        (b'text,label\n"two\nlines, and ""quotes""",a\n', [('two\nlines, and "quotes"', "a")]),
        (b"text,label\n  how much  , fee \n", [("how much", "fee")]),
        (b"text,label\nwhat is the weather,\n", [("what is the weather", "")]),
        (b"text,label\nwhat is the weather\n", [("what is the weather", "")]),
        (b"text,label\n\nhow much,fee\n", [("how much", "fee")]),
        (b"text,label\n", []),
    ],
    ids=[
        *("plain", "columns in another order", "more columns", "as spreadsheets write it", "a quoted row"),
        *("blanks around", "no label", "no second column", "an empty line", "no rows"),
    ],
)
def test_rows_are_read_as_they_are_written(data: bytes, rows: list[tuple[str, str]]) -> None:
    assert labelled(data) == [Labelled(text, label) for text, label in rows]


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "the header has no column label and no column text"),
        (b"question,entry\na,b\n", "the header has no column label and no column text"),
        (b"text,intent\na,b\n", "the header has no column label"),
        (b"text,label\na,x\n,y\n", "line 3: no text"),
        (b"text,label\n   ,y\n", "line 2: no text"),
        (b'text,label\na,x\n"b\nc",y\n,z\n', "line 5: no text"),
        (b'text,label\na,x\n"never ends,y\n', "line 3: unexpected end of data"),
        (b'text,label\n"a"b,x\n', "line 2: ',' expected after '\"'"),
        ("text,label\n怎么退货,r\n".encode("gb18030"), "not UTF-8 at byte 11"),
        (b"text,label\n" + b"a" * 200_000 + b",x\n", "line 2: field larger than field limit (131072)"),
    ],
    ids=[
        *("an empty file", "other columns", "no label column", "no text", "blank text", "a row of several lines"),
        *("an open quote", "text after a quote", "another encoding", "an endless field"),
    ],
)
def test_a_bad_file_is_refused_with_what_is_wrong_and_where(data: bytes, told: str) -> None:
    with pytest.raises(Unlabelled) as refused:
        labelled(data)
    assert str(refused.value) == told


def test_rows_with_one_label_are_one_entry_and_those_without_are_none() -> None:
    rows = [Labelled("b1", "2"), Labelled("a1", "1"), Labelled("out", ""), Labelled("b2", "2")]
    entries = knowledge(rows)
    assert [(entry.id, entry.phrasings, entry.answer) for entry in entries] == [
        ("1", ("a1",), ""),
        ("2", ("b1", "b2"), ""),
    ]
    assert knowledge([Labelled("out", "")]) == []


@pytest.mark.parametrize(
    ("label", "title"),
    [
        ("card_arrival", "card arrival"),
        ("card.not-working", "card not working"),
        ("account/close", "account close"),
        ("申请退货", "申请退货"),
        ("退货_流程", "退货 流程"),
        ("42", ""),
        ("return2", ""),
        ("a_b", ""),
        ("q1f3", ""),
        ("___", ""),
        ("退", ""),
    ],
)
def test_a_label_made_of_words_is_a_title_and_asks_too(label: str, title: str) -> None:
    (entry,) = knowledge([Labelled("how", label)])
    assert entry.phrasings == (("how", title) if title else ("how",))


def test_the_order_of_rows_does_not_change_the_order_of_entries() -> None:
    rows = [Labelled("one", "b"), Labelled("two", "a"), Labelled("three", "c")]
    assert [entry.id for entry in knowledge(rows)] == [entry.id for entry in knowledge(rows[::-1])] == ["a", "b", "c"]
