"""One piece of knowledge: a question as customers ask it, and the one answer that the business gives."""

import hashlib
import unicodedata
from dataclasses import dataclass

RESERVED_IDS = frozenset({"human", "none"})
"""Ids that an entry cannot have: menus built from entries use them for their other options."""


@dataclass(frozen=True, slots=True)
class Entry:
    """``paraphrases`` are other ways to ask ``question``; ``answer`` is sent as it stands."""

    id: str
    question: str
    paraphrases: tuple[str, ...]
    answer: str
    category: str = ""

    @property
    def phrasings(self) -> tuple[str, ...]:
        """The question first, then its paraphrases."""
        return (self.question, *self.paraphrases)


def id_of(question: str) -> str:
    """The id of an entry that was written without one: the same for the same question, in every import."""
    canonical = unicodedata.normalize("NFKC", question).strip()
    return "q" + hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()[:16]
