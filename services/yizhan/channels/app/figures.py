"""Figures of the app channel's own."""

from yizhan.core.runtime.metrics import Metrics


class AppFigures:
    """``reason`` and ``outcome`` are of closed sets, ``provider`` is apns, fcm or hook."""

    def __init__(self, metrics: Metrics) -> None:
        self._rejected = metrics.counter("yizhan_app_tokens_refused_total", "Tokens not taken, by reason.", ("reason",))
        self._keys = metrics.counter(
            "yizhan_app_key_fetches_total", "Fetches of issuers' keys, by what came of them.", ("outcome",)
        )

        self._pushes = metrics.counter(
            "yizhan_app_pushes_total", "Notifications to devices, by what came of them.", ("provider", "outcome")
        )
        self._gone = metrics.counter(
            "yizhan_app_devices_gone_total", "Devices that their push service does not know any more.", ("provider",)
        )
        self._waiting = metrics.gauge("yizhan_app_pushes_waiting", "Notifications that are planned.")

    def pushed(self, provider: str, outcome: str) -> None:
        self._pushes.labels(provider, outcome).inc()

    def device_gone(self, provider: str) -> None:
        self._gone.labels(provider).inc()

    def waiting(self, count: int) -> None:
        self._waiting.set(count)

    def rejected(self, reason: str) -> None:
        self._rejected.labels(reason).inc()

    def keys_read(self, outcome: str) -> None:
        self._keys.labels(outcome).inc()
