"""How long conversations take, from those that ended lately and those that still run.

Those that ended within the last minutes are too short a sample: of the conversations of that time the long ones still
run. So every conversation counts for the ages that it was seen at, from the beginning of the time looked at to its end
or to now, and the share that ends at an age is of those that were seen at that age (the product-limit estimate with late
entry; survival by Nelson and Aalen).
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from yizhan.routing.waiting.flow import Flow, Handled

Floats = npt.NDArray[np.float64]

MOST: Final = 120
"""The latest so many that ended are learned from."""
_POINTS: Final = 200
_SHORTEST: Final = 1.0


def latest(flow: Flow) -> list[Handled]:
    """The conversations to learn from, the newest first."""
    return sorted(flow.handled, key=lambda each: (each.ended_ago, each.took))[:MOST]


def recent(flow: Flow) -> Floats:
    """How long the latest conversations took, the newest first."""
    return np.array([max(each.took, _SHORTEST) for each in latest(flow)])


def typical(flow: Flow) -> Floats:
    """Durations as they are now: equally likely ones, ascending. At least one conversation must have ended."""
    ended = latest(flow)
    window = max(each.ended_ago for each in ended)
    took = np.array([max(each.took, _SHORTEST) for each in ended])
    running = np.maximum(np.array(flow.running, dtype=np.float64), 0.0)
    entered = np.concatenate([took + np.array([each.ended_ago for each in ended]), running]) - window
    left = np.concatenate([took, running])
    ends = np.sort(took)
    seen = np.searchsorted(np.sort(entered), ends, side="left") - np.searchsorted(np.sort(left), ends, side="left")
    survived = np.exp(-np.cumsum(1.0 / np.maximum(seen, 1)))
    # What survives the longest that ended is at the longest that was seen: nothing is known beyond.
    points = np.append(ends, max(left.max(), ends[-1]))
    chances = (np.arange(_POINTS) + 0.5) / _POINTS
    return points[np.searchsorted(1.0 - survived, chances, side="left")]
