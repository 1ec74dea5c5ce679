"""Public keys that pushes are signed with, by the id that a push names.

Anybody can push anything, and so have us ask the platform for keys: what was asked for is remembered, whether there is
such a key or not, and only so many unknown ids are asked for in a while. Source: reference channels.md E.2.
"""

import asyncio
from collections import OrderedDict, deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec
from pydantic import BaseModel, ConfigDict, ValidationError

from yizhan.channels.contract import Refusal, Refused, RetryLater
from yizhan.channels.ecommerce.ebay.api import Api
from yizhan.channels.ecommerce.ebay.facts import PUBLIC_KEY
from yizhan.channels.ecommerce.ebay.settings import EbaySettings
from yizhan.channels.ecommerce.ebay.signing import read_key
from yizhan.core.runtime.clock import Clock

GOOD_FOR: Final = timedelta(hours=6)
MISSED_FOR: Final = timedelta(minutes=10)
MOST_GOOD: Final = 64
MOST_MISSED: Final = 1000
MOST_ASKED: Final = 30
"""Ids that are not known, in ``MISSED_FOR``: the platform has a handful of keys."""
ASK_SECONDS: Final = 4.0

_NO_SUCH_KEY = (Refusal.UNKNOWN_CUSTOMER, Refusal.BAD_CONTENT)
"""As ``errors`` reads 404 and 400."""
_Place = tuple[str, str]


class _Answer(BaseModel):
    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    key: str = ""


@dataclass(frozen=True, slots=True)
class _Good:
    key: ec.EllipticCurvePublicKey
    until: datetime


class Keys:
    """Remembered by each process."""

    def __init__(self, api: Api, clock: Clock) -> None:
        self._api = api
        self._clock = clock
        self._good: OrderedDict[_Place, _Good] = OrderedDict()
        self._missed: OrderedDict[_Place, datetime] = OrderedDict()
        self._asked: deque[datetime] = deque()
        self._turn = asyncio.Lock()

    async def key(self, settings: EbaySettings, kid: str) -> ec.EllipticCurvePublicKey | None:
        """None: there is no such key. Raises RetryLater: that cannot be found out now."""
        place = (settings.api, kid)
        if (known := self._known(place)) is not None:
            return known
        if self._is_missed(place):
            return None
        async with self._turn:
            if (known := self._known(place)) is not None or self._is_missed(place):
                return known
            self._count()
            return await self._fetched(settings, place)

    def _known(self, place: _Place) -> ec.EllipticCurvePublicKey | None:
        good = self._good.get(place)
        if good is None or self._clock() >= good.until:
            return None
        self._good.move_to_end(place)
        return good.key

    def _is_missed(self, place: _Place) -> bool:
        until = self._missed.get(place)
        return until is not None and self._clock() < until

    def _count(self) -> None:
        """Raises RetryLater: too many ids were made up."""
        now = self._clock()
        while self._asked and now - self._asked[0] >= MISSED_FOR:
            self._asked.popleft()
        if len(self._asked) >= MOST_ASKED:
            raise RetryLater((self._asked[0] + MISSED_FOR - now).total_seconds())
        self._asked.append(now)

    async def _fetched(self, settings: EbaySettings, place: _Place) -> ec.EllipticCurvePublicKey | None:
        try:
            async with asyncio.timeout(ASK_SECONDS):
                body = await self._api.as_app(settings, "public_key", f"{PUBLIC_KEY}/{place[1]}")
        except TimeoutError:
            raise RetryLater from None
        except Refused as error:
            if error.reason not in _NO_SUCH_KEY:  # the app itself was refused: that says nothing of the key
                raise RetryLater(30.0) from error
            key = None
        else:
            key = _read(body)
        if key is None:
            self._miss(place)
            return None
        self._good[place] = _Good(key, self._clock() + GOOD_FOR)
        while len(self._good) > MOST_GOOD:
            self._good.popitem(last=False)
        return key

    def _miss(self, place: _Place) -> None:
        self._missed[place] = self._clock() + MISSED_FOR
        self._missed.move_to_end(place)
        while len(self._missed) > MOST_MISSED:
            self._missed.popitem(last=False)


def _read(body: bytes) -> ec.EllipticCurvePublicKey | None:
    try:
        return read_key(_Answer.model_validate_json(body).key)
    except ValidationError:
        return None
