"""How far a customer is with leaving a message or asking to be contacted. Kept as JSON text at the edge."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pydantic import TypeAdapter, ValidationError

LEAVE_MESSAGE = "leave_message"
CALLBACK = "callback"
CANCEL_CALLBACK = "cancel_callback"
"""What customers wish for; the first two are what they can choose."""

INTENT = "instead"
"""What metrics count of a message that has to do with it."""

LEFT_MESSAGE = "left_message"
"""``how`` of a ticket that came of ``LEAVE_MESSAGE``; that of a callback is its wish."""


class Step(StrEnum):
    """``OFFERED``: nothing chosen yet. ``ABOUT``, ``WHEN``, ``CONTACT``: that is being asked. ``SENT``: routing has it.
    ``LEFT``: there is a ticket.
    """

    OFFERED = "offered"
    ABOUT = "about"
    WHEN = "when"
    CONTACT = "contact"
    SENT = "sent"
    LEFT = "left"


ASKING = frozenset({Step.ABOUT, Step.WHEN, Step.CONTACT})


@dataclass(frozen=True, slots=True)
class Instead:
    """``leave_message`` and ``callback``: whether they can be chosen. ``how``: what was.

    ``next_open``: when somebody could call the soonest. ``text``: what it is about. ``at``: the time that was named; None with
    a callback: as soon as somebody works. ``phone``: canonical, empty: in this conversation; ``reached``: whether the
    customer has said how. ``misses``: answers in a row that were not understood. ``promise``: the number of the ticket for which
    a callback is arranged. ``until``: routing is asked, and has so long to answer.
    """

    step: Step
    leave_message: bool = False
    callback: bool = False
    how: str = ""
    next_open: datetime | None = None
    text: str = ""
    at: datetime | None = None
    phone: str = ""
    reached: bool = False
    misses: int = 0
    promise: str = ""
    until: datetime | None = None


class InsteadUnreadable(Exception):
    """The text is not one that this version of the program writes."""


_STORED = TypeAdapter(Instead)


def dump(state: Instead) -> str:
    """As JSON, without what is as it is by default."""
    return _STORED.dump_json(state, exclude_defaults=True).decode()


def load(text: str) -> Instead:
    """Raises InsteadUnreadable."""
    try:
        return _STORED.validate_json(text)
    except ValidationError as error:
        raise InsteadUnreadable from error
