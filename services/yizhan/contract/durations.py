"""Lengths of time as a contract writes them: ``10s``, ``30m``, ``2h``, ``1d12h``. Whole seconds; a day is 24 hours."""

import re
from datetime import timedelta

LONGEST = timedelta(days=3650)

_DAY = timedelta(days=1)
_IN_DAYS = 3 * _DAY

_WRITTEN = re.compile(r"(?:(\d{1,4})d)?(?:(\d{1,5})h)?(?:(\d{1,7})m)?(?:(\d{1,9})s)?", re.ASCII)
_UNITS = (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1))


class NotADuration(ValueError):
    """The text is no length of time, or one of nothing, or one above `LONGEST`."""


def duration(text: str) -> timedelta:
    """Raises NotADuration."""
    found = _WRITTEN.fullmatch(text)
    if found is None or not text:
        raise NotADuration(text)
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    length = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    if not timedelta() < length <= LONGEST:
        raise NotADuration(text)
    return length


def written(length: timedelta) -> str:
    """A text that `duration` reads as this; ``0s`` for nothing. Parts of a second are left out.

    Days are told from three on: 24 hours of a calendar that closes are not a day.
    """
    left = length // timedelta(seconds=1)
    parts = []
    for unit, seconds in _UNITS if length >= _IN_DAYS and not length % _DAY else _UNITS[1:]:
        number, left = divmod(left, seconds)
        if number:
            parts.append(f"{number}{unit}")
    return "".join(parts) or "0s"
