"""How an answer that stood by went out, and what became of results that nobody waited for any more."""

from enum import StrEnum


class End(StrEnum):
    REWORDED = "reworded"
    """An entry's answer in a model's words."""
    CHOSEN = "chosen"
    """An entry that a model chose, instead of asking back."""
    MEANT = "meant"
    """An entry, or other entries to choose from, found by what the question means."""
    INSTEAD = "instead"
    """The job came up with nothing that may be sent, or not in time."""
    OVERTAKEN = "overtaken"
    """Something else happened in the conversation; the answer went out before it."""
    LATE = "late"
    """A result that came when nothing stood by for it: dropped."""
