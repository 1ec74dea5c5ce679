"""Whose token it is: the business signs one for each of its users, and we believe only what its account pins."""

import base64
import binascii
import math
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, Protocol

import orjson
from joserfc import jwt
from joserfc.errors import ExpiredTokenError, InvalidClaimError, JoseError, MissingClaimError, SecurityWarning
from joserfc.jwt import JWTClaimsRegistry

from yizhan.channels.app.jwks import IssuerKey
from yizhan.channels.app.settings import AppAccountSettings
from yizhan.channels.screens.claims import locale_of, name_of, user_id_of
from yizhan.channels.screens.keys import VerificationKey, verification_key
from yizhan.core.runtime.clock import Clock

MAX_TOKEN_CHARS = 8192
LEEWAY_SECONDS = 60
LONGEST_SECONDS = 24 * 60 * 60
"""How far ahead a token may end: one that was stolen is worth little for long."""

Reason = Literal["malformed", "algorithm", "unknown_key", "bad_signature", "expired", "claims", "too_long", "user_id"]

_KEY_TYPES = {"RS": "RSA", "PS": "RSA", "ES": "EC", "Ed": "OKP"}


class TokenRejected(Exception):
    """The token does not prove who its bearer is."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason: Reason = reason


@dataclass(frozen=True, slots=True)
class User:
    """A user of the business, by its own word, until its word ends."""

    id: str
    until: datetime
    name: str = ""
    locale: str = ""


class FindKeys(Protocol):
    async def keys(self, url: str, kid: str) -> Iterable[IssuerKey]:
        """The keys of an issuer. Raises KeysUnavailable."""


@dataclass(frozen=True, slots=True)
class _Head:
    algorithm: str
    kid: str


async def user_of(token: str, account: AppAccountSettings, issuer: FindKeys, clock: Clock) -> User:
    """Raises TokenRejected, or KeysUnavailable.

    The algorithm is looked up among the account's before any key is: neither ``none`` nor a public key used as a secret can
    pass, and a key is only ever used with its own kind of algorithm.
    """
    head = _head(token)
    if head.algorithm not in account.algorithms:
        raise TokenRejected("algorithm")
    keys = [*_own(account, head)]
    if not keys and account.jwks_url and not head.algorithm.startswith("HS"):
        keys = [*_issued(await issuer.keys(account.jwks_url, head.kid), head)]
    if not keys:
        raise TokenRejected("unknown_key")
    claims = _claims(token, head, keys)
    return _user(claims, account, clock)


def _own(account: AppAccountSettings, head: _Head) -> Iterable[VerificationKey]:
    for own in account.keys:
        if own.algorithm == head.algorithm and (not head.kid or own.kid in ("", head.kid)):
            yield verification_key(own.algorithm, own.key.get_secret_value())


def _issued(keys: Iterable[IssuerKey], head: _Head) -> Iterable[VerificationKey]:
    wanted = _KEY_TYPES[head.algorithm[:2]]
    for issued in keys:
        fits = issued.key.key_type == wanted and issued.algorithm in ("", head.algorithm)
        if fits and (not head.kid or issued.kid == head.kid):
            yield issued.key


def _claims(token: str, head: _Head, keys: Iterable[VerificationKey]) -> dict[str, Any]:
    for key in keys:
        try:
            with warnings.catch_warnings():
                # "EdDSA" is deprecated for its vagueness; most libraries still write it, and the key says which curve it is.
                warnings.simplefilter("ignore", SecurityWarning)
                return jwt.decode(token, key, algorithms=[head.algorithm]).claims
        except (JoseError, ValueError, RecursionError):
            continue  # another key may fit: a token without a key id is tried with each
    raise TokenRejected("bad_signature")


def _user(claims: dict[str, Any], account: AppAccountSettings, clock: Clock) -> User:
    now = int(clock().timestamp())
    rules = JWTClaimsRegistry(
        now=now,
        leeway=LEEWAY_SECONDS,
        exp={"essential": True},
        sub={"essential": True},
        iss={"essential": True, "value": account.issuer},
        aud={"essential": True, "value": account.audience},
    )
    if any(not _is_time(claims[name]) for name in ("exp", "nbf", "iat") if name in claims):
        raise TokenRejected("claims")
    try:
        rules.validate(claims)
    except ExpiredTokenError as error:
        raise TokenRejected("expired") from error
    except (InvalidClaimError, MissingClaimError) as error:
        raise TokenRejected("claims") from error
    ends = claims["exp"] + LEEWAY_SECONDS
    if ends - now > LONGEST_SECONDS + 2 * LEEWAY_SECONDS:
        raise TokenRejected("too_long")
    user_id = user_id_of(claims["sub"])
    if user_id is None:
        raise TokenRejected("user_id")
    until = datetime.fromtimestamp(ends, UTC)
    return User(user_id, until, name_of(claims.get("name")), locale_of(claims.get("locale")))


def _head(token: str) -> _Head:
    """What a token says of itself: good for finding the key that may check it, and for nothing else."""
    first, dot, _ = token.partition(".")
    if not dot or len(token) > MAX_TOKEN_CHARS or not token.isascii():
        raise TokenRejected("malformed")
    try:
        said: Any = orjson.loads(base64.urlsafe_b64decode(first + "=" * (-len(first) % 4)))
    except (binascii.Error, ValueError):
        raise TokenRejected("malformed") from None
    algorithm, kid = (said.get("alg"), said.get("kid", "")) if isinstance(said, dict) else (None, "")
    if not isinstance(algorithm, str) or not isinstance(kid, str):
        raise TokenRejected("malformed")
    return _Head(algorithm, kid)


def _is_time(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
