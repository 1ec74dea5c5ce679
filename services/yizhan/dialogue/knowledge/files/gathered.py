"""What one record says, cell by cell, before it is asked whether it makes an entry."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import islice

from yizhan.dialogue.knowledge.entry import Attachment, Variant
from yizhan.dialogue.knowledge.files import problems as p
from yizhan.dialogue.knowledge.files.attachments import attachment
from yizhan.dialogue.knowledge.files.columns import CHINESE, VARIANTS, Field
from yizhan.dialogue.knowledge.files.dates import day
from yizhan.dialogue.knowledge.files.limits import Limits
from yizhan.dialogue.knowledge.files.table import Cell, Record
from yizhan.dialogue.knowledge.files.texts import clean, unprintable, with_newlines

SEPARATORS = re.compile(r"[\n|｜;；]")
"""Between the paraphrases of one cell."""

ANSWERS = (Field.ANSWER, *VARIANTS)
"""Fields of texts that customers are sent; they keep their line breaks."""

_MOST_KEPT = 1_000


@dataclass(frozen=True, slots=True)
class Place:
    """Where a text stands: its row and the name of its column."""

    row: int
    column: str


@dataclass(slots=True)
class Gathered:
    """The texts of one record on their way to an entry. ``sound``: nothing wrong was found in it yet."""

    row: int
    problems: p.Problems
    texts: dict[Field, str] = field(default_factory=dict)
    places: dict[Field, Place] = field(default_factory=dict)
    paraphrases: dict[str, Place] = field(default_factory=dict)
    attachments: list[Attachment] = field(default_factory=list)
    sound: bool = True

    def text(self, where: Field) -> str:
        return self.texts.get(where, "")

    def place(self, where: Field) -> Place:
        return self.places.get(where) or Place(self.row, CHINESE[where])

    def fault(self, where: Field | Place, reason: p.Reason) -> None:
        place = self.place(where) if isinstance(where, Field) else where
        self.problems.add(place.row, place.column, reason)
        self.sound = False

    @property
    def variants(self) -> tuple[Variant, ...]:
        """In the order of the channels; an empty cell is none."""
        return tuple(Variant(channel, self.texts[where]) for where, channel in VARIANTS.items() if self.text(where))

    def day(self, where: Field) -> date | None:
        """The day of a field; None when there is none, or no day, which is a problem."""
        written = self.text(where)
        if not written:
            return None
        found = day(written)
        if found is None:
            self.fault(where, p.NOT_A_DAY)
        return found


def gathered(record: Record, limits: Limits, problems: p.Problems) -> Gathered:
    """The record's texts, cleaned; cells that cannot be read are problems.

    Of paraphrases and attachments somewhat more is kept than an entry may have, so that it can be told how many there
    are, and no more than that: a file may have millions in one cell.
    """
    found = Gathered(record.row, problems)
    for cell in record.cells:
        place = Place(cell.row or record.row, cell.column.name)
        found.places.setdefault(cell.column.field, place)
        reason = cell.reason or _unreadable(cell.text, limits)
        if reason is None:
            _take(found, cell, place)
        else:
            found.fault(place, reason)
    return found


def _unreadable(text: str, limits: Limits) -> p.Reason | None:
    return p.cell_too_long(limits.cell_chars) if len(text) > limits.cell_chars else unprintable(text)


def _take(found: Gathered, cell: Cell, place: Place) -> None:
    match cell.column.field:
        case Field.PARAPHRASES:
            for paraphrase in islice(_paraphrases(cell), _MOST_KEPT - len(found.paraphrases)):
                found.paraphrases.setdefault(paraphrase, place)
        case Field.ATTACHMENTS:
            for line in islice(_lines(cell.text), _MOST_KEPT - len(found.attachments)):
                item = attachment(line)
                if isinstance(item, p.Reason):
                    found.fault(place, item)
                else:
                    found.attachments.append(item)
        case where:
            found.texts[where] = clean(cell.text, lines=where in ANSWERS)


def _paraphrases(cell: Cell) -> Iterator[str]:
    parts = [cell.text] if cell.column.verbatim else SEPARATORS.split(with_newlines(cell.text))
    return filter(None, (clean(part, lines=False) for part in parts))


def _lines(text: str) -> Iterator[str]:
    return filter(None, (clean(line, lines=False) for line in with_newlines(text).split("\n")))
