"""Lengths of time as people type them: 90d, 12h, 30m, 45s."""

import re
from datetime import timedelta

from yizhan.cli.asking import Refusal

_FORM = re.compile(r"([0-9]{1,6})([dhms])")
_UNITS = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds"}


def duration(text: str, option: str) -> timedelta:
    """Raises Refusal."""
    match = _FORM.fullmatch(text.strip())
    if match is None:
        raise Refusal(f"{option} must be a number and d, h, m or s, such as 90d or 12h")
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


def expiry(text: str) -> timedelta | None:
    """Empty: never. Raises Refusal for none at all and for one that no calendar has."""
    if not text:
        return None
    length = duration(text, "--expires")
    if not timedelta() < length <= timedelta(days=3650):
        raise Refusal("--expires must be between 1s and 3650d")
    return length
