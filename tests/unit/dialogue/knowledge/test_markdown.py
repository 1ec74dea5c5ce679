"""An editor writes knowledge in any text editor: it is taken as meant, or the line that slipped is named."""

from datetime import date

import pytest

from yizhan.core.messages.content import GoodsCard, Link
from yizhan.dialogue.knowledge.entry import Entry, Variant, id_of
from yizhan.dialogue.knowledge.files.limits import Limits
from yizhan.dialogue.knowledge.parse import ParsedFile, parse

BY_HAND = """
# 怎么退货

> 编号：return
> 分类: 售后
> 有效期起：2026/11/1
> valid_until: 2026年11月30日

- 退货流程
* 我要退|货
+ -5 度能退吗

签收后 7 天内可退：

1. 打开订单
2. 点“申请退货”

- 运费由我们承担

## 微信答案
亲，点下面的链接

## 附件
- https://shop.example.com/return 退货说明
{"type": "goods", "goods_id": "A1", "title": "雨衣"}

# 几点营业
每天 {{营业时间}}
# 电话是多少
\\# 号键转人工 \\# 再见
\\\\- 反斜杠
"""
READ = (
    Entry(
        "return",
        "怎么退货",
        ("退货流程", "我要退|货", "-5 度能退吗"),
        "签收后 7 天内可退：\n\n1. 打开订单\n2. 点“申请退货”\n\n- 运费由我们承担",
        "售后",
        (Variant("wechat", "亲，点下面的链接"),),
        date(2026, 11, 1),
        date(2026, 11, 30),
        (Link("https://shop.example.com/return", "退货说明"), GoodsCard("A1", "雨衣")),
    ),
    Entry(id_of("几点营业"), "几点营业", (), "每天 {{营业时间}}"),
    Entry(id_of("电话是多少"), "电话是多少", (), "# 号键转人工 \\# 再见\n\\- 反斜杠"),
)


def markdown(text: str) -> ParsedFile:
    return parse("faq.md", text.encode())


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_markdown_is_read_as_editors_write_and_save_it(newline: str, encoding: str) -> None:
    assert parse("FAQ.MD", BY_HAND.replace("\n", newline).encode(encoding)) == ParsedFile(READ, ())


def test_a_hand_indented_answer_is_an_answer() -> None:
    assert markdown("# 怎么退货\n- 退货流程\n　　可以的\n").entries[0].answer == "可以的"
    assert markdown("# 怎么退货\n\n    可以的\n").entries[0].answer == "可以的"


