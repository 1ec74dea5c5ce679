"""Handing mails to an SMTP server. Connections are kept for the next mail; what may have been taken is never sent twice.

A mail is handed over in two steps. Until its last line has left this machine's buffers nothing of it can have been taken, so
that whatever happens it may be sent again. The line with the dot ends it; from then on only the server's answer says what
became of it, and without one nobody knows.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import aiosmtplib

from yizhan.channels.contract import OutcomeUnknown, Refusal, Refused, RetryLater, SendError, TokenExpired
from yizhan.channels.email.desk import EmailAccount
from yizhan.channels.email.settings import EmailAccountSettings
from yizhan.channels.email.smtp_errors import before_the_end, refusal
from yizhan.core.runtime.clock import Monotonic, monotonic

CONNECTIONS = 3
"""Of one mailbox at a time."""

IDLE_SECONDS = 45.0
"""After this a kept connection is not trusted any more: servers end them after a few minutes, some after one."""

TURN_SECONDS = 6.0
"""How long a mail waits for a connection; then it is tried later."""

QUIT_SECONDS = 2.0
PIECE_BYTES = 1 << 16
DRAINED_SECONDS = 0.01

_OK = 250
_GO_AHEAD = 354
_TOKEN_OVER = 535
_DOTS = re.compile(rb"(?m)^\.")

Token = Callable[[EmailAccount], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class Timeouts:
    """In seconds: a connection with its login, a mail until its end, the answer to the end. Together less than a call has."""

    connect: float = 9.0
    mail: float = 12.0
    answer: float = 10.0


@dataclass(frozen=True, slots=True)
class Envelope:
    """``sender`` empty: no answer is wanted, not even that it could not be delivered."""

    sender: str
    recipient: str
    raw: bytes = field(repr=False)


@dataclass(slots=True)
class _Kept:
    client: aiosmtplib.SMTP
    fingerprint: str
    used_at: float


@dataclass(slots=True)
class _Line:
    """The connections of one mailbox."""

    turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(CONNECTIONS))
    kept: list[_Kept] = field(default_factory=list)


class Posting:
    """Hands over for all accounts; ``close`` at the end."""

    def __init__(self, token: Token, timeouts: Timeouts | None = None, monotonic: Monotonic = monotonic) -> None:
        self._token = token
        self._timeouts = timeouts or Timeouts()
        self._monotonic = monotonic
        self._lines: dict[str, _Line] = {}

    async def post(self, account: EmailAccount, envelope: Envelope) -> str:
        """Hand over one mail; gives the server's words. Raises a SendError."""
        line = self._lines.setdefault(account.id, _Line())
        async with self._turn(line):
            client = await self._client(account, line)
            try:
                words = await self._handed_over(client, envelope)
            except BaseException:
                client.close()
                raise
            if client.is_connected:
                line.kept.append(_Kept(client, account.settings.fingerprint, self._monotonic()))
            return words

    async def close(self) -> None:
        kept = [one.client for line in self._lines.values() for one in line.kept]
        self._lines.clear()
        await asyncio.gather(*(_quit(client) for client in kept))

    @asynccontextmanager
    async def _turn(self, line: _Line) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(TURN_SECONDS):
                await line.turns.acquire()
        except TimeoutError:
            raise RetryLater(TURN_SECONDS) from None
        try:
            yield
        finally:
            line.turns.release()

    async def _client(self, account: EmailAccount, line: _Line) -> aiosmtplib.SMTP:
        """A connection that is signed in: a kept one that answers, or another. Raises a SendError."""
        while line.kept:
            kept = line.kept.pop()
            fresh = self._monotonic() - kept.used_at < IDLE_SECONDS
            if fresh and kept.fingerprint == account.settings.fingerprint and await _answers(kept.client):
                return kept.client
            kept.client.close()
        return await self.open(account)

    async def open(self, account: EmailAccount) -> aiosmtplib.SMTP:
        """A new connection, signed in. Raises a SendError."""
        settings = account.settings
        token = await self._token(account) if settings.oauth is not None else ""
        client = client_for(settings, self._timeouts.connect)
        try:
            async with asyncio.timeout(self._timeouts.connect):
                await client.connect()
                if settings.oauth is not None:
                    await client.auth_xoauth2(settings.login, token)
                else:
                    await client.login(settings.login, settings.password.get_secret_value())
        except aiosmtplib.SMTPAuthenticationError as error:
            client.close()
            if settings.oauth is not None and error.code == _TOKEN_OVER:
                raise TokenExpired(token) from error
            raise before_the_end(error) from error
        except Exception as error:
            client.close()
            raise before_the_end(error) from error
        except BaseException:
            client.close()
            raise
        return client

    async def _handed_over(self, client: aiosmtplib.SMTP, envelope: Envelope) -> str:
        try:
            async with asyncio.timeout(self._timeouts.mail):
                await self._begun(client, envelope)
        except SendError:
            raise
        except Exception as error:
            raise before_the_end(error) from error
        try:
            async with asyncio.timeout(self._timeouts.answer):
                answer = await client.execute_command(b".", timeout=self._timeouts.answer)
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            raise OutcomeUnknown from error
        if answer.code != _OK:
            raise refusal(answer.code, answer.message)
        return answer.message

    async def _begun(self, client: aiosmtplib.SMTP, envelope: Envelope) -> None:
        """Everything but the last line, and all of it gone from here."""
        options = [f"SIZE={len(envelope.raw)}"] if client.supports_extension("size") else []
        recipient = envelope.recipient
        if not recipient.isascii():
            if not client.supports_extension("smtputf8"):
                raise Refused("smtputf8", "the server knows no such addresses", Refusal.UNKNOWN_CUSTOMER)
            options.append("SMTPUTF8")
        encoding = "ascii" if recipient.isascii() else "utf-8"
        await client.mail(envelope.sender, options=options, encoding=encoding)
        await client.rcpt(recipient, encoding=encoding)
        answer = await client.execute_command(b"DATA")
        if answer.code != _GO_AHEAD:
            raise refusal(answer.code, answer.message)
        await _written(client, _as_data(envelope.raw))


