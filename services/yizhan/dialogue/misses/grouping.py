"""Puts like misses into groups, one after the other. Deterministic: the same misses in the same order, the same groups.

Memory is bounded by the wordings that are compared with: ``MOST_LEADERS`` for each of at most ``MOST_GROUPS`` groups.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from yizhan.core.messages.ids import NewId
from yizhan.dialogue.knowledge.normalise import normalise
from yizhan.dialogue.misses.alike import Signature, likeness, signature
from yizhan.dialogue.misses.miss import MOST_WORDS

MOST_GROUPS = 20_000
"""So many groups take new misses: those that were missed last."""

MOST_LEADERS = 3
"""So many wordings of a group are compared with."""

OPEN_FOR = timedelta(days=90)
"""A group that nothing has joined for so long takes no more."""

CROWD = 400
"""Of the wordings that share a telling word, so many, the newest, are found by it."""

COMPARED = 60
"""So many of those that share the most are compared."""


@dataclass(frozen=True, slots=True)
class Ungrouped:
    """A miss that is in no group. ``text`` is None where its message is gone; ``known`` is the group of the same words."""

    id: str
    key: str
    at: datetime
    text: str | None
    known: str | None = None


@dataclass(frozen=True, slots=True)
class Leader:
    """A wording that new ones are compared with."""

    group_id: str
    key: str
    text: str
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Place:
    """The group that a miss joins; ``leads``: later ones are compared with it."""

    miss_id: str
    group_id: str
    leads: bool


@dataclass(frozen=True, slots=True)
class Joined:
    """What a batch of misses changed. ``made`` and ``touched``: when a group was last missed."""

    places: tuple[Place, ...]
    made: Mapping[str, datetime]
    touched: Mapping[str, datetime]


@dataclass(slots=True)
class _Group:
    leaders: int = 0
    kinds: frozenset[str] = frozenset()


class Grouping:
    """The groups of one workspace that take new misses. Not safe to use from several threads at once."""

    def __init__(self, new_id: NewId) -> None:
        self._new_id = new_id
        self._groups: dict[str, _Group] = {}
        self._by_key: dict[str, str] = {}
        self._leaders: list[tuple[str, Signature]] = []
        self._found_by: dict[str, list[int]] = {}

    @classmethod
    def of(cls, leaders: Iterable[Leader], new_id: NewId) -> "Grouping":
        """From what is kept, the longest unmissed groups first."""
        grouping = cls(new_id)
        for leader in leaders:
            grouping._lead(leader.group_id, leader.key, signature(normalised(leader.text)))
        return grouping

    @property
    def leaders(self) -> int:
        """How many wordings are compared with."""
        return len(self._leaders)

    @property
    def full(self) -> bool:
        """More groups than take new misses: read them anew, and the longest unmissed are left out."""
        return len(self._groups) > 2 * MOST_GROUPS

    @property
    def longest_block(self) -> int:
        """Of the lists by which wordings are found, the longest."""
        return max(map(len, self._found_by.values()), default=0)

    def join(self, misses: Sequence[Ungrouped]) -> Joined:
        """Give each miss its group, in this order."""
        places: list[Place] = []
        made: dict[str, datetime] = {}
        touched: dict[str, datetime] = {}
        here: dict[str, str] = {}
        for miss in misses:
            before = miss.known or self._by_key.get(miss.key) or here.get(miss.key)
            words = "" if before or miss.text is None else normalised(miss.text)
            group_id = before or self._nearest(words)
            if not group_id:
                group_id = self._new_id()
                made[group_id] = miss.at
                self._groups[group_id] = _Group()
            here[miss.key] = group_id
            times = made if group_id in made else touched
            times[group_id] = max(times.get(group_id, miss.at), miss.at)
            leads = bool(words) and self._lead(group_id, miss.key, signature(words))
            places.append(Place(miss.id, group_id, leads))
        return Joined(tuple(places), made, touched)

    def _nearest(self, words: str) -> str:
        """The group that the words belong to; empty: to none."""
        if not words:
            return ""
        asked = signature(words)
        shared: Counter[int] = Counter()
        for block in asked.blocks:
            shared.update(self._found_by.get(block, ()))
        compared = sorted(shared, key=lambda place: (-shared[place], place))[:COMPARED]
        best, nearest = 0.0, ""
        for place in compared:
            group_id, leader = self._leaders[place]
            kinds = self._groups[group_id].kinds
            if asked.kinds and kinds and not asked.kinds & kinds:
                continue  # the group has been told apart by what it asks for
            like = likeness(asked, leader)
            if like > best:
                best, nearest = like, group_id
        return nearest

    def _lead(self, group_id: str, key: str, own: Signature) -> bool:
        """Take a wording into a group; whether it is compared with from now on."""
        group = self._groups.setdefault(group_id, _Group())
        if group.leaders >= MOST_LEADERS or key in self._by_key:
            return False
        group.leaders += 1
        self._by_key[key] = group_id
        group.kinds = group.kinds or own.kinds
        place = len(self._leaders)
        self._leaders.append((group_id, own))
        for block in own.blocks:
            found = self._found_by.setdefault(block, [])
            found.append(place)
            if len(found) > CROWD:
                del found[0]
        return True


def normalised(text: str) -> str:
    """The words by which texts are compared."""
    return normalise(text)[:MOST_WORDS]
