"""Files from customers: stored first, then sent by their id."""

from collections.abc import AsyncIterator

from aiohttp import BodyPartReader, MultipartReader, web

from yizhan.channels.screens.content import MediaUnavailable
from yizhan.channels.screens.gateway import Gateway
from yizhan.channels.screens.view import media_json
from yizhan.core.messages.content import Media
from yizhan.core.runtime.http import Problem, bad_request, too_large, too_many
from yizhan.core.security.ratelimit import RateLimited
from yizhan.core.store.errors import StoreUnavailable
from yizhan.core.store.media import MediaRefused, MediaStore

FORM_BYTES = 16 * 1024
"""What the form may add to the file."""

CHUNK_BYTES = 64 * 1024
MAX_FIELDS = 10


class UploadHandler:
    """``POST …/media``: multipart with one field ``file``."""

    def __init__(self, gateway: Gateway, media: MediaStore) -> None:
        self._gateway = gateway
        self._media = media

    async def handle(self, request: web.Request) -> web.StreamResponse:
        visitor = await self._gateway.bearer(request)
        limits = self._gateway.buckets.limits
        if request.content_length is not None and request.content_length > limits.file_bytes + FORM_BYTES:
            raise too_large(limits.file_bytes)
        try:
            self._gateway.buckets.uploads.spend(visitor.address.key())
        except RateLimited as error:
            raise too_many(error.retry_after) from error
        reader, part = await _file_part(request)
        try:
            name = part.filename or "file"
            media = await self._media.put(_chunks(reader, part), name, limit=limits.file_bytes)
        except MediaRefused as error:
            raise _problem(error) from error
        except ValueError as error:
            raise bad_request("malformed_form", "The form is not complete") from error
        if media.mime_type.startswith("image/") and media.size_bytes > limits.image_bytes:
            raise too_large(limits.image_bytes)
        body = {"media": media_json(media, self._gateway.media_url)}
        return web.json_response(body, status=201)


async def _file_part(request: web.Request) -> tuple[MultipartReader, BodyPartReader]:
    if request.content_type != "multipart/form-data":
        raise Problem(415, "unsupported_media_type", "The body must be multipart/form-data")
    try:
        reader = await request.multipart()
        for _ in range(MAX_FIELDS):
            part = await reader.next()
            if part is None:
                break
            if isinstance(part, BodyPartReader) and part.name == "file":
                return reader, part
    except ValueError as error:
        raise bad_request("malformed_form", "The form cannot be read") from error
    raise bad_request("file_missing", "The form has no field named file")


async def _chunks(reader: MultipartReader, part: BodyPartReader) -> AsyncIterator[bytes]:
    """The file's bytes. Raises ValueError at the end when the form ends before the file does: half a file is none."""
    while chunk := await part.read_chunk(CHUNK_BYTES):
        yield bytes(chunk)
    await reader.next()


def _problem(error: MediaRefused) -> Problem:
    match error.reason:
        case "too_large":
            return too_large(error.limit)
        case "empty":
            return Problem(422, "empty_file", "The file is empty")
        case _:
            return Problem(415, "type_not_allowed", "Files of this kind are not taken")


class Finder:
    """How ``content`` asks the media store."""

    def __init__(self, media: MediaStore) -> None:
        self._media = media

    async def __call__(self, media_id: str) -> Media | None:
        try:
            return await self._media.find(media_id)
        except StoreUnavailable as error:
            raise MediaUnavailable from error
