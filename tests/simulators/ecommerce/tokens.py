"""Consents of sellers and the tokens that come of them: codes used once, access tokens that end, refresh tokens that rotate."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field


class GrantRefused(Exception):
    """No token is given. ``code`` is one of: code_used, code_unknown, refresh_used, refresh_over, revoked."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Granted:
    """What the platform gave; in seconds."""

    access: str
    refresh: str
    expires_in: float
    refresh_expires_in: float


@dataclass
class TokenDesk:
    """The tokens of one shop. ``rotates``: each renewal ends the refresh token that it was had for.

    ``now`` is the platform's clock. ``forgives``: for so many seconds after a renewal the old refresh token still works,
    as some vendors have it.
    """

    now: Callable[[], float]
    access_seconds: float = 4 * 3600.0
    refresh_seconds: float = 30 * 86_400.0
    rotates: bool = True
    forgives: float = 0.0
    given: list[str] = field(default_factory=list)
    """Every token ever given, secret all of them."""
    renewals: int = 0
    _codes: dict[str, bool] = field(default_factory=dict)
    _access: dict[str, float] = field(default_factory=dict)
    _refresh: dict[str, float] = field(default_factory=dict)
    _serial: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def consent(self) -> str:
        """The seller said yes: a code that is good once."""
        code = f"consent-code-{next(self._serial):06d}"
        self._codes[code] = False
        return code

    def exchange(self, code: str) -> Granted:
        """Raises GrantRefused."""
        if code not in self._codes:
            raise GrantRefused("code_unknown")
        if self._codes[code]:
            raise GrantRefused("code_used")
        self._codes[code] = True
        return self._give()

    def renew(self, refresh: str) -> Granted:
        """Raises GrantRefused."""
        ends = self._refresh.get(refresh)
        if ends is None:
            raise GrantRefused("refresh_used")
        if ends <= self.now():
            raise GrantRefused("refresh_over")
        self.renewals += 1
        if not self.rotates:
            return Granted(self._new_access(), refresh, self.access_seconds, ends - self.now())
        self._refresh[refresh] = self.now() + self.forgives
        if not self.forgives:
            del self._refresh[refresh]
        return self._give()

    def keyed(self) -> Granted:
        """A token for the shop's own id and secret, which the caller has checked."""
        return Granted(self._new_access(), "", self.access_seconds, 0.0)

    def good(self, access: str) -> bool:
        return self._access.get(access, 0.0) > self.now()

    def expire(self) -> None:
        """It is over with every access token given out so far."""
        self._access.clear()

    def replace(self) -> None:
        """Somebody else had a token given, which made the others worthless."""
        self._access.clear()
        self._new_access()

    def revoke(self) -> None:
        """The seller took the consent back."""
        self._access.clear()
        self._refresh.clear()

    def _give(self) -> Granted:
        refresh = f"refresh-token-{next(self._serial):06d}"
        self._refresh[refresh] = self.now() + self.refresh_seconds
        self.given.append(refresh)
        return Granted(self._new_access(), refresh, self.access_seconds, self.refresh_seconds)

    def _new_access(self) -> str:
        access = f"access-token-{next(self._serial):06d}"
        self._access[access] = self.now() + self.access_seconds
        self.given.append(access)
        return access
