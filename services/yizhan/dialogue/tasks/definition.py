"""A task as the business declared it, parsed: immutable, and the same for every replica that serves the release."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

TARGET = "task:"
"""A task's id among the targets of the knowledge index is this and its name."""


@dataclass(frozen=True, slots=True)
class Words:
    """The same text in Chinese and in English."""

    zh: str
    en: str

    def of(self, language: str) -> str:
        """The text in ``zh`` or ``en``."""
        return self.en if language == "en" else self.zh


class SlotKind(StrEnum):
    """What a slot takes. ``offered`` is a choice of what a connector offers; ``picture`` is read from no text."""

    PHONE = "phone"
    ID_CARD = "id_card"
    ORDER_NUMBER = "order_number"
    EMAIL = "email"
    AMOUNT = "amount"
    NUMBER = "number"
    DATE = "date"
    TIME = "time"
    APPOINTMENT = "appointment"
    NAME = "name"
    ADDRESS = "address"
    YES_NO = "yes_no"
    CHOICE = "choice"
    TEXT = "text"
    PICTURE = "picture"
    OFFERED = "offered"


@dataclass(frozen=True, slots=True)
class Option:
    """One of a slot's answers. ``words`` are what customers call it, in any language, its labels included."""

    id: str
    label: Words
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Condition:
    """Holds when the slot has one of the values; with no values, when it has any."""

    slot: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Slot:
    """One thing to know.

    ``instead_of``: another slot that need not be asked for when this one is filled. ``asked`` False: taken when the
    customer says it, never asked for. ``words``: of a text, the words by which a clause that nobody asked for is known for
    it (a reason by 破损). ``begins``: a message of nothing but such a value begins the task. ``known``: the fact about a verified customer that fills it. ``settings`` are
    those of the kind's reader.
    """

    name: str
    kind: SlotKind
    title: Words
    prompt: Words
    options: tuple[Option, ...] = ()
    optional: bool = False
    asked: bool = True
    masked: bool = False
    instead_of: str = ""
    when: tuple[Condition, ...] = ()
    known: str = ""
    words: tuple[str, ...] = ()
    settings: Mapping[str, str | int | bool] = field(default_factory=dict)
    begins: bool = False


class Next(StrEnum):
    """What follows a result."""

    END = "end"
    HUMAN = "human"
    GO_ON = "go_on"
    ASK = "ask"
    CHOOSE = "choose"


@dataclass(frozen=True, slots=True)
class Branch:
    """What to say when a call has this result, and what follows. ``slot``: which to ask again, or to choose."""

    say: Words | None
    cards: bool = False
    next: Next = Next.END
    slot: str = ""


@dataclass(frozen=True, slots=True)
class CallSpec:
    """An operation of a connector. ``arguments``: name, and the text with slots in braces.

    ``results`` has ``failed`` and ``timeout`` besides what the operation answers.
    """

    name: str
    connector: str
    operation: str
    arguments: tuple[tuple[str, str], ...]
    results: Mapping[str, Branch]
    changes: bool
    seconds: int


@dataclass(frozen=True, slots=True)
class Form:
    """Slots in the order in which they are asked for; read-only calls made on the way; one call at the end."""

    slots: tuple[Slot, ...]
    checks: tuple[CallSpec, ...]
    confirm: Words | None
    call: CallSpec

    def slot(self, name: str) -> Slot | None:
        return next((slot for slot in self.slots if slot.name == name), None)

    def call_named(self, name: str) -> CallSpec | None:
        return next((call for call in (*self.checks, self.call) if call.name == name), None)


@dataclass(frozen=True, slots=True)
class GuideChoice:
    """An answer to a step, and where it leads: a step's name, ``end`` or ``human``."""

    label: Words
    words: tuple[str, ...]
    to: str


@dataclass(frozen=True, slots=True)
class GuideStep:
    """What is said, and what the customer may answer."""

    name: str
    say: Words
    choices: tuple[GuideChoice, ...]


@dataclass(frozen=True, slots=True)
class Guide:
    """Steps without slots; the first is where it begins. ``close`` is said at its end."""

    steps: tuple[GuideStep, ...]
    close: Words

    def step(self, name: str) -> GuideStep | None:
        return next((step for step in self.steps if step.name == name), None)


@dataclass(frozen=True, slots=True)
class Task:
    """``version`` is a digest of the document: two releases with the same document have the same version.

    ``triggers`` are whole phrasings that begin it. ``wishes``: what customers want of it (退货, refund): any wish for that
    begins it. ``makes``: what the task brings about, as customers call it: who cancels that in the middle of it, cancels the
    task.
    """

    name: str
    title: Words
    triggers: tuple[str, ...]
    makes: tuple[str, ...]
    minutes: int
    version: str
    does: Form | Guide
    wishes: tuple[str, ...] = ()

    @property
    def target(self) -> str:
        """The task's id among the targets of the knowledge index."""
        return TARGET + self.name
