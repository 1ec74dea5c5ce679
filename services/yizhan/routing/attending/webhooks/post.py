"""One try of one post: signed, bounded in time and size, followed nowhere."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

import aiohttp

from yizhan.core.runtime.clock import Clock
from yizhan.core.runtime.http.outbound import AddressForbidden, AddressRefused, Reach, check_outbound
from yizhan.core.security.webhook_signing import signed_headers
from yizhan.routing.attending.webhooks.backoff import Answer
from yizhan.routing.attending.webhooks.parcel import Parcel

SECONDS: Final = 10.0
"""For a whole try, reading the answer included."""

MOST_ANSWER_BYTES: Final = 4_096
"""What an answer says is not needed; so much of it is read that the connection can be kept."""

LONGEST_RETRY_AFTER: Final = 86_400


class Poster:
    """``allowed``: how near an address may be."""

    def __init__(self, session: aiohttp.ClientSession, allowed: Reach, clock: Clock) -> None:
        self._session = session
        self._allowed = allowed
        self._clock = clock

    async def post(self, url: str, keys: Sequence[str], parcel: Parcel) -> Answer:
        """What came of it; whatever goes wrong is an answer, too."""
        try:
            address = check_outbound(url, self._allowed)
        except AddressRefused as refused:
            return Answer(problem=refused.code)
        headers = {
            "Content-Type": "application/json",
            "Accept-Encoding": "identity",
            **signed_headers(keys, parcel.id, self._clock(), parcel.body),
        }
        try:
            async with (
                asyncio.timeout(SECONDS),
                self._session.post(address, data=parcel.body, headers=headers, allow_redirects=False) as answer,
            ):
                await answer.content.read(MOST_ANSWER_BYTES)
                return Answer(answer.status, retry_after=_retry_after(answer.headers.get("Retry-After", "")))
        except TimeoutError:
            return Answer(problem="timeout")
        except (aiohttp.ClientSSLError, aiohttp.ClientConnectorCertificateError):
            return Answer(problem="tls_failed")
        except aiohttp.ClientConnectorError as error:
            return Answer(problem="url_private" if isinstance(error.os_error, AddressForbidden) else "unreachable")
        except (aiohttp.ClientError, OSError, ValueError):
            return Answer(problem="broken_off")


def _retry_after(text: str) -> timedelta | None:
    """Whole seconds; a date is passed over, as our own pauses do well enough."""
    if not text.isascii() or not text.isdigit() or len(text) > 6:
        return None
    return timedelta(seconds=min(int(text), LONGEST_RETRY_AFTER))
