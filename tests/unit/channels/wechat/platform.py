"""WeChat's side of a push, written from reference A.2 without the library that the channel uses."""

import base64
import hashlib
import struct
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from datetime import UTC, datetime

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from pydantic import SecretStr

from yizhan.channels.wechat.envelope import Form, Opened
from yizhan.channels.wechat.settings import KfSettings, MiniSettings, OfficialSettings

TOKEN = "AAAAA"
KEY = "A" * 43
OTHER_KEY = "B" * 43
APP_ID = "wxba5fad812f8e6fb9"
CORP_ID = "ww0123456789abcdef"
AT = datetime(2024, 4, 26, 6, 20, 45, tzinfo=UTC)
TIMESTAMP = "1714112445"
NONCE = "415670741"

OFFICIAL = OfficialSettings(
    kind="official", app_id=APP_ID, secret=SecretStr("s"), token=SecretStr(TOKEN), aes_key=SecretStr(KEY)
)
MINI = MiniSettings(kind="mini", app_id=APP_ID, secret=SecretStr("s"), token=SecretStr(TOKEN), aes_key=SecretStr(KEY))
KF = KfSettings(kind="kf", corp_id=CORP_ID, secret=SecretStr("s"), token=SecretStr(TOKEN), aes_key=SecretStr(KEY))


def sha1_of_sorted(*parts: str) -> str:
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()


def plain_query(timestamp: str = TIMESTAMP, nonce: str = NONCE) -> dict[str, str]:
    signature = sha1_of_sorted(TOKEN, timestamp, nonce)
    return {"signature": signature, "timestamp": timestamp, "nonce": nonce, "openid": "o"}


def safe_query(sealed: str, timestamp: str = TIMESTAMP, nonce: str = NONCE) -> dict[str, str]:
    signed = sha1_of_sorted(TOKEN, timestamp, nonce, sealed)
    return {**plain_query(timestamp, nonce), "encrypt_type": "aes", "msg_signature": signed}


def frame_of(message: bytes, receiver: str, random16: bytes = b"0123456789abcdef") -> bytes:
    frame = random16 + struct.pack(">I", len(message)) + message + receiver.encode()
    pad = 32 - len(frame) % 32
    return frame + bytes([pad]) * pad


def encrypted_frame(frame: bytes, key: str = KEY) -> str:
    raw = base64.b64decode(key + "=")
    encryptor = Cipher(algorithms.AES(raw), modes.CBC(raw[:16])).encryptor()
    return base64.b64encode(encryptor.update(frame) + encryptor.finalize()).decode()


def encrypted(message: str | bytes, receiver: str = APP_ID, key: str = KEY) -> str:
    return encrypted_frame(frame_of(message.encode() if isinstance(message, str) else message, receiver), key)


def decrypted(sealed: str, key: str = KEY) -> tuple[bytes, str, str]:
    """The random bytes, the message and the receiver, with every check that the platform makes."""
    raw = base64.b64decode(key + "=")
    decryptor = Cipher(algorithms.AES(raw), modes.CBC(raw[:16])).decryptor()
    clear = decryptor.update(base64.b64decode(sealed, validate=True)) + decryptor.finalize()
    pad = clear[-1]
    assert 1 <= pad <= 32
    assert clear[-pad:] == bytes([pad]) * pad
    (length,) = struct.unpack(">I", clear[16:20])
    return clear[:16], clear[20 : 20 + length].decode(), clear[20 + length : -pad].decode()


def safe_xml(sealed: str) -> bytes:
    return f"<xml><ToUserName><![CDATA[gh_1]]></ToUserName><Encrypt><![CDATA[{sealed}]]></Encrypt></xml>".encode()


def in_clear(text: str) -> Opened:
    """What the envelope hands on of a push that came in clear."""
    return Opened(text, Form.JSON if text.lstrip().startswith("{") else Form.XML, encrypted=False, nonce=NONCE)


def children(body: bytes) -> dict[str, str]:
    """The texts of the elements inside the root, read by a parser that takes nothing but XML."""
    return {child.tag: child.text or "" for child in ET.fromstring(body.decode())}


def xml(fields: Mapping[str, object]) -> str:
    """A push as the platform writes it: numbers bare, texts in CDATA."""
    return f"<xml>{_inside(fields)}</xml>"


def _inside(fields: Mapping[str, object]) -> str:
    return "".join(_element(name, value) for name, value in fields.items())


def _element(name: str, value: object) -> str:
    if isinstance(value, list):
        return "".join(_element(name, item) for item in value)
    if isinstance(value, Mapping):
        return f"<{name}>{_inside(value)}</{name}>"
    if isinstance(value, int | float):
        return f"<{name}>{value}</{name}>"
    text = str(value).replace("]]>", "]]]]><![CDATA[>")
    return f"<{name}><![CDATA[{text}]]></{name}>"
