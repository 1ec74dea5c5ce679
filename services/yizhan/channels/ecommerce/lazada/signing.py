"""What calls and pushes are proved with. Source: reference channels.md E.4, whose examples are the tests' vectors."""

import hashlib
import hmac
from collections.abc import Collection, Mapping


def signed_call(secret: str, path: str, parameters: Mapping[str, str]) -> str:
    """``sign`` of a call: over the path and every parameter that has a value, in the order of names."""
    text = path + "".join(f"{name}{value}" for name, value in sorted(parameters.items()) if value and name != "sign")
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest().upper()


def signed_push(secret: str, app_key: str, body: bytes) -> str:
    """``Authorization`` of a push, over its raw body."""
    return hmac.new(secret.encode(), app_key.encode() + body, hashlib.sha256).hexdigest()


def is_the_platforms(given: str, secrets: Collection[str], app_key: str, body: bytes) -> bool:
    """Whether a push was signed with one of the secrets."""
    told = given.encode("utf-8", "surrogateescape")
    signatures = (signed_push(secret, app_key, body).encode() for secret in secrets)
    return any(hmac.compare_digest(told, signature) for signature in signatures)
