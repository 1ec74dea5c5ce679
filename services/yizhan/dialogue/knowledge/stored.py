"""Entries and documents as bytes: what is kept in the database and handed to the process that builds.

A field that is not there is the default's: what an earlier version stored reads as it was meant.
"""

import gzip
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, Field, TypeAdapter

from yizhan.core.messages import content as c
from yizhan.dialogue.knowledge.entry import Attachment, Entry, Variant


class _Link(BaseModel):
    kind: Literal["link"]
    link: c.Link


class _Image(BaseModel):
    kind: Literal["image"]
    media: c.Media


class _File(BaseModel):
    kind: Literal["file"]
    media: c.Media


class _Goods(BaseModel):
    kind: Literal["goods"]
    goods: c.GoodsCard


_StoredAttachment = Annotated[_Link | _Image | _File | _Goods, Field(discriminator="kind")]


class _StoredEntry(BaseModel):
    id: str
    question: str
    paraphrases: list[str]
    answer: str
    category: str = ""
    variants: dict[str, str] = {}
    valid_from: date | None = None
    valid_until: date | None = None
    attachments: list[_StoredAttachment] = []


_ENTRIES = TypeAdapter(list[_StoredEntry])
_DOCUMENTS = TypeAdapter(dict[str, str])

_BETWEEN = b",\n"
"""Between two entries. No line ends within one: JSON writes a line's end as two other characters."""

_PORTION = 256


def entry_bytes(entry: Entry) -> bytes:
    """JSON, the same bytes for equal entries."""
    return _to_row(entry).model_dump_json(exclude_defaults=True).encode()


def entry_from(data: bytes) -> Entry:
    """Raises ValueError for what ``entry_bytes`` did not make."""
    return _from_row(_StoredEntry.model_validate_json(data))


def packed_entries(entries: Sequence[Entry]) -> bytes:
    """A JSON array with a line for each entry, compressed; the same bytes for equal entries."""
    return gzip.compress(b"[" + _BETWEEN.join(map(entry_bytes, entries)) + b"]", mtime=0)


def unpacked_entries(data: bytes) -> tuple[Entry, ...]:
    """Raises ValueError and OSError for what ``packed_entries`` did not make, and what the version before stored.

    In portions: reading JSON holds up everything else in the process, customers' answers too. What the version before
    stored is one line.
    """
    whole = gzip.decompress(data)
    if not (whole.startswith(b"[") and whole.endswith(b"]")):
        raise ValueError("no list of entries")
    lines = whole[1:-1].split(_BETWEEN)
    portions = (_BETWEEN.join(lines[start : start + _PORTION]) for start in range(0, len(lines), _PORTION))
    return tuple(_from_row(row) for portion in portions for row in _ENTRIES.validate_json(b"[" + portion + b"]"))


def packed_documents(documents: Mapping[str, str]) -> bytes:
    return gzip.compress(_DOCUMENTS.dump_json(dict(sorted(documents.items()))), mtime=0)


def unpacked_documents(data: bytes) -> dict[str, str]:
    """Raises ValueError and OSError for what ``packed_documents`` did not make."""
    return _DOCUMENTS.validate_json(gzip.decompress(data))


def packed_for_the_version_before(entries: Iterable[Entry]) -> bytes:
    """The form that had only question, paraphrases, answer and category: ``releases.data``."""
    keys = {"id", "question", "paraphrases", "answer", "category"}
    rows = (_to_row(entry).model_dump_json(include=keys).encode() for entry in entries)
    return gzip.compress(b"[" + _BETWEEN.join(rows) + b"]", mtime=0)


def _to_row(entry: Entry) -> _StoredEntry:
    return _StoredEntry(
        id=entry.id,
        question=entry.question,
        paraphrases=list(entry.paraphrases),
        answer=entry.answer,
        category=entry.category,
        variants={variant.channel: variant.text for variant in entry.variants},
        valid_from=entry.valid_from,
        valid_until=entry.valid_until,
        attachments=[_to_stored(attachment) for attachment in entry.attachments],
    )


def _from_row(row: _StoredEntry) -> Entry:
    return Entry(
        row.id,
        row.question,
        tuple(row.paraphrases),
        row.answer,
        row.category,
        variants=tuple(Variant(channel, text) for channel, text in row.variants.items()),
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        attachments=tuple(_from_stored(attachment) for attachment in row.attachments),
    )


def _to_stored(attachment: Attachment) -> _Link | _Image | _File | _Goods:
    match attachment:
        case c.Link():
            return _Link(kind="link", link=attachment)
        case c.Image(media):
            return _Image(kind="image", media=media)
        case c.File(media):
            return _File(kind="file", media=media)
        case c.GoodsCard():
            return _Goods(kind="goods", goods=attachment)


def _from_stored(stored: _Link | _Image | _File | _Goods) -> Attachment:
    match stored:
        case _Link(link=link):
            return link
        case _Image(media=media):
            return c.Image(media)
        case _File(media=media):
            return c.File(media)
        case _Goods(goods=goods):
            return goods
