"""One piece of knowledge: a question as customers ask it, and the one answer that the business gives."""

import hashlib
import unicodedata
from dataclasses import dataclass
from datetime import date

from yizhan.core.messages.content import File, GoodsCard, Image, Link

RESERVED_IDS = frozenset({"human", "none"})
"""Ids that an entry cannot have: menus built from entries use them for their other options."""

RESERVED_PREFIX = "task:"
"""What the ids of tasks begin with: they stand beside entries where a question is matched."""

CHANNELS = ("website", "app", "wechat", "ecommerce", "email")
"""The kinds of channel that an answer may be worded for, in the order in which an entry has its variants."""

Attachment = Link | Image | File | GoodsCard
"""What an answer carries besides its text; it is sent after it, as it stands. Pictures and files are stored ones:
nothing is fetched from elsewhere for a customer. What lies elsewhere goes as a link."""


@dataclass(frozen=True, slots=True)
class Variant:
    """The answer as it is worded for one kind of channel, one of ``CHANNELS``."""

    channel: str
    text: str


@dataclass(frozen=True, slots=True)
class Entry:
    """``paraphrases`` are other ways to ask ``question``; ``answer`` is sent as it stands, once its variables are filled.

    ``variants`` replace the answer on their channels, at most one each. ``valid_from`` and ``valid_until`` are the
    first and the last day, in the business's time zone, on which the entry answers; None has no end.
    """

    id: str
    question: str
    paraphrases: tuple[str, ...]
    answer: str
    category: str = ""
    variants: tuple[Variant, ...] = ()
    valid_from: date | None = None
    valid_until: date | None = None
    attachments: tuple[Attachment, ...] = ()

    @property
    def phrasings(self) -> tuple[str, ...]:
        """The question first, then its paraphrases."""
        return (self.question, *self.paraphrases)

    @property
    def texts(self) -> tuple[str, ...]:
        """Every text that customers may be sent: the answer first, then its variants."""
        return (self.answer, *(variant.text for variant in self.variants))

    def answer_for(self, channel: str) -> str:
        """The wording for a kind of channel; the answer itself where it has none of its own."""
        return next((variant.text for variant in self.variants if variant.channel == channel), self.answer)

    def valid_on(self, day: date) -> bool:
        """Whether the entry answers on a day of the business's calendar."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_until is None or day <= self.valid_until
        )


def id_of(question: str) -> str:
    """The id of an entry that was written without one: the same for the same question, in every import."""
    canonical = unicodedata.normalize("NFKC", question).strip()
    return "q" + hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()[:16]
