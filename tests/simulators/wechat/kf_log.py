"""What sync_msg reads: an ordered log of items with opaque cursors. Source: reference channels.md C.2."""

import bisect
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.simulators.wechat import codes
from tests.simulators.wechat.codes import ApiRefusal

Json = dict[str, Any]
HISTORY_SECONDS = 3 * 86400.0
LARGEST_PAGE = 1000
CALLBACK_TOKEN_SECONDS = 600.0
UNTOKENED_PER_MINUTE = 10
"""How many pulls without a callback token are allowed; the platform says only that the limit is strict."""


@dataclass(frozen=True, slots=True)
class Page:
    items: list[Json]
    next_cursor: str
    has_more: bool


class KfLog:
    """The log of one corp; items of several customer-service accounts stand in one order."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._mark = secrets.token_hex(4)
        self._items: list[tuple[float, Json]] = []
        self._tokens: dict[str, float] = {}
        self._untokened: list[float] = []
        self.empty_pages = 0
        """So many of the next pages come empty, with has_more set."""

    def add(self, item: Json) -> None:
        self._items.append((self._now(), item))

    def new_token(self) -> str:
        """A token for one callback."""
        token = secrets.token_urlsafe(24)
        self._tokens[token] = self._now() + CALLBACK_TOKEN_SECONDS
        return token

    def page(self, cursor: str, limit: int, token: str, open_kfid: str) -> Page:
        """What follows ``cursor``, of the last three days. Raises ApiRefusal."""
        if not 1 <= limit <= LARGEST_PAGE:
            raise ApiRefusal(codes.KF_BAD_PARAMETER, f"limit {limit} is not in 1..{LARGEST_PAGE}")
        self._check_token(token)
        start = max(self._place(cursor), self._oldest())
        if self.empty_pages and start < len(self._items):
            self.empty_pages -= 1
            return Page([], self._cursor(start), True)
        end = min(start + limit, len(self._items))
        found = [item for _, item in self._items[start:end] if not open_kfid or item["open_kfid"] == open_kfid]
        return Page(found, self._cursor(end), end < len(self._items))

    def _check_token(self, token: str) -> None:
        now = self._now()
        if token:
            if self._tokens.get(token, 0.0) <= now:
                raise ApiRefusal(codes.KF_BAD_SYNC_TOKEN, "invalid or expired token")
            return
        self._untokened = [at for at in self._untokened if now - at < 60.0]
        if len(self._untokened) >= UNTOKENED_PER_MINUTE:
            raise ApiRefusal(codes.DAILY_QUOTA, "api freq out of limit")
        self._untokened.append(now)

    def _cursor(self, place: int) -> str:
        return f"{self._mark}.{place:x}"

    def _place(self, cursor: str) -> int:
        if not cursor:
            return 0
        mark, _, place = cursor.partition(".")
        if mark != self._mark or not place:
            raise ApiRefusal(codes.KF_BAD_PARAMETER, "invalid cursor")
        try:
            return min(int(place, 16), len(self._items))
        except ValueError:
            raise ApiRefusal(codes.KF_BAD_PARAMETER, "invalid cursor") from None

    def _oldest(self) -> int:
        return bisect.bisect_left(self._items, self._now() - HISTORY_SECONDS, key=lambda entry: entry[0])
