"""Comparison that takes the same time wherever the difference is."""

import hmac


def same(left: str | bytes, right: str | bytes) -> bool:
    """Whether two secrets are equal. Text is compared as UTF-8; what cannot be encoded equals nothing."""
    try:
        return hmac.compare_digest(_bytes(left), _bytes(right))
    except UnicodeEncodeError:
        return False


def same_as_any(given: str | bytes, allowed: tuple[str, ...]) -> bool:
    """Whether ``given`` is one of ``allowed``; all are looked at, so that time does not tell which."""
    found = False
    for candidate in allowed:
        found |= same(given, candidate)
    return found


def _bytes(value: str | bytes) -> bytes:
    return value.encode() if isinstance(value, str) else value
