"""Files on their way to the platform: uploaded once, sent by the platform's id for as long as that is good."""

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

import structlog
from pydantic import Field

from yizhan.channels.contract import Refusal, Refused, RetryLater
from yizhan.channels.flights import Flights
from yizhan.channels.wechat.calls import Answered, Calls, Upload
from yizhan.channels.wechat.errors import MediaExpired
from yizhan.channels.wechat.media_rules import MediaRule, MediaRules, taken
from yizhan.channels.wechat.sound import amr_seconds
from yizhan.core.messages.content import Content, Media, media_of
from yizhan.core.runtime.clock import Clock
from yizhan.core.store.errors import StoreUnavailable
from yizhan.core.store.media import MediaMissing, MediaStore

log = structlog.get_logger(__name__)

PATH = "/cgi-bin/media/upload"
GOOD_FOR = timedelta(days=2, hours=12)
"""The platform keeps an upload for three days."""
MOST_KNOWN = 10_000

Outcome = TypeVar("Outcome")


class _Uploaded(Answered):
    media_id: str = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class _Key:
    account: str
    kind: str
    media_id: str


@dataclass(frozen=True, slots=True)
class _Known:
    media_id: str
    until: datetime


class Uploads:
    """Uploads of one API. What was uploaded is remembered by account, in this process."""

    def __init__(self, calls: Calls, store: MediaStore, clock: Clock, rules: MediaRules) -> None:
        self._calls = calls
        self._store = store
        self._clock = clock
        self._rules = rules
        self._known: OrderedDict[_Key, _Known] = OrderedDict()
        self._flights: Flights[str] = Flights("upload")

    async def sent(
        self, account: str, token: str, content: Content, send: Callable[[str], Awaitable[Outcome]]
    ) -> Outcome:
        """What ``send`` does with the platform's id of the content's file; once more when the id has ended before its time.

        Raises a SendError: Refused (BAD_CONTENT) for a file that the platform does not take or that is not there.
        """
        media_id = await self.media_id(account, token, content)
        try:
            return await send(media_id)
        except MediaExpired:
            self._forget(account, content, media_id)
            return await send(await self.media_id(account, token, content))

    async def media_id(self, account: str, token: str, content: Content) -> str:
        """The platform's id of the content's file, uploaded where it is not known. Raises as ``sent``."""
        media = media_of(content)
        rule = taken(content, media, self._rules) if media else None
        if media is None or rule is None:
            raise _refused("type or size")
        key = _Key(account, rule.kind, media.media_id)
        known = self._known.get(key)
        if known is not None and self._clock() < known.until:
            self._known.move_to_end(key)
            return known.media_id
        return await self._flights.join(key, lambda: self._uploaded(key, token, media, rule))

    async def close(self) -> None:
        await self._flights.close()

    async def _uploaded(self, key: _Key, token: str, media: Media, rule: MediaRule) -> str:
        data = await self._read(media, rule)
        if rule.max_seconds and media.mime_type == "audio/amr" and amr_seconds(data) > rule.max_seconds:
            raise _refused("duration")
        until = self._clock() + GOOD_FOR
        file = Upload(media.name or rule.kind, media.mime_type, data)
        answer = await self._calls.upload(PATH, token, {"type": rule.kind}, file, _Uploaded)
        self._known[key] = _Known(answer.media_id, until)
        if len(self._known) > MOST_KNOWN:
            self._known.popitem(last=False)
        return answer.media_id

    async def _read(self, media: Media, rule: MediaRule) -> bytes:
        data = bytearray()
        try:
            async for piece in await self._store.get(media.media_id):
                data += piece
                if len(data) > rule.max_bytes:
                    raise _refused("size")
        except MediaMissing:
            raise _refused("not there") from None
        except StoreUnavailable as error:
            log.warning("media_unavailable", reason=error.reason)
            raise RetryLater from None
        return bytes(data)

    def _forget(self, account: str, content: Content, media_id: str) -> None:
        """Unless another send has replaced it already."""
        media, rule = media_of(content), self._rules.get(type(content))
        if media is None or rule is None:
            return
        key = _Key(account, rule.kind, media.media_id)
        known = self._known.get(key)
        if known is not None and known.media_id == media_id:
            del self._known[key]


def _refused(why: str) -> Refused:
    return Refused("media", why, Refusal.BAD_CONTENT)
