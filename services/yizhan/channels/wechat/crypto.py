"""Signatures and encryption of pushes, on top of wechatpy.

Source: reference A.2, A.9 and D.3. wechatpy does not look at the padding, lets any kind of error out, and takes its random
bytes from a generator that can be foretold; only its arithmetic is used here.
"""

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Final

from wechatpy.crypto import PrpCrypto
from wechatpy.crypto.base import WeChatCipher
from wechatpy.utils import WeChatSigner

_BLOCK: Final = 32
_RANDOM: Final = 16
_HEAD: Final = _RANDOM + 4

Random = Callable[[int], bytes]
"""Gives so many random bytes."""


class NotForUs(Exception):
    """Encrypted with our key, for another receiver."""


class Undecryptable(Exception):
    """Not something that was encrypted with any of our keys."""


def sign(*parts: str) -> str:
    """Lower-case hex SHA-1 of the sorted parts. Raises UnicodeEncodeError for what is no text."""
    signer = WeChatSigner()
    signer.add_data(*parts)
    signature: str = signer.signature
    return signature


def encrypt(key: str, receiver: str, text: str, random: Random) -> str:
    """Base64 of the encrypted text. ``key`` is an EncodingAESKey, ``receiver`` the AppID or CorpID that goes with it."""
    crypto = PrpCrypto(_raw_key(key))
    crypto.get_random_string = lambda: random(_RANDOM)
    sealed: bytes = crypto.encrypt(text, receiver)
    return sealed.decode()


def decrypt(keys: Sequence[str], receiver: str, sealed: str) -> tuple[bytes, str]:
    """The message and that of the keys which opened it. Raises NotForUs or Undecryptable."""
    try:
        blocks = base64.b64decode(sealed, validate=True)
    except (binascii.Error, ValueError):
        raise Undecryptable from None
    if not blocks or len(blocks) % 16:
        raise Undecryptable
    framed = False
    for key in keys:
        frame = _unframed(WeChatCipher(_raw_key(key)).decrypt(blocks))
        if frame is None:
            continue
        framed = True
        if frame[1] == receiver.encode():
            return frame[0], key
    raise NotForUs if framed else Undecryptable


def _unframed(clear: bytes) -> tuple[bytes, bytes] | None:
    """Message and receiver of what was decrypted: 16 random bytes, length, message, receiver, padding to 32."""
    pad = clear[-1]
    if not 1 <= pad <= _BLOCK or clear[-pad:] != bytes([pad]) * pad:
        return None
    end = _HEAD + int.from_bytes(clear[_RANDOM:_HEAD], "big")
    if len(clear) - pad < max(end, _HEAD):
        return None
    return clear[_HEAD:end], clear[end:-pad]


def _raw_key(key: str) -> bytes:
    return base64.b64decode(key + "=")
