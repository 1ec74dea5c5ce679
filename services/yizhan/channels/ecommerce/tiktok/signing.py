"""How calls of TikTok Shop are signed, and how its pushes are. Source: reference E.3, H.4."""

import hashlib
import hmac
from collections.abc import Iterable, Mapping

UNSIGNED = frozenset({"sign", "access_token"})
"""Parameters of the query that are no part of what is signed."""


def call_signature(secret: str, path: str, query: Mapping[str, str], body: bytes = b"") -> str:
    """Of a call. ``path`` is the API's own; ``body`` is empty for multipart, which is not signed."""
    parts = "".join(f"{name}{query[name]}" for name in sorted(query) if name not in UNSIGNED)
    message = f"{secret}{path}{parts}".encode() + body + secret.encode()
    return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()


def push_signature(secret: str, app_key: str, body: bytes) -> str:
    """Of a push, by its raw body."""
    return hmac.new(secret.encode(), app_key.encode() + body, hashlib.sha256).hexdigest()


def is_from_platform(secrets: Iterable[str], app_key: str, body: bytes, given: str) -> bool:
    """Whether ``given``, the header, is the push's signature by one of these secrets."""
    told = given.strip().encode()
    return any(hmac.compare_digest(push_signature(secret, app_key, body).encode(), told) for secret in secrets)
