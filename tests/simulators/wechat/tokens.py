"""Access tokens of one account. Source: reference channels.md A.11."""

import itertools
import secrets
from collections.abc import Callable
from dataclasses import dataclass

from tests.simulators.wechat import codes
from tests.simulators.wechat.codes import ApiRefusal

LIFE = 7200.0
OVERLAP = 300.0
"""A stable token is renewed this long before its end, and a replaced one still works this long."""
FORCED_APART = 30.0
FORCED_PER_DAY = 20
DAY = 86400.0
CHINA = 8 * 3600.0


@dataclass(slots=True)
class _Token:
    expires_at: float
    replaced_at: float = float("inf")
    """From then on it is not the latest any more: 40001."""


class TokenDesk:
    """Gives tokens out and judges those that come back. ``now`` gives unix seconds."""

    def __init__(self, now: Callable[[], float], prefix: str) -> None:
        self._now = now
        self._prefix = prefix
        self._serial = itertools.count(1)
        self._given: dict[str, _Token] = {}
        self._stable = ""
        self._classic = ""
        self._forced: list[float] = []
        self.fetches = 0
        """How often somebody asked for a token."""

    def stable(self, force: bool) -> tuple[str, int]:
        """The token and the whole seconds it still lives (never under 300). Raises ApiRefusal for too many forces."""
        self.fetches += 1
        now = self._now()
        current = self._given.get(self._stable)
        if force:
            self._count_force(now)
        elif current and now < current.replaced_at and now < current.expires_at - OVERLAP:
            return self._stable, int(current.expires_at - now)
        if current and force:
            current.replaced_at = now
        self._stable = self._new(now)
        return self._stable, int(LIFE)

    def classic(self) -> tuple[str, int]:
        """A new token at every call; the one before works for five more minutes."""
        self.fetches += 1
        now = self._now()
        current = self._given.get(self._classic)
        if current:
            current.replaced_at = min(current.replaced_at, now + OVERLAP)
        self._classic = self._new(now)
        return self._classic, int(LIFE)

    def steady(self) -> tuple[str, int]:
        """WeCom's way: the same token until it has expired."""
        self.fetches += 1
        now = self._now()
        current = self._given.get(self._stable)
        if not current or now >= min(current.expires_at, current.replaced_at):
            self._stable = self._new(now)
        return self._stable, int(self._given[self._stable].expires_at - now)

    def knows(self, token: str) -> bool:
        return token in self._given

    def check(self, token: str) -> None:
        """Raises ApiRefusal when ``token`` is not valid now."""
        given = self._given.get(token)
        if given is None:
            raise ApiRefusal(codes.BAD_TOKEN, "invalid access_token")
        now = self._now()
        if now >= given.replaced_at:
            raise ApiRefusal(codes.BAD_CREDENTIAL, "invalid credential, access_token is invalid or not latest")
        if now >= given.expires_at:
            raise ApiRefusal(codes.TOKEN_EXPIRED, "access_token expired")

    def expire(self) -> None:
        """Every token given out so far is answered 42001."""
        for given in self._given.values():
            given.expires_at = min(given.expires_at, self._now())

    def replace(self) -> None:
        """Every token given out so far is answered 40001."""
        for given in self._given.values():
            given.replaced_at = min(given.replaced_at, self._now())

    def _new(self, now: float) -> str:
        token = f"{self._prefix}_{next(self._serial)}_{secrets.token_urlsafe(96)}"
        self._given[token] = _Token(now + LIFE)
        return token

    def _count_force(self, now: float) -> None:
        if self._forced and now - self._forced[-1] < FORCED_APART:
            raise ApiRefusal(codes.MINUTE_QUOTA, "api minute-quota reach limit: force_refresh")
        today = (now + CHINA) // DAY
        if sum((at + CHINA) // DAY == today for at in self._forced) >= FORCED_PER_DAY:
            raise ApiRefusal(codes.DAILY_QUOTA, "reach max api daily quota limit: force_refresh")
        self._forced.append(now)
