r"""JSON from clients that cut text in the middle of a character: read with a mark in its place instead of refused.

A character beyond U+FFFF (most emoji) is two units in UTF-16. JavaScript cuts between them as it is told to, and writes the
half as ``\ud83d``, which is no text: parsers, protobuf and databases refuse it. It becomes U+FFFD, the mark that
decoders use for what cannot be read; everything else stays as it was sent.
"""

import re

MARK = "\ufffd"

_ESCAPES = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)", re.DOTALL
)
_ANY_HALF = re.compile(rb"\\u[dD][89a-fA-F]", re.ASCII)


def mended_json(raw: bytes) -> bytes:
    """The same JSON without halves of characters, and without bytes that are no UTF-8. Linear; total on any bytes."""
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        raw = raw.decode("utf-8", "replace").encode()
    if not _ANY_HALF.search(raw):
        return raw
    return _ESCAPES.sub(lambda found: rb"\ufffd" if found[1] else found[0], raw)
