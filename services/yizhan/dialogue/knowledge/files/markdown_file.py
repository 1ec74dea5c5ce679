"""Records of a Markdown file; ``markdown_form`` says how it is laid out.

Strict where a slip would silently put one thing in the place of another: a heading, note or paraphrase that is not quite
one is a problem of its line and never text that a customer is sent.
"""

import re
from collections.abc import Iterator

from yizhan.dialogue.knowledge.files import problems as p
from yizhan.dialogue.knowledge.files.columns import CHINESE, Column, Field, column
from yizhan.dialogue.knowledge.files.decode import decode
from yizhan.dialogue.knowledge.files.lines import lines
from yizhan.dialogue.knowledge.files.markdown_form import BULLET, HEADING, NOTES, SECTIONS, unescaped
from yizhan.dialogue.knowledge.files.table import Cell, Record
from yizhan.dialogue.knowledge.files.texts import with_newlines

_NOTE = re.compile(r">([^:：]*+)[:：](.*)")
MOST_LINES = 10_000
"""Of one entry: more than its longest texts can have."""

_QUESTION = Column(CHINESE[Field.QUESTION], Field.QUESTION)
_PARAPHRASE = Column(CHINESE[Field.PARAPHRASES], Field.PARAPHRASES, verbatim=True)
_ANSWER = Column(CHINESE[Field.ANSWER], Field.ANSWER)


def records(data: bytes, problems: p.Problems) -> Iterator[Record]:
    """One for each heading; its row, and those of its cells, are the numbers of their lines."""
    text = decode(data)
    if text is None:
        problems.add(0, "", p.UNDECODABLE_FILE)
        return
    reading: _Reading | None = None
    stray = False
    for number, line in lines(with_newlines(text)):
        heading = HEADING.fullmatch(line) if line.startswith("#") else None
        if heading is not None and len(heading[1]) == 1:
            if reading is not None:
                yield reading.record()
            reading = _Reading(number, heading[2] or "", problems)
        elif reading is not None:
            reading.take(number, line, heading)
        elif line.strip() and not stray:
            stray = True
            problems.add(number, "", p.BEFORE_FIRST_HEADING)
    if reading is not None:
        yield reading.record()
    elif not problems:
        problems.add(0, "", p.EMPTY_FILE)


class _Reading:
    """One entry, from its heading on. Until its answer begins, notes and paraphrases are expected."""

    def __init__(self, row: int, question: str, problems: p.Problems) -> None:
        self._row = row
        self._problems = problems
        self._cells = [Cell(_QUESTION, question)]
        self._seen: set[Field] = set()
        self._text: _Text | None = None
        self._in_list = False
        self._lines = 0

    def take(self, number: int, line: str, heading: re.Match[str] | None) -> None:
        self._lines += 1
        if self._lines > MOST_LINES:
            if self._lines == MOST_LINES + 1:
                self._problems.add(number, "", p.too_many_lines(MOST_LINES))
        elif line.startswith("#"):
            self._section(number, heading)
        elif self._text is None:
            self._head(number, line)
        else:
            self._text.take(number, line)

    def record(self) -> Record:
        self._close()
        return Record(self._row, tuple(self._cells))

    def _head(self, number: int, line: str) -> None:
        bullet = BULLET.fullmatch(line)
        if not line.strip():
            return
        if line.startswith(">"):
            self._note(number, line)
        elif bullet is not None:
            self._cells.append(Cell(_PARAPHRASE, bullet[1] or "", row=number))
            self._in_list = True
        elif line.startswith("-"):
            self._problems.add(number, _PARAPHRASE.name, p.NO_BLANK_AFTER_DASH)
        elif self._in_list and line.startswith((" ", "\t")):
            self._problems.add(number, _PARAPHRASE.name, p.PARAPHRASE_OF_TWO_LINES)
        else:
            self._text = _Text(_ANSWER, number)
            self._text.take(number, line)

    def _note(self, number: int, line: str) -> None:
        found = _NOTE.fullmatch(line)
        named = column(found[1]) if found else None
        if found is None or named is None or named.field not in NOTES:
            self._problems.add(number, "", p.UNKNOWN_NOTE)
        elif self._first(number, named):
            self._cells.append(Cell(named, found[2], row=number))

    def _section(self, number: int, heading: re.Match[str] | None) -> None:
        self._close()
        named = column(heading[2] or "") if heading else None
        if heading is None:
            self._problems.add(number, "", p.NO_BLANK_AFTER_HASH)
        elif len(heading[1]) > 2:
            self._problems.add(number, "", p.DEEP_HEADING)
        elif named is None or named.field not in SECTIONS:
            self._problems.add(number, (heading[2] or "").strip(), p.UNKNOWN_SECTION)
        else:
            self._first(number, named)
            self._text = _Text(named, number)
            return
        # What follows belongs to a heading that is none; it is read, and not told as further problems.
        self._text = _Text(None, number)

    def _first(self, number: int, named: Column) -> bool:
        if named.field in self._seen:
            self._problems.add(number, named.name, p.REPEATED_COLUMN)
            return False
        self._seen.add(named.field)
        return True

    def _close(self) -> None:
        if self._text is not None:
            self._cells.extend(self._text.cells())
            self._text = None


class _Text:
    """The lines under a heading: an answer as one text, attachments line by line. Without a column they are dropped."""

    def __init__(self, named: Column | None, row: int) -> None:
        self._named = named
        self._row = row
        self._lines: list[tuple[int, str]] = []

    def take(self, number: int, line: str) -> None:
        if self._named is not None:
            self._lines.append((number, line))

    def cells(self) -> Iterator[Cell]:
        if self._named is None:
            return
        if self._named.field is not Field.ATTACHMENTS:
            yield Cell(self._named, "\n".join(unescaped(line) for _, line in self._lines), row=self._row)
            return
        for number, line in self._lines:
            bullet = BULLET.fullmatch(line)
            yield Cell(self._named, (bullet[1] or "") if bullet else line, row=number)