def client_for(settings: EmailAccountSettings, timeout: float) -> aiosmtplib.SMTP:
    """Never in clear where TLS is wanted: a server without STARTTLS is refused."""
    server = settings.smtp
    return aiosmtplib.SMTP(
        hostname=server.host,
        port=server.port,
        use_tls=server.tls == "tls",
        start_tls=server.tls == "starttls",
        tls_context=None if server.tls == "none" else settings.tls,
        local_hostname="[127.0.0.1]",
        timeout=timeout,
    )


def _as_data(raw: bytes) -> bytes:
    """With the line ends of the protocol, and lines that begin with a dot told from the end. RFC 5321, section 4.5.2."""
    lines = re.sub(rb"\r\n|\r|\n", b"\r\n", raw)
    return _DOTS.sub(b"..", lines if lines.endswith(b"\r\n") else lines + b"\r\n")


async def _written(client: aiosmtplib.SMTP, data: bytes) -> None:
    """Returns when all of it has left. Raises SMTPServerDisconnected."""
    transport = client.transport
    if transport is None:
        raise aiosmtplib.SMTPServerDisconnected("Connection lost")
    writing: asyncio.WriteTransport = transport  # type: ignore[assignment]
    for start in range(0, len(data), PIECE_BYTES):
        _check(client, writing)
        writing.write(data[start : start + PIECE_BYTES])
        while writing.get_write_buffer_size() > PIECE_BYTES:
            await asyncio.sleep(DRAINED_SECONDS)
            _check(client, writing)
    while writing.get_write_buffer_size() > 0:
        await asyncio.sleep(DRAINED_SECONDS)
        _check(client, writing)
    await asyncio.sleep(0)  # what the server said meanwhile, or that it is gone, is heard now
    _check(client, writing)


def _check(client: aiosmtplib.SMTP, writing: asyncio.WriteTransport) -> None:
    if not client.is_connected or writing.is_closing():
        raise aiosmtplib.SMTPServerDisconnected("Connection lost")


async def _answers(client: aiosmtplib.SMTP) -> bool:
    """Whether a kept connection is still one."""
    if not client.is_connected:
        return False
    try:
        return (await client.rset(timeout=QUIT_SECONDS)).code == _OK
    except (aiosmtplib.SMTPException, OSError):
        return False


async def _quit(client: aiosmtplib.SMTP) -> None:
    with suppress(aiosmtplib.SMTPException, OSError):
        await client.quit(timeout=QUIT_SECONDS)
    client.close()
