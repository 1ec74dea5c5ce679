"""Files from customers: fetched when their message comes, since the platform keeps them for three days only.

A push may be repeated while its file is still coming: it waits for the same download.
"""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Protocol

import structlog
from yarl import URL

from yizhan.channels.contract import Refusal, Refused, RetryLater, SendError, TokenExpired
from yizhan.channels.flights import Flights
from yizhan.channels.wechat.calls import Answered, Calls, Download
from yizhan.core.messages.content import Media
from yizhan.core.store.errors import StoreUnavailable
from yizhan.core.store.media import MediaRefused, MediaStore

log = structlog.get_logger(__name__)

PATH = "/cgi-bin/media/get"
HOSTS = ("qpic.cn", "qlogo.cn", "qq.com", "wechat.com")
"""Where the platform keeps pictures and videos that need no token; memory."""
MOST_KNOWN = 1000


class Tokens(Protocol):
    """What is needed of a TokenManager."""

    async def get(self, account: str) -> str: ...

    async def renew(self, account: str, failed_token: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file by the platform's id; by ``address``, which needs no token, where the id gives none. ``name``: what to call it."""

    media_id: str
    address: str = ""
    name: str = ""


class _Answer(Answered):
    """Videos may come as an address."""

    video_url: str = ""


class Downloads:
    """Downloads of one API, into the media store; no file is larger than ``limit`` bytes (None: the store's own limit)."""

    def __init__(self, calls: Calls, store: MediaStore, tokens: Tokens, *, limit: int | None = None) -> None:
        self._calls = calls
        self._store = store
        self._tokens = tokens
        self._limit = limit
        self._known: OrderedDict[tuple[str, Wanted], Media] = OrderedDict()
        self._flights: Flights[Media | None] = Flights("download")

    async def fetch(self, account: str, wanted: Wanted) -> Media | None:
        """The stored file. None: it is gone, or none that is kept (too large, of another type).

        It goes on when the one who waits goes away. Raises RetryLater when it cannot be fetched or stored now.
        """
        key = (account, wanted)
        if (known := self._known.get(key)) is not None:
            return known
        return await self._flights.join(key, lambda: self._fetched(key))

    async def close(self) -> None:
        await self._flights.close()

    async def _fetched(self, key: tuple[str, Wanted]) -> Media | None:
        account, wanted = key
        try:
            media = await self._found(account, wanted)
        except MediaRefused as error:
            log.info("media_from_customer_refused", account=account, reason=error.reason)
            return None
        except StoreUnavailable as error:
            log.warning("media_unavailable", reason=error.reason)
            raise RetryLater from None
        if media is not None:
            self._known[key] = media
            if len(self._known) > MOST_KNOWN:
                self._known.popitem(last=False)
        return media

    async def _found(self, account: str, wanted: Wanted) -> Media | None:
        """By id, else by address; a passing trouble counts only when there is no other way."""
        trouble: SendError | None = None
        if wanted.media_id:
            try:
                return await self._by_id(account, wanted)
            except SendError as error:
                trouble = error
        if wanted.address:
            try:
                return await self._by_address(wanted.address, wanted.name)
            except SendError as error:
                trouble = error if isinstance(error, RetryLater) else trouble or error
        if isinstance(trouble, RetryLater):
            raise RetryLater(trouble.after)
        code = trouble.code if isinstance(trouble, Refused) else ""
        log.info("media_from_customer_gone", account=account, code=code)
        return None

    async def _by_id(self, account: str, wanted: Wanted) -> Media | None:
        token = await self._tokens.get(account)
        try:
            return await self._downloaded(token, wanted)
        except TokenExpired:
            await self._tokens.renew(account, token)
        try:
            return await self._downloaded(await self._tokens.get(account), wanted)
        except TokenExpired:
            raise RetryLater from None

    async def _downloaded(self, token: str, wanted: Wanted) -> Media | None:
        async with self._calls.download(PATH, token, {"media_id": wanted.media_id}, _Answer) as found:
            if isinstance(found, Download):
                return await self._store.put(found.pieces, wanted.name or found.name or "file", limit=self._limit)
            address = found.video_url
        return await self._by_address(address, wanted.name)

    async def _by_address(self, address: str, name: str) -> Media | None:
        url = platforms_own(address, self._calls.base_url)
        if url is None:
            raise Refused("address", "", reason=Refusal.BAD_CONTENT)
        async with self._calls.fetch(url) as found:
            return await self._store.put(found.pieces, name or "file", limit=self._limit)


def platforms_own(address: str, api: URL) -> URL | None:
    """The address if it is one of the platform's: a push must not make the gateway call anybody else.

    The platform's hosts by http or https on their usual ports, or the API's own origin.
    """
    try:
        url = URL(address)
        host, port = (url.host or "").lower().rstrip("."), url.port
    except ValueError:
        return None
    if not host or url.scheme not in {"http", "https"} or url.user is not None or url.password is not None:
        return None
    if url.origin() == api.origin():
        return url
    usual = port == (443 if url.scheme == "https" else 80)
    return url if usual and any(host == own or host.endswith(f".{own}") for own in HOSTS) else None
