"""Leaves an endpoint alone that failed several times in a row, then tries it again with one call."""

from yizhan.core.runtime.clock import Monotonic
from yizhan.dialogue.models.errors import ModelUnavailable

FAILURES = 5
"""In a row, before the endpoint is left alone."""

PAUSE_SECONDS = 15.0
LONGEST_PAUSE_SECONDS = 300.0
"""However long a ``Retry-After`` is, there is a try after this."""


class Breaker:
    """Closed: calls pass. Open: they do not, for a pause. Half open: one passes, and decides.

    ``admit`` before each call; then exactly one of ``succeeded``, ``failed`` and ``abandoned``.
    """

    def __init__(self, monotonic: Monotonic, *, failures: int = FAILURES, pause: float = PAUSE_SECONDS) -> None:
        self._monotonic = monotonic
        self._limit = failures
        self._pause = pause
        self._failures = 0
        self._open_until = 0.0
        self._trying = False

    @property
    def open(self) -> bool:
        """Whether the endpoint is being left alone."""
        return self._monotonic() < self._open_until or self._trying

    def admit(self) -> None:
        """Raises ModelUnavailable while the endpoint is left alone."""
        if self.open:
            raise ModelUnavailable("left_alone")
        self._trying = self._open_until > 0.0

    def succeeded(self) -> None:
        self._failures = 0
        self._open_until = 0.0
        self._trying = False

    def failed(self, after: float | None = None) -> None:
        """``after``: the seconds for which the endpoint itself asked to be left alone."""
        self._failures += 1
        if after is not None:
            self._open_until = self._monotonic() + min(max(after, 0.0), LONGEST_PAUSE_SECONDS)
        elif self._trying or self._failures >= self._limit:
            self._open_until = self._monotonic() + self._pause
        self._trying = False

    def abandoned(self) -> None:
        """The call was given up by us; it says nothing about the endpoint."""
        self._trying = False
