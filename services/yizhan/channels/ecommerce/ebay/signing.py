"""How the platform proves its pushes, and what it asks to prove that an address is ours. Source: reference channels.md E.2."""

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from typing import Final, Literal

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from pydantic import BaseModel, ConfigDict, ValidationError

MOST_HEADER: Final = 4096
KID: Final = re.compile(r"[0-9A-Za-z_.-]{1,64}")

_PEM = re.compile(r"-----BEGIN PUBLIC KEY-----([A-Za-z0-9+/=\s]+)-----END PUBLIC KEY-----")
_DIGESTS: Final = {"SHA1": hashes.SHA1, "SHA256": hashes.SHA256}


def challenge_answer(code: str, verification_token: str, endpoint: str) -> str:
    """What proves that the endpoint, to the very character as it is registered, knows the token."""
    return hashlib.sha256((code + verification_token + endpoint).encode()).hexdigest()


class _Header(BaseModel):
    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    kid: str
    signature: str
    digest: Literal["SHA1", "SHA256"] = "SHA1"


@dataclass(frozen=True, slots=True)
class Signature:
    """Which key is said to have signed, with which digest."""

    kid: str
    signature: bytes
    digest: str


def read_signature(header: str) -> Signature | None:
    """None: no signature, or none that the platform makes."""
    if not header or len(header) > MOST_HEADER:
        return None
    try:
        told = _Header.model_validate_json(base64.b64decode(header, validate=True))
        signature = base64.b64decode(told.signature, validate=True)
    except (ValidationError, binascii.Error, ValueError):
        return None
    return Signature(told.kid, signature, told.digest) if KID.fullmatch(told.kid) else None


def read_key(pem: str) -> ec.EllipticCurvePublicKey | None:
    """A key as the platform gives it, sometimes all on one line. None: it is no such key."""
    found = _PEM.search(pem)
    if found is None:
        return None
    text = "".join(found[1].split())
    lines = "\n".join(text[start : start + 64] for start in range(0, len(text), 64))
    whole = f"-----BEGIN PUBLIC KEY-----\n{lines}\n-----END PUBLIC KEY-----\n"
    try:
        key = load_pem_public_key(whole.encode())
    except (ValueError, UnsupportedAlgorithm):
        return None
    return key if isinstance(key, ec.EllipticCurvePublicKey) else None


def signed_by(key: ec.EllipticCurvePublicKey, signature: Signature, body: bytes) -> bool:
    """Whether the key signed these very bytes."""
    try:
        key.verify(signature.signature, body, ec.ECDSA(_DIGESTS[signature.digest]()))
    except InvalidSignature:
        return False
    return True
