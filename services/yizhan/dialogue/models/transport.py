"""One POST with a time and a size that it may not pass, as pieces of its answer.

Retries only what cannot have been worked on: a connection that was never made, 429 and 503. All of them share the call's
one deadline. Nothing of the body, the answer or the key is ever in an error or a log.
"""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import NoReturn

import aiohttp
from pydantic import SecretStr
from yarl import URL

from yizhan.dialogue.models.errors import ModelNonsense, ModelRateLimited, ModelTooSlow, ModelUnavailable

CONNECT_SECONDS = 3.0
TRIES = 3
PAUSE_SECONDS = 0.1
"""Before the second try; twice as long before the third. Random by half, so that replicas do not march in step."""

_PIECE = 16_384
_NEVER_SENT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer with HTTP 200: what it calls itself, and its body in pieces."""

    content_type: str
    pieces: AsyncIterator[bytes]

    async def whole(self) -> bytes:
        return b"".join([piece async for piece in self.pieces])


class Transport:
    """Posts to one endpoint over a session whose connections are used again."""

    def __init__(self, session: aiohttp.ClientSession, base_url: str, key: SecretStr) -> None:
        self._session = session
        self._base = URL(base_url)
        secret = key.get_secret_value().strip()  # read from a file, it ends in a line break
        self._headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {secret}"} if secret else {})

    @asynccontextmanager
    async def post(self, path: str, body: bytes, *, within: float, limit: int) -> AsyncIterator[Answer]:
        """The answer to ``body`` at ``path``; it must be read inside, and all of it within ``within`` seconds.

        Longer than ``limit`` bytes is ModelNonsense. Raises ModelUnavailable, ModelTooSlow, ModelRateLimited.
        """
        deadline = asyncio.get_running_loop().time() + within
        try:
            async with asyncio.timeout_at(deadline):
                async with await self._response(path, body, deadline) as response:
                    yield Answer(response.content_type, _pieces(response, limit))
        except TimeoutError:
            raise ModelTooSlow("deadline") from None
        except (aiohttp.ClientError, OSError):
            raise ModelUnavailable("connection_lost") from None

    async def _response(self, path: str, body: bytes, deadline: float) -> aiohttp.ClientResponse:
        for retry in range(TRIES):
            try:
                return await self._asked(path, body)
            except (ModelRateLimited, _Busy, *_NEVER_SENT) as error:
                pause = PAUSE_SECONDS * 2**retry * random.uniform(0.75, 1.25)  # noqa: S311 - nothing secret
                if isinstance(error, ModelRateLimited) and error.after is not None:
                    pause = error.after
                if retry == TRIES - 1 or asyncio.get_running_loop().time() + pause >= deadline:
                    _give_up(error)
            await asyncio.sleep(pause)
        raise ModelUnavailable("unreachable")

    async def _asked(self, path: str, body: bytes) -> aiohttp.ClientResponse:
        """Raises ModelRateLimited, _Busy, ModelUnavailable and the library's errors."""
        if self._session.closed:
            raise ModelUnavailable("closed")
        response = await self._session.post(
            self._base.joinpath(*path.split("/")),
            data=body,
            headers=self._headers,
            allow_redirects=False,
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS),
        )
        if response.status == 200:
            return response
        response.close()  # its body is of no interest, and may have no end
        if response.status == 429:
            raise ModelRateLimited(_seconds(response.headers.get("Retry-After", "")))
        if response.status == 503:
            raise _Busy
        raise ModelUnavailable(_STATUSES.get(response.status, f"http_{response.status // 100}xx"))


class _Busy(Exception):
    """HTTP 503: not taken up."""


_STATUSES = {401: "key_refused", 403: "key_refused", 404: "not_there"}


def _give_up(error: Exception) -> NoReturn:
    if isinstance(error, ModelRateLimited):
        raise error
    raise ModelUnavailable("http_5xx" if isinstance(error, _Busy) else "unreachable") from None


def _seconds(header: str) -> float | None:
    """``Retry-After`` in seconds; its form as a date, which nobody in this trade sends, counts as not said."""
    return float(header) if header.isascii() and header.isdigit() and len(header) < 9 else None


async def _pieces(response: aiohttp.ClientResponse, limit: int) -> AsyncIterator[bytes]:
    total = 0
    async for piece in response.content.iter_chunked(_PIECE):
        total += len(piece)
        if total > limit:
            raise ModelNonsense("too_long")
        yield piece
