"""From records to entries: every row is checked, and everything that is wrong with it is told."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import chain, islice

from yizhan.dialogue.knowledge.entry import RESERVED_IDS, RESERVED_PREFIX, Entry, id_of
from yizhan.dialogue.knowledge.files import problems as p
from yizhan.dialogue.knowledge.files.columns import Field
from yizhan.dialogue.knowledge.files.gathered import ANSWERS, Gathered, gathered
from yizhan.dialogue.knowledge.files.limits import Limits
from yizhan.dialogue.knowledge.files.table import Record
from yizhan.dialogue.knowledge.normalise import normalise
from yizhan.dialogue.knowledge.variables import malformed

_SPACES = re.compile(r"\s")


@dataclass(frozen=True, slots=True)
class _Owner:
    row: int
    entry_id: str


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
            entry = self._entry(gathered(record, self._limits, self._problems))
            if entry is None:
                continue
            found.append(entry)
            phrasings += len(entry.phrasings)
            if phrasings > self._limits.phrasings:
                self._problems.add(record.row, "", p.too_many_phrasings(self._limits.phrasings))
                break
        return found

    def _entry(self, record: Gathered) -> Entry | None:
        question = record.text(Field.QUESTION)
        record.paraphrases.pop(question, None)
        if record.sound:
            _require(record)
        self._measure(record)
        _check_answers(record)
        valid_from, valid_until = _validity(record)
        entry_id = self._identify(record, question)
        paraphrases = self._claim(record, entry_id, question)
        if not record.sound:
            return None
        return Entry(
            entry_id,
            question,
            paraphrases,
            record.text(Field.ANSWER),
            record.text(Field.CATEGORY),
            record.variants,
            valid_from,
            valid_until,
            tuple(record.attachments),
        )

    def _measure(self, record: Gathered) -> None:
        limits = self._limits
        most_chars = {Field.QUESTION: limits.question_chars, Field.CATEGORY: limits.category_chars}
        most_chars |= dict.fromkeys(ANSWERS, limits.answer_chars)
        for where, most in most_chars.items():
            length = len(record.text(where))
            if length > most:
                record.fault(where, p.too_long(most, length))
        if len(record.paraphrases) > limits.paraphrases:
            record.fault(Field.PARAPHRASES, p.too_many_paraphrases(limits.paraphrases, len(record.paraphrases)))
        for paraphrase, place in record.paraphrases.items():
            if len(paraphrase) > limits.question_chars:
                record.fault(place, p.too_long(limits.question_chars, len(paraphrase)))
        if len(record.attachments) > limits.attachments:
            record.fault(Field.ATTACHMENTS, p.too_many_attachments(limits.attachments, len(record.attachments)))

    def _identify(self, record: Gathered, question: str) -> str:
        """The entry's id, claimed for its row. Where none is written, it is made from the question."""
        written = record.text(Field.ID)
        if not written:
            entry_id = id_of(question)
            if question and entry_id in self._ids:
                record.fault(Field.QUESTION, p.repeated_question(self._ids[entry_id]))
        else:
            entry_id = written
            self._check_id(record, entry_id)
        if entry_id and question:
            self._ids.setdefault(entry_id, record.row)
        return entry_id

    def _check_id(self, record: Gathered, entry_id: str) -> None:
        if _SPACES.search(entry_id):
            record.fault(Field.ID, p.SPACE_IN_ID)
        if entry_id.casefold() in RESERVED_IDS or entry_id.casefold().startswith(RESERVED_PREFIX):
            record.fault(Field.ID, p.RESERVED_ID)
        if entry_id in self._ids:
            record.fault(Field.ID, p.repeated_id(self._ids[entry_id]))
        if len(entry_id) > self._limits.id_chars:
            record.fault(Field.ID, p.too_long(self._limits.id_chars, len(entry_id)))

    def _claim(self, record: Gathered, entry_id: str, question: str) -> tuple[str, ...]:
        """The paraphrases that say something of their own; one that another entry has is a problem."""
        kept: list[str] = []
        own: set[str] = set()
        paraphrases = islice(record.paraphrases.items(), self._limits.paraphrases)
        for phrasing, place in chain([(question, record.place(Field.QUESTION))], paraphrases):
            if len(phrasing) > self._limits.question_chars:
                continue
            key = normalise(phrasing)
            if not key and phrasing:
                record.fault(place, p.WORDLESS)
            if not key or key in own:
                continue
            own.add(key)
            owner = self._phrasings.setdefault(key, _Owner(record.row, entry_id))
            if owner.row != record.row:
                record.fault(place, p.repeated_phrasing(phrasing, owner.row))
            if phrasing != question:
                kept.append(phrasing)
        return tuple(kept)


def _require(record: Gathered) -> None:
    if not record.text(Field.QUESTION):
        record.fault(Field.QUESTION, p.EMPTY_QUESTION)
    if not record.text(Field.ANSWER):
        record.fault(Field.ANSWER, p.EMPTY_ANSWER)


def _check_answers(record: Gathered) -> None:
    for where in ANSWERS:
        shown = malformed(record.text(where))
        if shown is not None:
            record.fault(where, p.not_a_variable(shown))


def _validity(record: Gathered) -> tuple[date | None, date | None]:
    first, last = record.day(Field.VALID_FROM), record.day(Field.VALID_UNTIL)
    if first is not None and last is not None and last < first:
        record.fault(Field.VALID_UNTIL, p.ENDS_BEFORE_IT_BEGINS)
    return first, last
