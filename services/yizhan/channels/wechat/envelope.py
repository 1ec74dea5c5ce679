"""Pushes as they come through the wire: who signed them, what is in them, and how an answer goes back.

Source: reference A.1, A.2 and C.1. Signatures are compared in a time that tells nothing, which wechatpy does not.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

import orjson

from yizhan.channels.contract import CallRefused
from yizhan.channels.wechat.crypto import NotForUs, Random, Undecryptable, decrypt, encrypt, sign
from yizhan.channels.wechat.reply_xml import cdata
from yizhan.channels.wechat.settings import KfSettings, MiniSettings, OfficialSettings
from yizhan.core.security.compare import same

MAX_PUSH_BYTES: Final = 256 * 1024
"""A push is a few kilobytes; what is larger than this is none."""

MAX_ECHO_CHARS: Final = 1024
_SUCCESS: Final = "success"

_ENCRYPTED = re.compile(r"<Encrypt>\s*+(?:<!\[CDATA\[\s*+)?([A-Za-z0-9+/=]++)\s*+(?:\]\]>\s*+)?</Encrypt>")
"""Nothing in it is tried twice: whoever writes the text before the signature is checked cannot make this slow."""

_TIMESTAMP = re.compile(r"[0-9]{1,12}")

Settings = OfficialSettings | MiniSettings | KfSettings
Query = Mapping[str, str]


class Form(StrEnum):
    XML = "xml"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class Opened:
    """A push that is the platform's. ``key`` is what opened it (empty: it came in clear), ``nonce`` that of its query."""

    text: str = field(repr=False)
    form: Form
    encrypted: bool
    nonce: str = ""
    key: str = field(default="", repr=False)


def open_push(settings: Settings, query: Query, body: bytes, now: datetime) -> Opened:
    """The push behind a POST.

    Raises CallRefused: 403 ``bad_signature``, ``stale_timestamp``, ``encryption_required``; 400 ``undecodable``, ``no_key``,
    ``wrong_receiver``; 413 ``too_large``.
    """
    if len(body) > MAX_PUSH_BYTES:
        raise CallRefused(413, "too_large")
    if _is_encrypted(settings, query):
        return _open_encrypted(settings, query, body, now)
    if not isinstance(settings, KfSettings) and settings.require_encryption:
        raise CallRefused(403, "encryption_required")
    _check_signature(settings, query, "signature")
    _check_age(settings, query, now)
    text = _decoded(body)
    return Opened(text, _form(text), encrypted=False, nonce=query["nonce"])


def verify_url(settings: Settings, query: Query, now: datetime) -> bytes:
    """What answers the GET by which a console makes sure of the address. Raises CallRefused as ``open_push`` does."""
    echo = query.get("echostr", "")
    if isinstance(settings, KfSettings):
        # A plus sign that was not escaped arrives as a blank; there are no blanks in base64.
        echo = echo.replace(" ", "+")
        _check_signature(settings, query, "msg_signature", echo)
        _check_age(settings, query, now)
        return _decrypted(settings, echo)[0].encode()
    _check_signature(settings, query, "signature")
    _check_age(settings, query, now)
    if not 0 < len(echo) <= MAX_ECHO_CHARS:
        raise CallRefused(400, "undecodable")
    return echo.encode(errors="replace")


def seal_reply(settings: Settings, opened: Opened, text: str, now: datetime, random: Random = os.urandom) -> bytes:
    """The body that answers a push with ``text``: encrypted with the push's key if the push was.

    Nothing and ``success`` go in clear always. ``random(16)`` gives that many bytes.
    """
    if not opened.encrypted or text in {"", _SUCCESS}:
        return text.encode()
    sealed = encrypt(opened.key, settings.receive_id, text, random)
    at = str(int(now.timestamp()))
    signature = sign(settings.token.get_secret_value(), at, opened.nonce, sealed)
    if opened.form is Form.JSON:
        answer = {"Encrypt": sealed, "MsgSignature": signature, "TimeStamp": int(at), "Nonce": opened.nonce}
        return orjson.dumps(answer)
    return (
        f"<xml><Encrypt><![CDATA[{sealed}]]></Encrypt><MsgSignature><![CDATA[{signature}]]></MsgSignature>"
        f"<TimeStamp>{at}</TimeStamp><Nonce><![CDATA[{cdata(opened.nonce)}]]></Nonce></xml>"
    ).encode()


def _is_encrypted(settings: Settings, query: Query) -> bool:
    if isinstance(settings, KfSettings):
        return True
    kind = query.get("encrypt_type", "")
    if kind not in {"", "raw", "aes"}:
        raise CallRefused(400, "undecodable")
    return kind == "aes"


def _open_encrypted(settings: Settings, query: Query, body: bytes, now: datetime) -> Opened:
    if not settings.aes_keys:
        raise CallRefused(400, "no_key")
    outside = _decoded(body)
    sealed = _signed_part(settings, query, outside)
    _check_age(settings, query, now)
    text, key = _decrypted(settings, sealed)
    return Opened(text, _form(text), encrypted=True, nonce=query["nonce"], key=key)


def _signed_part(settings: Settings, query: Query, outside: str) -> str:
    """The ciphertext that ``msg_signature`` is of. In compatible mode a customer's own text stands next to it and may look
    like one, so that the signature says which it is.
    """
    for sealed in _sealed_parts(outside):
        if _signature_fits(settings, query, "msg_signature", sealed):
            return sealed
    raise CallRefused(403, "bad_signature")


def _sealed_parts(outside: str) -> list[str]:
    if _form(outside) is Form.XML:
        found = _ENCRYPTED.findall(outside)
    else:
        try:
            fields = orjson.loads(outside)
        except orjson.JSONDecodeError:
            raise CallRefused(400, "undecodable") from None
        found = [fields["Encrypt"]] if isinstance(fields.get("Encrypt"), str) else []
    if not found:
        raise CallRefused(400, "undecodable")
    return found


def _check_signature(settings: Settings, query: Query, name: str, *covered: str) -> None:
    if not _signature_fits(settings, query, name, *covered):
        raise CallRefused(403, "bad_signature")


def _signature_fits(settings: Settings, query: Query, name: str, *covered: str) -> bool:
    given, timestamp, nonce = (query.get(key, "") for key in (name, "timestamp", "nonce"))
    if not (given and timestamp and nonce):
        return False
    try:
        return same(given, sign(settings.token.get_secret_value(), timestamp, nonce, *covered))
    except UnicodeEncodeError:
        return False


def _check_age(settings: Settings, query: Query, now: datetime) -> None:
    """A push repeated by the platform has a new timestamp; one repeated by somebody else has not."""
    timestamp = query["timestamp"]
    if not _TIMESTAMP.fullmatch(timestamp):
        raise CallRefused(403, "stale_timestamp")
    if abs(now.timestamp() - int(timestamp)) > settings.timestamp_tolerance_seconds:
        raise CallRefused(403, "stale_timestamp")


def _decoded(body: bytes) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise CallRefused(400, "undecodable") from None


def _form(text: str) -> Form:
    match text.lstrip()[:1]:
        case "<":
            return Form.XML
        case "{":
            return Form.JSON
        case _:
            raise CallRefused(400, "undecodable")


def _decrypted(settings: Settings, sealed: str) -> tuple[str, str]:
    """The text and the key that opened it."""
    try:
        message, key = decrypt(settings.aes_keys, settings.receive_id, sealed)
    except NotForUs:
        raise CallRefused(400, "wrong_receiver") from None
    except Undecryptable:
        raise CallRefused(400, "undecodable") from None
    return _decoded(message), key
