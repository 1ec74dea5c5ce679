"""What a guard decides about a message, as values."""

from dataclasses import dataclass
from enum import IntEnum, StrEnum


class Kind(StrEnum):
    """The cases that service contracts take out of the assistant's hands."""

    SECRETS = "secrets"
    LEGAL = "legal"
    COMPLAINT = "complaint"
    FAULT = "fault"
    OUT_OF_SCOPE = "out_of_scope"
    ABUSE = "abuse"
    SELF_HARM = "self_harm"
    HUMAN = "human"
    URGENT = "urgent"


class Action(StrEnum):
    """What the assistant does when a rule has fired."""

    HAND_OFF = "hand_off"
    SAY = "say"
    SAY_AND_HAND_OFF = "say_and_hand_off"
    REFUSE = "refuse"

    @property
    def hands_off(self) -> bool:
        return self in (Action.HAND_OFF, Action.SAY_AND_HAND_OFF)

    @property
    def speaks(self) -> bool:
        return self is not Action.HAND_OFF


class Again(StrEnum):
    """What happens when a rule fires that has fired before in the same session."""

    SAME = "same"
    HAND_OFF = "hand_off"
    SKIP = "skip"


class Urgency(IntEnum):
    """How soon a person should look: the higher, the sooner. The numbers are those of ``yizhan.v1.Urgency``."""

    NORMAL = 1
    HIGH = 2
    CRITICAL = 3


@dataclass(frozen=True, slots=True, order=True)
class Hit:
    """Where a rule matched: ``start`` to ``end`` in the folded text, by its ``match`` item number ``item``, from 0."""

    start: int
    end: int
    item: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """One rule's decision. Holds the business's words and positions, never the customer's words.

    ``text`` and ``menu`` are in the language of the locale asked for; ``text`` is empty where nothing is to be said.
    ``urgency_rule`` names the item of the urgency guide that raised the level above the rule's own, else it is empty.
    ``knowledge_first``: when the knowledge has a sure answer, that answer is given and the verdict falls.
    """

    rule: str
    kind: Kind
    action: Action
    urgency: Urgency
    urgency_rule: str
    reason: str
    text: str
    menu: tuple[str, ...]
    offers_human: bool
    knowledge_first: bool
    hits: tuple[Hit, ...]
