"""Bytes as text, whatever was declared about them; and text without what only disturbs who reads it."""

import codecs
import re

from charset_normalizer import from_bytes

# Reference F.4: programs declare the old name and write characters of the newest set.
_ALIASES = {
    "gb2312": "gb18030",
    "gb_2312-80": "gb18030",
    "gb2312-80": "gb18030",
    "csgb2312": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "cp936": "gb18030",
    "ms936": "gb18030",
    "windows-936": "gb18030",
    "euc-cn": "gb18030",
    "gb-18030": "gb18030",
    "hz": "hz",
    "hz-gb-2312": "hz",
    "big5": "big5hkscs",
    "cn-big5": "big5hkscs",
    "x-x-big5": "big5hkscs",
    "utf8mb4": "utf-8",
    "unicode-1-1-utf-8": "utf-8",
    "ansi_x3.4-1968": "us-ascii",
    "ks_c_5601-1987": "cp949",
    "iso-8859-8-i": "iso-8859-8",
    "x-sjis": "cp932",
    "shift_jis": "cp932",
}
_GUESSES = frozenset({"ascii", "iso8859-1", "cp1252"})
"""What programs declare that do not know better: other sets are tried first."""

_NOT_FOR_MAIL = frozenset(
    {"punycode", "idna", "unicode_escape", "raw_unicode_escape", "undefined", "utf_7", "mbcs", "oem"}
)
_SAMPLE = 8 << 10

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufeff\ufff9-\ufffb\ufffe\uffff]")
_LINE_ENDS = re.compile("\r\n?|[\u2028\u2029]")
_OVERRIDES = re.compile("[\u202d\u202e]")
_DIRECTIONS = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def decoded(raw: bytes, charset: str) -> str:
    """The text of some bytes. Total: what cannot be read becomes U+FFFD."""
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) and len(raw) % 2 == 0:
        return raw.decode("utf-16", "replace")
    name = known(charset)
    if not name or name in _GUESSES:
        return _sniffed(raw, name)
    try:
        text = raw.decode(name)
    except (UnicodeDecodeError, ValueError):
        return _second_best(raw, name)
    return _really_utf8(raw) or text if name == "gb18030" else text


def known(charset: str) -> str:
    """The codec's name for a declared set, empty for one that is none, or is none for mail."""
    wanted = charset.strip().strip("\"'").lower()[:60]
    try:
        codec = codecs.lookup(_ALIASES.get(wanted, wanted))
    except (LookupError, ValueError):  # ValueError: a NUL in the name
        return ""
    try:
        "".encode(codec.name)  # a codec between bytes and bytes is none for text, and says so only here
    except (LookupError, UnicodeError):
        return ""
    return "" if codec.name.replace("-", "_") in _NOT_FOR_MAIL else codec.name


def _really_utf8(raw: bytes) -> str:
    """UTF-8 under the name of a Chinese set often decodes as that, to rubbish. In the other direction it happens only by
    two-byte letters that Chinese text has none of.
    """
    if raw.isascii():
        return ""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        return ""
    return text if all(letter < "\x80" or letter >= "\u0800" for letter in text) else ""


def _second_best(raw: bytes, name: str) -> str:
    """Declared one set, written in another: the other if it fits without a single error."""
    for other in ("utf-8", "gb18030"):
        if other != name:
            try:
                return raw.decode(other)
            except UnicodeDecodeError:
                continue
    try:
        return raw.decode(name, "replace")
    except (UnicodeError, ValueError):  # some sets have no way to go on after an error
        return raw.decode("latin-1")


def _sniffed(raw: bytes, declared: str) -> str:
    for name in ("utf-8", "gb18030") if declared in {"", "ascii"} else ("utf-8",):
        try:
            return raw.decode(name)
        except UnicodeDecodeError:
            continue
    if declared in {"", "ascii"}:
        best = from_bytes(raw[:_SAMPLE]).best()
        if best is not None and known(best.encoding):
            return raw.decode(known(best.encoding), "replace")
    return raw.decode("cp1252" if declared == "cp1252" else "latin-1", "replace")


def plainly(raw: bytes) -> str:
    """A header's bytes, which by the rules are ASCII and by old programs are not."""
    for name in ("ascii", "utf-8", "gb18030"):
        try:
            return raw.decode(name)
        except UnicodeDecodeError:
            continue
    return raw.decode("latin-1")


def tidy(text: str) -> str:
    """A body without control characters, with plain line ends, in which nothing turns the reading direction over."""
    return _OVERRIDES.sub("", _CONTROL.sub("", _LINE_ENDS.sub("\n", text)))


def one_line(text: str, limit: int) -> str:
    """A header's text: one line, no marks of direction, cut at ``limit``."""
    return " ".join(_DIRECTIONS.sub("", _CONTROL.sub("", _LINE_ENDS.sub(" ", text)[: limit * 4])).split())[:limit]
