"""The embedded bus routes as the broker does."""

import pytest

from yizhan.core.bus.interface import Unroutable
from yizhan.core.bus.routing import Routes, matches
from yizhan.core.bus.topology import Exchange, queues

MATCHES = [
    ("#", "a", True),
    ("#", "a.b.c", True),
    ("#", "", True),
    ("a.#", "a", True),
    ("a.#", "a.b.c", True),
    ("a.#", "b.a", False),
    ("#.c", "a.b.c", True),
    ("a.#.c", "a.c", True),
    ("a.#.c", "a.b.b.c", True),
    ("*", "a", True),
    ("*", "a.b", False),
    ("conversation.*", "conversation.closed", True),
    ("conversation.*", "conversation", False),
    ("conversation.*", "conversation.a.b", False),
    ("handoff.requested", "handoff.requested", True),
    ("handoff.requested", "handoff.requested.again", False),
]


@pytest.mark.parametrize(("pattern", "key", "taken"), MATCHES)
def test_topic_patterns(pattern: str, key: str, taken: bool) -> None:
    assert matches(pattern, key) is taken


ROUTES = [
    (Exchange.INBOUND, "1", ("inbound.1",)),
    (Exchange.OUTBOUND, "website.0", ("outbound.website.0",)),
    (Exchange.EVENTS, "channel.accepted", ("metrics.events",)),
    (Exchange.EVENTS, "handoff.requested", ("metrics.events", "routing.events")),
    (Exchange.DEAD, "inbound.0", ("dead.inbound.0",)),
]


@pytest.mark.parametrize(("exchange", "key", "wanted"), ROUTES)
def test_keys_find_their_queues(exchange: Exchange, key: str, wanted: tuple[str, ...]) -> None:
    routes = Routes(queues(2))
    assert routes.take(exchange, key) == wanted
    assert routes.take(exchange, key) == wanted


@pytest.mark.parametrize(
    ("exchange", "key"),
    [
        (Exchange.INBOUND, "2"),
        (Exchange.INBOUND, "#"),
        (Exchange.OUTBOUND, "website"),
        (Exchange.DEAD, "nowhere"),
        (Exchange.LIVE, "website"),
    ],
)
def test_a_key_without_a_queue_is_unroutable(exchange: Exchange, key: str) -> None:
    with pytest.raises(Unroutable):
        Routes(queues(2)).take(exchange, key)
