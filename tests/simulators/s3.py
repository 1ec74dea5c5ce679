"""An S3-compatible store in memory: whole and multipart uploads, ranges, deletions, and failures on request. Signatures are not checked."""

import itertools
import re
from dataclasses import dataclass, field

from aiohttp import web

_NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"


@dataclass
class S3Simulator:
    """``objects`` by ``/bucket/key``. While ``fail`` is set, every request is answered with that status."""

    objects: dict[str, bytes] = field(default_factory=dict)
    fail: int = 0
    requests: int = 0
    _uploads: dict[str, dict[int, bytes]] = field(default_factory=dict)
    _ids: "itertools.count[int]" = field(default_factory=itertools.count)

    def app(self) -> web.Application:
        app = web.Application(client_max_size=64 << 20)
        app.router.add_route("*", "/{path:.*}", self._answer)
        return app

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.requests += 1
        if self.fail:
            return web.Response(status=self.fail)
        if request.method == "PUT":
            return await self._put(request)
        if request.method == "POST":
            return await self._post(request)
        return self._get(request)

    async def _put(self, request: web.Request) -> web.Response:
        body = await request.read()
        if "uploadId" in request.query:
            self._uploads[request.query["uploadId"]][int(request.query["partNumber"])] = body
        else:
            self.objects[request.path] = body
        return web.Response(headers={"ETag": f'"{hash(body)}"'})

    async def _post(self, request: web.Request) -> web.Response:
        bucket, _, key = request.path[1:].partition("/")
        names = f"<Bucket>{bucket}</Bucket><Key>{key}</Key>"
        if "uploads" in request.query:
            upload = str(next(self._ids))
            self._uploads[upload] = {}
            return _xml("InitiateMultipartUploadResult", f"{names}<UploadId>{upload}</UploadId>")
        if "delete" in request.query:
            keys = re.findall(r"<Key>(.*?)</Key>", await request.text())
            for each in keys:
                self.objects.pop(f"/{bucket}/{each}", None)
            return _xml("DeleteResult", "".join(f"<Deleted><Key>{each}</Key></Deleted>" for each in keys))
        parts = self._uploads.pop(request.query["uploadId"])
        self.objects[request.path] = b"".join(parts[number] for number in sorted(parts))
        return _xml("CompleteMultipartUploadResult", f'{names}<ETag>"whole"</ETag>')

    def _get(self, request: web.Request) -> web.Response:
        body = self.objects.get(request.path)
        if body is None:
            return web.Response(status=404)
        headers = {"ETag": '"x"', "Last-Modified": "Sun, 22 Nov 2026 12:00:00 GMT"}
        if request.method == "HEAD":
            return web.Response(headers=headers | {"Content-Length": str(len(body))})
        wanted = request.http_range
        if wanted.start is None and wanted.stop is None:
            return web.Response(body=body, headers=headers)
        start, stop, _ = wanted.indices(len(body))
        headers["Content-Range"] = f"bytes {start}-{stop - 1}/{len(body)}"
        return web.Response(status=206, body=body[start:stop], headers=headers)


def _xml(name: str, inner: str) -> web.Response:
    return web.Response(text=f'<{name} xmlns="{_NAMESPACE}">{inner}</{name}>', content_type="application/xml")
