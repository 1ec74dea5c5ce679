"""How the customer of a ticket wants to be reached, and when they were promised to be. Values."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

LEAVE_MESSAGE = "leave_message"
CALLBACK = "callback"
CANCEL_CALLBACK = "cancel_callback"
"""What customers wish for."""

LEFT_MESSAGE = "left_message"
"""How a ticket came about for which the customer left a message; of a callback it is ``CALLBACK``."""


class CallbackState(StrEnum):
    """``NONE``: no time was promised. ``DUE``: agents are asked to call. ``MISSED``: the moment is over, nobody has called, and
    somebody still must. ``TAKEN``: an agent has the customer, and is to say what came of it.

    The others are ends. ``DONE``: the customer was reached. ``FAILED``: not with any try. ``SETTLED``: the ticket was settled
    before the call.
    """

    NONE = ""
    PROMISED = "promised"
    DUE = "due"
    MISSED = "missed"
    TAKEN = "taken"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    SETTLED = "settled"


ASKED = frozenset({CallbackState.DUE, CallbackState.MISSED})
"""Agents are asked to call."""

OWED = frozenset({CallbackState.PROMISED, *ASKED, CallbackState.TAKEN})
"""The customer still expects to be called."""


class Outcome(StrEnum):
    """What an agent says of a call."""

    REACHED = "reached"
    NOT_REACHED = "not_reached"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Left:
    """What a customer chose: ``how`` is ``LEFT_MESSAGE`` or ``CALLBACK``, which has its time; ``text`` is what it is about."""

    how: str
    text: str = ""
    callback_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Contact:
    """``phone`` is canonical, empty: in the conversation. ``case_id``: the case by which agents are offered the call, or that
    of the agent who has taken it at ``taken_at``.

    ``late``: a promise of it was missed. ``tries``: how often the customer was not reached. ``language``: theirs.
    """

    ticket_id: str
    workspace: str
    conversation_id: str
    phone: str
    asked_at: datetime
    callback_at: datetime | None = None
    state: CallbackState = CallbackState.NONE
    case_id: str = ""
    late: bool = False
    tries: int = 0
    taken_at: datetime | None = None
    language: str = ""


def masked_phone(phone: str) -> str:
    """The number with its middle hidden, as lists show it: 138****5678. A short one keeps its last two digits."""
    if len(phone) < 8:
        return f"****{phone[-2:]}" if phone else ""
    return f"{phone[:3]}****{phone[-4:]}"
