"""Figures of a channel of customers' own screens beside those that every channel has."""

from yizhan.core.runtime.metrics import Metrics


class ScreenFigures:
    """``kind`` of a connection is socket, stream or poll. Each channel has figures of its own name."""

    def __init__(self, metrics: Metrics, channel: str) -> None:
        own = f"yizhan_{channel}"
        self.connections = metrics.gauge(f"{own}_connections", "Connected clients.", ("kind",))
        self.closed = metrics.counter(f"{own}_closed_total", "Connections ended by the server.", ("code",))
        self.fetched = metrics.counter(
            f"{own}_fetched_messages_total", "Messages fetched from transcripts to bring clients up to date."
        )
        self._refused = metrics.counter(
            f"{own}_refused_total", "What visitors sent and was not taken, by reason.", ("reason",)
        )

    def refused(self, reason: str) -> None:
        self._refused.labels(reason).inc()
