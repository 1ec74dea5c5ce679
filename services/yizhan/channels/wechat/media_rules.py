"""What files the platform takes. Source: reference channels.md A.12, B and C.3.

Of images the vendor's page says 10 MB in one place and 2 MB in another; under 2 MB both are kept.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from yizhan.core.messages.content import Content, File, Image, Media, Video, Voice

UploadKind = Literal["image", "voice", "video", "file"]

MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class MediaRule:
    """The platform's name of the kind, the types it takes (none: any), the most bytes and seconds (0: any)."""

    kind: UploadKind
    mime_types: frozenset[str]
    max_bytes: int
    max_seconds: int = 0


MediaRules = Mapping[type[Content], MediaRule]

OFFICIAL_MEDIA: MediaRules = {
    Image: MediaRule("image", frozenset({"image/png", "image/jpeg", "image/gif"}), 2 * MIB),
    Voice: MediaRule("voice", frozenset({"audio/amr", "audio/mpeg"}), 2 * MIB, 60),
    Video: MediaRule("video", frozenset({"video/mp4"}), 10 * MIB),
}
MINI_MEDIA: MediaRules = {Image: OFFICIAL_MEDIA[Image]}
KF_MEDIA: MediaRules = {
    Image: MediaRule("image", frozenset({"image/png", "image/jpeg"}), 2 * MIB),
    Voice: MediaRule("voice", frozenset({"audio/amr"}), 2 * MIB, 60),
    Video: MediaRule("video", frozenset({"video/mp4"}), 10 * MIB),
    File: MediaRule("file", frozenset(), 20 * MIB),
}


def taken(content: Content, media: Media, rules: MediaRules) -> MediaRule | None:
    """The rule by which the platform takes this file as what it is; None: it does not. What is unknown of it is let pass."""
    rule = rules.get(type(content))
    if rule is None or (rule.mime_types and media.mime_type not in rule.mime_types):
        return None
    if media.size_bytes > rule.max_bytes or (rule.max_seconds and media.duration_ms > rule.max_seconds * 1000):
        return None
    return rule
