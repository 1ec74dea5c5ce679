"""A body as lines that know what they are: the writer's own, quoted from an earlier mail, or a signature."""

import re
from dataclasses import dataclass
from enum import Enum, auto

_QUOTED = re.compile(r"\s{0,3}(?:>|\|\s?>)")


class Made(Enum):
    """Who a line is from, as far as its form says."""

    OWN = auto()
    QUOTED = auto()
    SIGNED = auto()


@dataclass(frozen=True, slots=True)
class Line:
    text: str
    made: Made = Made.OWN


def plain_lines(text: str) -> list[Line]:
    """Lines of a plain body; ``>`` at its beginning says that a line is quoted."""
    return [Line(line, Made.QUOTED if _QUOTED.match(line) else Made.OWN) for line in text.split("\n")]


def unflowed(text: str, *, delete_space: bool) -> str:
    """The paragraphs of ``format=flowed`` (RFC 3676): a line that ends with a space goes on in the next of its depth."""
    done: list[str] = []
    open_depth = -1
    for raw in text.split("\n"):
        depth = len(raw) - len(raw.lstrip(">"))
        words = raw[depth:].removeprefix(" ")
        flows = words.endswith(" ") and words != "-- "
        piece = words[:-1] if flows and delete_space else words
        if depth == open_depth and words != "-- ":
            done[-1] += piece
        else:
            done.append((">" * depth + " " if depth else "") + piece)
        open_depth = depth if flows else -1
    return "\n".join(done)


def joined(lines: list[Line]) -> str:
    """The text of lines, without spaces at their ends and with at most one empty line in a row."""
    text = "\n".join(line.text.rstrip() for line in lines)
    return re.sub(r"\n{3,}", "\n\n", text).strip()
