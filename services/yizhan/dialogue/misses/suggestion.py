"""What agents made of the answers that they were shown, by entry."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from yizhan.core.messages.command import SuggestionUse
from yizhan.core.messages.ids import NewId

MOST_SHOWN = 3


class UseOutcome(StrEnum):
    """What became of one suggestion, or of an answer that an agent found without one."""

    AS_IS = "as_is"
    EDITED = "edited"
    IGNORED = "ignored"
    """It was shown, and something else was sent."""

    FOUND_AS_IS = "found_as_is"
    """It was not suggested: the agent searched for it."""

    FOUND_EDITED = "found_edited"


@dataclass(frozen=True, slots=True)
class Used:
    """One suggestion that an agent saw when they said something, or the answer that they had found by searching."""

    id: str
    entry_id: str
    outcome: UseOutcome
    agent_id: str


def used(use: SuggestionUse | None, *, agent_id: str, new_id: NewId) -> Sequence[Used]:
    """The one that was taken first, then those that were not. None where nothing was shown."""
    if use is None:
        return ()
    outcomes = {use.entry_id: _taken(use)} if use.entry_id else {}
    outcomes |= {entry_id: UseOutcome.IGNORED for entry_id in use.shown[:MOST_SHOWN] if entry_id != use.entry_id}
    return [Used(new_id(), entry_id[:200], outcome, agent_id) for entry_id, outcome in outcomes.items()]


def _taken(use: SuggestionUse) -> UseOutcome:
    if use.searched:
        return UseOutcome.FOUND_EDITED if use.edited else UseOutcome.FOUND_AS_IS
    return UseOutcome.EDITED if use.edited else UseOutcome.AS_IS
