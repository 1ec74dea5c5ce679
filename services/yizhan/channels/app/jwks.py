"""The public keys of an issuer, as its JWKS address gives them: fetched with limits, kept, and asked for again in measure.

A token with a key id that is not known makes us look again, but no more often than every ``AGAIN_SECONDS``: random key ids
cannot have us hammer the issuer. While the issuer is away the keys that it gave last go on.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import aiohttp
import orjson
import structlog
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey

from yizhan.core.runtime.clock import Monotonic
from yizhan.core.runtime.http.outbound import AddressRefused, Reach, check_outbound

log = structlog.get_logger(__name__)

PublicKey = RSAKey | ECKey | OKPKey

MOST_BYTES = 256 * 1024
MOST_KEYS = 100
FETCH_SECONDS = 5.0
FRESH_SECONDS = 600.0
"""Keys that are older are looked at again: one that the issuer took away is refused after so long at the latest."""

AGAIN_SECONDS = 30.0

_KINDS: dict[str, type[PublicKey]] = {"RSA": RSAKey, "EC": ECKey, "OKP": OKPKey}


class KeysUnavailable(Exception):
    """The issuer's keys cannot be had now, and none are known from before. ``reason`` is for the log."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class IssuerKey:
    """``algorithm`` empty: the issuer does not say."""

    kid: str
    key: PublicKey
    algorithm: str = ""


@dataclass(slots=True)
class _Known:
    keys: tuple[IssuerKey, ...] | None = None
    read_at: float = 0.0
    asked_at: float | None = None
    failed: str = ""
    running: "asyncio.Task[None] | None" = None


class Jwks:
    """Of all accounts. ``told`` counts how fetching went: ``ok`` or a reason."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        allowed: Reach,
        monotonic: Monotonic,
        told: Callable[[str], None],
    ) -> None:
        self._session = session
        self._allowed = allowed
        self._monotonic = monotonic
        self._told = told
        self._known: dict[str, _Known] = {}

    async def keys(self, url: str, kid: str) -> Sequence[IssuerKey]:
        """The issuer's keys, looked at again where none of them has this id. Raises KeysUnavailable."""
        known = self._known.setdefault(url, _Known())
        old = known.keys is None or self._monotonic() - known.read_at > FRESH_SECONDS
        missing = bool(kid) and not any(key.kid == kid for key in known.keys or ())
        if old or missing:
            await self._again(url, known, wait=known.keys is None or missing)
        if known.keys is None:
            raise KeysUnavailable(known.failed)
        return known.keys

    async def close(self) -> None:
        """Nothing is fetched any more."""
        running = [known.running for known in self._known.values() if known.running is not None]
        for task in running:
            task.cancel()
        if running:
            await asyncio.wait(running)

    async def _again(self, url: str, known: _Known, *, wait: bool) -> None:
        """One fetch at a time, not more often than allowed; whoever comes meanwhile waits for the same."""
        if known.running is None:
            now = self._monotonic()
            if known.asked_at is not None and now - known.asked_at < AGAIN_SECONDS:
                return
            known.asked_at = now
            known.running = asyncio.create_task(self._fetch(url, known), name="fetch keys")
        if wait:
            await asyncio.wait({known.running})

    async def _fetch(self, url: str, known: _Known) -> None:
        try:
            known.keys, known.read_at, known.failed = await self._read(url), self._monotonic(), ""
            self._told("ok")
        except KeysUnavailable as error:
            known.failed = error.reason
            self._told(error.reason)
            log.warning("issuer_keys_not_read", reason=error.reason, kept=known.keys is not None)
        finally:
            known.running = None

    async def _read(self, url: str) -> tuple[IssuerKey, ...]:
        try:
            address = check_outbound(url, self._allowed)
        except AddressRefused as error:
            raise KeysUnavailable(error.code) from error
        try:
            async with (
                asyncio.timeout(FETCH_SECONDS),
                self._session.get(address, allow_redirects=False, headers={"Accept": "application/json"}) as answer,
            ):
                if answer.status != 200:
                    raise KeysUnavailable("status")
                raw = await _bounded(answer.content)
        except TimeoutError:
            raise KeysUnavailable("timeout") from None
        except (aiohttp.ClientError, OSError, ValueError):
            raise KeysUnavailable("unreachable") from None
        return issuer_keys(raw)


async def _bounded(content: aiohttp.StreamReader) -> bytes:
    found = bytearray()
    async for chunk in content.iter_chunked(16 * 1024):
        found += chunk
        if len(found) > MOST_BYTES:
            raise KeysUnavailable("too_large")
    return bytes(found)


def issuer_keys(raw: bytes) -> tuple[IssuerKey, ...]:
    """The keys of a document that can check signatures; kinds that we do not know and secrets are passed over.

    Raises KeysUnavailable for what is no key set.
    """
    try:
        document: Any = orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise KeysUnavailable("not_json") from None
    entries = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(entries, list) or len(entries) > MOST_KEYS:
        raise KeysUnavailable("not_a_key_set")
    return tuple(key for entry in entries if (key := _key(entry)) is not None)


def _key(entry: Any) -> IssuerKey | None:
    if not isinstance(entry, dict) or entry.get("use", "sig") != "sig":
        return None
    kind = _KINDS.get(str(entry.get("kty")))
    kid, algorithm = entry.get("kid", ""), entry.get("alg", "")
    if kind is None or not isinstance(kid, str) or not isinstance(algorithm, str):
        return None
    try:
        return IssuerKey(kid, kind.import_key(entry), algorithm)
    except (JoseError, ValueError, TypeError, KeyError):
        return None
