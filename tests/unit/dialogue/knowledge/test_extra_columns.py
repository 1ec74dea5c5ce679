"""Wordings per channel, days of validity and attachments stand in columns that a file may have or not."""

import io
from datetime import date, datetime

import openpyxl
import orjson
import pytest

from yizhan.core.messages.content import GoodsCard, Link
from yizhan.dialogue.knowledge.entry import CHANNELS, Entry, Variant, id_of
from yizhan.dialogue.knowledge.parse import ParsedFile, parse

PAGE = "https://shop.example.com/return"
ENTRY = Entry(
    id_of("怎么退货"),
    "怎么退货",
    (),
    "可以",
    "",
    (Variant("wechat", "亲，可以"),),
    date(2026, 11, 1),
    date(2026, 11, 11),
    (Link(PAGE, "说明"), GoodsCard("A1", "雨衣")),
)
GOODS = {"type": "goods", "goods_id": "A1", "title": "雨衣"}


def csv(header: str, row: str) -> ParsedFile:
    return parse("faq.csv", f"问题,答案,{header}\n怎么退货,可以,{row}\n".encode())


def told(parsed: ParsedFile) -> list[tuple[int, str, str]]:
    assert parsed.entries == ()
    return [(problem.row, problem.column, problem.reason_en) for problem in parsed.problems]


@pytest.mark.parametrize(
    "header",
    [
        "微信答案,有效期起,有效期止,附件1,附件2",
        "answer_wechat,valid_from,valid_until,attachment 1,attachment 2",
        "Answer (WeChat),Valid From,Valid Until,cards1,cards2",
        "答案（微信）,生效日期,截止日期,附件1,卡片1",
        "微信回复,开始日期,结束日期,附件,卡片",
    ],
)
def test_the_columns_are_known_by_their_usual_names(header: str) -> None:
    goods = orjson.dumps(GOODS).decode().replace('"', '""')
    assert csv(header, f'"亲，可以",2026-11-01,2026/11/11,{PAGE} 说明,"{goods}"').entries == (ENTRY,)


@pytest.mark.parametrize("channel", CHANNELS)
def test_every_channel_has_its_column_in_both_languages(channel: str) -> None:
    chinese = {"website": "网站", "app": "App", "wechat": "微信", "ecommerce": "电商", "email": "邮件"}[channel]
    for name in (f"answer_{channel}", f"{chinese}答案"):
        assert csv(name, "另一种说法").entries[0].variants == (Variant(channel, "另一种说法"),)


def test_empty_cells_of_the_new_columns_say_nothing() -> None:
    parsed = csv("微信答案,有效期起,有效期止,附件", " ,,,")
    assert parsed.entries == (Entry(ENTRY.id, "怎么退货", (), "可以"),)


def test_attachments_in_one_cell_stand_one_to_a_line() -> None:
    assert told(csv("附件", f'"{PAGE} 说明\r\n\r\nhttps://a.example/?a=1;b=2|3"'))[0][:2] == (2, "附件")
    parsed = csv("附件", f'"{PAGE} 说明\r\n\r\nhttps://a.example/?a=1;b=2"')
    assert parsed.entries[0].attachments == (Link(PAGE, "说明"), Link("https://a.example/?a=1;b=2"))


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2026-11-01", date(2026, 11, 1)),
        ("2026/11/1", date(2026, 11, 1)),
        ("2026.1.02", date(2026, 1, 2)),
        ("2026年11月1日", date(2026, 11, 1)),
        ("2026 年 11 月 1 日", date(2026, 11, 1)),
        ("２０２６－１１－０１", date(2026, 11, 1)),
        ("2024-02-29", date(2024, 2, 29)),
    ],
)
def test_days_are_read_as_people_write_them(written: str, expected: date) -> None:
    assert csv("有效期起", written).entries[0].valid_from == expected


@pytest.mark.parametrize(
    "written",
    [
        "2026-02-29",
        "2026-13-01",
        "2026-11/01",
        "26-11-01",
        "11/1/2026",
        "0000-01-01",
        "2026年11月1",
        "2026-11-1日",
        "明天",
    ],
)
def test_what_is_no_day_is_told(written: str) -> None:
    assert told(csv("有效期止", written)) == [(2, "有效期止", "is not a day; write it as 2026-11-22")]


