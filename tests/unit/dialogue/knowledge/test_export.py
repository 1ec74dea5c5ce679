"""What is exported can be edited, opened in a spreadsheet without harm, and imported again unchanged."""

import csv
import io
from dataclasses import replace
from datetime import date

import openpyxl
import pytest
from hypothesis import given, settings, strategies as st

from yizhan.core.messages.content import File, GoodsCard, Image, Link, Media
from yizhan.dialogue.knowledge.entry import CHANNELS, Attachment, Entry, Variant
from yizhan.dialogue.knowledge.export import FORMATS, export
from yizhan.dialogue.knowledge.files import guard
from yizhan.dialogue.knowledge.normalise import normalise
from yizhan.dialogue.knowledge.parse import parse
from yizhan.dialogue.knowledge.variables import malformed

PICTURE = Image(Media("0a" * 32, "image/png", "尺码 表.png", 1024, 640, 480))
PLAIN = (
    Entry("a", "什么时候发货", ("啥时候发货", "几天发货"), "48小时内\n发货，请耐心等待", "物流"),
    Entry("b", "=1+1等于几", ("'=退货", "-5度能寄吗"), '+86 400 "电话"', "@其他"),
    Entry("c", "没有别的问法", (), "'''=嗯", ""),
)
SEPARATED = (Entry("a", "怎么退货", ("退货|流程", "退；货"), "可以"), Entry("b", "怎么换货", ("换货流程",), "可以"))
FULL = (
    Entry(
        "a",
        "双十一有什么活动",
        ("有折扣吗",),
        "满 300 减 {{满减}}",
        "活动",
        (Variant("website", "网站专享 {{满减}}\n\n点这里"), Variant("email", "-5 折\n- 全场")),
        date(2026, 11, 1),
        date(2026, 11, 11),
        (
            Link("https://shop.example.com/sale?a=1,2;b=3", "活动 | 页面"),
            Link("https://shop.example.com", "", '说明: "满减"\\n'),
            PICTURE,
            File(Media("f0" * 32, "application/pdf", "说明书.pdf")),
            GoodsCard("A-1", "=雨衣", 9900, "CNY", "https://img.example.com/1.png", "http://shop.example.com/1"),
        ),
    ),
    Entry("b", "怎么退货", (), "可以", variants=(Variant("wechat", "可以的亲"),), valid_until=date(2026, 12, 31)),
)
NASTY = tuple(
    Entry(f"n{number}", f"{text} 问题{number}", (f"{text} 说法{number}", f"再说{number} {text}"), answer, text)
    for number, (text, answer) in enumerate(
        [
            ("=1+1", "=1+1"),
            ("#N/A", "#N/A"),
            ("_x000D_", "_x0041_ 和 _x000D_"),
            ("- 项目", "- 第一\n- 第二\n\n# 标题\n## 微信\n> 引用"),
            ("# 标题", "# 标题"),
            ("> 编号：x", "> 编号：x\n\n\n末行"),
            ("\\# 反斜杠", "\\# 反斜杠\n\\\\- 两条\n\\n"),
            ("`代码`", "```\n# 注释\n```"),
            ("a|b", "| 表 | 格 |\n| --- | --- |"),
            ('"引号', "他说“好”,\"好\"，'好'"),
            ("ＡＢＣ１２３", "全角空格\n　　第二段　！"),
            ("👨‍👩‍👧 表情", "👍🏽\n🇨🇳"),
            ("---", "---\n\n***\n===\n---"),
            ("1.", "1. 一\n2. 二"),
            ("<b>&amp;", "<script>alert(1)</script>&lt;\u2028行分隔"),
            ("@客服", "@客服\t制表"),
            ("TRUE", "TRUE"),
            ("2026-11-22", "2026-11-22"),
            ("0012", "0012"),
            ("'", "'\n'="),
            ("\\{{名称}}", "\\{{名称}} \\\\{{名称}} {单括号}"),
        ]
    )
)
LONG = (Entry("long", "长", tuple(f"{number}{'长' * 196}" for number in range(200)), "答" * 4000),)


@pytest.mark.parametrize("ending", FORMATS)
@pytest.mark.parametrize(
    "entries",
    [PLAIN, SEPARATED, PLAIN[2:], FULL, NASTY, LONG],
    ids=["plain texts", "separators in paraphrases", "one entry", "everything filled", "nasty texts", "longest texts"],
)
def test_what_is_exported_is_imported_unchanged(ending: str, entries: tuple[Entry, ...]) -> None:
    data = export(f"faq{ending}", entries)
    parsed = parse(f"faq{ending}", data)
    assert parsed.problems == ()
    assert parsed.entries == entries
    if ending != ".xlsx":  # a workbook keeps the moment at which it was made
        assert export(f"faq{ending}", parsed.entries) == data


@pytest.mark.parametrize("ending", FORMATS)
def test_every_single_nasty_text_is_imported_unchanged(ending: str) -> None:
    for entry in NASTY:
        assert parse(f"faq{ending}", export(f"faq{ending}", [entry])).entries == (entry,)


def test_a_knowledge_without_new_fields_has_the_columns_that_it_always_had() -> None:
    header = export("faq.csv", PLAIN).decode("utf-8-sig").splitlines()[0]
    assert header == "编号,分类,问题,答案,相似问法"
    header = export("faq.csv", FULL).decode("utf-8-sig").splitlines()[0]
    assert header == "编号,分类,问题,答案,相似问法,网站答案,微信答案,邮件答案,有效期起,有效期止,附件"


def test_no_cell_of_an_exported_csv_starts_a_formula() -> None:
    text = export("faq.csv", PLAIN + NASTY[1:]).decode("utf-8-sig")
    cells = [cell for row in csv.reader(io.StringIO(text, newline="")) for cell in row]
    assert any(cell.startswith("'=") for cell in cells)
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


