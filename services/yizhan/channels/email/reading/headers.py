"""The head of a mail or a part, as bytes gave it: names in small letters, values unfolded, nothing refused."""

import re
from dataclasses import dataclass

from yizhan.channels.email.reading import limits
from yizhan.channels.email.reading.characters import plainly
from yizhan.channels.email.reading.limits import Clipped

_NAME = re.compile(rb"([!-9;-~]{1,100})[ \t]*:[ \t]*")


@dataclass(frozen=True, slots=True)
class Head:
    """All headers in their order. Values are text as it stands there, encoded words not yet read."""

    fields: tuple[tuple[str, str], ...] = ()

    def first(self, name: str) -> str:
        """The value of the first of this name; empty where there is none."""
        return next((value for key, value in self.fields if key == name), "")

    def every(self, name: str) -> tuple[str, ...]:
        return tuple(value for key, value in self.fields if key == name)

    def has(self, name: str) -> bool:
        return any(key == name for key, _ in self.fields)


def split(raw: bytes, start: int, end: int, clipped: Clipped) -> tuple[Head, int]:
    """The head of what lies between the two positions, and where its body begins."""
    fields: list[tuple[bytes, bytes]] = []
    at, room = start, limits.HEAD_BYTES
    while at < end:
        stop = _line_end(raw, at, end)
        line = raw[at : min(stop, at + limits.HEADER_BYTES)].rstrip(b"\r\n")
        if not line.strip():
            return _head(fields), stop
        if line[:1] in b" \t":
            if fields and room > 0 and len(fields[-1][1]) < limits.HEADER_BYTES:
                fields[-1] = (fields[-1][0], fields[-1][1] + b" " + line.strip())
            elif fields:
                clipped("headers")
        elif found := _NAME.match(line):
            if room > 0 and len(fields) < limits.HEADERS:
                fields.append((found[1], line[found.end() :]))
            else:
                clipped("headers")
        elif not (at == start and line.startswith((b"From ", b">From "))) and not _goes_on(raw, stop, end):
            return _head(fields), at  # the line that parts head and body is missing
        room -= len(line)
        at = stop
    return _head(fields), end


def _goes_on(raw: bytes, at: int, end: int) -> bool:
    """Whether a header or the end of the head follows: then the line before was only rubbish among headers."""
    line = raw[at : min(end, at + 200)].partition(b"\n")[0]
    return at < end and (not line.strip() or _NAME.match(line) is not None)


def _line_end(raw: bytes, at: int, end: int) -> int:
    found = raw.find(b"\n", at, end)
    return end if found < 0 else found + 1


def _head(fields: list[tuple[bytes, bytes]]) -> Head:
    return Head(tuple((name.decode("ascii").lower(), plainly(value[: limits.HEADER_BYTES])) for name, value in fields))
