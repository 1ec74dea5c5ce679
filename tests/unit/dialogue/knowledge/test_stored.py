"""What is stored reads back as it was, also what an earlier version stored."""

import gzip
import json
from dataclasses import replace
from datetime import date

import pytest

from yizhan.core.messages import content as c
from yizhan.dialogue.knowledge.entry import Entry, Variant
from yizhan.dialogue.knowledge.stored import (
    entry_bytes,
    entry_from,
    packed_documents,
    packed_entries,
    packed_for_the_version_before,
    unpacked_documents,
    unpacked_entries,
)

PLAIN = Entry("a", "什么时候发货", ("多久发货",), "48小时内。", "物流")
FULL = Entry(
    "b",
    "怎么退货",
    (),
    "见下。\n{{phone}}",
    variants=(Variant("wechat", "点菜单"), Variant("email", "见附件")),
    valid_from=date(2026, 11, 1),
    valid_until=date(2026, 12, 31),
    attachments=(
        c.Link("https://shop.example/r", "退货"),
        c.Image(c.Media("0" * 64, "image/png", "a.png", 10)),
        c.File(c.Media("0" * 64, "image/png", "a.png", 10)),
        c.GoodsCard("g1", "茶杯", 1900),
    ),
)


@pytest.mark.parametrize("entry", [PLAIN, FULL], ids=["a plain entry", "an entry with everything"])
def test_an_entry_reads_back_as_it_was(entry: Entry) -> None:
    assert entry_from(entry_bytes(entry)) == entry
    assert unpacked_entries(packed_entries([entry])) == (entry,)


def test_more_entries_than_are_read_at_once_read_back_as_they_were() -> None:
    entries = tuple(replace(FULL if number % 3 else PLAIN, id=f"e{number}", answer="一,\n二") for number in range(700))
    assert unpacked_entries(packed_entries(entries)) == entries
    assert unpacked_entries(packed_entries(())) == ()


def test_entries_are_stored_in_a_form_that_the_version_before_reads() -> None:
    rows = json.loads(gzip.decompress(packed_entries([PLAIN, FULL])))
    assert [row["id"] for row in rows] == ["a", "b"]


def test_the_same_entries_are_the_same_bytes() -> None:
    assert packed_entries([PLAIN, FULL]) == packed_entries([PLAIN, FULL])


def test_documents_read_back_as_they_were() -> None:
    documents = {"tasks/order": "name: order\n", "guards": "规则"}
    assert unpacked_documents(packed_documents(documents)) == documents


def test_what_the_version_before_stored_reads_as_it_was_meant() -> None:
    row = {
        "id": "a",
        "question": "什么时候发货",
        "paraphrases": ["多久发货"],
        "answer": "48小时内。",
        "category": "物流",
    }
    assert unpacked_entries(gzip.compress(json.dumps([row]).encode())) == (PLAIN,)


def test_the_version_before_is_given_the_members_that_it_knows() -> None:
    (row,) = json.loads(gzip.decompress(packed_for_the_version_before([FULL])))
    assert row == {"id": "b", "question": "怎么退货", "paraphrases": [], "answer": "见下。\n{{phone}}", "category": ""}


@pytest.mark.parametrize(
    "damaged",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"nonsense", id="no archive"),
        pytest.param(gzip.compress(b"{}"), id="no list"),
        pytest.param(gzip.compress(b""), id="nothing"),
        pytest.param(gzip.compress(b"[{}]"), id="no entry"),
        pytest.param(gzip.compress(b'[{"id": "a",\n]'), id="half a list"),
    ],
)
def test_what_is_damaged_is_refused_by_name(damaged: bytes) -> None:
    with pytest.raises((ValueError, OSError, EOFError)):
        unpacked_entries(damaged)
