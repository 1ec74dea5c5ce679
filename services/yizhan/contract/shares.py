"""Shares as a contract writes them, ``95%`` or ``0.95``, and points out of 100."""

import re
from decimal import Decimal

_WRITTEN = re.compile(r"(\d{1,3}(?:\.\d{1,6})?)(%?)", re.ASCII)


class NotAShare(ValueError):
    """The text is no number, or one out of its range."""


def share(text: str) -> float:
    """From 0 to 1; ``99.9%`` and ``0.999`` are the same number. Raises NotAShare."""
    found = _WRITTEN.fullmatch(text)
    if found is None:
        raise NotAShare(text)
    number, percent = found.groups()
    value = Decimal(number) / 100 if percent else Decimal(number)
    if value > 1:
        raise NotAShare(text)
    return float(value)


def points(text: str) -> float:
    """From 0 to 100, without a percent sign. Raises NotAShare."""
    found = _WRITTEN.fullmatch(text)
    if found is None or found[2] or Decimal(found[1]) > 100:
        raise NotAShare(text)
    return float(found[1])


def percent(value: float) -> str:
    """A share as people read it: ``99.9%``."""
    return f"{Decimal(str(value)) * 100:f}".rstrip("0").rstrip(".") + "%" if value else "0%"
