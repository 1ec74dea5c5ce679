"""Apple's push service: a real HTTP/2 server over TLS that checks what Apple checks, and can fail in Apple's ways."""

import asyncio
import contextlib
import ssl
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import DataReceived, RequestReceived, StreamEnded
from h2.exceptions import ProtocolError
from h2.settings import SettingCodes
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from tests.services.certificate import Identity
from yizhan.core.runtime.clock import Clock, now

TEAM, KEY, TOPIC = "TEAM123456", "KEY1234567", "com.example.shop"
HOUR = 3600


@dataclass(frozen=True)
class Shown:
    """One notification as the device shows it."""

    token: str
    title: str
    body: str
    badge: int
    collapse: str
    facts: dict[str, str]


@dataclass(frozen=True)
class Fault:
    """What happens to one request. ``answer``: a status and a reason; ``act``: close, refuse, goaway, silent."""

    status: int = 0
    reason: str = ""
    act: str = ""
    retry_after: str = ""
    timestamp: int = 0
    taken: bool = False
    """Whether the device is told all the same."""


@dataclass
class ApnsServer:
    """``faults`` are used up one per request; ``gone`` are tokens that are not known any more."""

    clock: Clock = now
    key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256"))
    url: str = ""
    shown: list[Shown] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    """Provider tokens in the order in which they were first seen."""

    problems: list[str] = field(default_factory=list)
    connections: int = 0
    requests: int = 0
    streams: int = 100
    writers: list[asyncio.StreamWriter] = field(default_factory=list)

    def settings(self) -> dict[str, str]:
        """As an account has them."""
        private = self.key.as_pem(private=True).decode()
        return {"team_id": TEAM, "key_id": KEY, "private_key": private, "topic": TOPIC}

    def of(self, token: str) -> list[Shown]:
        return [item for item in self.shown if item.token == token]

    def doubled(self) -> list[tuple[str, str]]:
        """Devices that were told of one message more than once."""
        counted = Counter((item.token, item.facts["message_id"]) for item in self.shown)
        return [what for what, times in counted.items() if times > 1]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.writers.append(writer)
        connection = _Connection(self, writer)
        with contextlib.suppress(ConnectionError, ssl.SSLError, ProtocolError):
            await connection.run(reader)
        writer.close()

    def judged(self, headers: dict[str, str], body: bytes) -> tuple[int, str]:
        """Status and reason, as Apple decides them without a fault."""
        reason = self._token_problem(headers.get("authorization", ""))
        if reason:
            return 403, reason
        if headers.get("apns-topic") != TOPIC:
            return 400, "DeviceTokenNotForTopic"
        if headers.get("apns-push-type") != "alert" or headers.get("apns-priority") != "10":
            self.problems.append("apns-push-type or apns-priority is wrong")
        if not 0 < len(headers.get("apns-collapse-id", "")) <= 64:
            return 400, "BadCollapseId"
        if int(headers.get("apns-expiration", "0")) < self.clock().timestamp():
            self.problems.append("apns-expiration is in the past")
        if len(body) > 4096:
            return 413, "PayloadTooLarge"
        return 200, ""

    def _token_problem(self, authorization: str) -> str:
        scheme, _, text = authorization.partition(" ")
        if scheme != "bearer" or not text:
            return "MissingProviderToken"
        try:
            token = jwt.decode(text, self.key, algorithms=["ES256"])
        except (JoseError, ValueError):
            return "InvalidProviderToken"
        if token.header.get("kid") != KEY or token.claims.get("iss") != TEAM:
            return "InvalidProviderToken"
        if text not in self.tokens:
            self.tokens.append(text)
        return "ExpiredProviderToken" if self.clock().timestamp() - token.claims["iat"] > HOUR else ""

    def take(self, headers: dict[str, str], body: bytes) -> None:
        said: Any = orjson.loads(body)
        alert = said["aps"]["alert"]
        token = headers[":path"].removeprefix("/3/device/")
        collapse = headers["apns-collapse-id"]
        self.shown.append(Shown(token, alert["title"], alert["body"], said["aps"]["badge"], collapse, said["yizhan"]))


class _Connection:
    def __init__(self, server: ApnsServer, writer: asyncio.StreamWriter) -> None:
        self._server = server
        self._writer = writer
        self._h2 = H2Connection(H2Configuration(client_side=False, header_encoding="utf-8"))
        self._requests: dict[int, tuple[dict[str, str], bytearray]] = {}

    async def run(self, reader: asyncio.StreamReader) -> None:
        self._h2.local_settings[SettingCodes.MAX_CONCURRENT_STREAMS] = self._server.streams
        self._h2.initiate_connection()
        self._flush()
        while data := await reader.read(65536):
            for event in self._h2.receive_data(data):
                if isinstance(event, RequestReceived):
                    headers = {str(name): str(value) for name, value in event.headers}
                    self._requests[event.stream_id] = (headers, bytearray())
                elif isinstance(event, DataReceived):
                    self._requests[event.stream_id][1].extend(event.data)
                    self._h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
                elif isinstance(event, StreamEnded) and not self._answer(event.stream_id):
                    return
            self._flush()
            await self._writer.drain()

    def _answer(self, number: int) -> bool:
        """Whether the connection goes on."""
        headers, body = self._requests.pop(number)
        server = self._server
        server.requests += 1
        fault = server.faults.pop(0) if server.faults else Fault()
        status, reason = server.judged(headers, bytes(body))
        if (status == 200 and not fault.status and not fault.act) or fault.taken:
            server.take(headers, bytes(body))
        if fault.act == "close":
            return False
        if fault.act == "goaway":
            self._h2.close_connection(last_stream_id=max(0, number - 2))
            self._flush()
            return True
        if fault.act == "refuse":
            self._h2.reset_stream(number, ErrorCodes.REFUSED_STREAM)
            return True
        if fault.act != "silent":
            self._respond(number, fault, fault.status or status, fault.reason or reason)
        return True

    def _respond(self, number: int, fault: Fault, status: int, reason: str) -> None:
        more = [("retry-after", fault.retry_after)] if fault.retry_after else []
        self._h2.send_headers(
            number, [(":status", str(status)), ("apns-id", f"{number}"), *more], end_stream=status == 200
        )
        if status != 200:
            said = {"reason": reason} | ({"timestamp": fault.timestamp} if fault.timestamp else {})
            self._h2.send_data(number, orjson.dumps(said), end_stream=True)

    def _flush(self) -> None:
        if data := self._h2.data_to_send():
            self._writer.write(data)


@asynccontextmanager
async def open_apns(identity: Identity, folder: Path, clock: Clock = now) -> AsyncIterator[ApnsServer]:
    server = ApnsServer(clock)
    certificate, key = folder / "apns.crt", folder / "apns.key"
    certificate.write_bytes(identity.certificate)
    key.write_bytes(identity.key)
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate, key)
    tls.set_alpn_protocols(["h2"])
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0, ssl=tls)
    server.url = f"https://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    try:
        yield server
    finally:
        listening.close()
        for writer in server.writers:
            writer.close()
        await asyncio.gather(*(writer.wait_closed() for writer in server.writers), return_exceptions=True)


def at_millis(at: datetime) -> int:
    return int(at.timestamp() * 1000)
