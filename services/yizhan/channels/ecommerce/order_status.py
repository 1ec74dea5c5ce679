"""What platforms' states of orders and refunds mean: a phase for programs, and words for the buyer."""

from collections.abc import Mapping
from dataclasses import dataclass

UNPAID = "unpaid"
PAID = "paid"
SHIPPED = "shipped"
DELIVERING = "delivering"
RECEIVED = "received"
CANCELLED = "cancelled"
REFUNDING = "refunding"
UNKNOWN = ""
"""The platform says something that its table does not have: its own word is shown, and nothing is concluded from it."""


@dataclass(frozen=True, slots=True)
class Status:
    """One state. ``phase`` is one of those of ``Order`` in orders.proto."""

    phase: str
    zh: str
    en: str

    def words(self, locale: str) -> str:
        return self.zh if chinese(locale) else self.en


Statuses = Mapping[str, Status]
"""By the platform's own name or number of the state, as text."""


def status_in(table: Statuses, raw: str) -> Status:
    """What a state means; of one that is not in the table only the platform's own word."""
    return table.get(raw) or Status(UNKNOWN, raw, raw)


def chinese(locale: str) -> bool:
    """Whether a buyer of this locale is told in Chinese."""
    return not locale or locale.lower().startswith("zh")
