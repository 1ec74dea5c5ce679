"""accepted = answered + held + queued + refused + duplicate + dead + lost, per channel; the difference must be 0.

A channel process reports how many messages it has accepted since it started; every message that went through
dialogue names the process that accepted it. A message on its way is no difference: only what was accepted a while ago and
has still not come out counts. A process that died before its last report accepted at least what came out. ``lost`` is what a person has settled.
"""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from yizhan.metrics.store import ProducerCounts


@dataclass(frozen=True, slots=True)
class ChannelBalance:
    """The books of one channel. ``difference``: accepted a while ago and not accounted for."""

    channel: str
    accepted: int
    by_disposition: Mapping[str, int]
    in_flight: int
    difference: int


@dataclass(slots=True)
class Conservation:
    """Remembers what each process had accepted ``settle`` seconds ago."""

    monotonic: Callable[[], float]
    settle: float = 30.0
    _history: dict[tuple[str, str], deque[tuple[float, int]]] = field(default_factory=dict)

    def balance(self, counts: Sequence[ProducerCounts]) -> Sequence[ChannelBalance]:
        """The books per channel, as of now."""
        now = self.monotonic()
        totals: dict[str, list[int]] = {}
        parts: dict[str, dict[str, int]] = {}
        for item in counts:
            settled = self._settled((item.channel, item.producer), item.accepted, now)
            total = totals.setdefault(item.channel, [0, 0, 0])
            total[0] += max(item.accepted, item.disposed)
            total[1] += max(0, item.accepted - item.disposed)
            total[2] += max(0, settled - item.disposed)
            by = parts.setdefault(item.channel, {})
            for disposition, n in item.by_disposition.items():
                by[disposition] = by.get(disposition, 0) + n
        return [
            ChannelBalance(channel, total[0], parts[channel], total[1], total[2])
            for channel, total in sorted(totals.items())
        ]

    def _settled(self, key: tuple[str, str], accepted: int, now: float) -> int:
        """What the process had accepted at least ``settle`` seconds ago."""
        history = self._history.setdefault(key, deque())
        if not history or history[-1][1] != accepted:
            history.append((now, accepted))
        while len(history) > 1 and history[1][0] <= now - self.settle:
            history.popleft()
        at, value = history[0]
        return value if at <= now - self.settle else 0
