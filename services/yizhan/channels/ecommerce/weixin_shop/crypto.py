"""Signatures and encryption of 微信小店's pushes. Source: reference A.2, A.9, A.10."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable, Sequence
from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

_BLOCK: Final = 32
_RANDOM: Final = 16
_HEAD: Final = _RANDOM + 4


class Undecryptable(Exception):
    """Not something that was encrypted with any of our keys for this shop."""


def sign(*parts: str) -> str:
    """Lower-case hex SHA-1 of the sorted parts, which is the platform's choice."""
    return hashlib.sha1("".join(sorted(parts)).encode(errors="replace")).hexdigest()  # noqa: S324


def is_signed(given: str, *parts: str) -> bool:
    """Whether ``given`` is the signature of the parts, the token among them."""
    return hmac.compare_digest(sign(*parts).encode(), given.encode(errors="replace"))


def decrypt(keys: Iterable[str], app_id: str, sealed: str) -> bytes:
    """The message inside, by whichever EncodingAESKey opens it. Raises Undecryptable."""
    try:
        blocks = base64.b64decode(sealed, validate=True)
    except (binascii.Error, ValueError):
        raise Undecryptable from None
    if not blocks or len(blocks) % 16:
        raise Undecryptable
    for key in keys:
        found = _opened(blocks, raw_key(key), app_id)
        if found is not None:
            return found
    raise Undecryptable


def raw_key(key: str) -> bytes:
    """The 32 bytes of an EncodingAESKey. Raises ValueError: it is none."""
    try:
        raw = base64.b64decode(key + "=", validate=True)
    except binascii.Error as error:
        raise ValueError("an EncodingAESKey has 43 letters and digits") from error
    if len(raw) != 32:
        raise ValueError("an EncodingAESKey has 43 letters and digits")
    return raw


def _opened(blocks: bytes, key: bytes, app_id: str) -> bytes | None:
    """16 random bytes, length, message, app id, padding to 32; None: with another key, or for somebody else."""
    decryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).decryptor()
    clear = decryptor.update(blocks) + decryptor.finalize()
    pad = clear[-1]
    if not 1 <= pad <= _BLOCK or clear[-pad:] != bytes([pad]) * pad or len(clear) - pad < _HEAD:
        return None
    end = _HEAD + int.from_bytes(clear[_RANDOM:_HEAD], "big")
    return clear[_HEAD:end] if clear[end:-pad] == app_id.encode() and end <= len(clear) - pad else None


def keys_of(*keys: str) -> Sequence[str]:
    """Those that are set."""
    return tuple(key for key in keys if key)
