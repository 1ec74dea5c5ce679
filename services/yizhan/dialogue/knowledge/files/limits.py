"""How much a knowledge file may hold."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Lengths are in characters. Defaults fit a large shop; an index over them is built in a few seconds."""

    file_bytes: int = 30_000_000
    """Somewhat less than one message between processes may have."""
    unpacked_bytes: int = 100_000_000
    """What an XLSX file may unpack to."""
    entries: int = 20_000
    id_chars: int = 64
    question_chars: int = 200
    answer_chars: int = 4_000
    category_chars: int = 50
    paraphrases: int = 200
    """Per entry."""
    attachments: int = 5
    """Per entry."""
    phrasings: int = 200_000
    """Questions and paraphrases in the whole file."""
    cell_chars: int = 131_072
    """What one cell, or one key's text, may hold; no cell needs as much."""
    line_chars: int = 2_000_000
    """What one line of JSONL may hold."""
    problems: int = 200
    """So many problems are listed; the rest is only counted."""


DEFAULT_LIMITS = Limits()
