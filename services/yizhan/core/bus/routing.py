"""Which queues take a key: what the broker does by bindings, for the embedded bus."""

from collections.abc import Iterable

from yizhan.core.bus.interface import Unroutable
from yizhan.core.bus.topology import Exchange, Queue, dead_queue


def matches(pattern: str, key: str) -> bool:
    """Whether a topic pattern takes a key: ``*`` is one word, ``#`` is any number of words, words end at dots."""
    return _matches(pattern.split("."), key.split("."))


def _matches(pattern: list[str], words: list[str]) -> bool:
    if not pattern:
        return not words
    head, rest = pattern[0], pattern[1:]
    if head == "#":
        return any(_matches(rest, words[skipped:]) for skipped in range(len(words) + 1))
    return bool(words) and head in {"*", words[0]} and _matches(rest, words[1:])


class Routes:
    """The queues of each exchange and key."""

    def __init__(self, queues: Iterable[Queue]) -> None:
        self._queues = tuple(queues)
        self._known: dict[tuple[Exchange, str], tuple[str, ...]] = {}

    def take(self, exchange: Exchange, key: str) -> tuple[str, ...]:
        """Raises Unroutable when no queue takes it."""
        found = self._known.get((exchange, key))
        if found is None:
            found = self._find(exchange, key)
            self._known[exchange, key] = found
        return found

    def _find(self, exchange: Exchange, key: str) -> tuple[str, ...]:
        if exchange is Exchange.DEAD:
            found = tuple(dead_queue(queue.name) for queue in self._queues if queue.name == key)
        else:
            found = tuple(
                queue.name
                for queue in self._queues
                if queue.exchange is exchange and any(_takes(exchange, pattern, key) for pattern in queue.keys)
            )
        if not found:
            raise Unroutable(f"{exchange.value} {key}")
        return found


def _takes(exchange: Exchange, pattern: str, key: str) -> bool:
    return matches(pattern, key) if exchange is Exchange.EVENTS else pattern == key
