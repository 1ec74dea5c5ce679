"""How calls of Shopee are signed, and how its pushes are. Source: reference E.5, H.4."""

import hashlib
import hmac
from collections.abc import Iterable


def call_signature(
    key: str, partner_id: str, path: str, timestamp: int, access_token: str = "", shop_id: str = ""
) -> str:
    """Of a call. Those that are not for a shop have neither token nor shop; neither query nor body is signed."""
    return _hex(key, f"{partner_id}{path}{timestamp}{access_token}{shop_id}".encode())


def push_signature(key: str, url: str, body: bytes) -> str:
    """Of a push, by its raw body. ``url`` is the address as it was registered at the platform."""
    return _hex(key, url.encode() + b"|" + body)


def is_from_platform(keys: Iterable[str], url: str, body: bytes, given: str) -> bool:
    """Whether ``given``, the header, is the push's signature by one of these keys."""
    told = given.strip().encode()
    return any(hmac.compare_digest(push_signature(key, url, body).encode(), told) for key in keys)


def _hex(key: str, message: bytes) -> str:
    return hmac.new(key.encode(), message, hashlib.sha256).hexdigest()
