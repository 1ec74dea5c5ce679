"""The recogniser over HTTP: the file's bytes there, ``{"text", "confidence", "language"}`` back.

It is the deployment's own choice and not trusted: a call has one time limit, an answer a most size, and what it says is
judged in ``believing``. Neither the file nor the words are ever in an error or a log.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
from pydantic import SecretStr
from yarl import URL

from yizhan.core.runtime.http.client import open_client
from yizhan.core.runtime.settings import DialogueSettings
from yizhan.dialogue.recognition.documents import DocumentUnreadable, Heard, Request, decode_heard

MOST_ANSWER_BYTES = 64 * 1024
AT_ONCE = 8
_PIECE = 16_384
_MIB = 1 << 20


class RecogniserFailed(Exception):
    """It gave nothing. ``reason`` is a static name; ``again``: the same may go well in a moment."""

    def __init__(self, reason: str, *, again: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.again = again


@dataclass(frozen=True, slots=True)
class Place:
    """Where the recogniser answers and how it knows us. ``seconds`` is a whole call's; ``most_bytes`` a file's."""

    url: str
    key: SecretStr = field(default=SecretStr(""), repr=False)
    seconds: float = 6.0
    most_bytes: int = 10 * _MIB


def place_of(settings: DialogueSettings) -> Place | None:
    """None where no recogniser is set, which is the default."""
    if not settings.recogniser_url:
        return None
    most = settings.recogniser_most_mib * _MIB
    return Place(settings.recogniser_url, settings.recogniser_key, settings.recogniser_timeout_seconds, most)


class Recogniser:
    """Make it with ``open_recogniser``, which owns its connections."""

    def __init__(self, session: aiohttp.ClientSession, place: Place) -> None:
        self._session = session
        self._place = place
        secret = place.key.get_secret_value().strip()  # read from a file, it ends in a line break
        self._headers = {"Accept": "application/json"} | ({"Authorization": f"Bearer {secret}"} if secret else {})

    async def put_into_words(self, request: Request, data: bytes, key: str) -> Heard:
        """One call. ``key`` is the same for every try of one file. Raises RecogniserFailed."""
        query = {"kind": request.kind} | ({"locale": request.locale} if request.locale else {})
        headers = self._headers | {"Content-Type": request.mime_type, "Idempotency-Key": key}
        try:
            async with self._session.post(
                URL(self._place.url).update_query(query), data=data, headers=headers, allow_redirects=False
            ) as response:
                if response.status != 200:
                    response.close()  # its body is of no interest, and may have no end
                    raise _refusal(response.status)
                body = await _whole(response)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
            raise RecogniserFailed("unreachable", again=True) from None
        except TimeoutError:
            raise RecogniserFailed("too_slow") from None
        except (aiohttp.ClientError, OSError):
            raise RecogniserFailed("cut_off", again=True) from None
        try:
            return decode_heard(body)
        except DocumentUnreadable:
            raise RecogniserFailed("nonsense") from None


@asynccontextmanager
async def open_recogniser(place: Place) -> AsyncIterator[Recogniser]:
    """Opening connects nowhere: a recogniser that is away now may be there when it is asked."""
    async with open_client(total=place.seconds, per_host=AT_ONCE) as session:
        yield Recogniser(session, place)


def _refusal(status: int) -> RecogniserFailed:
    if status in (401, 403):
        return RecogniserFailed("key_refused")
    if status in (429, 502, 503, 504):
        return RecogniserFailed("busy", again=True)
    return RecogniserFailed(f"http_{status // 100}xx")


async def _whole(response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for piece in response.content.iter_chunked(_PIECE):
        body += piece
        if len(body) > MOST_ANSWER_BYTES:
            raise RecogniserFailed("nonsense")
    return bytes(body)
