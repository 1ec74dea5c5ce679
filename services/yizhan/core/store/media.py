"""Files that messages carry, kept by the SHA-256 of their bytes: in a folder, or in S3-compatible storage.

Two objects per file: the bytes, and a small JSON that says what they are. The JSON is written last, so that a file that
can be found is complete. Putting the same bytes again changes nothing but the name.
"""

import asyncio
import errno
import hashlib
import os
import re
import tempfile
from collections.abc import AsyncIterable, AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, BinaryIO, Literal, cast

import obstore
import orjson
import structlog
from obstore.exceptions import BaseError, NotFoundError
from obstore.store import LocalStore, ObjectStore, from_url

from yizhan.core.messages.content import Media
from yizhan.core.store.errors import StoreError, StoreUnavailable
from yizhan.core.store.media_kinds import MOST_PIXELS, Kind, recognise
from yizhan.core.store.media_names import plain_name

log = structlog.get_logger(__name__)

RefusalReason = Literal["too_large", "type_not_allowed", "empty"]

_ID = re.compile(r"[0-9a-f]{64}")
_PIECE = 1 << 18


class MediaRefused(StoreError):
    """The file is not let in; the sender can be told why. ``limit`` is in bytes where that is the reason, else 0."""

    def __init__(self, reason: RefusalReason, limit: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.limit = limit


class MediaMissing(StoreError):
    """No file has this id."""


@dataclass(frozen=True, slots=True)
class MediaLimits:
    """The most bytes of a file, and of an image."""

    file_bytes: int = 20 << 20
    image_bytes: int = 10 << 20


class MediaStore:
    """``url``: empty for the folder ``media`` in ``home``, or ``s3://bucket/prefix`` (credentials by AWS_* variables)."""

    def __init__(self, url: str = "", home: Path | None = None, *, limits: MediaLimits | None = None) -> None:
        """Raises ValueError (the address is none we know) and StoreUnavailable (the folder cannot be made)."""
        self.limits = limits or MediaLimits()
        self._folder: Path | None = None
        self._incoming: Path | None = None  # where a file lies until it is known what it is; None: the system's choice
        if url.startswith(("s3://", "s3a://")):
            self._store: ObjectStore = from_url(
                url,
                client_options={
                    "timeout": timedelta(seconds=60),
                    "connect_timeout": timedelta(seconds=5),
                    # obstore reads the AWS_ variables itself, but these options take this one's place.
                    "allow_http": os.environ.get("AWS_ALLOW_HTTP", "").lower() in {"1", "true"},
                },
                retry_config={"max_retries": 3, "retry_timeout": timedelta(seconds=20)},
            )
        elif not url and home is not None:
            self._folder = (home / "media").absolute()
            self._incoming = self._folder / ".incoming"
            with _errors_named():
                for folder in (home, self._folder, self._incoming):
                    folder.mkdir(0o700, parents=True, exist_ok=True)  # one that exists keeps its mode
                self._store = LocalStore(self._folder)
        else:
            raise ValueError("the media address must be s3://bucket/prefix, or empty with a home folder")

    async def put(self, data: bytes | AsyncIterable[bytes], declared_name: str, *, limit: int | None = None) -> Media:
        """Keep a file and say what it is, by its bytes. ``limit`` lowers the most bytes for this one.

        A stream is read no further than the limit. Raises MediaRefused and StoreUnavailable.
        """
        most = min(self.limits.file_bytes, limit or self.limits.file_bytes)
        with _errors_named():
            file = await asyncio.to_thread(self._scratch)
        try:
            digest, size = await self._receive(data, file, most)
            with _errors_named():
                kind = await asyncio.to_thread(recognise, file, declared_name)
            if kind is None:
                raise MediaRefused("type_not_allowed")
            self._check_image(kind, size, most)
            media = Media(
                digest, kind.mime_type, plain_name(declared_name, kind.mime_type), size, kind.width, kind.height
            )
            with _errors_named():
                await self._keep(media, file)
        finally:
            file.close()
        return media

    async def find(self, media_id: str) -> Media | None:
        """What is known of a file; None: there is none. Raises StoreUnavailable."""
        if not _ID.fullmatch(media_id):
            return None
        try:
            with _errors_named(reading=True):
                answer = await obstore.get_async(self._store, _path(media_id) + ".json")
                return _read_facts(media_id, bytes(await answer.bytes_async()))
        except MediaMissing:
            return None

    async def get(self, media_id: str, *, start: int = 0, stop: int | None = None) -> AsyncIterator[bytes]:
        """The bytes from ``start`` to before ``stop``, in pieces. Raises MediaMissing and StoreUnavailable, also later."""
        if not _ID.fullmatch(media_id):
            raise MediaMissing(media_id)
        part: Any = {"offset": start} if stop is None else (start, stop)
        with _errors_named(reading=True):
            answer = await obstore.get_async(self._store, _path(media_id), options={"range": part} if part else None)
        return _pieces(answer)

    async def remove(self, media_id: str) -> bool:
        """Delete a file; False: there is none. What it is goes first, so that no half of it is found.

        Whoever puts the same bytes in this moment may lose them. Raises StoreUnavailable.
        """
        if not _ID.fullmatch(media_id):
            return False
        path = _path(media_id)
        removed = False
        for part in (f"{path}.json", path):
            try:
                with _errors_named(reading=True):
                    await obstore.head_async(self._store, part)
                    await obstore.delete_async(self._store, part)
            except MediaMissing:
                continue
            removed = True
        return removed

    async def ping(self) -> None:
        """For readiness. Raises StoreUnavailable."""
        try:
            with _errors_named(reading=True):
                await obstore.head_async(self._store, "ready")
        except MediaMissing:
            pass

    def _scratch(self) -> BinaryIO:
        return cast("BinaryIO", tempfile.TemporaryFile(dir=self._incoming))

    async def _receive(self, data: bytes | AsyncIterable[bytes], file: BinaryIO, most: int) -> tuple[str, int]:
        """Write what comes to ``file``; its digest and size."""
        digest, size = hashlib.sha256(), 0
        waiting = bytearray()

        def write(piece: bytes) -> None:
            digest.update(piece)
            file.write(piece)

        async for piece in _stream(data):
            size += len(piece)
            if size > most:
                raise MediaRefused("too_large", most)
            waiting += piece
            if len(waiting) >= _PIECE:
                with _errors_named():
                    await asyncio.to_thread(write, bytes(waiting))
                waiting.clear()
        if not size:
            raise MediaRefused("empty")
        with _errors_named():
            await asyncio.to_thread(write, bytes(waiting))
        return digest.hexdigest(), size

    def _check_image(self, kind: Kind, size: int, most: int) -> None:
        if kind.mime_type.startswith("image/"):
            limit = min(most, self.limits.image_bytes)
            if size > limit or kind.width * kind.height > MOST_PIXELS:
                raise MediaRefused("too_large", limit)

    async def _keep(self, media: Media, file: BinaryIO) -> None:
        path = _path(media.media_id)
        if await self._size(path) != media.size_bytes:
            file.seek(0)
            await obstore.put_async(self._store, path, file)
            await self._settle(path)
        await obstore.put_async(self._store, f"{path}.json", _facts(media))
        await self._settle(f"{path}.json")

    async def _size(self, path: str) -> int | None:
        try:
            return (await obstore.head_async(self._store, path))["size"]
        except (NotFoundError, FileNotFoundError):
            return None

    async def _settle(self, path: str) -> None:
        """See that the disk has it: whoever refers to the file is acknowledged as durable."""
        if self._folder is not None:
            await asyncio.to_thread(_sync, self._folder / path)


def _path(media_id: str) -> str:
    return f"{media_id[:2]}/{media_id}"


def _facts(media: Media) -> bytes:
    return orjson.dumps(
        {
            "mime_type": media.mime_type,
            "name": media.name,
            "size_bytes": media.size_bytes,
            "width_px": media.width_px,
            "height_px": media.height_px,
        }
    )


def _read_facts(media_id: str, data: bytes) -> Media:
    try:
        return Media(media_id=media_id, **orjson.loads(data))
    except (orjson.JSONDecodeError, TypeError) as error:
        log.warning("media_facts_unreadable", media_id=media_id)
        raise MediaMissing(media_id) from error


async def _stream(data: bytes | AsyncIterable[bytes]) -> AsyncIterator[bytes]:
    if isinstance(data, bytes):
        yield data
        return
    async for piece in data:
        yield piece


async def _pieces(answer: "obstore.GetResult") -> AsyncIterator[bytes]:
    with _errors_named():
        async for piece in answer.stream(min_chunk_size=_PIECE):
            yield bytes(piece)


def _sync(path: Path) -> None:
    for target in (path, path.parent, path.parent.parent):
        descriptor = os.open(target, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@contextmanager
def _errors_named(*, reading: bool = False) -> Iterator[None]:
    """The storage's errors as ours. Used around storage calls only, never around the sender's stream."""
    try:
        yield
    except (NotFoundError, FileNotFoundError) as error:
        if reading:
            raise MediaMissing from error
        raise StoreUnavailable(_reason(error)) from error
    except (BaseError, OSError) as error:
        raise StoreUnavailable(_reason(error)) from error


def _reason(error: Exception) -> str:
    if getattr(error, "errno", None) in {errno.ENOSPC, errno.EDQUOT} or "No space left" in str(error):
        return "disk full"
    return f"media store: {type(error).__name__}"
