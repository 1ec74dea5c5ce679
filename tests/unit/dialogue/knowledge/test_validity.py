"""Which entries an editor sees who asks for those that are valid, expired, not valid yet, or about to end."""

from dataclasses import replace
from datetime import date

import pytest

from yizhan.dialogue.knowledge.entry import Entry
from yizhan.dialogue.knowledge.validity import Validity, fits

TODAY = date(2026, 11, 22)
NOW, LATER, EXPIRED, ENDING = Validity

CASES: dict[str, tuple[date | None, date | None, set[Validity]]] = {
    "without days": (None, None, {NOW}),
    "since last year": (date(2025, 1, 1), None, {NOW}),
    "from today on": (TODAY, None, {NOW}),
    "from tomorrow on": (date(2026, 11, 23), None, {LATER}),
    "until yesterday": (None, date(2026, 11, 21), {EXPIRED}),
    "today for the last time": (None, TODAY, {NOW, ENDING}),
    "for 30 more days": (None, date(2026, 12, 22), {NOW, ENDING}),
    "for 31 more days": (None, date(2026, 12, 23), {NOW}),
    "next week only": (date(2026, 11, 29), date(2026, 12, 5), {LATER}),
    "last week only": (date(2026, 11, 9), date(2026, 11, 15), {EXPIRED}),
    "never: it ends before it begins": (date(2026, 12, 1), date(2026, 11, 1), {EXPIRED}),
}


@pytest.mark.parametrize("case", CASES)
def test_an_entry_is_found_where_it_belongs(case: str) -> None:
    begins, ends, expected = CASES[case]
    entry = replace(Entry("sale", "双十一几折", (), "五折。"), valid_from=begins, valid_until=ends)
    assert {one for one in Validity if fits(entry, one, TODAY)} == expected
