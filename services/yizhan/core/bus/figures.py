"""What the bus counts. Labels are exchanges and families of queues, never single partitions or keys."""

import re
from typing import Final

from yizhan.core.runtime.metrics import Metrics

_NUMBER: Final = re.compile(r"\.\d+$")
_SIZES: Final = (1, 2, 5, 10, 20, 50, 100, 200, 500)
_CONFIRM_SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


def family(queue: str) -> str:
    """The queue's name without its partition: ``inbound``, ``outbound.website``, ``metrics.events``."""
    return _NUMBER.sub("", queue)


class BusFigures:
    """The figures of one bus. Without ``metrics`` they are kept and shown to nobody."""

    def __init__(self, metrics: Metrics | None = None) -> None:
        metrics = metrics or Metrics("bus")
        self.published = metrics.counter("yizhan_bus_published_total", "Envelopes confirmed as durable.", ("exchange",))
        self.refused = metrics.counter(
            "yizhan_bus_publish_failures_total", "Envelopes that were not confirmed.", ("reason",)
        )
        self.confirm_seconds = metrics.histogram(
            "yizhan_bus_confirm_seconds", "From handing a batch to the bus to its confirmation.", (), _CONFIRM_SECONDS
        )
        self.publish_batch = metrics.histogram(
            "yizhan_bus_publish_batch_envelopes", "Envelopes that travelled as one message.", (), _SIZES
        )
        self.consumed = metrics.counter("yizhan_bus_consumed_total", "Envelopes handled.", ("queue",))
        self.handled_batch = metrics.histogram(
            "yizhan_bus_handled_batch_envelopes", "Envelopes handed to a handler at once.", ("queue",), _SIZES
        )
        self.handler_seconds = metrics.histogram(
            "yizhan_bus_handler_seconds", "How long one call of a handler took.", ("queue",)
        )
        self.retried = metrics.counter(
            "yizhan_bus_retried_total", "Envelopes handed to a handler again.", ("queue", "reason")
        )
        self.parked = metrics.counter(
            "yizhan_bus_parked_total", "Envelopes put into a dead-letter queue.", ("queue", "reason")
        )
        self.hints_lost = metrics.counter("yizhan_bus_hints_lost_total", "Live hints that were dropped.", ())
        self.connections = metrics.counter("yizhan_bus_connections_total", "Connections made to the broker.", ())
        self.connected = metrics.gauge("yizhan_bus_connected", "1 while the broker is connected.", ())
