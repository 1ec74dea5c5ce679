"""Signed, expiring tokens: what we hand out and get back, without a table to look it up in.

``yz1.<key id>.<body>.<HMAC-SHA256>``, the last two in URL-safe base64. The body is readable by whoever holds the
token; it cannot be changed. Each purpose has keys of its own, so that a token made for one is worthless for another.
"""

import base64
import binascii
import hmac
import json
import math
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ValidationError

from yizhan.core.security.compare import same
from yizhan.core.security.keys import DerivedKey, Keyring, Now

PREFIX = "yz1"
MAX_TOKEN_CHARS = 4096

Reason = Literal["malformed", "unknown_key", "bad_signature", "expired", "payload"]
Model = TypeVar("Model", bound=BaseModel)


class TokenInvalid(Exception):
    """A token is not ours, not for this purpose, changed, or too old. ``reason`` is for logs, not for whoever sent it."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason: Reason = reason


class Signer:
    """Makes and checks tokens of one purpose."""

    def __init__(self, keyring: Keyring, purpose: str, clock: Now) -> None:
        if not purpose:
            raise ValueError("a signer needs a purpose")
        keys = keyring.derived(purpose)
        self.purpose = purpose
        self._current = keys[0]
        self._keys: dict[str, DerivedKey] = {key.id: key for key in keys}
        self._clock = clock

    def sign(self, payload: BaseModel | Mapping[str, Any], *, expires_in: timedelta) -> str:
        """A token with this JSON payload, valid for ``expires_in`` from now."""
        data = payload.model_dump(mode="json") if isinstance(payload, BaseModel) else dict(payload)
        expires_at = math.ceil((self._clock() + expires_in).timestamp())
        body = json.dumps({"e": expires_at, "d": data}, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
        head = f"{PREFIX}.{self._current.id}.{encoded(body.encode())}"
        token = f"{head}.{seal(self._current, head)}"
        if len(token) > MAX_TOKEN_CHARS:
            raise ValueError(f"a token of {len(token)} characters would be refused")
        return token

    def verify(self, token: str) -> dict[str, Any]:
        """The payload of a token that we signed for this purpose and that has not expired. Raises TokenInvalid only."""
        head, key, body = self._parts(token)
        if not same(token, f"{head}.{seal(key, head)}"):
            raise TokenInvalid("bad_signature")
        try:
            claims = json.loads(body)
            expires_at, payload = claims["e"], claims["d"]
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise TokenInvalid("payload") from error
        if not isinstance(expires_at, int) or not isinstance(payload, dict):
            raise TokenInvalid("payload")
        if self._clock().timestamp() >= expires_at:
            raise TokenInvalid("expired")
        return payload

    def verify_as(self, token: str, model: type[Model]) -> Model:
        """Like ``verify``, as a model; a payload of another shape is TokenInvalid too."""
        try:
            return model.model_validate(self.verify(token))
        except ValidationError as error:
            raise TokenInvalid("payload") from error

    def _parts(self, token: str) -> tuple[str, DerivedKey, bytes]:
        """What is before the signature, the key it names, and the decoded body."""
        if not token.isascii() or len(token) > MAX_TOKEN_CHARS:
            raise TokenInvalid("malformed")
        pieces = token.split(".")
        if len(pieces) != 4 or pieces[0] != PREFIX:
            raise TokenInvalid("malformed")
        key = self._keys.get(pieces[1])
        if key is None:
            raise TokenInvalid("unknown_key")
        return ".".join(pieces[:3]), key, decoded(pieces[2])


Signers = Callable[[str], Signer]
"""Gives the signer of a purpose."""


def signers(keyring: Keyring, clock: Now) -> Signers:
    """The signer factory of a process."""

    def for_purpose(purpose: str) -> Signer:
        return Signer(keyring, purpose, clock)

    return for_purpose


def seal(key: DerivedKey, head: str) -> str:
    """The HMAC-SHA256 of ``head``, in URL-safe base64 without padding."""
    return encoded(hmac.digest(key.key, head.encode(), "sha256"))


def encoded(raw: bytes) -> str:
    """URL-safe base64 without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    """The bytes of URL-safe base64 without padding. Raises TokenInvalid."""
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise TokenInvalid("malformed") from error
