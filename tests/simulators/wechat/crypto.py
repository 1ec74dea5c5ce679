"""Signatures and encryption of pushes as WeChat and WeCom do them.

Source: reference channels.md A.2 and A.9 (the vendor's vectors are in tests/unit/simulators/test_wechat_crypto.py).
"""

import base64
import binascii
import hashlib
import struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

BLOCK = 32
RANDOM_BYTES = 16


class BadCiphertext(Exception):
    """Not something that the other side encrypted for us; the argument says in which step that was seen."""


def sign(*parts: str) -> str:
    """Lower-case hex SHA-1 over the sorted parts: Token, timestamp, nonce and, in AES modes, the ciphertext."""
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()


class PushCipher:
    """One EncodingAESKey (43 characters) together with the id that every cleartext must end with."""

    def __init__(self, aes_key: str, receive_id: str) -> None:
        key = base64.b64decode(aes_key + "=", validate=True)
        if len(key) != 32:
            raise ValueError("an EncodingAESKey has 43 characters")
        self._cipher = Cipher(algorithms.AES(key), modes.CBC(key[:16]))
        self._receive_id = receive_id.encode()

    def encrypt(self, clear: str, random16: bytes) -> str:
        """Base64 of the encrypted frame: 16 random bytes, length, message, receive id, padding to 32."""
        message = clear.encode()
        frame = random16 + struct.pack(">I", len(message)) + message + self._receive_id
        pad = BLOCK - len(frame) % BLOCK
        encryptor = self._cipher.encryptor()
        return base64.b64encode(encryptor.update(frame + bytes([pad]) * pad) + encryptor.finalize()).decode()

    def decrypt(self, sealed: str) -> str:
        """The message in ``sealed``. Raises BadCiphertext."""
        frame = self._unpadded(sealed)
        if len(frame) < RANDOM_BYTES + 4:
            raise BadCiphertext("too short")
        (length,) = struct.unpack(">I", frame[RANDOM_BYTES : RANDOM_BYTES + 4])
        start = RANDOM_BYTES + 4
        if len(frame) < start + length:
            raise BadCiphertext("length")
        if frame[start + length :] != self._receive_id:
            raise BadCiphertext("receive id")
        try:
            return frame[start : start + length].decode()
        except UnicodeDecodeError as error:
            raise BadCiphertext("not UTF-8") from error

    def _unpadded(self, sealed: str) -> bytes:
        try:
            blocks = base64.b64decode(sealed, validate=True)
        except (binascii.Error, ValueError) as error:
            raise BadCiphertext("not base64") from error
        if not blocks or len(blocks) % 16:
            raise BadCiphertext("not whole blocks")
        decryptor = self._cipher.decryptor()
        frame = decryptor.update(blocks) + decryptor.finalize()
        pad = frame[-1]
        if not 1 <= pad <= BLOCK or frame[-pad:] != bytes([pad]) * pad:
            raise BadCiphertext("padding")
        return frame[:-pad]
