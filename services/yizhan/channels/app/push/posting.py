"""One POST to somebody outside: bounded, followed nowhere, and with a clear word on what may have arrived."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

import aiohttp

from yizhan.channels.app.push.notice import Later, Outcome, Refused, Unknown
from yizhan.core.runtime.http.outbound import AddressRefused, Reach, check_outbound

CALL_SECONDS = 10.0
MOST_ANSWER_BYTES = 16 * 1024


@dataclass(frozen=True, slots=True)
class Answered:
    """``retry_after`` in seconds, 0 where nothing is said."""

    status: int
    body: bytes
    retry_after: float = 0.0


async def post(
    session: aiohttp.ClientSession, allowed: Reach, url: str, body: bytes, headers: Mapping[str, str]
) -> Answered | Outcome:
    """The answer, or what it means that there is none: what was never connected was certainly not told."""
    try:
        address = check_outbound(url, allowed)
    except AddressRefused as refused:
        return Refused(refused.code)
    try:
        async with (
            asyncio.timeout(CALL_SECONDS),
            session.post(address, data=body, headers=headers, allow_redirects=False) as answer,
        ):
            raw = await answer.content.read(MOST_ANSWER_BYTES)
            return Answered(answer.status, raw, _seconds(answer.headers.get("Retry-After", "")))
    except aiohttp.ClientConnectorError:
        return Later("unreachable")
    except (TimeoutError, aiohttp.ClientError, OSError, ValueError):
        return Unknown("no_answer")


def _seconds(text: str) -> float:
    return float(text) if text.isascii() and text.isdigit() and len(text) <= 5 else 0.0
