"""What goes wrong on request: the next calls of the API."""

from dataclasses import dataclass, field
from typing import Literal

Outcome = Literal[
    "refuse", "http", "reset", "hang", "garbage", "commit_then_http", "commit_then_hang", "commit_then_reset"
]
"""``refuse``: the platform's own no, with ``code``. ``http``: a bare status. Without ``commit`` a call has no effect; with it
the buyer gets the message, and the caller no regular answer."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What the next call of ``api`` meets. ``headers`` go with a bare status (``Retry-After``)."""

    api: str
    outcome: Outcome
    code: str = ""
    status: int = 502
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def commits(self) -> bool:
        return self.outcome.startswith("commit_")


class Faults:
    """``next`` queues them, each meets one call."""

    def __init__(self) -> None:
        self._queue: list[Fault] = []

    def next(
        self,
        api: str,
        outcome: Outcome,
        *,
        code: str = "",
        status: int = 502,
        headers: dict[str, str] | None = None,
        times: int = 1,
    ) -> None:
        self._queue += [Fault(api, outcome, code, status, headers or {})] * times

    def take(self, api: str) -> Fault | None:
        for place, fault in enumerate(self._queue):
            if fault.api == api:
                return self._queue.pop(place)
        return None

    def clear(self) -> None:
        self._queue.clear()

    @property
    def waiting(self) -> list[Fault]:
        """Those that no call has met yet."""
        return list(self._queue)
