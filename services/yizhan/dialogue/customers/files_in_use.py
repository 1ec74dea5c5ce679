"""Which of a customer's files are needed by somebody else, too: the same bytes are one file, whoever sent them."""

import asyncio
import gzip
import re
from collections.abc import Collection
from enum import StrEnum
from typing import Final

import structlog
from google.protobuf.message import DecodeError

from yizhan.core.store.database import Database
from yizhan.core.store.personal import Subject
from yizhan.dialogue.shelf import ENTRIES
from yizhan.dialogue.store import erasures as store
from yizhan.dialogue.store.parts import PartDamaged, read_part
from yizhan.pb.v1.message_pb2 import Message

log = structlog.get_logger(__name__)

_MEDIA_ID: Final = re.compile(rb"[0-9a-f]{64}")


class Use(StrEnum):
    """Why a file stays; the words are printed on the receipt."""

    SENT = "the same file is in another customer's conversation"
    KNOWLEDGE = "the same file is in the knowledge that the assistant answers from, or in its draft"


async def in_use(database: Database, subject: Subject) -> dict[str, Use]:
    """Those of their files that stay, and why. Looks through every message of everybody. Raises StoreUnavailable."""
    if not subject.media:
        return {}
    wanted = frozenset(subject.media)
    found = dict.fromkeys(wanted & await _in_knowledge(database, wanted), Use.KNOWLEDGE)
    return found | dict.fromkeys(wanted & await _in_conversations(database, subject), Use.SENT)


def media_in(body: bytes) -> frozenset[str]:
    """Ids of the files that a stored message carries; of one that cannot be read everything that may be one."""
    try:
        content = Message.FromString(body).content
    except DecodeError:
        return _ids_in(body)
    match content.WhichOneof("kind"):
        case "image" | "voice" | "video" | "file" as kind:
            return frozenset({getattr(content, kind).media_id})
        case _:
            return frozenset()


async def _in_conversations(database: Database, subject: Subject) -> frozenset[str]:
    found, after = set[str](), ""
    while True:
        async with database.read() as tx:
            after, bodies = await store.conversations_naming(tx, after, subject.media, subject.conversations)
        for body in bodies:
            found |= media_in(body)
        if not after:
            return frozenset(found)


async def _in_knowledge(database: Database, wanted: Collection[str]) -> frozenset[str]:
    """What drafts and releases name, of every workspace. A damaged release can be answered from no more, and needs no file."""
    async with database.read() as tx:
        found = {name for body in await store.drafts_naming(tx, wanted) for name in _ids_in(body)}
        releases = await store.releases_kept(tx)
    for release in releases:
        if (entries := release.parts.get(ENTRIES)) is None:
            continue  # of a version whose entries had no files
        try:
            packed = await read_part(database, release.id, entries)
        except PartDamaged:
            log.warning("release_damaged", release=release.id, part=ENTRIES)
            continue
        found |= await asyncio.to_thread(_ids_packed, packed)
    return frozenset(found)


def _ids_packed(packed: bytes) -> frozenset[str]:
    return _ids_in(gzip.decompress(packed))


def _ids_in(body: bytes) -> frozenset[str]:
    return frozenset(match.decode() for match in _MEDIA_ID.findall(body))
