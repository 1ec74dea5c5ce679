"""What the assistant makes of a customer's words, behind one narrow interface.

``Answerer`` decides; ``assistant`` turns the decision into messages. Everything about matching lies behind it.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from yizhan.dialogue.guards.guards import Guards
from yizhan.dialogue.knowledge.decide import Thresholds
from yizhan.dialogue.knowledge.entry import Attachment
from yizhan.dialogue.knowledge.matcher import Candidate, Meaning
from yizhan.dialogue.tasks.book import TaskBook


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An entry that may be meant: its id and the question as the business words it."""

    entry_id: str
    question: str


@dataclass(frozen=True, slots=True)
class Say:
    """Answer with this entry's approved text, as it is worded for the channel, and with what it carries along."""

    entry_id: str
    release_id: str
    text: str
    score: float
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class StartTask:
    """Begin this task of the release: the words are one of the ways to ask for it."""

    task: str
    release_id: str
    score: float


@dataclass(frozen=True, slots=True)
class AskBack:
    """Ask which of these was meant."""

    suggestions: tuple[Suggestion, ...]


@dataclass(frozen=True, slots=True)
class WantsHuman:
    """The customer asks for a person."""


@dataclass(frozen=True, slots=True)
class Greets:
    """The customer only says hello. ``asks_who``: only wants to know whether a person or a machine speaks."""

    asks_who: bool = False


@dataclass(frozen=True, slots=True)
class Thanks:
    """The customer only says thank you or good-bye."""


@dataclass(frozen=True, slots=True)
class Acknowledges:
    """The customer only says that they have heard: 好的, 嗯."""


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """Nothing reliable is known."""


Decision = Say | StartTask | AskBack | WantsHuman | Greets | Thanks | Acknowledges | NoAnswer


@dataclass(frozen=True, slots=True)
class Source:
    """The release that is answered from, empty where none is published, and the thresholds that hold."""

    release_id: str
    thresholds: Thresholds


@dataclass(frozen=True, slots=True)
class Considered:
    """What came into question for a customer's words, best first, and in which release; both empty without one.

    ``category`` is that of the best one, as the business sorts its entries; empty where nothing came near.
    """

    release_id: str = ""
    candidates: tuple[Candidate, ...] = ()
    category: str = ""


@dataclass(frozen=True, slots=True)
class Meant:
    """The embedding model that a release's phrasings were embedded with, and how many numbers its vectors have."""

    model: str
    dimension: int


class Answerer(Protocol):
    """Pure within a published release: same words, channel and day, same release, same decision.

    ``channel`` is the kind of channel that the message came by; ``at`` is when it was received. ``meaning`` is the vector
    of the words, as ``meant`` says that it must be; without one words are compared alone.
    """

    def decide(
        self, workspace: str, words: str, *, channel: str, at: datetime, meaning: Meaning | None = None
    ) -> Decision:
        """What to do with a customer's words."""

    def entry(self, workspace: str, entry_id: str, *, channel: str, at: datetime) -> Say | None:
        """The approved answer of an entry of the published release, if it is still there and valid on that day."""

    def considered(self, workspace: str, words: str, *, at: datetime, meaning: Meaning | None = None) -> Considered:
        """What a decision about these words looks at."""

    def meant(self, workspace: str) -> Meant | None:
        """Whose vectors the published release compares with; None where it compares words alone."""

    def guards(self, workspace: str) -> Guards:
        """The guards of the published release, or those that every business has."""

    def tasks(self, workspace: str) -> TaskBook:
        """The tasks of the published release."""

    def source(self, workspace: str) -> Source:
        """Where all of the above comes from: kept with every decision, so that it can be made again."""
