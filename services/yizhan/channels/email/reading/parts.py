"""A mail as a tree of parts (RFC 2046), over the mail's own bytes: nothing is copied until a part is looked at.

Our own and not the standard library's parser, because that one descends without a limit and gives headers back changed.
"""

import re
from dataclasses import dataclass

from yizhan.channels.email.reading import headers, limits
from yizhan.channels.email.reading.headers import Head
from yizhan.channels.email.reading.limits import Clipped
from yizhan.channels.email.reading.parameters import Value, kind_of, value_of
from yizhan.channels.email.reading.transfer import unwrapped

_MOST_BOUNDARY = 200


@dataclass(frozen=True, slots=True)
class Part:
    """``kind`` is the media type, ``type_`` the whole header. A leaf has no ``parts``, a multipart no ``body``."""

    head: Head
    kind: str
    type_: Value
    body: memoryview
    parts: tuple["Part", ...] = ()

    def data(self, most: int | None = None) -> bytes:
        """What the part holds, unwrapped, at most ``most`` bytes."""
        raw = bytes(self.body if most is None else self.body[: most * 4])
        return unwrapped(raw, self.head.first("content-transfer-encoding"))[:most]


class Reading:
    """One mail being taken apart; counts parts over the whole of it."""

    def __init__(self, raw: bytes, clipped: Clipped) -> None:
        self._raw = raw
        self._view = memoryview(raw)
        self._clipped = clipped
        self._left = limits.PARTS

    def root(self) -> Part:
        return self._part(0, len(self._raw), 0, "text/plain")

    def _part(self, start: int, end: int, depth: int, otherwise: str) -> Part:
        self._left -= 1
        head, body = headers.split(self._raw, start, end, self._clipped)
        type_ = value_of(head.first("content-type"))
        kind = kind_of(type_, otherwise)
        if kind.startswith("multipart/"):
            if parts := self._children(type_, body, end, depth, kind):
                return Part(head, kind, type_, self._view[0:0], parts)
            kind = "text/plain"  # no part in it: what stands there are the words
        return Part(head, kind, type_, self._view[body:end])

    def _children(self, type_: Value, start: int, end: int, depth: int, kind: str) -> tuple[Part, ...]:
        if depth >= limits.DEPTH:
            self._clipped("depth")
            return ()
        otherwise = "message/rfc822" if kind == "multipart/digest" else "text/plain"
        parts: list[Part] = []
        for first, last in self._between(self._boundary(type_, start, end), start, end):
            if self._left <= 0:
                self._clipped("parts")
                break
            parts.append(self._part(first, last, depth + 1, otherwise))
        return tuple(parts)

    def _boundary(self, type_: Value, start: int, end: int) -> bytes:
        """The declared one; where it is missing or leads nowhere, the first line that looks like one."""
        declared = type_.get("boundary").encode("utf-8", "replace")[:_MOST_BOUNDARY]
        if declared and self._raw.find(b"--" + declared, start, end) >= 0:
            return declared
        at = start if self._raw.startswith(b"--", start, end) else self._raw.find(b"\n--", start, end) + 1
        line = self._raw[at : min(end, at + _MOST_BOUNDARY)].partition(b"\n")[0].rstrip()
        return line[2:] if line.startswith(b"--") and re.search(rb"\w", line) and b" " not in line else b""

    def _between(self, boundary: bytes, start: int, end: int) -> list[tuple[int, int]]:
        """Where the parts lie. What comes before the first and after the last delimiter is for no one's eyes."""
        if not boundary:
            return []
        mark = b"--" + boundary
        spans: list[tuple[int, int]] = []
        opened, at = -1, start
        while (found := self._raw.find(mark, at, end)) >= 0:
            at = found + len(mark)
            stop = self._raw.find(b"\n", at, end)
            stop = end if stop < 0 else stop
            rest = self._raw[at : min(stop, at + 80)].strip()
            if (found > start and self._raw[found - 1] != 0x0A) or rest not in {b"", b"--"}:
                continue
            if opened >= 0:
                spans.append((opened, max(opened, found - (2 if self._raw[found - 2 : found] == b"\r\n" else 1))))
            opened = -1 if rest else min(stop + 1, end)
            if rest or len(spans) >= limits.PARTS:
                break
            at = stop
        if opened >= 0 and opened < end:
            spans.append((opened, end))
        return spans
