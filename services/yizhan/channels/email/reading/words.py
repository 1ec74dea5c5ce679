"""Encoded words in headers (RFC 2047), as they are written by programs that have not read it."""

import re
from collections.abc import Iterator

from yizhan.channels.email.reading.characters import decoded, one_line
from yizhan.channels.email.reading.transfer import from_base64, from_quoted

_WORD = re.compile(r"=\?([^?\s]{1,80})\?([bBqQ])\?([^?]*)\?=")


def header_text(value: str, limit: int) -> str:
    """A header's value for people: one line, decoded, at most ``limit`` characters."""
    return one_line("".join(_pieces(value)), limit)


def _pieces(value: str) -> Iterator[str]:
    """Neighbours of one set are joined before they are decoded: senders cut words in the middle of a character."""
    at, charset, pending = 0, "", b""
    for found in _WORD.finditer(value):
        between = value[at : found.start()]
        own = found[1].partition("*")[0].lower()
        if charset and (between.strip() or own != charset):
            yield decoded(pending, charset)
            pending = b""
        if not charset or between.strip():
            yield between
        charset = own
        pending += from_base64(_bytes(found[3])) if found[2] in "bB" else from_quoted(_bytes(found[3]), header=True)
        at = found.end()
    if charset:
        yield decoded(pending, charset)
    yield value[at:]


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "replace")
