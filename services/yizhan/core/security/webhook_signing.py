"""Signatures of webhooks, by the recipe of Standard Webhooks (https://www.standardwebhooks.com).

Signed is ``<id>.<timestamp>.<body>`` with HMAC-SHA256. ``webhook-signature`` holds one ``v1,<base64>`` per secret, separated
by spaces, so that a receiver that knows either secret of a change is satisfied.
"""

import base64
import binascii
import hmac
import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

SECRET_PREFIX: Final = "whsec_"  # noqa: S105 - how a secret begins
SECRET_BYTES: Final = 32

ID: Final = "webhook-id"
TIMESTAMP: Final = "webhook-timestamp"
SIGNATURE: Final = "webhook-signature"

TOLERANCE: Final = timedelta(minutes=5)
"""How far a request's own time may be from ours, as in the recipe's reference libraries."""

MOST_SIGNATURES: Final = 8
LONGEST_TIMESTAMP: Final = 12


class SignatureRefused(ValueError):
    """``code``: signature_missing, timestamp_wrong, timestamp_old, timestamp_ahead or signature_wrong."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def new_webhook_secret() -> str:
    """``whsec_`` and base64 of random bytes, which are the key."""
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def signed_headers(keys: Sequence[str], id: str, at: datetime, body: bytes) -> Mapping[str, str]:
    """What a receiver checks: an id that a repetition has too, the time of this try, and a signature per secret."""
    stamp = str(int(at.timestamp()))
    signatures = [_signature(key, id, stamp, body) for key in keys]
    return {ID: id, TIMESTAMP: stamp, SIGNATURE: " ".join(signatures)}


def verify(keys: Sequence[str], headers: Mapping[str, str], body: bytes, now: datetime) -> str:
    """The id of a request that was signed with one of these secrets just now. Raises SignatureRefused."""
    request_id, stamp, given = (headers.get(name, "") for name in (ID, TIMESTAMP, SIGNATURE))
    if not request_id or not stamp or not given:
        raise SignatureRefused("signature_missing")
    if not request_id.isascii() or not given.isascii():
        raise SignatureRefused("signature_wrong")
    if not stamp.isascii() or not stamp.isdigit() or len(stamp) > LONGEST_TIMESTAMP:
        raise SignatureRefused("timestamp_wrong")
    try:
        signed_at = datetime.fromtimestamp(int(stamp), UTC)
    except (OverflowError, ValueError, OSError) as error:
        raise SignatureRefused("timestamp_wrong") from error
    expected = [_signature(key, request_id, stamp, body).encode() for key in keys]
    shown = [one.encode() for one in given.split(" ")[:MOST_SIGNATURES]]
    # Each pair is compared: how long it takes does not tell which one fitted.
    fits = [hmac.compare_digest(one, other) for one in expected for other in shown]
    if not any(fits):
        raise SignatureRefused("signature_wrong")
    if signed_at < now - TOLERANCE:
        raise SignatureRefused("timestamp_old")
    if signed_at > now + TOLERANCE:
        raise SignatureRefused("timestamp_ahead")
    return request_id


def is_webhook_secret(text: str) -> bool:
    """Whether this can be a secret: the prefix and base64 of 24 to 64 bytes, as the recipe has it."""
    if not text.startswith(SECRET_PREFIX):
        return False
    try:
        key = base64.b64decode(text.removeprefix(SECRET_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        return False
    return 24 <= len(key) <= 64


def _signature(secret: str, id: str, stamp: str, body: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    digest = hmac.digest(key, f"{id}.{stamp}.".encode() + body, "sha256")
    return f"v1,{base64.b64encode(digest).decode()}"
