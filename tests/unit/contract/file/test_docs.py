"""What the pages on contracts show can be copied."""

import re
from pathlib import Path

import pytest

from yizhan.contract.clauses import Exclusion, Figure
from yizhan.contract.file import parse_contract
from yizhan.contract.overrides_file import parse_overrides
from yizhan.contract.shape import ContractFile

DOCS = Path(__file__).parents[4] / "docs"
PAGES = ["contract.md", "contract.zh-CN.md"]


@pytest.mark.parametrize("page", PAGES)
def test_the_examples_are_right(page: str) -> None:
    found = re.findall(r"^```yaml\n(.*?)^```", (DOCS / page).read_text("utf-8"), re.MULTILINE | re.DOTALL)
    assert found
    for text in found:
        if text.startswith("overrides:"):
            assert parse_overrides(text)
        else:
            assert parse_contract(text).id == "shop"


def test_every_clause_figure_and_exclusion_is_explained() -> None:
    text = (DOCS / PAGES[0]).read_text("utf-8")
    named = set(re.findall(r"`([a-z_]+)[.`]", text))
    assert {*ContractFile.model_fields, *Figure, *Exclusion} <= named