WRONG = [
    (
        "an end before the beginning",
        "有效期起,有效期止",
        "2026-11-02,2026-11-01",
        [("有效期止", "is before the first day of validity")],
    ),
    ("a long wording", "邮件答案", "长" * 4001, [("邮件答案", "longer than 4000 characters (it has 4001)")]),
    (
        "braces that are no variable",
        "App答案",
        "打{{电 话}}",
        [("App答案", "'{{电 话}}' is no variable; write one as {{name}}, and braces that are text as \\{{")],
    ),
    (
        "an attachment that is none",
        "附件",
        "说明书",
        [
            (
                "附件",
                "one attachment per line: a web address (http or https), then a blank and its title; pictures, files and goods as JSON objects",
            )
        ],
    ),
    (
        "six attachments",
        ",".join(f"附件{n}" for n in range(6)),
        ",".join([PAGE] * 6),
        [("附件0", "more than 5 attachments (there are 6)")],
    ),
    ("a wording twice", "微信答案,weixin回复", "甲,乙", [("weixin回复", "this column is there more than once")]),
    ("an unknown channel", "抖音答案", "甲", None),
]


@pytest.mark.parametrize(("header", "row", "expected"), [case[1:] for case in WRONG], ids=[case[0] for case in WRONG])
def test_what_is_wrong_in_a_new_column_is_told(header: str, row: str, expected: list[tuple[str, str]] | None) -> None:
    problems = told(csv(header, row))
    if expected is None:
        assert [column for _, column, _ in problems] == [header]
        assert problems[0][2].startswith("unknown column")
    else:
        assert [(column, reason) for _, column, reason in problems] == expected


def test_days_in_a_workbook_may_be_dates_or_text() -> None:
    book = openpyxl.Workbook()
    for row in (
        ["问题", "答案", "有效期起", "有效期止"],
        ["怎么退货", "可以", date(2026, 11, 1), "2026-11-11"],
        ["怎么换货", "可以", datetime.fromisoformat("2026-11-01T00:00:00"), None],
        ["怎么退款", "可以", datetime.fromisoformat("2026-11-01T08:00:00"), 46000],
    ):
        book.worksheets[0].append(row)
    out = io.BytesIO()
    book.save(out)
    assert told(parse("faq.xlsx", out.getvalue())) == [
        (4, "有效期起", "is not a day; write it as 2026-11-22"),
        (4, "有效期止", "is not a day; write it as 2026-11-22"),
    ]
    book.worksheets[0].delete_rows(4)
    book.save(out := io.BytesIO())
    entries = parse("faq.xlsx", out.getvalue()).entries
    assert [(entry.valid_from, entry.valid_until) for entry in entries] == [
        (date(2026, 11, 1), date(2026, 11, 11)),
        (date(2026, 11, 1), None),
    ]


@pytest.mark.parametrize(
    "attachments",
    [
        [f"{PAGE} 说明", GOODS],
        [{"type": "link", "url": PAGE, "title": "说明"}, orjson.dumps(GOODS).decode()],
        f"{PAGE} 说明\n{orjson.dumps(GOODS).decode()}",
    ],
    ids=["a list", "objects and text", "lines of a text"],
)
def test_jsonl_has_attachments_as_objects_or_lines(attachments: object) -> None:
    line = {"question": "怎么退货", "answer": "可以", "answer_wechat": "亲，可以", "attachments": attachments}
    line |= {"valid_from": "2026-11-01", "有效期止": "2026-11-11"}
    assert parse("faq.jsonl", orjson.dumps(line)).entries == (ENTRY,)


@pytest.mark.parametrize(
    ("key", "value", "reason"),
    [
        ("attachments", [5], "must be text"),
        ("attachments", [[PAGE]], "must be text"),
        ("attachments", {"type": "audio"}, "the type of an attachment is one of link, image, file, goods"),
        ("valid_from", 20261101, "must be text"),
        ("answer_app", ["甲"], "must be text"),
        ("paraphrases", [GOODS], "must be text"),
    ],
)
def test_what_is_wrong_in_jsonl_is_told(key: str, value: object, reason: str) -> None:
    line = orjson.dumps({"question": "怎么退货", "answer": "可以", key: value})
    assert told(parse("faq.jsonl", line)) == [(1, key, reason)]
