"""How an entry stands to a day: what editors filter their entries by. Pure."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from enum import StrEnum

from yizhan.dialogue.knowledge.entry import Entry

SOON = timedelta(days=30)
"""An entry that is valid, and not for longer than this, is about to end."""


class Validity(StrEnum):
    NOW = "now"
    LATER = "later"
    EXPIRED = "expired"
    ENDING = "ending"


def fits(entry: Entry, validity: Validity, day: date) -> bool:
    """Whether an entry stands so on this day of the business's calendar; one that is about to end is valid, too."""
    return _FITS[validity](entry, day)


def _later(entry: Entry, day: date) -> bool:
    return not _expired(entry, day) and entry.valid_from is not None and entry.valid_from > day


def _expired(entry: Entry, day: date) -> bool:
    return entry.valid_until is not None and entry.valid_until < day


def _ending(entry: Entry, day: date) -> bool:
    return entry.valid_on(day) and entry.valid_until is not None and entry.valid_until <= day + SOON


_FITS: Mapping[Validity, Callable[[Entry, date], bool]] = {
    Validity.NOW: Entry.valid_on,
    Validity.LATER: _later,
    Validity.EXPIRED: _expired,
    Validity.ENDING: _ending,
}
