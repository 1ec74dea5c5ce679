"""A release is what an answer names as its source: it must not change, and it must find its entries."""

from datetime import UTC, datetime

import pytest

from yizhan.dialogue.knowledge.contents import Contents
from yizhan.dialogue.knowledge.entry import Entry
from yizhan.dialogue.knowledge.release import Release, ReleaseFacts, build_release

ENTRIES = (
    Entry("a", "什么时候发货", (), "48小时内。", "物流"),
    Entry("b", "怎么退货", (), "七天内。", "售后"),
    Entry("c", "运费多少", (), "8元。", "物流"),
    Entry("d", "别的", (), "好。", ""),
)


def release(entries: tuple[Entry, ...] = ENTRIES) -> Release:
    facts = ReleaseFacts(id="r1", workspace="default", number=3, built_at=datetime(2026, 1, 1, tzinfo=UTC))
    return build_release(facts, Contents(entries))


def test_a_release_finds_its_entries_by_id_and_by_question() -> None:
    made = release()
    found = made.matcher.match("请问怎么退货？")[0]
    assert made.entry(found.entry_id) == ENTRIES[1]
    assert made.entry("gone") is None


def test_categories_come_in_the_order_of_the_entries() -> None:
    assert release().categories == ("物流", "售后")


def test_entries_of_a_release_cannot_be_replaced() -> None:
    with pytest.raises(TypeError):
        release().targets["a"] = ENTRIES[1]  # type: ignore[index]


def test_two_entries_with_one_id_make_no_release() -> None:
    with pytest.raises(ValueError, match="ids must differ"):
        release((*ENTRIES, ENTRIES[0]))
