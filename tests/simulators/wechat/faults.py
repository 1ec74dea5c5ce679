"""Faults on request: of the API's answers and of pushes."""

import random
from dataclasses import dataclass, field, replace
from typing import Literal

Outcome = Literal[
    "error",
    "slow",
    "hang",
    "reset",
    "http_502",
    "garbage",
    "commit_then_hang",
    "commit_then_reset",
    "commit_then_http_502",
    "commit_then_garbage",
    "commit_then_error",
    "msg_send_fail",
]
"""What happens to a call. Without ``commit`` it has no effect; with it the customer gets the message, and the caller no
regular answer. ``msg_send_fail`` (微信客服) is answered 0, shows nothing and is reported by an event."""


@dataclass(frozen=True, slots=True)
class Fault:
    """``times`` calls of ``api`` (towards ``openid``, if given) are answered badly, after ``delay`` seconds."""

    api: str
    outcome: Outcome
    errcode: int
    errmsg: str
    times: int
    openid: str
    delay: float
    fail_type: int

    @property
    def commits(self) -> bool:
        return self.outcome.startswith("commit_") or self.outcome in {"slow", "msg_send_fail"}


@dataclass(slots=True)
class Faults:
    """``next`` queues faults of the API, ``push`` sets those of pushes, ``clear`` ends all of them."""

    chance: random.Random = field(default_factory=lambda: random.Random(7))
    duplicate_share: float = 0.0
    reorder_share: float = 0.0
    hold_seconds: float = 1.0
    """A push that is to arrive late waits for the next one of the same customer, but not longer than this."""
    _queue: list[Fault] = field(default_factory=list)
    _cuts: list[float] = field(default_factory=list)

    def next(
        self,
        *,
        api: str,
        errcode: int = 0,
        errmsg: str = "",
        outcome: Outcome | None = None,
        times: int = 1,
        openid: str = "",
        delay: float = 0.0,
        fail_type: int = 0,
    ) -> None:
        """The next ``times`` calls of ``api`` go wrong. Only ``errcode``: an error; only ``delay``: late but right."""
        chosen: Outcome = outcome or ("error" if errcode else "slow")
        if chosen.endswith("error") and not errcode:
            raise ValueError("an error needs its errcode")
        if chosen == "slow" and not delay:
            raise ValueError("say what is to go wrong: errcode, outcome or delay")
        self._queue.append(Fault(api, chosen, errcode, errmsg, times, openid, delay, fail_type))

    def push(
        self,
        *,
        cut_after: float | None = None,
        times: int = 1,
        duplicate_share: float | None = None,
        reorder_share: float | None = None,
    ) -> None:
        """Cut the next ``times`` attempts after so many seconds, unless answered; push a share twice or late."""
        if cut_after is not None:
            self._cuts.extend([cut_after] * times)
        if duplicate_share is not None:
            self.duplicate_share = duplicate_share
        if reorder_share is not None:
            self.reorder_share = reorder_share

    def clear(self) -> None:
        self._queue.clear()
        self._cuts.clear()
        self.duplicate_share = self.reorder_share = 0.0

    @property
    def waiting(self) -> list[Fault]:
        """Faults of the API that no call has met yet."""
        return list(self._queue)

    def take(self, api: str, openid: str) -> Fault | None:
        """The fault that this call meets, counted."""
        for place, fault in enumerate(self._queue):
            if fault.api == api and fault.openid in {"", openid}:
                if fault.times > 1:
                    self._queue[place] = replace(fault, times=fault.times - 1)
                else:
                    del self._queue[place]
                return replace(fault, times=1)
        return None

    def put_back(self, fault: Fault) -> None:
        """It did not happen: the call that met it was refused before its effect."""
        self._queue.insert(0, fault)

    def take_cut(self) -> float | None:
        """After how many seconds this attempt is cut."""
        return self._cuts.pop(0) if self._cuts else None
