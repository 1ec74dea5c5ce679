"""Encryption of secrets at rest: what the database keeps of access tokens and of accounts' credentials.

``<version byte><length of key id><key id><12-byte nonce><AES-256-GCM ciphertext and tag>``. The purpose is bound in as
associated data, so that what was sealed for one purpose opens for no other. Any key of the ring opens; the first seals.
"""

import os
from collections.abc import Callable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from yizhan.core.security.keys import Keyring

_VERSION = 1
_NONCE_BYTES = 12
_TAG_BYTES = 16


class Unsealable(Exception):
    """Nothing that this keyring sealed for this purpose: changed, another purpose's, or of a key that has left the ring."""


class Sealer:
    """Seals and opens text of one purpose."""

    def __init__(self, keyring: Keyring, purpose: str, *, random: Callable[[int], bytes] = os.urandom) -> None:
        """``random`` gives so many unpredictable bytes; a nonce that comes twice under one key would betray both texts."""
        if not purpose:
            raise ValueError("a sealer needs a purpose")
        keys = keyring.derived(f"seal/{purpose}")
        self._purpose = purpose.encode()
        self._current = keys[0].id.encode()
        self._ciphers = {key.id.encode(): AESGCM(key.key) for key in keys}
        self._random = random

    def seal(self, text: str) -> bytes:
        """``text`` encrypted under the current key. Twice the same text gives two different results."""
        head = bytes((_VERSION, len(self._current))) + self._current
        nonce = self._random(_NONCE_BYTES)
        return head + nonce + self._ciphers[self._current].encrypt(nonce, text.encode(), head + self._purpose)

    def open(self, sealed: bytes) -> str:
        """The text again. Raises Unsealable."""
        head, nonce, ciphertext = _split(sealed)
        cipher = self._ciphers.get(head[2:])
        if cipher is None:
            raise Unsealable("unknown key")
        try:
            return cipher.decrypt(nonce, ciphertext, head + self._purpose).decode()
        except InvalidTag:
            raise Unsealable("changed, or sealed for something else") from None

    def current(self, sealed: bytes) -> bool:
        """Whether it was sealed under the current key; what was not should be sealed anew. Raises Unsealable."""
        return _split(sealed)[0][2:] == self._current


def _split(sealed: bytes) -> tuple[bytes, bytes, bytes]:
    """Head, nonce and ciphertext with its tag."""
    if len(sealed) < 2 or sealed[0] != _VERSION:
        raise Unsealable("not sealed")
    end = 2 + sealed[1]
    if len(sealed) < end + _NONCE_BYTES + _TAG_BYTES:
        raise Unsealable("cut short")
    return sealed[:end], sealed[end : end + _NONCE_BYTES], sealed[end + _NONCE_BYTES :]
