"""``name=value`` after a header's first word (RFC 2045), with RFC 2231 and what is sent in place of it."""

import re
from dataclasses import dataclass, field
from urllib.parse import unquote_to_bytes

from yizhan.channels.email.reading.characters import decoded
from yizhan.channels.email.reading.words import header_text

_PARAMETER = re.compile(r';\s*([^\s=;"*]{1,60})(\*\d{1,3})?(\*)?\s*=\s*("(?:[^"\\]|\\.)*"?|[^;]*)')
_KIND = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,60}/[a-z0-9][a-z0-9!#$&^_.+-]{0,80}")
_LONGEST = 1000


@dataclass(frozen=True, slots=True)
class Value:
    """A header's first word in small letters, and its parameters, decoded."""

    word: str
    parameters: dict[str, str] = field(default_factory=dict)

    def get(self, name: str) -> str:
        return self.parameters.get(name, "")


def value_of(header: str) -> Value:
    """Read a header such as Content-Type. Total."""
    word, _, _ = header.partition(";")
    pieces: dict[str, list[tuple[int, bool, str]]] = {}
    for name, place, extended, value in _PARAMETER.findall(header[len(word) :]):
        pieces.setdefault(name.lower(), []).append((int(place[1:]) if place else -1, bool(extended), _bare(value)))
    return Value(word.strip().lower(), {name: _joined(found) for name, found in pieces.items()})


def kind_of(value: Value, otherwise: str) -> str:
    """The media type if it is one, else ``otherwise``."""
    return value.word if _KIND.fullmatch(value.word) else otherwise


def _bare(value: str) -> str:
    text = value.strip()
    if text.startswith('"'):
        return re.sub(r"\\(.)", r"\1", text[1:-1] if len(text) > 1 and text.endswith('"') else text[1:])
    return text


def _joined(found: list[tuple[int, bool, str]]) -> str:
    """The pieces in their order; where a plain and an extended one are there, the extended one says more."""
    extended = sorted(piece for piece in found if piece[1] or piece[0] >= 0)
    if not extended:
        return header_text(found[0][2], _LONGEST)
    charset, raw = "", b""
    for place, percent, piece in extended:
        text = piece
        if percent and place <= 0 and piece.count("'") >= 2:
            charset, _, text = piece.split("'", 2)
        raw += unquote_to_bytes(text) if percent else text.encode("utf-8", "replace")
        if len(raw) > 4 * _LONGEST:
            break
    return header_text(decoded(raw, charset), _LONGEST)
