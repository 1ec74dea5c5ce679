"""What a release consists of, in pieces: each is written in a short transaction, before anything points to it."""

import asyncio
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from yizhan.core.store.database import Database
from yizhan.dialogue.store.knowledge_tables import built_releases, release_parts

PIECE_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Part:
    """A part by name, and what its bytes must be."""

    name: str
    bytes: int
    sha256: str

    @property
    def pieces(self) -> int:
        return -(-self.bytes // PIECE_BYTES)


class PartDamaged(Exception):
    """The bytes that are there are not those that were written: pieces are missing or changed."""

    def __init__(self, release_id: str, name: str) -> None:
        super().__init__(f"{name} of release {release_id}")
        self.release_id = release_id
        self.name = name


def part_of(name: str, data: bytes) -> Part:
    return Part(name, len(data), hashlib.sha256(data).hexdigest())


async def write_part(database: Database, release_id: str, name: str, data: bytes) -> Part:
    """Write the pieces; those of an earlier try that did not end are replaced. Raises StoreUnavailable."""
    for place, piece in enumerate(_pieces(data)):
        async with database.begin() as tx:
            where = _is(release_id, name) & (release_parts.c.place == place)
            await tx.execute(release_parts.delete().where(where))
            row = {"release_id": release_id, "name": name, "place": place, "data": piece}
            await tx.execute(release_parts.insert(), [row])
    return await asyncio.to_thread(part_of, name, data)


async def read_part(database: Database, release_id: str, part: Part) -> bytes:
    """The bytes, whole and unchanged. Raises PartDamaged and StoreUnavailable."""
    pieces = []
    for place in range(part.pieces):
        where = _is(release_id, part.name) & (release_parts.c.place == place)
        async with database.read() as tx:
            piece = (await tx.execute(sa.select(release_parts.c.data).where(where))).scalar()
        pieces.append(piece or b"")
    whole, found = await asyncio.to_thread(_joined, part.name, pieces)
    if found != part:
        raise PartDamaged(release_id, part.name)
    return whole


async def pointless_parts(tx: AsyncConnection) -> list[tuple[str, str, int]]:
    """Release, name and place of pieces whose release was never written: of builds that ended in between, or go on."""
    known = sa.select(built_releases.c.id)
    query = sa.select(release_parts.c.release_id, release_parts.c.name, release_parts.c.place)
    found = await tx.execute(query.where(release_parts.c.release_id.not_in(known)))
    return [(row[0], row[1], row[2]) for row in found]


async def delete_piece(tx: AsyncConnection, release_id: str, name: str, place: int) -> None:
    await tx.execute(release_parts.delete().where(_is(release_id, name) & (release_parts.c.place == place)))


def _joined(name: str, pieces: list[bytes]) -> tuple[bytes, Part]:
    """In a thread: summing up a hundred megabytes takes a while, in which nobody would be answered."""
    whole = b"".join(pieces)
    return whole, part_of(name, whole)


def _is(release_id: str, name: str) -> sa.ColumnElement[bool]:
    return (release_parts.c.release_id == release_id) & (release_parts.c.name == name)


def _pieces(data: bytes) -> Iterator[bytes]:
    for start in range(0, len(data), PIECE_BYTES):
        yield data[start : start + PIECE_BYTES]
