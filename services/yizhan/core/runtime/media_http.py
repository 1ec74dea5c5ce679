"""Serving stored files: ``/media/{id}``, to whoever has a signed address."""

from collections.abc import AsyncIterator
from urllib.parse import quote

from aiohttp import web

from yizhan.core.messages.content import Media
from yizhan.core.runtime.byte_range import Part, Unsatisfiable, part_of
from yizhan.core.runtime.http import Problem, forbidden, not_found
from yizhan.core.security.media_urls import MediaUrls
from yizhan.core.security.tokens import TokenInvalid
from yizhan.core.store.media import MediaMissing, MediaStore

CSP = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
"""A file that a browser shows after all can run nothing and reach nothing."""


def media_routes(media: MediaStore, urls: MediaUrls) -> list[web.RouteDef]:
    """``GET /media/{id}``, whole or one range of it.

    Addresses are made by ``urls.url``; 403 ``link_expired`` or ``link_invalid`` for others.
    """

    async def download(request: web.Request) -> web.StreamResponse:
        media_id = request.match_info["media_id"]
        name = _signed_name(urls, media_id, request)
        found = await media.find(media_id)
        if found is None:
            raise not_found("media_missing", "This file is not kept any more")
        headers = _headers(found, name)
        if request.if_none_match and any(etag.value in {media_id, "*"} for etag in request.if_none_match):
            return web.Response(status=304, headers=headers)
        part = _part(request, found)
        try:
            pieces = await _pieces(media, media_id, part) if request.method == "GET" else None
        except MediaMissing as error:
            raise not_found("media_missing", "This file is not kept any more") from error
        response = web.StreamResponse(headers=headers)
        response.content_length = found.size_bytes
        if part is not None:
            response.set_status(206)
            response.headers["Content-Range"] = part.content_range
            response.content_length = part.stop - part.start
        await response.prepare(request)
        if pieces is not None:
            async for piece in pieces:
                await response.write(piece)
        await response.write_eof()
        return response

    return [web.get("/media/{media_id:[0-9a-f]{64}}", download)]


def _part(request: web.Request, found: Media) -> Part | None:
    """The range that is asked for. A condition (``If-Range``) that is not this very file's tag asks for the whole."""
    condition = request.headers.get("If-Range", "")
    if request.method != "GET" or (condition and condition != _etag(found)):
        return None
    try:
        return part_of(request.headers.get("Range", ""), found.size_bytes)
    except Unsatisfiable as error:
        headers = {"Content-Range": f"bytes */{found.size_bytes}", "Accept-Ranges": "bytes"}
        raise Problem(416, "range_not_satisfiable", "The file is shorter than that", headers=headers) from error


async def _pieces(media: MediaStore, media_id: str, part: Part | None) -> AsyncIterator[bytes]:
    if part is None:
        return await media.get(media_id)
    return await media.get(media_id, start=part.start, stop=part.stop)


def _etag(media: Media) -> str:
    return f'"{media.media_id}"'


def _signed_name(urls: MediaUrls, media_id: str, request: web.Request) -> str:
    try:
        return urls.verify(media_id, request.query)
    except TokenInvalid as error:
        if error.reason == "expired":
            raise Problem(403, "link_expired", "This link has expired") from error
        raise forbidden("link_invalid", "This link is not valid") from error


def _headers(media: Media, name: str) -> dict[str, str]:
    """Only images are shown in place; everything else is saved, under a name that cannot break the header."""
    shown = media.mime_type.startswith("image/")
    file_name = name or media.name or "file"
    plain = "".join(
        char if char.isascii() and char.isprintable() and char not in '"\\;%' else "_" for char in file_name
    )
    disposition = (
        f"{'inline' if shown else 'attachment'}; filename=\"{plain}\"; filename*=UTF-8''{quote(file_name, safe='')}"
    )
    return {
        "Content-Type": media.mime_type,
        "Content-Disposition": disposition,
        "Content-Security-Policy": CSP,
        "Cross-Origin-Resource-Policy": "cross-origin",
        "Cache-Control": "private, max-age=86400, immutable",
        "ETag": _etag(media),
        "Accept-Ranges": "bytes",
    }
