"""What an editor is told when a document cannot be read: which line, and why, in both languages."""

import pytest

from yizhan.dialogue.guards.parse import default_document
from yizhan.dialogue.knowledge.document_check import document_problems
from yizhan.dialogue.knowledge.documents import outside_of, questions_of, settings_of, variables_of
from yizhan.dialogue.tasks.shipped import shipped_documents

ORDER = next(text for name, text in shipped_documents() if name == "order_query.yaml")

WRONG = {
    "a bracket that is never closed": ("variables", "a: b\nc: {d\n", 3, "", "YAML"),
    "a list where names with values belong": ("variables", "- a\n- b\n", 1, "", "键: 值"),
    "a value that is a list": ("variables", "a: b\n\nc: [1]\n", 3, "c", "文本"),
    "the same variable twice, of which one would be lost": ("variables", "a: b\nc: d\na: e\n", 3, "a", "不止一次"),
    "a name that no answer could use": ("variables", "a: b\n店 名: 茶社\n", 2, "店 名", "变量名"),
    "a setting that there is not": ("settings", "# 设置\nprecisio: 0.9\n", 2, "precisio", "不认识"),
    "a share of more than all": ("settings", "precision: 2\n", 1, "precision", "小于 1"),
    "a share that is no number": ("settings", "precision: high\n", 1, "precision", "小于 1"),
    "a test without a question": ("tests", "text,entry\n怎么退货,back\n,ship\n", 3, "测试问题", "不能为空"),
    "the same test twice": ("tests", "text,entry\n怎么退货,back\n怎么退货？,ship\n", 3, "测试问题", "2"),
    "tests without a header": ("tests", "怎么退货\n", 1, "怎么退货", "表头"),
    "a question that is a novel": ("outside", f"天气怎么样\n{'长' * 501}\n", 2, "", "500"),
    "a rule without an action": (
        "guards",
        "version: 1\nrules:\n  - name: abuse\n",
        3,
        "rules[0].action (abuse)",
        "缺少",
    ),
    "a task without a title": ("tasks/order_query", "task: order_query\ntriggers: [a]\n", 1, "title", "缺少"),
    "a task under another task's name": ("tasks/returns", ORDER, 1, "task", "order_query"),
}


@pytest.mark.parametrize("case", WRONG)
def test_the_author_is_told_the_line_and_the_reason(case: str) -> None:
    name, text, line, place, words = WRONG[case]
    if case == "a task under another task's name":
        line = 1 + next(number for number, row in enumerate(ORDER.splitlines()) if row.startswith("task:"))
    found = [one for one in document_problems(name, text) if (one.line, one.place) == (line, place)]
    assert found, document_problems(name, text)
    assert words in found[0].reason_zh
    assert found[0].reason_en
    assert found[0].reason_en.isascii() or "'" in found[0].reason_en or words in found[0].reason_en


RIGHT = {
    "variables with comments": ("variables", "# 店铺\n电话: 0755-8888\n地址: '深圳'\n"),
    "nothing but a comment": ("variables", "# 还没有\n"),
    "a share of right answers": ("settings", "precision: 0.97\n"),
    "tests of entries that are not written yet": ("tests", "text,entry\n怎么退货,not-there-yet\n天气,\n"),
    "questions of others": ("outside", "天气怎么样\n\n股票涨了吗\n"),
    "the shipped guards": ("guards", default_document()),
    **{f"the shipped {name}": (f"tasks/{name.removesuffix('.yaml')}", text) for name, text in shipped_documents()},
}


@pytest.mark.parametrize("case", RIGHT)
def test_what_a_build_can_read_is_kept(case: str) -> None:
    assert document_problems(*RIGHT[case]) == ()


@pytest.mark.parametrize(
    "case", [case for case in RIGHT if RIGHT[case][0] in ("variables", "settings", "tests", "outside")]
)
def test_what_is_kept_a_build_can_read(case: str) -> None:
    name, text = RIGHT[case]
    {"variables": variables_of, "settings": settings_of, "tests": questions_of, "outside": outside_of}[name](text)


def test_problems_come_in_the_order_of_their_lines() -> None:
    lines = [one.line for one in document_problems("variables", "b c: d\na: [1]\nd e: f\n")]
    assert lines == [1, 2, 3]
