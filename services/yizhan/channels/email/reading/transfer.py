"""What a mail's bytes were wrapped in for their way (RFC 2045). Total: a cut or broken wrapping gives what can be had."""

import binascii
import re

_NOT_BASE64 = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="))
_UU = re.compile(rb"^begin [0-7]{3,4} .*\n", re.MULTILINE)


def unwrapped(raw: bytes, encoding: str) -> bytes:
    """``encoding``: the value of Content-Transfer-Encoding, any letters; one that is unknown changes nothing."""
    match encoding.strip().lower():
        case "base64":
            return from_base64(raw)
        case "quoted-printable":
            return from_quoted(raw)
        case "x-uuencode" | "uuencode" | "x-uue" | "uue":
            return _from_uu(raw)
    return raw


def from_base64(raw: bytes) -> bytes:
    letters = raw.translate(None, _NOT_BASE64).partition(b"=")[0]
    if len(letters) % 4 == 1:
        letters = letters[:-1]
    return binascii.a2b_base64(letters + b"=" * (-len(letters) % 4))


def from_quoted(raw: bytes, *, header: bool = False) -> bytes:
    return binascii.a2b_qp(raw, header=header)


def _from_uu(raw: bytes) -> bytes:
    begin = _UU.search(raw)
    if begin is None:
        return raw
    pieces: list[bytes] = []
    for line in raw[begin.end() :].splitlines():
        if line.strip() == b"end":
            break
        try:
            pieces.append(binascii.a2b_uu(line))
        except binascii.Error:
            continue
    return b"".join(pieces)
