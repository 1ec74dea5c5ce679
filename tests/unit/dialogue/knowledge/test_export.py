"""What is exported can be edited, opened in a spreadsheet without harm, and imported again unchanged."""

import csv
import io

import pytest
from hypothesis import given, settings, strategies as st

from yizhan.dialogue.knowledge.entry import Entry
from yizhan.dialogue.knowledge.export import export
from yizhan.dialogue.knowledge.files import guard
from yizhan.dialogue.knowledge.normalise import normalise
from yizhan.dialogue.knowledge.parse import parse

ENTRIES = (
    Entry("a", "什么时候发货", ("啥时候发货", "几天发货"), "48小时内\n发货，请耐心等待", "物流"),
    Entry("b", "=1+1等于几", ("'=退货", "-5度能寄吗"), '+86 400 "电话"', "@其他"),
    Entry("c", "没有别的问法", (), "'''=嗯", ""),
)
SEPARATED = (Entry("a", "怎么退货", ("退货|流程", "退；货"), "可以"), Entry("b", "怎么换货", ("换货流程",), "可以"))


@pytest.mark.parametrize("ending", [".csv", ".jsonl"])
@pytest.mark.parametrize("entries", [ENTRIES, SEPARATED, ENTRIES[2:]])
def test_what_is_exported_is_imported_unchanged(ending: str, entries: tuple[Entry, ...]) -> None:
    data = export(f"faq{ending}", entries)
    parsed = parse(f"faq{ending}", data)
    assert parsed.problems == ()
    assert parsed.entries == entries
    assert export(f"faq{ending}", parsed.entries) == data


def test_no_cell_of_an_exported_csv_starts_a_formula() -> None:
    text = export("faq.csv", ENTRIES).decode("utf-8-sig")
    cells = [cell for row in csv.reader(io.StringIO(text, newline="")) for cell in row]
    assert any(cell.startswith("'=") for cell in cells)
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


def test_a_spreadsheet_shows_chinese_because_the_csv_has_a_mark() -> None:
    assert export("faq.csv", ENTRIES).startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize("name", ["faq.xlsx", "faq", "faq.txt"])
def test_other_endings_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match=r"use \.csv or \.jsonl"):
        export(name, ENTRIES)


@given(st.text() | st.from_regex(r"'*[=+\-@\t\r].*"))
def test_the_guard_is_taken_away_exactly(text: str) -> None:
    assert guard.off(guard.on(text)) == text
    assert not guard.on(text).startswith(("=", "+", "-", "@", "\t", "\r"))


_TEXT = st.text(
    st.characters(exclude_categories=["C", "Z"]) | st.sampled_from("'=+-@|；; 退货"), min_size=1, max_size=20
)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(_TEXT, st.lists(_TEXT, max_size=3), _TEXT, _TEXT), min_size=1, max_size=4))
def test_any_knowledge_survives_export_and_import(rows: list[tuple[str, list[str], str, str]]) -> None:
    entries: list[Entry] = []
    seen: set[str] = set()
    for number, (question, paraphrases, answer, category) in enumerate(rows):
        texts = [" ".join(f"{text} {number}".split()) for text in (question, *paraphrases)]
        keys = [normalise(text) for text in texts]
        if len(set(keys)) < len(keys) or seen & set(keys) or not (answer.strip() and category.strip()):
            continue
        seen.update(keys)
        entries.append(Entry(f"e{number}", texts[0], tuple(texts[1:]), answer.strip(), " ".join(category.split())))
    for ending in (".csv", ".jsonl") if entries else ():
        parsed = parse(f"faq{ending}", export(f"faq{ending}", entries))
        assert parsed.problems == ()
        assert list(parsed.entries) == entries
