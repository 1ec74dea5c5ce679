"""Entries as a header and rows of cells: what writing CSV and XLSX have in common.

Columns that no entry fills are left out, but for the five that every knowledge has. Every cell is guarded.
"""

from collections.abc import Iterator, Sequence

from yizhan.dialogue.knowledge.entry import Entry
from yizhan.dialogue.knowledge.files import guard
from yizhan.dialogue.knowledge.files.attachments import lines_of
from yizhan.dialogue.knowledge.files.columns import CHINESE, VARIANTS, Field
from yizhan.dialogue.knowledge.files.gathered import SEPARATORS

_ALWAYS = (Field.ID, Field.CATEGORY, Field.QUESTION, Field.ANSWER)
_MOST_CELL_CHARS = 32_000
"""Spreadsheet programs take 32,767 and cut off the rest."""


def grid(entries: Sequence[Entry]) -> Iterator[list[str]]:
    """The header first, then a row for each entry.

    Paraphrases stand in one cell; in numbered columns when one of them contains a separator, or all do not fit.
    """
    apart = any(_needs_columns(entry) for entry in entries)
    width = max((len(entry.paraphrases) for entry in entries), default=0)
    filled = {field for entry in entries for field in fields(entry)}
    extra = [field for field in CHINESE if field in filled and field not in _ALWAYS]
    similar = CHINESE[Field.PARAPHRASES]
    numbered = [f"{similar}{number}" for number in range(1, width + 1)] if apart else [similar]
    yield [CHINESE[field] for field in _ALWAYS] + numbered + [CHINESE[field] for field in extra]
    for entry in entries:
        texts = fields(entry)
        phrasings = list(entry.paraphrases) if apart else ["|".join(entry.paraphrases)]
        phrasings += [""] * (len(numbered) - len(phrasings)) if extra else []
        cells = [texts.get(field, "") for field in _ALWAYS] + phrasings + [texts.get(field, "") for field in extra]
        yield [guard.on(cell) for cell in cells]


def fields(entry: Entry) -> dict[Field, str]:
    """What an entry says in each of its columns, but for its paraphrases; what is empty is left out."""
    variants = {variant.channel: variant.text for variant in entry.variants}
    texts = {
        Field.ID: entry.id,
        Field.CATEGORY: entry.category,
        Field.QUESTION: entry.question,
        Field.ANSWER: entry.answer,
        **{field: variants.get(channel, "") for field, channel in VARIANTS.items()},
        Field.VALID_FROM: entry.valid_from.isoformat() if entry.valid_from else "",
        Field.VALID_UNTIL: entry.valid_until.isoformat() if entry.valid_until else "",
        Field.ATTACHMENTS: lines_of(entry.attachments),
    }
    return {field: text for field, text in texts.items() if text}


def _needs_columns(entry: Entry) -> bool:
    together = sum(map(len, entry.paraphrases)) + len(entry.paraphrases)
    return together > _MOST_CELL_CHARS or any(SEPARATORS.search(paraphrase) for paraphrase in entry.paraphrases)
