"""How a call to a business's system can go wrong: a closed set."""

from collections.abc import Mapping
from datetime import timedelta


class ConnectorError(Exception):
    """The four subclasses are the whole set. ``reason`` is a static name; no text of a customer or a system is in it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NotFound(ConnectorError):
    """The system knows no such order, application or appointment."""


class RefusedByRule(ConnectorError):
    """A rule of the business forbids it; asking again is of no use. Nothing was changed.

    ``reason`` is the rule's name; ``text`` is what the business says to the customer; ``facts`` are its figures
    ("days": "7").
    """

    def __init__(self, reason: str, text: str = "", facts: Mapping[str, str] | None = None) -> None:
        super().__init__(reason)
        self.text = text
        self.facts = dict(facts or {})


class Unavailable(ConnectorError):
    """No answer, now. ``sent``: the system may have got the call and acted on it. ``after``: when it wants to be asked."""

    def __init__(self, reason: str, *, sent: bool, after: timedelta | None = None) -> None:
        super().__init__(reason)
        self.sent = sent
        self.after = after


class BadAnswer(ConnectorError):
    """It answered with something else than was agreed. ``acted``: what it did meanwhile is not known; else it did nothing."""

    def __init__(self, reason: str, *, acted: bool = True) -> None:
        super().__init__(reason)
        self.acted = acted
