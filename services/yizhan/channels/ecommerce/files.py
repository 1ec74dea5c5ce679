"""Files that buyers sent, fetched into the media store, and those that go to them."""

from collections.abc import AsyncIterator, Collection, Mapping

import aiohttp
import structlog
from yarl import URL

from yizhan.channels.contract import RetryLater
from yizhan.channels.ecommerce.http_body import PLAIN, BodyUnreadable, pieces
from yizhan.channels.ecommerce.reaching import Reaching
from yizhan.core.messages.content import Media
from yizhan.core.runtime.http.outbound import AddressRefused, Reach, check_outbound
from yizhan.core.security.media_urls import MediaUrls
from yizhan.core.store.errors import StoreUnavailable
from yizhan.core.store.media import MediaMissing, MediaRefused, MediaStore

log = structlog.get_logger(__name__)

SECONDS = aiohttp.ClientTimeout(total=30.0, connect=3.0, sock_connect=3.0, sock_read=10.0)


class _NotKept(Exception):
    """The file cannot be had, and asking again changes nothing. ``code`` is a static name."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class PlatformFiles:
    """The files of one platform, ``key``; none is larger than ``limit`` bytes."""

    def __init__(
        self,
        key: str,
        session: aiohttp.ClientSession,
        reaching: Reaching,
        store: MediaStore,
        urls: MediaUrls,
        *,
        limit: int,
    ) -> None:
        self._key = key
        self._session = session
        self._reaching = reaching
        self._store = store
        self._urls = urls
        self._limit = limit

    async def fetch(self, url: str, name: str, hosts: Collection[str], headers: Mapping[str, str]) -> Media | None:
        """As ``platform.Files``: redirects are not followed, the kind of file is found by its bytes."""
        try:
            return await self._fetched(self._checked(url, hosts), name, headers)
        except _NotKept as error:
            log.info("file_from_customer_not_kept", platform=self._key, code=error.code)
        except MediaRefused as error:
            log.info("file_from_customer_not_kept", platform=self._key, code=error.reason)
        except StoreUnavailable as error:
            log.warning("media_unavailable", reason=error.reason)
            raise RetryLater from None
        return None

    async def keep(self, data: bytes, name: str) -> Media | None:
        try:
            return await self._store.put(data, name or "file", limit=self._limit)
        except MediaRefused as error:
            log.info("file_from_customer_not_kept", platform=self._key, code=error.reason)
        except StoreUnavailable as error:
            log.warning("media_unavailable", reason=error.reason)
            raise RetryLater from None
        return None

    async def read(self, media: Media, most: int) -> bytes | None:
        if media.size_bytes > most:
            return None
        data = bytearray()
        try:
            async for piece in await self._store.get(media.media_id):
                data += piece
                if len(data) > most:
                    return None
        except MediaMissing:
            return None
        except StoreUnavailable as error:
            log.warning("media_unavailable", reason=error.reason)
            raise RetryLater from None
        return bytes(data)

    def link(self, media: Media) -> str:
        return self._urls.url(media.media_id, media.name)

    def _checked(self, address: str, hosts: Collection[str]) -> URL:
        """An https address on one of the hosts, or anything at the simulator of an account. Raises _NotKept."""
        try:
            url = URL(address)
            if self._reaching.is_inside(url):
                return url
            url = check_outbound(address, Reach.PUBLIC)
        except (AddressRefused, ValueError):
            raise _NotKept("address") from None
        host = (url.host or "").lower().rstrip(".")
        if url.scheme != "https" or not any(host == own or host.endswith(f".{own}") for own in hosts):
            raise _NotKept("host")
        return url

    async def _fetched(self, url: URL, name: str, headers: Mapping[str, str]) -> Media:
        if self._session.closed:
            raise RetryLater
        try:
            async with self._session.get(
                url, headers={**PLAIN, **headers}, timeout=SECONDS, allow_redirects=False, auto_decompress=False
            ) as response:
                if response.status == 429 or response.status >= 500:
                    raise RetryLater
                if response.status != 200:
                    raise _NotKept("status")
                if (response.content_length or 0) > self._limit:
                    raise _NotKept("too_large")
                return await self._store.put(_readable(response), name or "file", limit=self._limit)
        except (aiohttp.ClientError, TimeoutError, OSError):
            raise RetryLater from None  # of aiohttp's errors some carry the whole address


async def _readable(response: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
    """Raises _NotKept and aiohttp's errors."""
    try:
        async for piece in pieces(response):
            yield piece
    except BodyUnreadable:
        raise _NotKept("unreadable") from None
