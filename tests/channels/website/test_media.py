"""Files from visitors: judged by their bytes, bounded, sent by id, and only shown through signed addresses."""

import io
import struct
import zlib
from datetime import timedelta
from typing import Any

import aiohttp
import pytest

from tests.channels.website.conftest import Site


def png(width: int = 3, height: int = 2) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + b"\xff\0\0" * width for _ in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


async def upload(site: Site, token: str, data: bytes, name: str = "a.png", field: str = "file") -> tuple[int, Any]:
    form = aiohttp.FormData(quote_fields=False)
    form.add_field(field, io.BytesIO(data), filename=name, content_type="application/octet-stream")
    status, body, _ = await site.request("POST", "/media", token, data=form)
    return status, body


async def test_an_image_is_uploaded_sent_and_shown(site: Site) -> None:
    async with site.client() as visitor:
        status, body = await upload(site, visitor.token, png(), "../photo of me.png")
        assert status == 201
        media = body["media"]
        assert (media["mime"], media["width"], media["height"], media["size"]) == ("image/png", 3, 2, len(png()))
        assert media["name"] == "photo of me.png"
        await visitor.send({"type": "image", "media": media})
        await visitor.reached(1)
        shown = visitor.messages[0]["content"]
    assert shown["type"] == "image"
    assert shown["media"]["id"] == media["id"]
    async with site.http.get(site.url + shown["media"]["url"]) as answer:
        assert answer.status == 200
        assert await answer.read() == png()
        headers = answer.headers
        assert headers["Content-Type"] == "image/png"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Content-Disposition"].startswith("inline")
        assert "sandbox" in headers["Content-Security-Policy"]
        assert headers["Cross-Origin-Resource-Policy"] == "cross-origin"
        etag = headers["ETag"]
    async with site.http.get(site.url + shown["media"]["url"], headers={"If-None-Match": etag}) as answer:
        assert answer.status == 304


async def test_a_file_is_saved_not_shown_under_a_safe_name(site: Site) -> None:
    async with site.client() as visitor:
        _, body = await upload(site, visitor.token, b"%PDF-1.7\n%\xe2\xe3\n1 0 obj\n", "合同 '1';%0d%0a.pdf")
        await visitor.send({"type": "file", "media": {"id": body["media"]["id"]}})
        await visitor.reached(1)
        url = visitor.messages[0]["content"]["media"]["url"]
    async with site.http.get(site.url + url) as answer:
        disposition = answer.headers["Content-Disposition"]
        assert answer.status == 200
        assert answer.headers["Content-Type"] == "application/pdf"
    assert disposition.startswith("attachment; filename=")
    assert "filename*=UTF-8''%E5%90%88%E5%90%8C" in disposition
    assert "\r" not in disposition


@pytest.mark.parametrize(
    ("given", "status", "content_range", "body"),
    [
        pytest.param({}, 200, None, b"0123456789", id="no range"),
        pytest.param({"Range": "bytes=0-"}, 206, "bytes 0-9/10", b"0123456789", id="all of it as a range"),
        pytest.param({"Range": "bytes=3-5"}, 206, "bytes 3-5/10", b"345", id="from the middle"),
        pytest.param({"Range": "bytes=-2"}, 206, "bytes 8-9/10", b"89", id="the end"),
        pytest.param({"Range": "bytes=0-1,4-5"}, 200, None, b"0123456789", id="several ranges"),
        pytest.param({"Range": "bytes=3-5", "If-Range": "ETAG"}, 206, "bytes 3-5/10", b"345", id="of this very file"),
        pytest.param({"Range": "bytes=3-5", "If-Range": '"old"'}, 200, None, b"0123456789", id="of another file"),
    ],
)
async def test_a_part_of_a_file_is_given_so_that_a_player_can_seek(
    site: Site, given: dict[str, str], status: int, content_range: str | None, body: bytes
) -> None:
    _, uploaded = await upload(site, await site.token(), b"0123456789", "a.txt")
    media = uploaded["media"]
    headers = {name: value.replace("ETAG", f'"{media["id"]}"') for name, value in given.items()}
    async with site.http.get(site.url + media["url"], headers=headers) as answer:
        assert (answer.status, answer.headers.get("Content-Range")) == (status, content_range)
        assert answer.headers["Content-Length"] == str(len(body))
        assert answer.headers["Accept-Ranges"] == "bytes"
        assert answer.headers["Content-Type"] == "text/plain"
        assert await answer.read() == body


async def test_a_range_beyond_the_end_is_refused_with_the_size(site: Site) -> None:
    _, uploaded = await upload(site, await site.token(), b"0123456789", "a.txt")
    async with site.http.get(site.url + uploaded["media"]["url"], headers={"Range": "bytes=10-"}) as answer:
        assert (answer.status, answer.headers["Content-Range"]) == (416, "bytes */10")
        assert (await answer.json(content_type=None))["code"] == "range_not_satisfiable"


