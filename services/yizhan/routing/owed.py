"""The clocks of agents' answers as values. Pure."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Clock(StrEnum):
    FIRST = "agent_first_response"
    NEXT = "agent_next_response"


class Mark(StrEnum):
    START = "start"
    STOP = "stop"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class Due:
    """A clock that runs. ``seq``: of the words that are to be answered; 0: the assignment itself."""

    clock: Clock
    since: datetime
    risk_at: datetime
    due_at: datetime
    seq: int = 0


@dataclass(frozen=True, slots=True)
class Answering:
    """A case's clocks: the one that runs, if one does, and up to where the agent has answered.

    ``number`` of the latest clock, from 0. ``contract`` and ``calendar``: the versions that all of them run under.
    """

    case_id: str
    workspace: str
    conversation_id: str
    agent_id: str
    epoch: int
    contract: str
    calendar: str
    number: int = 0
    answered_seq: int = 0
    due: Due | None = None
