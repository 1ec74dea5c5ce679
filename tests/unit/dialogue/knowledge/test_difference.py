"""What an editor is shown to have changed between two states."""

from dataclasses import replace
from datetime import date

from yizhan.core.messages import content as c
from yizhan.dialogue.knowledge.contents import Contents
from yizhan.dialogue.knowledge.difference import difference
from yizhan.dialogue.knowledge.entry import Entry, Variant

SHIP = Entry("ship", "什么时候发货", ("多久发货",), "48小时内。", "物流")
BACK = Entry("back", "怎么退货", (), "在订单页。")


def told(before: Contents, after: Contents) -> list[tuple[str, str, list[tuple[str, str, str]]]]:
    return [
        (one.kind, one.entry_id, [(field.field, field.before, field.after) for field in one.fields])
        for one in difference(before, after).entries
    ]


def test_equal_states_do_not_differ_wherever_entries_are_listed() -> None:
    found = difference(Contents((SHIP, BACK), {"guards": "x"}), Contents((BACK, SHIP), {"guards": "x"}))
    assert (found.entries, found.documents) == ((), ())


def test_every_field_that_differs_is_shown_with_both_values_and_no_other() -> None:
    changed = replace(
        SHIP,
        paraphrases=("多久发货", "几天发货"),
        variants=(Variant("wechat", "很快"),),
        valid_until=date(2026, 12, 31),
        attachments=(c.Link("https://shop.example/a", "说明"),),
    )
    ((kind, entry_id, fields),) = told(Contents((SHIP,)), Contents((changed,)))
    assert (kind, entry_id) == ("changed", "ship")
    assert fields[0] == ("paraphrases", "多久发货", "多久发货\n几天发货")
    assert ("answer_wechat", "", "很快") in fields
    assert ("valid_until", "", "2026-12-31") in fields
    ((name, before, after),) = [field for field in fields if field[0] == "attachments"]
    assert (name, before) == ("attachments", "")
    assert "https://shop.example/a" in after
    assert len(fields) == 4


def test_added_and_removed_entries_are_shown_whole() -> None:
    assert told(Contents((SHIP,)), Contents((BACK,))) == [
        ("added", "back", [("question", "", "怎么退货"), ("answer", "", "在订单页。")]),
        (
            "removed",
            "ship",
            [
                ("question", "什么时候发货", ""),
                ("paraphrases", "多久发货", ""),
                ("answer", "48小时内。", ""),
                ("category", "物流", ""),
            ],
        ),
    ]


def test_documents_are_compared_by_their_names() -> None:
    before = Contents((), {"guards": "a", "variables": "x", "tests": "same"})
    after = Contents((), {"guards": "b", "tasks/order": "t", "tests": "same"})
    assert [(one.name, one.kind, one.before, one.after) for one in difference(before, after).documents] == [
        ("guards", "changed", "a", "b"),
        ("tasks/order", "added", "", "t"),
        ("variables", "removed", "x", ""),
    ]
