"""From bytes to text, as editors in China save it: UTF-8 with or without mark, GB 18030, UTF-16 with mark."""

import codecs

REPLACED = "\ufffd"
"""Stands where bytes were no text; the cell that has it is a problem."""

_MOSTLY = 0.1


def decode(data: bytes) -> str | None:
    """The text, with ``REPLACED`` where single bytes are damaged; None when it is in no known encoding.

    GB 18030 accepts nearly any bytes, so a UTF-8 file with a few damaged bytes must not be taken for it: it would
    be published as garbage. It stays UTF-8 when nearly all of its non-ASCII characters are intact.
    """
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _strictly(data, "utf-16")
    text = data.decode("utf-8-sig", "replace")
    damaged = text.count(REPLACED)
    if not damaged or REPLACED.encode() in data:
        return text
    intact = sum(not character.isascii() for character in text) - damaged
    if damaged <= _MOSTLY * intact:
        return text
    return _strictly(data, "gb18030")


def _strictly(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None
