"""An SMTP server that keeps what it is given, and fails as mail servers do. It shares no code with the product.

Runs in the loop of the test. ``faults`` are used up one per mail, oldest first.
"""

import asyncio
import email
import logging
import ssl
import warnings
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import policy
from email.message import EmailMessage
from typing import Any, Literal

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

logging.getLogger("mail.log").setLevel(logging.WARNING)
"""Below that it logs every line of a mail, and what the product logs is looked through for such."""

Fault = Literal["cut_in_data", "cut_after_end", "lose", "hang_after_end", "hang_lost", "refuse_sender"]
"""``lose``: the connection ends after the mail's end, and the mail is gone; ``cut_after_end``: it is there."""

MOST_LINE = 1000


@dataclass(frozen=True, slots=True)
class Posted:
    """A mail that was taken."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes = field(repr=False)

    @property
    def mail(self) -> EmailMessage:
        return email.message_from_bytes(self.raw, policy=policy.default)

    @property
    def text(self) -> str:
        """The words, without the line end that every mail has."""
        found = self.mail.get_body(("plain",))
        return "" if found is None else str(found.get_content()).replace("\r\n", "\n").removesuffix("\n")

    @property
    def page(self) -> str:
        found = self.mail.get_body(("html",))
        return "" if found is None else str(found.get_content())

    def header(self, name: str) -> str:
        return str(self.mail[name] or "")

    def files(self) -> list[tuple[str, bytes]]:
        parts = self.mail.iter_attachments()
        return [(part.get_filename() or "", part.get_payload(decode=True)) for part in parts]  # type: ignore[misc]


@dataclass
class SmtpServer:
    """``answers``: codes with words that the next mails get at their recipient. ``refused_senders``: envelope senders."""

    user: str
    password: str
    port: int = 0
    posted: list[Posted] = field(default_factory=list)
    answers: deque[str] = field(default_factory=deque)
    faults: deque[Fault] = field(default_factory=deque)
    violations: list[str] = field(default_factory=list)
    connections: int = 0
    max_size: int = 40 << 20
    transports: set[asyncio.BaseTransport] = field(default_factory=set)

    def to(self, address: str) -> list[Posted]:
        """What somebody got, oldest first."""
        return [one for one in self.posted if address in one.recipients]

    def kill_connections(self) -> None:
        for transport in list(self.transports):
            transport.abort()  # type: ignore[attr-defined]

    # --- called by aiosmtpd ---

    def authenticate(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: Any
    ) -> AuthResult:
        good = isinstance(data, LoginPassword) and data.login == self.user.encode()
        return AuthResult(success=good and data.password == self.password.encode(), handled=False)

    async def handle_RCPT(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if self.answers:
            return self.answers.popleft()
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:
        fault = self.faults.popleft() if self.faults else ""
        raw = bytes(envelope.original_content or b"")
        if fault not in ("lose", "hang_lost"):
            self._judge(raw)
            self.posted.append(Posted((envelope.mail_from or "").replace("<>", ""), tuple(envelope.rcpt_tos), raw))
        if fault in ("lose", "cut_after_end"):
            server.transport.abort()  # type: ignore[union-attr]
            await asyncio.sleep(3600)
        if fault in ("hang_after_end", "hang_lost"):
            await asyncio.sleep(3600)
        return "250 2.0.0 taken"

    def _judge(self, raw: bytes) -> None:
        """What every server may turn away. RFC 5321 section 4.5.3.1.6, RFC 5322 sections 2.1 and 3.6."""
        head, _, _ = raw.partition(b"\r\n\r\n")
        if any(len(line) >= MOST_LINE for line in raw.split(b"\r\n")):
            self.violations.append("a line is too long")
        if not raw.isascii():
            self.violations.append("a mail is not ASCII")
        names = [line.split(b":")[0].lower() for line in head.split(b"\r\n") if not line.startswith((b" ", b"\t"))]
        once = (b"from", b"to", b"subject", b"date", b"message-id")
        self.violations += [
            f"{name.decode()} stands there {names.count(name)} times" for name in once if names.count(name) != 1
        ]


class _Protocol(SMTP):
    """Keeps its connection where it can be cut, also in the middle of a mail."""

    def __init__(self, sim: SmtpServer, **options: Any) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # it warns of passwords in clear, which stay on this machine
            super().__init__(sim, **options)
        self._sim = sim
        self._in_data = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._sim.connections += 1
        self._sim.transports.add(transport)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        if self.transport is not None:
            self._sim.transports.discard(self.transport)
        super().connection_lost(error)

    async def smtp_DATA(self, arg: str) -> None:
        self._in_data = True
        try:
            await super().smtp_DATA(arg)
        finally:
            self._in_data = False

    def data_received(self, data: bytes) -> None:
        if self._in_data and self._sim.faults and self._sim.faults[0] == "cut_in_data":
            self._sim.faults.popleft()
            self.transport.abort()  # type: ignore[union-attr]
            return
        super().data_received(data)


@asynccontextmanager
async def open_smtp(
    user: str,
    password: str,
    *,
    tls: ssl.SSLContext | None = None,
    starttls: ssl.SSLContext | None = None,
    login: bool = True,
) -> AsyncIterator[SmtpServer]:
    """``tls``: from the first byte on. ``login`` False: nobody needs to sign in."""
    sim = SmtpServer(user, password)
    loop = asyncio.get_running_loop()

    def protocol() -> SMTP:
        return _Protocol(
            sim,
            hostname="mail.test",
            loop=loop,
            data_size_limit=sim.max_size,
            auth_required=login,
            auth_require_tls=False,
            authenticator=sim.authenticate,
            tls_context=starttls,
            timeout=300,
        )

    server = await loop.create_server(protocol, "127.0.0.1", 0, ssl=tls)
    sim.port = server.sockets[0].getsockname()[1]
    try:
        yield sim
    finally:
        server.close()
        sim.kill_connections()
        await server.wait_closed()
        await asyncio.sleep(0)
