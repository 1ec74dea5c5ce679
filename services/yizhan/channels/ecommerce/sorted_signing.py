"""Signatures over a call's parameters in the order of their names, as TOP, JOS and Pinduoduo want them (reference E.6)."""

import hashlib
import hmac
from collections.abc import Mapping


def pairs(params: Mapping[str, str]) -> str:
    """Names and values one after the other, by name; what is empty is left out."""
    return "".join(f"{name}{params[name]}" for name in sorted(params) if params[name])


def md5_signature(secret: str, params: Mapping[str, str]) -> str:
    """The secret on both sides."""
    text = f"{secret}{pairs(params)}{secret}"
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest().upper()


def hmac_signature(secret: str, params: Mapping[str, str], digest: str) -> str:
    """``digest`` is md5 or sha256."""
    return hmac.new(secret.encode(), pairs(params).encode(), digest).hexdigest().upper()
