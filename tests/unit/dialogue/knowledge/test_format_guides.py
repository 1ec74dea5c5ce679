"""What the guides for editors show can be imported as it stands."""

import re
from pathlib import Path

import pytest

from yizhan.dialogue.knowledge.files.attachments import attachment
from yizhan.dialogue.knowledge.files.columns import CHINESE
from yizhan.dialogue.knowledge.files.problems import Reason
from yizhan.dialogue.knowledge.own_questions import parse_questions
from yizhan.dialogue.knowledge.parse import parse

DOCS = Path(__file__).parents[4] / "docs"
GUIDES = ["knowledge.md", "knowledge-files.zh-CN.md"]


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", (DOCS / page).read_text("utf-8"), re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", GUIDES)
def test_the_markdown_example_is_read(page: str) -> None:
    (example,) = blocks(page, "markdown")
    parsed = parse("example.md", example.encode())
    assert parsed.problems == ()
    first = parsed.entries[0]
    assert (first.id, len(first.paraphrases), len(first.variants), len(first.attachments)) == ("return-how", 2, 1, 1)


@pytest.mark.parametrize("page", GUIDES)
def test_the_examples_of_attachments_and_test_questions_are_read(page: str) -> None:
    for example in blocks(page, "json") + blocks(page, "text"):
        assert not isinstance(attachment(example.strip()), Reason)
    (questions,) = blocks(page, "csv")
    parsed = parse_questions("example.csv", questions.encode())
    assert [question.entry_id for question in parsed.questions] == ["return-how", ""]


@pytest.mark.parametrize("page", GUIDES)
def test_every_column_is_in_the_table_under_both_its_names(page: str) -> None:
    rows = [line for line in (DOCS / page).read_text("utf-8").splitlines() if line.startswith("| ")]
    for field, chinese in CHINESE.items():
        assert [row for row in rows if f"`{field}`" in row and chinese in row], field
