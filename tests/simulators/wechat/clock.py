"""The platform's clock: the real one, ahead by what a test advanced it."""

from collections.abc import Callable


class PlatformClock:
    """``now`` decides what has expired, ``dated`` is what the platform writes on pushes.

    They differ so that a test can let windows, tokens and media grow old although the gateway, which refuses pushes of
    a wrong date, keeps the real time.
    """

    def __init__(self, base: Callable[[], float]) -> None:
        self._base = base
        self._ahead = 0.0
        self._dated_ahead = 0.0

    def now(self) -> float:
        """Unix seconds."""
        return self._base() + self._ahead

    def dated(self) -> float:
        """Unix seconds."""
        return self._base() + self._dated_ahead

    def advance(self, seconds: float, visible: bool) -> None:
        self._ahead += seconds
        if visible:
            self._dated_ahead += seconds
