"""The deployment's signing keys and what is derived from them.

A keyring holds one key, or several while keys are being rotated: the first signs, all verify. To change the key without
turning anybody away: deploy ``old,new``, then ``new,old``, and ``new`` once the longest-lived token has expired.
"""

import base64
import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

Now = Callable[[], datetime]
"""Says what time it is, as an aware UTC datetime."""

MIN_KEY_CHARS = 32
"""A shorter key can be guessed."""


class WeakKey(ValueError):
    """No key at all, or one that is too short."""


@dataclass(frozen=True, slots=True)
class Keyring:
    """Signing keys, first one current. Printing it shows no key."""

    secrets: tuple[str, ...] = field(repr=False)

    def __post_init__(self) -> None:
        if not self.secrets:
            raise WeakKey("no key")
        if any(len(secret) < MIN_KEY_CHARS for secret in self.secrets):
            raise WeakKey(f"a key needs at least {MIN_KEY_CHARS} characters")

    @classmethod
    def parse(cls, text: str) -> "Keyring":
        """From a setting: keys separated by commas. Raises WeakKey."""
        return cls(tuple(part.strip() for part in text.split(",") if part.strip()))

    def derived(self, purpose: str) -> Sequence["DerivedKey"]:
        """One key per secret, good for this purpose only: knowing it tells nothing about another purpose's."""
        return tuple(_derive(secret, purpose) for secret in self.secrets)

    @property
    def internal_tokens(self) -> tuple[str, ...]:
        """What services show each other: the first is sent, any is accepted."""
        return tuple(_text(key.key) for key in self.derived("internal-token"))


@dataclass(frozen=True, slots=True)
class DerivedKey:
    """``id`` names the key in a token; it is public and tells nothing about the key."""

    id: str
    key: bytes = field(repr=False)


def _derive(secret: str, purpose: str) -> DerivedKey:
    root = secret.encode()
    key_id = hmac.digest(root, b"yizhan/key-id", "sha256")[:6]
    return DerivedKey(_text(key_id), hmac.digest(root, b"yizhan/purpose/" + purpose.encode(), "sha256"))


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
