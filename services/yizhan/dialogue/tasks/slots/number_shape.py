r"""The shape of a business's numbers, given as a small part of the regular expressions: ``\d{8}-\d{5}``, ``[A-Z]{2}\d{6,10}``.

Only what can be matched in few steps on any text is allowed: characters, ``\d``, classes such as ``[A-Z0-9]``, counts ``{m}``,
``{m,n}`` and ``?``, and alternatives divided by ``|``. No groups, no unbounded repetition, at most three counts that vary.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_ITEM = re.compile(
    r"(?P<what>\\d|\[(?:[A-Za-z0-9]-[A-Za-z0-9]|[A-Za-z0-9]){1,40}\]|[A-Za-z0-9])(?P<count>\?|\{[0-9]{1,2}(?:,[0-9]{1,2})?\})?"
    r"|\\?(?P<between>[-_./ #])"
)
_LONGEST_PATTERN = 200
_MOST_VARYING = 3
_LONGEST_RUN = 40
_SLIP = "[-_. /,~·]{0,3}"
"""What customers type between two parts, or leave out."""
_BREATH = "[-_ ]?"
"""What they type between the letters that a number begins with and its digits, where nothing belongs: SJ 100001."""
_BEFORE = "(?<![0-9a-z@])"
_AFTER = r"(?![0-9a-z@])(?!\.[0-9a-z])"
_DEFAULT = re.compile(
    _BEFORE
    + r"(?:(?<![./])|(?<=no\.))[0-9a-z]++(?:[-_][0-9a-z]++){0,30}(?![-_][0-9a-z])(?![@a-z0-9])(?!\.[a-z])(?!://)"
)
_SHORTEST, _LONGEST = 6, 32


class ShapeRefused(ValueError):
    """A business's pattern for its numbers cannot be used; the message says why, in one line."""


@dataclass(frozen=True, slots=True)
class Shape:
    """One compiled alternative per way to write the number, and what stands between its parts."""

    pattern: str
    alternatives: tuple[tuple[re.Pattern[str], tuple[str, ...]], ...]

    def places(self, text: str) -> Iterator[tuple[str, int, int]]:
        """Every number of this shape in a folded text: its canonical form in capitals, start and end."""
        taken = bytearray(len(text))
        for compiled, between in self.alternatives:
            for match in compiled.finditer(text):
                start, end = match.span()
                if any(taken[start:end]):
                    continue
                taken[start:end] = b"\1" * (end - start)
                parts = match.groups()
                value = parts[0] + "".join(mark + part for mark, part in zip(between, parts[1:], strict=True))
                yield value.upper(), start, end


def shape(pattern: str) -> Shape:
    """Read a pattern. Raises ``ShapeRefused``."""
    bare = pattern.removeprefix("^").removesuffix("$")
    if not bare or len(pattern) > _LONGEST_PATTERN:
        raise ShapeRefused(f"a pattern has 1 to {_LONGEST_PATTERN} characters")
    return Shape(pattern, tuple(_alternative(each) for each in bare.split("|")))


def letters_and_digits(text: str) -> Iterator[tuple[str, int, int]]:
    """What may be a number where no shape is given: value in capitals, start and end in the folded text."""
    for match in _DEFAULT.finditer(text):
        bare = sum(character.isalnum() for character in match.group())
        if _SHORTEST <= bare <= _LONGEST and any(character.isdigit() for character in match.group()):
            yield match.group().upper(), match.start(), match.end()


def _alternative(pattern: str) -> tuple[re.Pattern[str], tuple[str, ...]]:
    parts = [""]
    between: list[str] = []
    slips: list[str] = []
    varying = at = 0
    while at < len(pattern):
        item = _ITEM.match(pattern, at)
        if item is None:
            raise ShapeRefused(f"not understood at character {at + 1} of {pattern!r}")
        at = item.end()
        if item["between"]:
            if not parts[-1]:
                raise ShapeRefused(f"two separators together, or one at the beginning, in {pattern!r}")
            between.append(item["between"])
            slips.append(_SLIP)
            parts.append("")
            continue
        if item["what"] == r"\d" and len(parts[-1]) > 1 and parts[-1].isalpha():
            between.append("")
            slips.append(_BREATH)
            parts.append("")
        count = _count(item["count"] or "", pattern)
        varying += count.startswith("{0,") or "," in count
        parts[-1] += _characters(item["what"]) + count
    if not parts[-1]:
        raise ShapeRefused(f"nothing after the last separator, or an empty alternative, in {pattern!r}")
    if varying > _MOST_VARYING:
        raise ShapeRefused(f"more than {_MOST_VARYING} counts that vary in {pattern!r}")
    body = "".join(f"({part}){slip}" for part, slip in zip(parts, [*slips, ""], strict=True))
    return re.compile(_BEFORE + body + _AFTER), tuple(between)


def _characters(what: str) -> str:
    return "[0-9]" if what == r"\d" else what.lower()


def _count(count: str, pattern: str) -> str:
    if count == "?":
        return "{0,1}"
    if not count:
        return ""
    low, _, high = count[1:-1].partition(",")
    if not 0 <= int(low) <= int(high or low) <= _LONGEST_RUN:
        raise ShapeRefused(f"a count is from 0 to {_LONGEST_RUN}, the smaller first, in {pattern!r}")
    return count
