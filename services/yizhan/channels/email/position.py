"""How far a folder has been read, as it is kept with its cursor. Pure.

``<uidvalidity>:<uid>:<read at>``, and behind it ``:<until>:<since>`` while mails are gone through again: of those up to the
UID ``until`` only what came after ``since`` is taken. Times are whole seconds since 1970.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

AGAIN = timedelta(days=2)
"""How much further back than the last reading is gone when a folder has become another one. What was taken before is known
by its contents; that is remembered for a week.
"""

SKEW = timedelta(minutes=1)
"""The server's clock is not ours, and says whole seconds."""


@dataclass(frozen=True, slots=True)
class Position:
    """Everything up to ``uid`` has been taken. ``read_at``: when the folder was last looked at."""

    validity: int
    uid: int
    read_at: datetime
    until: int = 0
    since: datetime | None = None

    @classmethod
    def parse(cls, text: str) -> "Position | None":
        """None: the folder was never read."""
        numbers = [int(part) for part in text.split(":") if part.isascii() and part.isdecimal()]
        if len(numbers) == 3:
            return cls(numbers[0], numbers[1], _moment(numbers[2]))
        if len(numbers) == 5:
            return cls(numbers[0], numbers[1], _moment(numbers[2]), numbers[3], _moment(numbers[4]))
        return None

    def text(self) -> str:
        numbers = [self.validity, self.uid, int(self.read_at.timestamp())]
        if self.since is not None and self.uid < self.until:
            numbers += [self.until, int(self.since.timestamp())]
        return ":".join(str(number) for number in numbers)

    def after(self, uid: int, at: datetime) -> "Position":
        return replace(self, uid=max(self.uid, uid), read_at=at)

    def wants(self, uid: int, came_at: datetime | None) -> bool:
        """Whether a mail that came then is to be taken."""
        if uid <= self.uid:
            return False
        return self.since is None or uid > self.until or came_at is None or came_at >= self.since

    @property
    def again(self) -> bool:
        """Whether mails of an earlier time are being gone through."""
        return self.since is not None and self.uid < self.until


def begun(known: Position | None, validity: int, next_uid: int, since: datetime, at: datetime) -> Position:
    """Where to go on reading a folder whose UIDVALIDITY is this, and whose next mail will have that UID.

    ``since``: from when on mails are taken of a folder that was never read.
    """
    if known is not None and known.validity == validity:
        return known
    since = since - SKEW if known is None else known.read_at - AGAIN
    return Position(validity, 0, at, max(next_uid - 1, 0), since)


def _moment(seconds: int) -> datetime:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError, ValueError):
        return datetime.fromtimestamp(0, UTC)