async def test_asking_for_the_headers_alone_tells_that_ranges_work(site: Site) -> None:
    _, uploaded = await upload(site, await site.token(), b"0123456789", "a.txt")
    for headers in ({}, {"Range": "bytes=3-5"}):  # a range is for GET alone
        async with site.http.head(site.url + uploaded["media"]["url"], headers=headers) as answer:
            assert (answer.status, answer.headers["Content-Length"]) == (200, "10")
            assert answer.headers["Accept-Ranges"] == "bytes"
            assert await answer.read() == b""


async def test_a_file_sent_as_an_image_is_refused(site: Site) -> None:
    async with site.client() as visitor:
        _, body = await upload(site, visitor.token, b"just text", "a.txt")
        refused = await visitor.answered(await visitor.send({"type": "image", "media": body["media"]}))
    assert refused["problem"]["code"] == "bad_content"


@pytest.mark.parametrize(
    ("data", "name", "status", "code"),
    [
        pytest.param(b"<svg xmlns='http://www.w3.org/2000/svg'/>", "a.png", 415, "type_not_allowed", id="SVG"),
        pytest.param(b"<!doctype html><script>", "a.jpg", 415, "type_not_allowed", id="HTML as an image"),
        pytest.param(b"\x7fELF\x02\x01\x01" + bytes(64), "a.pdf", 415, "type_not_allowed", id="a program"),
        pytest.param(b"", "a.png", 422, "empty_file", id="nothing"),
        pytest.param(png() + bytes(10 * 1024 * 1024), "a.png", 413, "too_large", id="an image above 10 MiB"),
        pytest.param(b"x" * (20 * 1024 * 1024 + 1), "a.txt", 413, "too_large", id="a file above 20 MiB"),
        pytest.param(b"x" * (30 * 1024 * 1024), "a.txt", 413, "too_large", id="far too large"),
    ],
)
async def test_a_file_that_is_not_let_in(site: Site, data: bytes, name: str, status: int, code: str) -> None:
    got, problem = await upload(site, await site.token(), data, name)
    assert (got, problem["code"]) == (status, code)


async def test_the_largest_file_is_let_in(site: Site) -> None:
    status, body = await upload(site, await site.token(), b"x" * (20 * 1024 * 1024), "a.txt")
    assert (status, body["media"]["size"]) == (201, 20 * 1024 * 1024)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        pytest.param(b"", "malformed_form", id="an empty body"),
        pytest.param(b"--b--\r\n", "file_missing", id="a form with nothing"),
        pytest.param(b"garbage", "malformed_form", id="garbage"),
        pytest.param(
            b'--b\r\nContent-Disposition: form-data; name="other"\r\n\r\nx\r\n--b--\r\n', "file_missing", id="no file"
        ),
        pytest.param(
            b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\nabc',
            "malformed_form",
            id="a form cut off",
        ),
    ],
)
async def test_a_bad_form_is_told(site: Site, data: bytes, code: str) -> None:
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    status, problem, _ = await site.request("POST", "/media", await site.token(), data=data, headers=headers)
    assert (status, problem["code"]) == (400, code)


async def test_uploads_are_counted(site: Site) -> None:
    token = await site.token()
    statuses = [(await upload(site, token, png()))[0] for _ in range(12)]
    assert statuses == [201] * 10 + [429] * 2


@pytest.mark.parametrize(
    ("change", "code"),
    [
        pytest.param(lambda url: url.partition("?")[0], "link_invalid", id="without a signature"),
        pytest.param(lambda url: url[:-4] + "AAAA", "link_invalid", id="another signature"),
        pytest.param(lambda url: url.replace("name=a.png", "name=b.exe"), "link_invalid", id="another name"),
        pytest.param(lambda url: url.replace("exp=1", "exp=2"), "link_invalid", id="a later expiry"),
        pytest.param(lambda url: "/media/" + "0" * 64 + "?" + url.partition("?")[2], "link_invalid", id="another file"),
    ],
)
async def test_an_address_that_was_changed_shows_nothing(site: Site, change: Any, code: str) -> None:
    _, body = await upload(site, await site.token(), png())
    changed = change(body["media"]["url"])
    assert changed != body["media"]["url"]
    async with site.http.get(site.url + changed) as answer:
        assert (answer.status, (await answer.json(content_type=None))["code"]) == (403, code)


async def test_an_old_address_says_that_it_has_expired(site: Site) -> None:
    _, body = await upload(site, await site.token(), png())
    url = site.core.media_urls.url(body["media"]["id"], "a.png", valid_for=timedelta(hours=-2))
    async with site.http.get(site.url + url) as answer:
        assert (answer.status, (await answer.json(content_type=None))["code"]) == (403, "link_expired")


async def test_a_file_that_is_gone_is_404(site: Site) -> None:
    async with site.http.get(site.url + site.core.media_urls.url("0" * 64, "a.png")) as answer:
        assert (answer.status, (await answer.json(content_type=None))["code"]) == (404, "media_missing")
