"""The figure of what platforms refuse or leave unanswered."""

from yizhan.core.runtime.metrics import Metrics


class ProviderErrors:
    """Counts answers that say no, and calls without one."""

    def __init__(self, metrics: Metrics, channel: str) -> None:
        self._counter = metrics.counter(
            "yizhan_provider_errors_total",
            "Calls of a platform that it refused or did not answer.",
            ("channel", "code"),
        )
        self._channel = channel

    def count(self, code: str) -> None:
        """``code`` is one of a table's, or a static name."""
        self._counter.labels(self._channel, code).inc()
