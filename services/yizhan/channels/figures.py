"""The figures of one channel."""

from yizhan.core.runtime.metrics import Metrics


class Figures:
    """Counters of one channel, ready to be used without looking labels up."""

    def __init__(self, metrics: Metrics, channel: str) -> None:
        counter = metrics.counter
        self.accepted = counter(
            "yizhan_accepted_messages_total", "Customers' messages that are durable on the bus.", ("channel",)
        ).labels(channel)
        self.unaccepted = counter(
            "yizhan_unaccepted_messages_total",
            "Customers' messages that were turned back because the bus did not take them.",
            ("channel",),
        ).labels(channel)
        self.accept_seconds = metrics.histogram(
            "yizhan_accept_seconds", "From having facts to having them durable on the bus.", ("channel",)
        ).labels(channel)
        self.dropped_notes = counter(
            "yizhan_dropped_notes_total",
            "Customers whose receipts were forgotten while the bus was away.",
            ("channel",),
        ).labels(channel)
        self._sent = counter(
            "yizhan_sent_messages_total", "Messages to customers by what became of the call.", ("channel", "outcome")
        )
        self._channel = channel

    def sent(self, outcome: str) -> None:
        """Count one message to a customer; ``outcome`` is sent, repeated or a reason of failure from a closed set."""
        self._sent.labels(self._channel, outcome).inc()
