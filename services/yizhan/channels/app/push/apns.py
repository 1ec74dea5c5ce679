"""Apple's push service (reference channels.md G.3): HTTP/2, a signed token per key, a closed set of reasons."""

import asyncio
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlsplit

import orjson
from joserfc import jwt
from joserfc.jwk import ECKey

from yizhan.channels.app.push.http2 import Http2Connection, Lost, NotSent, Response
from yizhan.channels.app.push.notice import Gone, Later, Notice, Outcome, Refused, Told, Unknown
from yizhan.channels.app.settings import ApnsSettings
from yizhan.core.runtime.clock import Clock

PRODUCTION: Final = "https://api.push.apple.com"
SANDBOX: Final = "https://api.sandbox.push.apple.com"

CALL_SECONDS = 10.0
TOKEN_SECONDS = 40 * 60
"""Apple takes a token for an hour, and complains about new ones more often than every 20 minutes."""

LEAST_TOKEN_SECONDS = 20 * 60
KEEP_SECONDS = 24 * 60 * 60
"""How long Apple keeps a notification for a device that is off."""

_GONE = frozenset({"Unregistered", "ExpiredToken", "BadDeviceToken", "DeviceTokenNotForTopic"})
_LATER: Final = {"TooManyProviderTokenUpdates": float(LEAST_TOKEN_SECONDS), "TooManyRequests": 30.0, "IdleTimeout": 1.0}
_OLD_TOKEN = "ExpiredProviderToken"  # noqa: S105 - a reason, not a token


@dataclass(slots=True)
class _Token:
    """What proves us to Apple."""

    text: str
    made_at: float


class ProviderTokens:
    """One token per key, for every connection and device: Apple counts them."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._tokens: dict[tuple[str, str], _Token] = {}

    def current(self, own: ApnsSettings) -> str:
        now = self._clock().timestamp()
        known = self._tokens.get((own.team_id, own.key_id))
        if known is None or not 0 <= now - known.made_at < TOKEN_SECONDS:
            known = self._made(own, now)
        return known.text

    def refused(self, own: ApnsSettings, text: str) -> bool:
        """Apple calls this one expired. Whether there may be a new one: not where it is too young for that."""
        known = self._tokens.get((own.team_id, own.key_id))
        if known is None or known.text != text:
            return True
        now = self._clock().timestamp()
        if now - known.made_at < LEAST_TOKEN_SECONDS:
            return False
        self._made(own, now)
        return True

    def _made(self, own: ApnsSettings, now: float) -> _Token:
        key = ECKey.import_key(own.private_key.get_secret_value())
        header = {"alg": "ES256", "kid": own.key_id}
        made = _Token(jwt.encode(header, {"iss": own.team_id, "iat": int(now)}, key, algorithms=["ES256"]), now)
        self._tokens[(own.team_id, own.key_id)] = made
        return made


class Apns:
    """For all accounts: a connection per environment and key. ``hosts`` by environment."""

    def __init__(self, clock: Clock, tls: ssl.SSLContext, *, production: str, sandbox: str) -> None:
        self._clock = clock
        self._tls = tls
        self._bases = {"production": production, "sandbox": sandbox}
        self._tokens = ProviderTokens(clock)
        self._connections: dict[tuple[str, str, str], Http2Connection] = {}
        self._retired: list[Http2Connection] = []
        self._opening: dict[tuple[str, str, str], asyncio.Lock] = {}

    async def tell(self, own: ApnsSettings, notice: Notice) -> Outcome:
        """One try; an expired token of ours is replaced and the same is tried once more."""
        token = self._tokens.current(own)
        outcome = await self._try(own, notice, token)
        if outcome == Later(_OLD_TOKEN) and self._tokens.refused(own, token):
            return await self._try(own, notice, self._tokens.current(own))
        return outcome

    async def close(self) -> None:
        for connection in (*self._connections.values(), *self._retired):
            await connection.close()

    async def _try(self, own: ApnsSettings, notice: Notice, token: str) -> Outcome:
        try:
            connection = await self._connection(own, notice.device.environment)
            return _outcome(
                await connection.request(self._headers(own, notice, token), payload(notice), CALL_SECONDS), notice
            )
        except NotSent as error:
            return Later(str(error))
        except Lost as error:
            return Unknown(str(error))

    async def _connection(self, own: ApnsSettings, environment: str) -> Http2Connection:
        key = (environment, own.team_id, own.key_id)
        async with self._opening.setdefault(key, asyncio.Lock()):
            known = self._connections.get(key)
            if known is not None and await known.alive():
                return known
            self._retired = [old for old in self._retired if not old.over]
            if known is not None:
                self._retired.append(known)  # it may still have answers to give
            parts = urlsplit(self._base(environment))
            opened = await Http2Connection.open(parts.hostname or "", parts.port or 443, self._tls)
            self._connections[key] = opened
            return opened

    def _base(self, environment: str) -> str:
        return self._bases.get(environment, self._bases["production"])

    def _headers(self, own: ApnsSettings, notice: Notice, token: str) -> list[tuple[str, str]]:
        return [
            (":method", "POST"),
            (":scheme", "https"),
            (":authority", urlsplit(self._base(notice.device.environment)).netloc),
            (":path", f"/3/device/{notice.device.token}"),
            ("authorization", f"bearer {token}"),
            ("apns-topic", own.topic),
            ("apns-push-type", "alert"),
            ("apns-priority", "10"),
            ("apns-expiration", str(int(self._clock().timestamp()) + KEEP_SECONDS)),
            ("apns-collapse-id", notice.collapse),
            ("content-type", "application/json"),
        ]


def payload(notice: Notice) -> bytes:
    """At most 4 KiB: title and body are short."""
    shown = {
        "alert": {"title": notice.title, "body": notice.body},
        "badge": notice.badge,
        "sound": "default",
        "thread-id": notice.collapse,
    }
    return orjson.dumps({"aps": shown, "yizhan": notice.facts()})


def _outcome(response: Response, notice: Notice) -> Outcome:
    if response.status == 200:
        return Told()
    reason, at = _said(response.body)
    if reason in _GONE:
        # A token that was registered again after Apple last saw it gone is a good one.
        return Refused(reason) if at is not None and notice.device.put_at > at else Gone(reason)
    if reason == _OLD_TOKEN:
        return Later(_OLD_TOKEN)
    if reason in _LATER or response.status == 429 or response.status >= 500:
        return Later(reason or f"http_{response.status}", _LATER.get(reason, _retry_after(response)))
    return Refused(reason or f"http_{response.status}")


def _said(body: bytes) -> tuple[str, datetime | None]:
    """The reason, and since when a token has been gone."""
    try:
        said: Any = orjson.loads(body)
    except orjson.JSONDecodeError:
        return "", None
    if not isinstance(said, dict):
        return "", None
    reason, stamp = said.get("reason"), said.get("timestamp")
    at = datetime.fromtimestamp(stamp / 1000, UTC) if isinstance(stamp, int) and 0 < stamp < 10**14 else None
    return (reason[:64] if isinstance(reason, str) else ""), at


def _retry_after(response: Response) -> float:
    text = response.headers.get("retry-after", "")
    return float(text) if text.isascii() and text.isdigit() and len(text) <= 5 else 0.0
