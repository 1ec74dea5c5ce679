"""Figures of the app channel's own."""

from yizhan.core.runtime.metrics import Metrics


class AppFigures:
    """``reason`` and ``outcome`` are of closed sets, ``provider`` is apns, fcm or hook."""

    def __init__(self, metrics: Metrics) -> None:
        self._rejected = metrics.counter("yizhan_app_tokens_refused_total", "Tokens not taken, by reason.", ("reason",))
        self._keys = metrics.counter(
            "yizhan_app_key_fetches_total", "Fetches of issuers' keys, by what came of them.", ("outcome",)
        )

    def rejected(self, reason: str) -> None:
        self._rejected.labels(reason).inc()

    def keys_read(self, outcome: str) -> None:
        self._keys.labels(outcome).inc()
