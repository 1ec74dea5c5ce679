"""What the texts of a file become before they are stored, and which are refused."""

import re

from yizhan.dialogue.knowledge.files import problems as p
from yizhan.dialogue.knowledge.files.decode import REPLACED

_NEWLINES = re.compile(r"\r\n?")
_SPACES = re.compile(r"\s+")
_INVISIBLE = re.compile("[\ufeff\u200b\u2060]")
_NEVER_TEXT = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef"
    + "".join(chr(plane << 16 | 0xFFFE) + chr(plane << 16 | 0xFFFF) for plane in range(17))
    + "]"
)
"""Control characters but tab and line ends, what turns the direction of reading around, half characters, noncharacters.

Merely unassigned code points are let through: they may be an emoji newer than our tables.
"""


def with_newlines(text: str) -> str:
    """The text with one line feed for every line end."""
    return _NEWLINES.sub("\n", text)


def clean(text: str, *, lines: bool) -> str:
    """Without invisible characters and outer space; line breaks are kept only where ``lines`` says so."""
    text = with_newlines(_INVISIBLE.sub("", text)).strip()
    return text if lines else _SPACES.sub(" ", text)


def unprintable(text: str) -> p.Reason | None:
    """Why a text cannot be shown to people, or None."""
    if REPLACED in text:
        return p.UNDECODABLE_TEXT
    return p.CONTROL_CHARACTERS if _NEVER_TEXT.search(text) else None
