"""Keeps customers' data and secrets out of logs: by the name of a value, and by what it looks like.

The last step before a line is written. It errs on the side of hiding: a number that looks like a phone number is hidden
even where it is none. Ids of ours (UUIDs, hashes) stay readable, because a support case is found by them.
"""

import math
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, time, timedelta
from enum import Enum
from pathlib import PurePath
from typing import Any
from uuid import UUID

MAX_CHARS = 2_000
"""Longer text is cut; what is cut off is only counted."""

_MAX_DEPTH = 5
_MAX_ITEMS = 100

_SECRET_KEY = re.compile(
    r".*(password|passwd|secret|token|jwt|hmac|signature|authorization|cookie|credential|api_?key|private_?key|csrf)s?"
    r"|(.*_)?(pwd|sig|auth|otp|pin|ticket_code)"
)
_PRIVATE_KEY = re.compile(
    r"(.*_)?(text|texts|body|content|contents|question|answer|prompt|comment|note|caption|transcript|payload|title|label"
    r"|phone|mobile|tel|email|mail|id_?card|identity|real_?name|customer_?name|display_?name|nickname)"
)

# Digits, letters and signs typed in full width count as the plain ones; one character each, so that positions agree.
_PLAIN = str.maketrans({chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)} | {"\u3000": " "})

_BORING = re.compile(r"[a-z_]{0,24}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""Most values by far: short codes and ids. They need no further look."""

_SUSPECT = re.compile(r"[@=:]|[0-9](?:[ -]?[0-9]){6}|eyJ|yz1\.|(?i:bearer|basic|digest)[ ]")
"""Every shape below holds one of these. Looking for them first costs a tenth, and most text has none."""

_SHAPES = re.compile(
    r"""
      (?P<keep>
          (?<![0-9A-Za-z])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![0-9A-Za-z])
        | (?<![0-9A-Za-z])(?=[0-9]{0,63}[a-f])[0-9a-f]{32,64}(?![0-9A-Za-z])
        | (?<![0-9])[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?(?![0-9])
      )
    | (?P<url> (?P<scheme>[A-Za-z][A-Za-z0-9+.-]{0,20}://) [^\s/@:]{0,256} : \S{0,512} @ )
    | (?P<header> (?P<header_name>(?i:(?:set-)?cookie|authorization)["']?[ ]{0,3}[=:]) [^\r\n]* )
    | (?P<named>
          (?P<name>
              (?i:password|passwd|pwd|secret|token|jwt|hmac|api_?key|signature|csrf)["']?[ ]{0,3}[=:][ ]{0,3}
            | (?<=[?&])(?i:sig|ticket|code|key|auth)=
          )
          (?:"[^"]*"? | '[^']*'? | [^\s"'&,;<>]+)
      )
    | (?P<token>
          yz1\.[A-Za-z0-9_.-]+
        | (?<![A-Za-z0-9])eyJ[A-Za-z0-9_-]{5,}(?:\.[A-Za-z0-9_-]*)*
        | (?<![A-Za-z0-9])(?i:bearer|basic|digest)[ ]+[^\s,;"']+
      )
    | (?P<email> [^\s@<>()",;:\\\[\]]{1,64} @ [\w-]{1,63} (?:\.[\w-]{1,63}){1,8} )
    | (?P<number>
          (?<![0-9])[0-9]{6}[ -]?[0-9]{8}[ -]?[0-9]{3}[0-9Xx](?![0-9])
        | (?<![0-9])(?:\+?(?:00)?86[ -]?)?1[3-9][0-9][ -]?[0-9]{4}[ -]?[0-9]{4}(?![0-9])
        | (?<![0-9])[0-9]{4}(?:[ -][0-9]{4}){2}[ -][0-9]{3,4}(?:[ -]?[0-9]{1,3})?(?![0-9])
        | (?<![0-9])[0-9]{4}[ -][0-9]{6}[ -][0-9]{5}(?![0-9])
        | (?<![0-9])[0-9]{15,19}(?![0-9])
        | \+[0-9]{1,3}[ -]?[0-9](?:[ -]?[0-9]){5,13}(?![0-9])
        | (?<![0-9])0[0-9]{2,3}-[0-9]{7,8}(?![0-9])
      )
    """,
    re.VERBOSE,
)


def redact(event: Mapping[str, Any]) -> dict[str, Any]:
    """The event with what must not be logged taken out, in values that JSON can hold."""
    return {str(key): _value(str(key), value, 0) for key, value in event.items()}


def redact_text(text: str) -> str:
    """The text with phone, card and ID numbers, e-mail addresses, tokens and passwords hidden, and cut to size."""
    if _BORING.fullmatch(text):
        return text
    window = text[: MAX_CHARS * 2]
    plain = window if window.isascii() else window.translate(_PLAIN)
    if len(text) <= MAX_CHARS and not _SUSPECT.search(plain):
        return text
    pieces: list[str] = []
    done = 0
    for match in _SHAPES.finditer(plain):
        if match.lastgroup != "keep":
            pieces += (window[done : match.start()], _mask(match))
            done = match.end()
    clean = "".join((*pieces, window[done:]))
    cut = len(text) - len(window) + max(0, len(clean) - MAX_CHARS)
    return f"{clean[:MAX_CHARS]}…[{cut} more]" if cut else clean


def _mask(match: re.Match[str]) -> str:
    match match.lastgroup:
        case "url":
            return f"{match['scheme']}[hidden]@"
        case "header":
            return f"{match['header_name']} [hidden]"
        case "named":
            return f"{match['name']}[hidden]"
        case kind:
            return f"[{kind}]"


def _value(key: str, value: Any, depth: int) -> Any:
    name = key.lower().replace("-", "_")
    if value is None or isinstance(value, bool):
        return value
    if _SECRET_KEY.fullmatch(name):
        return "[hidden]"
    if _PRIVATE_KEY.fullmatch(name):
        return f"[{len(value)} hidden]" if isinstance(value, (str, bytes)) else "[hidden]"
    return _plain(value, depth)


def _plain(value: Any, depth: int) -> Any:
    """A value of an innocent name: its kind decides. Objects of ours are named, never printed: they hold messages."""
    if isinstance(value, Enum):
        return _plain(value.value, depth)
    for kinds, clean in _KINDS:
        if isinstance(value, kinds):
            return clean(value)
    if depth >= _MAX_DEPTH:
        return "[deeper]"
    if isinstance(value, Mapping):
        return {redact_text(str(name)): _value(str(name), item, depth + 1) for name, item in _some(value.items())}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(item, depth + 1) for item in _some(value)]
    return f"<{type(value).__name__}>"


def _number(value: int) -> int | str:
    """Long numbers are looked at like text; nothing of ten digits or fewer is a phone number."""
    if abs(value) < 10**10:
        return value
    return "[number]" if value.bit_length() > 64 or redact_text(str(value)) != str(value) else value


_KINDS: tuple[tuple[tuple[type, ...], Callable[[Any], Any]], ...] = (
    ((bool, type(None)), lambda value: value),
    ((str,), redact_text),
    ((int,), _number),
    ((float,), lambda value: value if math.isfinite(value) else str(value)),
    ((bytes, bytearray, memoryview), lambda value: f"[{len(value)} bytes]"),
    ((UUID, PurePath, date, time, timedelta), lambda value: redact_text(str(value))),
    ((BaseException,), lambda value: type(value).__name__),
    ((type,), lambda value: value.__name__),
)


def _some(items: Iterable[Any]) -> Iterable[Any]:
    for number, item in enumerate(items):
        if number == _MAX_ITEMS:
            return
        yield item
