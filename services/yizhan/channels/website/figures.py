"""Figures of the website channel beside those that every channel has."""

from yizhan.core.runtime.metrics import Metrics


class WebsiteFigures:
    """``kind`` of a connection is socket, stream or poll."""

    def __init__(self, metrics: Metrics) -> None:
        self.connections = metrics.gauge("yizhan_website_connections", "Connected clients.", ("kind",))
        self.closed = metrics.counter("yizhan_website_closed_total", "Connections ended by the server.", ("code",))
        self.fetched = metrics.counter(
            "yizhan_website_fetched_messages_total", "Messages fetched from transcripts to bring clients up to date."
        )
        self._refused = metrics.counter(
            "yizhan_website_refused_total", "What visitors sent and was not taken, by reason.", ("reason",)
        )

    def refused(self, reason: str) -> None:
        self._refused.labels(reason).inc()