WRONG = [
    ("an empty file", "\n \n", [(0, "", "the file is empty")]),
    ("no heading", "\n怎么退货\n可以\n", [(2, "", "nothing may stand before the first '# question' heading")]),
    ("no blank after the first #", "#怎么退货\n可以\n", [(1, "", "nothing may stand before the first")]),
    ("no blank after a later #", "# 怎么退货\n可以\n#怎么换货\n可以\n", [(3, "", "a heading has a blank after #")]),
    (
        "a hash tag in an answer",
        "# 怎么退货\n#退货# 可以\n",
        [(2, "", "a heading has a blank after #"), (1, "答案", "the answer is empty")],
    ),
    ("a heading without words", "# \n可以\n", [(1, "问题", "the question is empty")]),
    ("a question without answer", "# 怎么退货\n\n- 退货流程\n\n# 怎么换货\n可以", [(1, "答案", "the answer is empty")]),
    (
        "entries one level too deep",
        "# 售后\n## 怎么退货\n可以\n",
        [(2, "怎么退货", "a '##' heading is either"), (1, "答案", "the answer is empty")],
    ),
    ("a third level", "# 怎么退货\n可以\n### 附件\nx\n", [(3, "", "there are only two levels of headings")]),
    (
        "a section twice",
        "# 怎么退货\n可以\n## 微信答案\n甲\n## answer_wechat\n乙\n",
        [(5, "answer_wechat", "this column is there more than once")],
    ),
    ("an unknown note", "# 怎么退货\n> 备注：急\n可以\n", [(2, "", "a '>' line is one of")]),
    ("a note without colon", "# 怎么退货\n> 售后\n可以\n", [(2, "", "a '>' line is one of")]),
    ("an answer in a note", "# 怎么退货\n> 答案：可以\n可以\n", [(2, "", "a '>' line is one of")]),
    (
        "a note twice",
        "# 怎么退货\n> 分类：甲\n> 类别：乙\n可以\n",
        [(3, "类别", "this column is there more than once")],
    ),
    ("no blank after -", "# 怎么退货\n-退货流程\n可以\n", [(2, "相似问法", "a paraphrase has a blank after -")]),
    (
        "a paraphrase of two lines",
        "# 怎么退货\n- 退货\n  流程\n\n可以\n",
        [(3, "相似问法", "a paraphrase has one line only")],
    ),
    (
        "a long paraphrase",
        f"# 怎么退货\n- 流程\n- {'长' * 201}\n\n可以\n",
        [(3, "相似问法", "longer than 200 characters")],
    ),
    ("a wordless paraphrase", "# 怎么退货\n- 流程\n- ？？\n\n可以\n", [(3, "相似问法", "there is no word in it")]),
    (
        "a paraphrase of another entry",
        "# 怎么退货\n可以\n# 换货\n- 流程\n- 怎么退货？\n\n可以\n",
        [(5, "相似问法", "the phrasing '怎么退货？' is also one of the entry in row 1")],
    ),
    (
        "an id twice",
        "# 怎么退货\n> 编号：a\n\n可以\n# 怎么换货\n> 编号：a\n\n可以\n",
        [(6, "编号", "the id is also that of row 1")],
    ),
    ("a day that is none", "# 怎么退货\n> 有效期起：2026-02-30\n\n可以\n", [(2, "有效期起", "is not a day")]),
    (
        "an end before the beginning",
        "# 怎么退货\n> 有效期起：2026-02-02\n> 有效期止：2026-02-01\n\n可以\n",
        [(3, "有效期止", "is before the first day")],
    ),
    (
        "a variable without name",
        "# 怎么退货\n可以 {{电 话}}\n## App答案\n{{\n",
        [(2, "答案", "'{{电 话}}' is no variable"), (3, "App答案", "'{{' is no variable")],
    ),
    ("an attachment that is none", "# 怎么退货\n可以\n## 附件\n\n- 说明书\n", [(5, "附件", "one attachment per line")]),
    (
        "too many attachments",
        "# 怎么退货\n可以\n## 附件\n" + "- https://a.example\n" * 6,
        [(4, "附件", "more than 5 attachments")],
    ),
    (
        "a control character",
        "# 怎么退货\n可以\n## 邮件答案\n坏\x07的\n",
        [(3, "邮件答案", "contains control characters")],
    ),
]


@pytest.mark.parametrize(("text", "expected"), [case[1:] for case in WRONG], ids=[case[0] for case in WRONG])
def test_what_is_wrong_with_markdown_is_told_by_line(text: str, expected: list[tuple[int, str, str]]) -> None:
    parsed = markdown(text)
    assert parsed.entries == ()
    found = [(problem.row, problem.column) for problem in parsed.problems]
    assert sorted(found) == sorted((row, column) for row, column, _ in expected)
    for row, column, reason in expected:
        (problem,) = [one for one in parsed.problems if (one.row, one.column) == (row, column)]
        assert problem.reason_en.startswith(reason)
        assert any("\u4e00" <= character <= "\u9fff" for character in problem.reason_zh)


def test_damaged_bytes_in_markdown_are_a_problem_of_their_line() -> None:
    data = "".join(f"# 第{n}个问题怎么办\n请按照说明第{n}步操作\n" for n in range(20)).encode()
    at = data.index("第7步".encode()) + 1
    (problem,) = parse("faq.md", data[:at] + b"\xff" + data[at + 1 :]).problems
    assert (problem.row, problem.column) == (16, "答案")
    assert problem.reason_en == "contains bytes that are no text in this encoding"


@pytest.mark.parametrize("body", ["# \n", "# x\n- y\n", "## \n", "# 一\n> \n"])
def test_a_file_of_nothing_but_structure_ends_at_the_limits(body: str) -> None:
    parsed = parse("faq.md", b"# a\nb\n" + body.encode() * 50_000, Limits(entries=100, problems=10))
    assert 0 < len(parsed.problems) <= 11


def test_an_entry_of_very_many_lines_is_not_read_to_its_end() -> None:
    parsed = markdown("# 怎么退货\n可以\n" + "\n" * 20_000 + "# 怎么换货\n")
    assert [(problem.row, problem.reason_en) for problem in parsed.problems] == [
        (10_002, "more than 10000 lines in one entry; nothing was read from here to the next heading"),
        (20_003, "the answer is empty"),
    ]
