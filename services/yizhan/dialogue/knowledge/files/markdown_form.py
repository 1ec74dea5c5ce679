r"""The layout of knowledge as Markdown, which reading and writing share.

A ``#`` heading is a question. Under it stand notes (``> 分类：售后``), paraphrases (``- 退货流程``), and then the answer, up
to the next heading; ``##`` headings hold the answers for single channels, and the attachments.

A backslash at the beginning of a line of an answer makes text of what would be read as one of these.
"""

import re

from yizhan.dialogue.knowledge.files.columns import VARIANTS, Field

NOTES = (Field.ID, Field.CATEGORY, Field.VALID_FROM, Field.VALID_UNTIL)
SECTIONS = (*VARIANTS, Field.ATTACHMENTS)

HEADING = re.compile(r"(#+)(?:\s+(.*))?")
BULLET = re.compile(r"[-*+](?:\s+(.*))?")
_ESCAPED = re.compile(r"\\+[#>\-*+]")


def escaped(text: str) -> str:
    """An answer such that none of its lines is taken for something else: ``unescaped`` undoes it line by line."""
    lines = text.split("\n")
    return "\n".join(
        f"\\{line}" if _needs_escape(line, first=not number) else line for number, line in enumerate(lines)
    )


def unescaped(line: str) -> str:
    """A line of an answer as customers read it."""
    return line[1:] if _ESCAPED.match(line) else line


def _needs_escape(line: str, *, first: bool) -> bool:
    if line.startswith("#") or _ESCAPED.match(line):
        return True
    return first and (line.startswith((">", "-")) or BULLET.fullmatch(line) is not None)
