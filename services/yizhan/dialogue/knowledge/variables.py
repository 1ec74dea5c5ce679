r"""Variables in answers: ``{{name}}`` stands for a value that a release keeps once, such as a telephone number.

A name is of letters (Chinese ones too), digits, ``_``, ``.`` and ``-``; blanks around it do not count. Single braces
are text; ``\{{`` is the text ``{{``, and ``\\{{name}}`` a backslash before a value.
"""

import re
from collections.abc import Mapping

MOST_NAME_CHARS = 64

_NAME = rf"\w[\w.\-]{{0,{MOST_NAME_CHARS - 1}}}"
_NAMED = re.compile(_NAME)
# Backslashes are counted once, from the first on, and not again from each of them.
_OPENING = re.compile(rf"(?<!\\)(?P<escapes>\\*+)\{{\{{(?:[ \t]*+(?P<name>{_NAME})[ \t]*+\}}\}})?")
_FULL_WIDTH = re.compile(rf"｛｛\s*+{_NAME}\s*+｝｝")
_SHOWN_CHARS = 20


class UnknownVariable(ValueError):
    """A text names variables that have no value; ``names`` in the order of the text."""

    def __init__(self, names: tuple[str, ...]) -> None:
        super().__init__(f"no value for {', '.join(names)}")
        self.names = names


def is_name(text: str) -> bool:
    """Whether a variable may be called so."""
    return _NAMED.fullmatch(text) is not None


def names(text: str) -> tuple[str, ...]:
    """The variables that a text uses, each once, in the order of the text."""
    found = (name for opening in _OPENING.finditer(text) if (name := _used(opening)))
    return tuple(dict.fromkeys(found))


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with its values; braces in a value are text. Raises UnknownVariable, naming all that have none."""
    unknown = tuple(name for name in names(text) if name not in values)
    if unknown:
        raise UnknownVariable(unknown)
    return _OPENING.sub(lambda opening: _filled(opening, values), text)


def malformed(text: str) -> str | None:
    """The start of the first piece that looks like a variable and is none, or None: customers would read the braces."""
    for opening in _OPENING.finditer(text):
        if opening["name"] is None and not _escaped(opening):
            start = opening.end("escapes")
            return text[start : start + _SHOWN_CHARS]
    full_width = _FULL_WIDTH.search(text)
    return full_width.group()[:_SHOWN_CHARS] if full_width else None


def _escaped(opening: re.Match[str]) -> bool:
    return len(opening["escapes"]) % 2 == 1


def _used(opening: re.Match[str]) -> str | None:
    return None if _escaped(opening) else opening["name"]


def _filled(opening: re.Match[str], values: Mapping[str, str]) -> str:
    kept = "\\" * (len(opening["escapes"]) // 2)
    name = _used(opening)
    return kept + (opening.group()[len(opening["escapes"]) :] if name is None else values[name])
