"""The part of a file that a request asks for (``Range``, RFC 9110): players seek in a video without loading it whole."""

import re
from dataclasses import dataclass

_SINGLE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})", re.IGNORECASE)


class Unsatisfiable(Exception):
    """No byte of the file lies in the range: 416."""


@dataclass(frozen=True, slots=True)
class Part:
    """The bytes from ``start`` to before ``stop`` of a file of ``size`` bytes."""

    start: int
    stop: int
    size: int

    @property
    def content_range(self) -> str:
        """The header of the answer."""
        return f"bytes {self.start}-{self.stop - 1}/{self.size}"


def part_of(asked: str, size: int) -> Part | None:
    """What a ``Range`` header asks for; None: the whole file. Raises Unsatisfiable.

    Several ranges at once, other units and what cannot be read are answered with the whole file, as the RFC allows.
    """
    found = _SINGLE.fullmatch(asked.replace(" ", ""))
    if found is None:
        return None
    first, last = found.groups()
    if not first and not last:
        return None
    if not first:
        start, stop = max(0, size - int(last)), size
    else:
        start, stop = int(first), min(int(last) + 1, size) if last else size
        if last and int(last) < start:
            return None  # not a range at all, says the RFC
    if start >= stop:
        raise Unsatisfiable
    return Part(start, stop, size)
