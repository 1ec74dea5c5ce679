"""A release is what an answer names as its source: it must not change, and it must find its entries."""

from collections.abc import Mapping
from datetime import UTC, date, datetime

import pytest

from yizhan.dialogue.guards.parse import default_guards
from yizhan.dialogue.knowledge import building, engine
from yizhan.dialogue.knowledge.building import Order
from yizhan.dialogue.knowledge.contents import Contents
from yizhan.dialogue.knowledge.entry import Entry
from yizhan.dialogue.knowledge.release import Release, ReleaseFacts, build_release
from yizhan.dialogue.tasks.shipped import shipped_documents

ENTRIES = (
    Entry("a", "什么时候发货", (), "48小时内。", "物流"),
    Entry("b", "怎么退货", (), "七天内。", "售后"),
    Entry("c", "运费多少", (), "8元。", "物流"),
    Entry("d", "别的", (), "好。", ""),
)


FACTS = ReleaseFacts(id="r1", workspace="default", number=3, built_at=datetime(2026, 1, 1, tzinfo=UTC))


def release(entries: tuple[Entry, ...] = ENTRIES, documents: Mapping[str, str] | None = None) -> Release:
    contents = Contents(entries, documents or {})
    index, report = building.build(contents, Order(date(2026, 1, 1), 0.84, 0.08))
    return build_release(FACTS, contents, index=index, report=report)


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
    index, _ = building.build(Contents(ENTRIES), Order(date(2026, 1, 1), 0.84, 0.08))
    with pytest.raises((ValueError, engine.IndexDamaged)):
        build_release(FACTS, Contents((*ENTRIES, ENTRIES[0])), index=index)


def test_an_index_over_other_entries_is_refused() -> None:
    index, _ = building.build(Contents(ENTRIES), Order(date(2026, 1, 1), 0.84, 0.08))
    with pytest.raises(engine.IndexDamaged):
        build_release(FACTS, Contents(ENTRIES[:2]), index=index)


def test_a_task_is_found_by_the_phrasings_that_start_it_and_is_no_entry() -> None:
    text = dict(shipped_documents())["order_query.yaml"]
    made = release(documents={"tasks/order_query": text})
    task = made.tasks.named("order_query")
    assert task is not None
    found = made.matcher.match(task.triggers[0])[0]
    assert (found.entry_id, made.entry(found.entry_id)) == (task.target, None)
    assert made.targets[task.target].question == task.triggers[0]


def test_a_release_without_guards_of_its_own_has_those_that_every_business_has() -> None:
    assert release().guards.names == default_guards().names


def test_documents_that_cannot_be_read_are_as_if_they_were_not_there() -> None:
    """Only a release that was forced has them; it is never without guards."""
    broken = {"guards": "rules: [", "tasks/order_query": "task: [", "variables": "- a"}
    made = release(documents=broken)
    assert made.guards.names == default_guards().names
    assert made.tasks.tasks == {}
    assert made.variables == {}
    assert made.report is not None
    assert {one.where for one in made.report.errors} == {(name,) for name in broken}
