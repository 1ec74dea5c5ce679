"""Temporary media: what an upload may be, and three days of life. Source: reference channels.md A.12 and C.3."""

import itertools
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tests.simulators.wechat import codes
from tests.simulators.wechat.codes import ApiRefusal

LIFE = 3 * 86400.0
MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class MediaRule:
    """What one kind of upload may be: ``types`` names what is recognised by its first bytes; empty is anything."""

    limit: int
    types: frozenset[str]


OFFICIAL: Mapping[str, MediaRule] = {
    "image": MediaRule(10 * MIB, frozenset({"image/png", "image/jpeg", "image/gif"})),
    "voice": MediaRule(2 * MIB, frozenset({"audio/amr", "audio/mpeg"})),
    "video": MediaRule(10 * MIB, frozenset({"video/mp4"})),
    "thumb": MediaRule(64 << 10, frozenset({"image/jpeg"})),
}
MINI: Mapping[str, MediaRule] = {"image": OFFICIAL["image"]}
KF: Mapping[str, MediaRule] = {
    "image": MediaRule(10 * MIB, frozenset({"image/png", "image/jpeg"})),
    "voice": MediaRule(2 * MIB, frozenset({"audio/amr"})),
    "video": MediaRule(10 * MIB, frozenset({"video/mp4"})),
    "file": MediaRule(20 * MIB, frozenset()),
}


@dataclass(frozen=True, slots=True)
class Medium:
    id: str
    kind: str
    data: bytes
    mime: str
    name: str
    created_at: float


def recognise(data: bytes) -> str:
    """The media type by the first bytes, empty when it is none that WeChat takes."""
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data[:6] in {b"GIF87a", b"GIF89a"}:
        return "image/gif"
    if data.startswith(b"#!AMR"):
        return "audio/amr"
    if data.startswith(b"ID3") or (len(data) > 1 and data[0] == 0xFF and data[1] & 0xE0 == 0xE0):
        return "audio/mpeg"
    return "video/mp4" if data[4:8] == b"ftyp" else ""


class MediaShelf:
    """The media of one account, what customers sent and what the account uploaded."""

    def __init__(self, now: Callable[[], float], rules: Mapping[str, MediaRule]) -> None:
        self._now = now
        self._rules = rules
        self._serial = itertools.count(1)
        self._media: dict[str, Medium] = {}

    def put(self, kind: str, data: bytes, mime: str, name: str) -> Medium:
        """What a customer sent: nothing is checked."""
        medium_id = f"{next(self._serial):06d}-{secrets.token_urlsafe(32)}"
        self._media[medium_id] = medium = Medium(medium_id, kind, data, mime, name, self._now())
        return medium

    def upload(self, kind: str, data: bytes, name: str) -> Medium:
        """What the account sent. Raises ApiRefusal."""
        rule = self._rules.get(kind)
        if rule is None:
            raise ApiRefusal(codes.BAD_MEDIA_KIND, "invalid media type")
        if not data or not name:
            raise ApiRefusal(codes.MEDIA_MISSING, "media data missing")
        if len(data) > rule.limit:
            raise ApiRefusal(codes.BAD_FILE_SIZE, "invalid media size")
        mime = recognise(data)
        if rule.types and mime not in rule.types:
            raise ApiRefusal(codes.BAD_FILE_TYPE, "invalid file type")
        return self.put(kind, data, mime or "application/octet-stream", name)

    def get(self, medium_id: str, kinds: frozenset[str] = frozenset()) -> Medium:
        """Raises ApiRefusal when there is none, it is older than three days, or of none of the ``kinds``."""
        medium = self._media.get(medium_id)
        if medium is None or self._now() >= medium.created_at + LIFE or (kinds and medium.kind not in kinds):
            raise ApiRefusal(codes.BAD_MEDIA_ID, "invalid media_id")
        return medium
