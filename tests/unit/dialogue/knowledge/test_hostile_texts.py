"""A file made to keep the service busy is read, or refused, as fast as any other of its size.

Each text is far longer than a reading that takes the square of its length would bear: the test would not come to its end.
"""

from collections.abc import Callable

import orjson
import pytest

from yizhan.dialogue.knowledge.files.columns import column
from yizhan.dialogue.knowledge.files.limits import Limits
from yizhan.dialogue.knowledge.own_questions import TestQuestion, parse_questions
from yizhan.dialogue.knowledge.parse import parse
from yizhan.dialogue.knowledge.variables import fill, malformed, names

LONG = 100_000

RUNS = [
    "\\",
    "\\{{",
    "{{",
    "{",
    "{{ ",
    "｛｛ ",
    " ",
    "#",
    ">",
    "- ",
    "- a\n",
    ">:\n",
    "> \n",
    "|",
    "a|",
    "\n",
    "1",
    "*",
    "{{a}}",
]


def jsonl(text: str) -> bytes:
    return orjson.dumps({"question": "怎么退货", "paraphrases": text, "answer": text, "attachments": text})


READERS: list[tuple[str, Callable[[str], bytes]]] = [
    ("faq.md", lambda text: f"# 怎么退货\n{text}\nx".encode()),
    ("faq.md", lambda text: f"{text}\nx".encode()),
    ("faq.jsonl", jsonl),
    ("faq.jsonl", lambda text: orjson.dumps({f"{text}x": "怎么退货"})),
    ("faq.csv", lambda text: f"问题,答案\n{text},可以\n".encode()),
    ("faq.csv", lambda text: f"{text}x,问题,答案\n".encode()),
]


@pytest.mark.parametrize("run", RUNS)
@pytest.mark.parametrize(("name", "written"), READERS, ids=[f"{name} {n}" for n, (name, _) in enumerate(READERS)])
def test_a_long_run_of_one_thing_ends_in_problems(name: str, written: Callable[[str], bytes], run: str) -> None:
    parsed = parse(name, written(run * (LONG // len(run))), Limits(problems=20))
    assert len(parsed.problems) <= 21
    # Blanks alone are no fault: they say nothing.
    assert bool(parsed.entries) == (not parsed.problems)
    assert parsed.problems or run == " "


@pytest.mark.parametrize("run", RUNS)
def test_long_runs_are_no_variables_and_no_columns(run: str) -> None:
    text = run * (LONG // len(run)) + "x"
    malformed(text)
    assert set(names(text)) <= {"a"}
    assert len(fill(text, {"a": "b"})) <= len(text)
    assert column(text) is None
    written = f"测试问题,条目编号\n{text},\n"
    assert parse_questions("q.csv", written.encode()).questions == ((TestQuestion("x"),) if run.isspace() else ())


def test_millions_of_paraphrases_in_one_line_are_not_kept() -> None:
    texts = [f"第{number}种" for number in range(150_000)]
    (problem,) = parse("faq.jsonl", orjson.dumps({"question": "x", "answer": "y", "paraphrases": texts})).problems
    assert problem.reason_en == "more than 200 paraphrases (there are 1000)"
    (problem,) = parse("faq.jsonl", orjson.dumps({"question": "x" * 2_000_001, "answer": "y"})).problems
    assert problem.reason_en == "a line of more than 2000000 characters; it was not read"
    (problem,) = parse("faq.jsonl", orjson.dumps({"question": "x", "answer": "y" * 131_073})).problems
    assert (problem.column, problem.reason_en) == ("answer", "a cell of more than 131072 characters; it was not read")
