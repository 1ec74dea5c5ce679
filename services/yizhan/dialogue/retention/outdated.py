"""Which releases of the knowledge may go. Pure; whether a decision still needs one is asked elsewhere."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Life:
    """A release and when it was last of use: replaced by another, published, or built. ``ended_at`` is the latest of them."""

    id: str
    workspace: str
    number: int
    ended_at: datetime


def outdated(lives: Sequence[Life], needed: Mapping[str, Sequence[str]], before: datetime, last: int) -> Sequence[Life]:
    """Those that ended before, but for the ``last`` numbers of each workspace and what it needs: what is published, and what
    that replaced, so that it can be gone back to. The oldest first.
    """
    old = [life for life in lives if life.ended_at < before and life.id not in needed.get(life.workspace, ())]
    newest: dict[str, set[str]] = {}
    for life in sorted(lives, key=lambda one: one.number, reverse=True):
        kept = newest.setdefault(life.workspace, set())
        if len(kept) < last:
            kept.add(life.id)
    return sorted((life for life in old if life.id not in newest[life.workspace]), key=lambda one: one.ended_at)
