"""Calls of platforms' APIs: within what time and length, and what is known when no answer comes.

Every error is a ``SendError`` without a secret or a word of a customer in it: aiohttp's own errors carry the whole
address, so none of them is passed on, not even as a cause.
"""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp
import structlog
from yarl import URL

from yizhan.channels.contract import OutcomeUnknown, Refusal, Refused, RetryLater, SendError
from yizhan.channels.ecommerce.http_body import PLAIN, BodyUnreadable, pieces
from yizhan.channels.ecommerce.platform import Request, Response
from yizhan.channels.ecommerce.reaching import Reaching
from yizhan.channels.provider_errors import ProviderErrors
from yizhan.core.runtime.http.outbound import AddressRefused

log = structlog.get_logger(__name__)

MAX_ANSWER_BYTES = 8 << 20
PAUSE = 30.0
"""After "too many", where the platform does not say how long."""
LONGEST_PAUSE = 3600.0
MOST_CODES = 200
"""Of one platform, as labels: one that invents codes must not fill the figures."""

_NEVER_SENT = (aiohttp.ConnectionTimeoutError, aiohttp.ClientConnectorError, aiohttp.InvalidURL)
"""Raised before a byte of the request is on its way."""
_CODE = re.compile(r"[A-Za-z0-9_.-]{1,40}")


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds: for reaching the host, and for a whole call."""

    connect: float = 3.0
    total: float = 10.0


class PlatformCalls:
    """The calls of one platform, ``key``. The session gives its connections only; limits are this module's."""

    def __init__(
        self,
        key: str,
        session: aiohttp.ClientSession,
        reaching: Reaching,
        errors: ProviderErrors,
        *,
        timeouts: Timeouts | None = None,
    ) -> None:
        self._key = key
        self._session = session
        self._reaching = reaching
        self._errors = errors
        self._codes: set[str] = set()
        times = timeouts or Timeouts()
        self._limits = aiohttp.ClientTimeout(
            total=times.total, connect=times.connect, sock_connect=times.connect, sock_read=times.total
        )

    async def __call__(self, request: Request) -> Response:
        """As ``platform.Calls``: Refused only where the address itself must not be called."""
        url = self._checked(request)
        async with self._answered(request, url) as response:
            if response.status == 429 or _is_busy(request, response):
                raise self._missed(RetryLater(_pause(response)), request, "http_429")
            if response.status >= 500:
                raise self._missed(_unknown(request), request, "http_5xx")
            body = await self._body(request, response)
            headers = {name.lower(): value for name, value in response.headers.items()}
            return Response(response.status, body, headers)

    def refused(self, what: str, code: str) -> None:
        label = self._label(code)
        self._errors.count(label)
        log.info("provider_refused", platform=self._key, what=what, code=label)

    def _checked(self, request: Request) -> URL:
        try:
            return self._reaching.checked(request.url)
        except AddressRefused as error:
            self._errors.count(f"{self._key}:{error.code}")
            log.warning("provider_address_refused", platform=self._key, what=request.what, code=error.code)
            raise Refused(error.code, "this address must not be called", Refusal.ACCOUNT) from None

    @asynccontextmanager
    async def _answered(self, request: Request, url: URL) -> AsyncIterator[aiohttp.ClientResponse]:
        if self._session.closed:
            raise RetryLater
        try:
            response = await self._session.request(
                request.method,
                url,
                headers={**PLAIN, **request.headers},
                data=request.body,
                timeout=self._limits,
                allow_redirects=False,
                auto_decompress=False,
            )
        except _NEVER_SENT:
            raise self._missed(RetryLater(), request, "unreachable") from None
        except (aiohttp.ClientError, TimeoutError, OSError):
            raise self._missed(_unknown(request), request, "no_answer") from None
        async with response:
            yield response

    async def _body(self, request: Request, response: aiohttp.ClientResponse) -> bytes:
        body = bytearray()
        try:
            async for piece in pieces(response):
                body += piece
                if len(body) > MAX_ANSWER_BYTES:
                    raise self._missed(_unknown(request), request, "too_long")
        except (aiohttp.ClientError, TimeoutError, OSError):
            raise self._missed(_unknown(request), request, "no_answer") from None
        except BodyUnreadable:
            raise self._missed(_unknown(request), request, "unreadable") from None
        return bytes(body)

    def _missed(self, error: SendError, request: Request, code: str) -> SendError:
        self._errors.count(f"{self._key}:{code}")
        log.info(
            "provider_gave_no_answer",
            platform=self._key,
            what=request.what,
            code=code,
            outcome=type(error).__name__,
        )
        return error

    def _label(self, code: str) -> str:
        if not _CODE.fullmatch(code) or (code not in self._codes and len(self._codes) >= MOST_CODES):
            code = "other"
        self._codes.add(code)
        return f"{self._key}:{code}"


def _unknown(request: Request) -> SendError:
    """What it means that the request may have arrived and nobody says so."""
    return OutcomeUnknown() if request.sending else RetryLater()


def _is_busy(request: Request, response: aiohttp.ClientResponse) -> bool:
    return request.busy_is_503 and response.status == 503 and "Retry-After" in response.headers


def _pause(response: aiohttp.ClientResponse) -> float:
    """Seconds that the platform asks for, where it says so as a number."""
    told = response.headers.get("Retry-After", "")
    return min(max(float(told), 1.0), LONGEST_PAUSE) if told.isascii() and told.isdigit() and len(told) < 8 else PAUSE
