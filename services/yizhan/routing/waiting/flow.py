"""What is known of a queue at one moment: how long conversations take, which are running, who is there. In seconds."""

from dataclasses import dataclass

NEVER = -1.0
"""For ``staff_changed_ago``: nobody came or went within the time that is looked at."""


@dataclass(frozen=True, slots=True)
class Handled:
    """A conversation that agents have had. ``took``: from the offer that was accepted until its end."""

    took: float
    ended_ago: float


@dataclass(frozen=True, slots=True)
class Flow:
    """A group's recent past and its present. A conversation is a unit, however heavy.

    ``slots``: conversations that the agents who are there can have at once. ``running``: for each that they have, since
    how long. ``handled``: those of the last hours, in any order. ``arrivals``: how long ago each request of the last
    quarter of an hour came. ``waiting``: how many wait.
    """

    slots: int
    running: tuple[float, ...]
    handled: tuple[Handled, ...]
    arrivals: tuple[float, ...] = ()
    waiting: int = 0
    staff_changed_ago: float = NEVER
