"""抖店's signatures (reference E.6, with vectors)."""

import hashlib
import hmac
from typing import Any

import orjson


def param_json(given: dict[str, Any]) -> str:
    """Compact, names sorted at every depth, no escapes for Chinese."""
    return orjson.dumps(given, option=orjson.OPT_SORT_KEYS).decode()


def signature(app_key: str, secret: str, method: str, params: str, timestamp: str) -> str:
    """``method`` with points (order.orderDetail), ``params`` of ``param_json``."""
    text = f"app_key{app_key}method{method}param_json{params}timestamp{timestamp}v2"
    return hmac.new(secret.encode(), f"{secret}{text}{secret}".encode(), hashlib.sha256).hexdigest()


def push_signature(app_key: str, secret: str, body: bytes) -> str:
    return hashlib.md5(app_key.encode() + body + secret.encode(), usedforsecurity=False).hexdigest()
