"""How many messages an account may send after what the customer did, and for how long.

Source: reference channels.md A.8, B and C.3.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from tests.simulators.wechat import codes
from tests.simulators.wechat.codes import ApiRefusal

DAYS_2 = 48 * 3600.0
MINUTE = 60.0


@dataclass(frozen=True, slots=True)
class Allowance:
    messages: int
    seconds: float


OFFICIAL: Mapping[str, Allowance] = {
    "message": Allowance(5, DAYS_2),
    "menu": Allowance(3, MINUTE),
    "subscribe": Allowance(3, MINUTE),
    "scan": Allowance(3, MINUTE),
}
MINI: Mapping[str, Allowance] = {"message": Allowance(5, DAYS_2), "tempsession": Allowance(2, MINUTE)}
KF: Mapping[str, Allowance] = {"message": Allowance(5, DAYS_2)}


@dataclass(frozen=True, slots=True)
class Room:
    """What is left of one trigger's right."""

    trigger: str
    left: int
    closes_at: float


class Quota:
    """The rights of one account towards one customer. A trigger restarts its own counter and touches no other."""

    def __init__(
        self,
        allowances: Mapping[str, Allowance],
        closed: int = codes.WINDOW_CLOSED,
        spent: int = codes.COUNT_SPENT,
    ) -> None:
        self._allowances = allowances
        self._closed = closed
        self._spent = spent
        self._rooms: dict[str, Room] = {}

    def open(self, trigger: str, now: float) -> None:
        allowance = self._allowances[trigger]
        self._rooms[trigger] = Room(trigger, allowance.messages, now + allowance.seconds)

    def close(self) -> None:
        """The customer has left: nothing may be sent."""
        self._rooms.clear()

    def rooms(self, now: float) -> list[Room]:
        """Open windows, spent ones included, the one that closes first in front."""
        live = [room for room in self._rooms.values() if now < room.closes_at]
        return sorted(live, key=lambda room: room.closes_at)

    def check(self, now: float) -> Room:
        """The room that the next message would use: of several, the one that closes first. Raises ApiRefusal."""
        live = self.rooms(now)
        if not live:
            raise ApiRefusal(self._closed, "response out of time limit or subscription is canceled")
        room = next((room for room in live if room.left), None)
        if room is None:
            raise ApiRefusal(self._spent, "out of response count limit")
        return room

    def spend(self, now: float) -> None:
        """One message was sent. Raises ApiRefusal when it may not be."""
        room = self.check(now)
        self._rooms[room.trigger] = Room(room.trigger, room.left - 1, room.closes_at)
