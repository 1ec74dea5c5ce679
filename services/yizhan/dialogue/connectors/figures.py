"""How often businesses' systems are called, how it ends, and how long it takes."""

from yizhan.core.runtime.clock import Monotonic, monotonic
from yizhan.core.runtime.metrics import Metrics


class ConnectorFigures:
    """Counts the calls of tasks, and those that people's screens ask for."""

    def __init__(self, metrics: Metrics, *, monotonic: Monotonic = monotonic) -> None:
        self._monotonic = monotonic
        labels = ("operation", "outcome")
        self._calls = metrics.counter("yizhan_connector_calls_total", "Calls of business systems.", labels)
        self._seconds = metrics.histogram("yizhan_connector_call_seconds", "How long they took.", ("operation",))

    def now(self) -> float:
        """Seconds since some moment; a call begins."""
        return self._monotonic()

    def ended(self, operation: str, outcome: str, began: float) -> None:
        """Of both names there is a closed set."""
        self._calls.labels(operation, outcome).inc()
        self._seconds.labels(operation).observe(self._monotonic() - began)
