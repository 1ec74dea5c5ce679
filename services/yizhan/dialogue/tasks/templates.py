"""Texts with places to fill: ``{order_number}``. Nothing else in braces has a meaning, and what is filled in has none."""

import re
from collections.abc import Mapping

_PLACE = re.compile(r"\{([a-z][a-z0-9_]{0,39})\}")

_SPACES = re.compile(r"  +")

UNKNOWN = "—"
"""Stands where a name means nothing to the values."""


def names(text: str) -> tuple[str, ...]:
    """The placeholders of a text, in order."""
    return tuple(_PLACE.findall(text))


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with its places filled, once: braces in a value stay as they are."""
    text = _PLACE.sub(lambda found: values.get(found[1], UNKNOWN), text)
    return "\n".join(_SPACES.sub(" ", line).rstrip() for line in text.split("\n"))


def argument(text: str, values: Mapping[str, str]) -> str | None:
    """An argument of a call; None when a slot in it is not filled."""
    found = names(text)
    if any(not values.get(name) for name in found):
        return None
    return _PLACE.sub(lambda place: values[place[1]], text)
