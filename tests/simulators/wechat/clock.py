"""The platform's clock: the real one, ahead by what a test advanced it."""

from collections.abc import Callable


class PlatformClock:
    def __init__(self, base: Callable[[], float]) -> None:
        self._base = base
        self._ahead = 0.0

    def now(self) -> float:
        """Unix seconds."""
        return self._base() + self._ahead

    def advance(self, seconds: float) -> None:
        self._ahead += seconds
