"""Calls of the platform's API: what is asked and answered, within what time, and what is known when no answer comes.

Every error is a ``SendError`` without the access token, the secret or a word of a customer in it: aiohttp's own errors
carry the whole address, so none of them is passed on, not even as a cause.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from copy import copy
from dataclasses import dataclass, field
from typing import Any, TypeVar

import aiohttp
import orjson
import structlog
from pydantic import BaseModel, ValidationError
from yarl import URL

from yizhan.channels.contract import OutcomeUnknown, Refusal, Refused, RetryLater, SendError
from yizhan.channels.provider_errors import ProviderErrors
from yizhan.channels.wechat.errors import WECHAT, Meanings, Told, meant, words
from yizhan.core.messages.half_characters import mended_json
from yizhan.core.runtime.clock import Clock

log = structlog.get_logger(__name__)

MAX_ANSWER_BYTES = 8 << 20
"""A thousand messages of ``sync_msg`` have about 3 MB; every other answer is short."""

_PIECE = 1 << 16
_NEVER_SENT = (aiohttp.ConnectionTimeoutError, aiohttp.ClientConnectorError, aiohttp.InvalidURL)
"""Raised before a byte of the request is on its way."""


class Answered(BaseModel):
    """What every JSON answer has; the answers of calls add fields of their own, with defaults in those of sends."""

    errcode: int = 0
    errmsg: str = ""


AnswerModel = TypeVar("AnswerModel", bound=Answered)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file on its way to the platform."""

    name: str
    mime_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Download:
    """A file from the platform: ``pieces`` can be read once; reading raises RetryLater."""

    mime_type: str
    name: str
    pieces: AsyncIterator[bytes]


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds: for reaching the host, for a whole call, and for one that carries a file."""

    connect: float = 3.0
    total: float = 10.0
    media: float = 60.0


class Calls:
    """Calls of one platform's API at ``base_url``. The session must follow this module's limits, not its own."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        base_url: str,
        clock: Clock,
        errors: ProviderErrors,
        *,
        meanings: Meanings = WECHAT,
        timeouts: Timeouts | None = None,
    ) -> None:
        self._session = session
        self.base_url = URL(base_url)
        self._clock = clock
        self._errors = errors
        self._meanings = meanings
        times = timeouts or Timeouts()
        self._short = _timeout(times.total, times.connect)
        self._long = _timeout(times.media, times.connect)

    def read_as(self, meanings: Meanings) -> "Calls":
        """The same calls with another table of codes."""
        other = copy(self)
        other._meanings = meanings  # noqa: SLF001 - its own class
        return other

    async def post(
        self,
        path: str,
        token: str,
        body: Mapping[str, Any],
        answer: type[AnswerModel],
        *,
        sending: bool = False,
        query: Mapping[str, str] | None = None,
        secrets: tuple[str, ...] = (),
    ) -> AnswerModel:
        """POST ``body`` as JSON in raw UTF-8 (escapes would be shown to the customer) and read the answer.

        ``sending``: the call has an effect that must not happen twice; without an answer it is OutcomeUnknown, else
        RetryLater. ``secrets`` are other secrets than the token in the call. Raises a SendError.
        """
        call = _Call("POST", path, token, dict(query or {}), sending, secrets)
        try:
            data = orjson.dumps(body)
        except orjson.JSONEncodeError:  # half of a surrogate pair is no text
            raise Refused("", "", Refusal.BAD_CONTENT) from None
        return await self._asked(call, answer, self._short, data=data, headers=_JSON)

    async def get(
        self,
        path: str,
        token: str,
        query: Mapping[str, str],
        answer: type[AnswerModel],
        *,
        secrets: tuple[str, ...] = (),
    ) -> AnswerModel:
        """GET, for reading only. Raises a SendError, never OutcomeUnknown."""
        return await self._asked(_Call("GET", path, token, dict(query), False, secrets), answer, self._short)

    async def upload(
        self, path: str, token: str, query: Mapping[str, str], file: Upload, answer: type[AnswerModel]
    ) -> AnswerModel:
        """POST a file as the multipart field ``media``. Doing it twice harms nobody: never OutcomeUnknown."""
        form = aiohttp.FormData(quote_fields=False)
        form.add_field("media", file.data, filename=_quotable(file.name), content_type=file.mime_type)
        return await self._asked(_Call("POST", path, token, dict(query)), answer, self._long, data=form)

    @asynccontextmanager
    async def download(
        self, path: str, token: str, query: Mapping[str, str], answer: type[AnswerModel]
    ) -> AsyncIterator[Download | AnswerModel]:
        """GET a file. Where the platform gives JSON instead (an address of the file, say), that; an error is raised."""
        call = _Call("GET", path, token, dict(query))
        async with self._response(call, self.base_url.joinpath(path.lstrip("/")), self._long) as response:
            if _is_json(response):
                yield self._read(call, await self._body(call, response), answer)
            else:
                yield self._file(call, response)

    @asynccontextmanager
    async def fetch(self, url: URL) -> AsyncIterator[Download]:
        """GET a file at an address, without a token; the caller has seen to it that the host is the platform's.

        Redirects are not followed. Raises Refused and RetryLater.
        """
        call = _Call("GET", "file", "", {})
        async with self._response(call, url, self._long) as response:
            yield self._file(call, response)

    def _file(self, call: "_Call", response: aiohttp.ClientResponse) -> Download:
        disposition = response.content_disposition
        name = (disposition.filename if disposition else None) or ""
        return Download(response.content_type, name, self._pieces(call, response))

    async def _asked(
        self, call: "_Call", answer: type[AnswerModel], timeout: aiohttp.ClientTimeout, **body: Any
    ) -> AnswerModel:
        url = self.base_url.joinpath(call.path.lstrip("/"))
        async with self._response(call, url, timeout, **body) as response:
            return self._read(call, await self._body(call, response), answer)

    @asynccontextmanager
    async def _response(
        self, call: "_Call", url: URL, timeout: aiohttp.ClientTimeout, **body: Any
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """An answer with HTTP 200. Raises a SendError."""
        if self._session.closed:
            raise RetryLater
        response = await self._started(call, url, timeout, **body)
        async with response:
            if response.status == 429:
                raise self._missed(RetryLater(_PAUSE), call, "http_429")
            if response.status >= 500:
                raise self._missed(call.unknown(), call, "http_5xx")
            if response.status != 200:
                raise self._missed(Refused(f"http_{response.status}"), call, "http_other")
            yield response

    async def _started(
        self, call: "_Call", url: URL, timeout: aiohttp.ClientTimeout, **body: Any
    ) -> aiohttp.ClientResponse:
        try:
            return await self._session.request(
                call.method, url.extend_query(call.full_query), timeout=timeout, allow_redirects=False, **body
            )
        except _NEVER_SENT:
            raise self._missed(RetryLater(), call, "unreachable") from None
        except (aiohttp.ClientError, TimeoutError, OSError):
            raise self._missed(call.unknown(), call, "no_answer") from None

    async def _body(self, call: "_Call", response: aiohttp.ClientResponse) -> bytes:
        body = bytearray()
        try:
            async for piece in response.content.iter_chunked(_PIECE):
                body += piece
                if len(body) > MAX_ANSWER_BYTES:
                    raise self._missed(call.unknown(), call, "too_long")
        except (aiohttp.ClientError, TimeoutError, OSError):
            raise self._missed(call.unknown(), call, "no_answer") from None
        return bytes(body)

    async def _pieces(self, call: "_Call", response: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
        try:
            async for piece in response.content.iter_chunked(_PIECE):
                yield piece
        except (aiohttp.ClientError, TimeoutError, OSError):
            raise self._missed(RetryLater(), call, "no_answer") from None

    def _read(self, call: "_Call", body: bytes, answer: type[AnswerModel]) -> AnswerModel:
        try:
            fields = orjson.loads(mended_json(body))  # half a character must not hold up a whole page of messages
            basic = Answered.model_validate(fields)
        except (orjson.JSONDecodeError, ValidationError):
            raise self._missed(call.unknown(), call, "unreadable") from None
        if basic.errcode:
            self._refuse(call, basic)
        if call.sending and "errcode" not in fields:
            raise self._missed(call.unknown(), call, "unreadable")
        try:
            return answer.model_validate(fields)
        except ValidationError:
            raise self._missed(call.unknown(), call, "unreadable") from None

    def _refuse(self, call: "_Call", told: Answered) -> None:
        """Raises what the code means, if it is an error at all."""
        text = words(told.errmsg, (call.token, *call.secrets))
        error = meant(Told(told.errcode, text, self._clock(), call.token), self._meanings)
        self._errors.count(str(told.errcode) if told.errcode in self._meanings else "other")
        if error is not None:
            log.info("provider_refused", path=call.path, code=told.errcode, errmsg=text)
            raise error

    def _missed(self, error: SendError, call: "_Call", code: str) -> SendError:
        self._errors.count(code)
        log.info("provider_gave_no_answer", path=call.path, code=code, outcome=type(error).__name__)
        return error


_JSON = {"Content-Type": "application/json; charset=utf-8"}
_PAUSE = 30.0


@dataclass(frozen=True, slots=True)
class _Call:
    method: str
    path: str
    token: str = field(repr=False)
    query: dict[str, str] = field(repr=False)
    sending: bool = False
    secrets: tuple[str, ...] = field(default=(), repr=False)

    @property
    def full_query(self) -> dict[str, str]:
        return {"access_token": self.token, **self.query} if self.token else self.query

    def unknown(self) -> SendError:
        """What it means that the request may have arrived and nobody says so."""
        return OutcomeUnknown() if self.sending else RetryLater()


def _timeout(total: float, connect: float) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(total=total, connect=connect, sock_connect=connect, sock_read=total)


def _is_json(response: aiohttp.ClientResponse) -> bool:
    """Files come as attachments; errors come with HTTP 200 as JSON, sometimes called plain text."""
    if response.content_disposition is not None:
        return False
    return response.content_type in {"application/json", "text/plain", "text/javascript", "text/html"}


def _quotable(name: str) -> str:
    """A file name that cannot end its header."""
    return "".join("_" if char in '"\\' or char < " " else char for char in name) or "file"
