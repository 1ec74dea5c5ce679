"""Files that agents send, and that answers carry."""

from aiohttp import web

from yizhan.console.access import Access, SignedIn
from yizhan.console.api.knowledge import read_file
from yizhan.core.messages.json_form import MediaUrl, media_json
from yizhan.core.runtime.http import Problem, too_large
from yizhan.core.store.media import MediaRefused, MediaStore

MOST_BYTES = 20 * 1024 * 1024


class MediaApi:
    def __init__(self, access: Access, media: MediaStore, media_url: MediaUrl) -> None:
        self._access = access
        self._media = media
        self._media_url = media_url

    def routes(self) -> list[web.RouteDef]:
        return [web.post("/api/v1/media", self._access.signed_in(self.put, "agent", "editor"))]

    async def put(self, request: web.Request, person: SignedIn) -> web.StreamResponse:
        name, data = await read_file(request, MOST_BYTES)
        try:
            stored = await self._media.put(data, name)
        except MediaRefused as error:
            if error.reason == "too_large":
                raise too_large(MOST_BYTES) from error
            raise Problem(415, error.reason, "This kind of file cannot be sent") from error
        return web.json_response({"media": media_json(stored, self._media_url)}, status=201)
