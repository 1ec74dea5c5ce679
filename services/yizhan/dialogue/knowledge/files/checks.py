"""From records to entries: every row is checked, and everything that is wrong with it is told."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from yizhan.dialogue.knowledge.entry import RESERVED_IDS, Entry, id_of
from yizhan.dialogue.knowledge.files import problems as p
from yizhan.dialogue.knowledge.files.columns import CHINESE, Field
from yizhan.dialogue.knowledge.files.decode import REPLACED
from yizhan.dialogue.knowledge.files.limits import Limits
from yizhan.dialogue.knowledge.files.table import Cell, Record
from yizhan.dialogue.knowledge.normalise import normalise

SEPARATORS = re.compile(r"[\n|｜;；]")
"""Between the paraphrases of one cell."""

_NEWLINES = re.compile(r"\r\n?")
_SPACES = re.compile(r"\s+")
_INVISIBLE = str.maketrans("", "", "\ufeff\u200b\u2060")
_NEVER_TEXT = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef"
    + "".join(chr(plane << 16 | 0xFFFE) + chr(plane << 16 | 0xFFFF) for plane in range(17))
    + "]"
)
"""Control characters but tab and line ends, what turns the direction of reading around, half characters, noncharacters.

Merely unassigned code points are let through: they may be an emoji newer than our tables.
"""


@dataclass(frozen=True, slots=True)
class _Owner:
    row: int
    entry_id: str


@dataclass(slots=True)
class _Checked:
    """The texts of one record on their way to an entry, with the names of their columns."""

    row: int
    texts: dict[Field, str] = field(default_factory=dict)
    columns: dict[Field, str] = field(default_factory=dict)
    paraphrases: dict[str, str] = field(default_factory=dict)
    """Paraphrase to the column that it stands in."""
    sound: bool = True


class EntryChecks:
    """Sees the records of one file in order and remembers what must not come twice."""

    def __init__(self, limits: Limits, problems: p.Problems) -> None:
        self._limits = limits
        self._problems = problems
        self._ids: dict[str, int] = {}
        self._phrasings: dict[str, _Owner] = {}

    def entries(self, records: Iterable[Record]) -> list[Entry]:
        """The entries of the sound records; the others are among the problems."""
        found: list[Entry] = []
        phrasings = 0
        for count, record in enumerate(records, start=1):
            if count > self._limits.entries:
                self._problems.add(record.row, "", p.too_many_entries(self._limits.entries))
                break
            entry = self._entry(self._checked(record))
            if entry is None:
                continue
            found.append(entry)
            phrasings += len(entry.phrasings)
            if phrasings > self._limits.phrasings:
                self._problems.add(record.row, "", p.too_many_phrasings(self._limits.phrasings))
                break
        return found

    def _checked(self, record: Record) -> _Checked:
        checked = _Checked(record.row)
        for cell in record.cells:
            where = cell.column.field
            checked.columns.setdefault(where, cell.column.name)
            reason = cell.reason or _unprintable(cell.text)
            if reason is not None:
                self._problems.add(record.row, cell.column.name, reason)
                checked.sound = False
            elif where is Field.PARAPHRASES:
                for paraphrase in _paraphrases(cell):
                    checked.paraphrases.setdefault(paraphrase, cell.column.name)
            else:
                checked.texts[where] = _clean(cell.text, lines=where is Field.ANSWER)
        return checked

    def _entry(self, checked: _Checked) -> Entry | None:
        question = checked.texts.get(Field.QUESTION, "")
        answer = checked.texts.get(Field.ANSWER, "")
        checked.paraphrases.pop(question, None)
        if checked.sound:
            self._require(checked, Field.QUESTION, question, p.EMPTY_QUESTION)
            self._require(checked, Field.ANSWER, answer, p.EMPTY_ANSWER)
        self._measure(checked, Field.QUESTION, self._limits.question_chars)
        self._measure(checked, Field.ANSWER, self._limits.answer_chars)
        self._measure(checked, Field.CATEGORY, self._limits.category_chars)
        self._measure_paraphrases(checked)
        entry_id = self._identify(checked, question)
        paraphrases = self._claim(checked, entry_id, question)
        if not checked.sound:
            return None
        return Entry(entry_id, question, paraphrases, answer, checked.texts.get(Field.CATEGORY, ""))

    def _require(self, checked: _Checked, where: Field, text: str, empty: p.Reason) -> None:
        if not text:
            self._fault(checked, where, empty)
        elif where is Field.QUESTION and len(text) <= self._limits.question_chars and not normalise(text):
            self._fault(checked, where, p.WORDLESS)

    def _measure(self, checked: _Checked, where: Field, most: int) -> None:
        length = len(checked.texts.get(where, ""))
        if length > most:
            self._fault(checked, where, p.too_long(most, length))

    def _measure_paraphrases(self, checked: _Checked) -> None:
        if len(checked.paraphrases) > self._limits.paraphrases:
            self._fault(
                checked,
                Field.PARAPHRASES,
                p.too_many_paraphrases(self._limits.paraphrases, len(checked.paraphrases)),
            )
        for paraphrase, column in checked.paraphrases.items():
            if len(paraphrase) > self._limits.question_chars:
                self._problems.add(checked.row, column, p.too_long(self._limits.question_chars, len(paraphrase)))
                checked.sound = False

    def _identify(self, checked: _Checked, question: str) -> str:
        """The entry's id, claimed for its row. Where none is written, it is made from the question."""
        written = checked.texts.get(Field.ID, "")
        if not written:
            entry_id = id_of(question)
            if question and entry_id in self._ids:
                self._fault(checked, Field.QUESTION, p.repeated_question(self._ids[entry_id]))
        else:
            entry_id = written
            self._check_id(checked, entry_id)
        if entry_id and question:
            self._ids.setdefault(entry_id, checked.row)
        return entry_id

    def _check_id(self, checked: _Checked, entry_id: str) -> None:
        if _SPACES.search(entry_id):
            self._fault(checked, Field.ID, p.SPACE_IN_ID)
        if entry_id.casefold() in RESERVED_IDS:
            self._fault(checked, Field.ID, p.RESERVED_ID)
        if entry_id in self._ids:
            self._fault(checked, Field.ID, p.repeated_id(self._ids[entry_id]))
        self._measure(checked, Field.ID, self._limits.id_chars)

    def _claim(self, checked: _Checked, entry_id: str, question: str) -> tuple[str, ...]:
        """The paraphrases that say something of their own; one that another entry has is a problem."""
        kept: list[str] = []
        own: set[str] = set()
        asked = {question: checked.columns.get(Field.QUESTION, CHINESE[Field.QUESTION]), **checked.paraphrases}
        for phrasing, column in asked.items():
            if len(phrasing) > self._limits.question_chars:
                continue
            key = normalise(phrasing)
            if not key and phrasing != question:
                self._problems.add(checked.row, column, p.WORDLESS)
                checked.sound = False
            if not key or key in own:
                continue
            own.add(key)
            owner = self._phrasings.setdefault(key, _Owner(checked.row, entry_id))
            if owner.row != checked.row:
                self._problems.add(checked.row, column, p.repeated_phrasing(phrasing, owner.row))
                checked.sound = False
            if phrasing != question:
                kept.append(phrasing)
        return tuple(kept)

    def _fault(self, checked: _Checked, where: Field, reason: p.Reason) -> None:
        self._problems.add(checked.row, checked.columns.get(where, CHINESE[where]), reason)
        checked.sound = False


def _paraphrases(cell: Cell) -> list[str]:
    parts = [cell.text] if cell.column.verbatim else SEPARATORS.split(_NEWLINES.sub("\n", cell.text))
    cleaned = (_clean(part, lines=False) for part in parts)
    return [part for part in cleaned if part]


def _clean(text: str, *, lines: bool) -> str:
    """Without invisible characters and outer space; line breaks are kept only where ``lines`` says so."""
    text = _NEWLINES.sub("\n", text.translate(_INVISIBLE)).strip()
    return text if lines else _SPACES.sub(" ", text)


def _unprintable(text: str) -> p.Reason | None:
    if REPLACED in text:
        return p.UNDECODABLE_TEXT
    return p.CONTROL_CHARACTERS if _NEVER_TEXT.search(text) else None