def test_every_cell_of_an_exported_workbook_is_text_and_none_starts_a_formula() -> None:
    book = openpyxl.load_workbook(io.BytesIO(export("faq.xlsx", (*PLAIN, *FULL, *NASTY))))
    cells = [cell for row in book.worksheets[0].iter_rows() for cell in row if cell.value is not None]
    assert len(cells) > 100
    assert {cell.data_type for cell in cells} == {"s"}
    assert not [cell.value for cell in cells if str(cell.value).startswith(("=", "+", "-", "@", "\t", "\r"))]


def test_no_cell_of_an_exported_workbook_is_longer_than_spreadsheets_take() -> None:
    book = openpyxl.load_workbook(io.BytesIO(export("faq.xlsx", LONG)), read_only=True)
    assert max(len(str(cell.value or "")) for row in book.worksheets[0].iter_rows() for cell in row) == 4000


def test_a_spreadsheet_shows_chinese_because_the_csv_has_a_mark() -> None:
    assert export("faq.csv", PLAIN).startswith(b"\xef\xbb\xbf")


def test_markdown_is_laid_out_as_a_person_would_write_it() -> None:
    answer = "满 300 减 50\n# 不是标题"
    first = replace(FULL[0], answer=answer, valid_until=None, attachments=FULL[0].attachments[:1])
    entries = (replace(first, variants=first.variants[1:]), PLAIN[2])
    assert export("faq.md", entries).decode() == (
        "# 双十一有什么活动\n\n> 编号：a  \n> 分类：活动  \n> 有效期起：2026-11-01\n\n- 有折扣吗\n\n"
        "满 300 减 50\n\\# 不是标题\n\n## 邮件答案\n\n\\-5 折\n- 全场\n\n"
        "## 附件\n\n- https://shop.example.com/sale?a=1,2;b=3 活动 | 页面\n\n"
        "# 没有别的问法\n\n> 编号：c\n\n'''=嗯\n"
    )


@pytest.mark.parametrize("name", ["faq.xls", "faq", "faq.txt"])
def test_other_endings_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match=r"use \.csv, \.xlsx, \.jsonl or \.md"):
        export(name, PLAIN)


@given(st.text() | st.from_regex(r"'*[=+\-@\t\r].*"))
def test_the_guard_is_taken_away_exactly(text: str) -> None:
    assert guard.off(guard.on(text)) == text
    assert not guard.on(text).startswith(("=", "+", "-", "@", "\t", "\r"))


_CHARACTERS = st.characters(exclude_categories=["C", "Z"], exclude_characters="\ufffd") | st.sampled_from(
    "'=+-@|；; 退货#>*\\\"{}_:："
)
_TEXT = st.text(_CHARACTERS, min_size=1, max_size=20).map(lambda text: " ".join(text.split())).filter(bool)
_ANSWER = st.lists(st.text(_CHARACTERS, max_size=12), min_size=1, max_size=4).map(
    lambda lines: "\n".join(lines).strip()
)
_ANSWER = _ANSWER.filter(lambda text: bool(text) and malformed(text) is None)
_DAYS = st.dates(date(1, 1, 1))
_URLS = st.sampled_from(["https://a.example/b?c=1&d=2", "http://例子.example/退货#x", "https://a.example:8443"])
_IDS = st.binary(min_size=32, max_size=32).map(bytes.hex)
_ATTACHMENTS: st.SearchStrategy[Attachment] = st.one_of(
    st.builds(Link, _URLS, _TEXT | st.just(""), _TEXT | st.just("")),
    st.builds(Image, st.builds(Media, _IDS, st.just("image/png"), _TEXT, st.integers(0, 2**40), st.integers(0, 2**20))),
    st.builds(File, st.builds(Media, _IDS, st.just("application/pdf"), _TEXT, st.integers(0, 2**40))),
    st.builds(GoodsCard, _TEXT, _TEXT, st.integers(0, 2**40), st.just("CNY"), _URLS | st.just(""), _URLS),
)
_VARIANTS = st.lists(st.sampled_from(CHANNELS), unique=True).flatmap(
    lambda channels: st.tuples(
        *(st.builds(Variant, st.just(channel), _ANSWER) for channel in CHANNELS if channel in channels)
    )
)
_ENTRIES = st.builds(
    Entry,
    st.just("id"),
    _TEXT,
    st.lists(_TEXT, max_size=3).map(tuple),
    _ANSWER,
    _TEXT | st.just(""),
    _VARIANTS,
    st.none() | _DAYS,
    st.none() | _DAYS,
    st.lists(_ATTACHMENTS, max_size=2).map(tuple),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(_ENTRIES, min_size=1, max_size=4))
def test_any_knowledge_survives_export_and_import(drawn: list[Entry]) -> None:
    entries: list[Entry] = []
    seen: set[str] = set()
    for number, entry in enumerate(drawn):
        texts = [f"{text} {number}" for text in entry.phrasings]
        keys = [normalise(text) for text in texts]
        if len(set(keys)) < len(keys) or seen & set(keys):
            continue
        seen.update(keys)
        days = sorted(filter(None, (entry.valid_from, entry.valid_until)))
        entries.append(
            replace(
                entry,
                id=f"e{number}",
                question=texts[0],
                paraphrases=tuple(texts[1:]),
                valid_from=days[0] if days else None,
                valid_until=days[1] if len(days) > 1 else None,
            )
        )
    for ending in FORMATS if entries else ():
        parsed = parse(f"faq{ending}", export(f"faq{ending}", entries))
        assert parsed.problems == ()
        assert list(parsed.entries) == entries
