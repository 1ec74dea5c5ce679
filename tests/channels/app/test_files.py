"""Files of apps: named by whoever likes, stored by what they are."""

import io
from typing import Any

import aiohttp
import pytest

from tests.channels.app.conftest import App
from tests.channels.conformance.pictures import png

NAMES = [
    "../../etc/passwd.png",
    "..\\..\\x.png",
    "/abs/olute.png",
    "a/b/c.png",
    "\u202egnp.exe.png",
    "." * 300 + ".png",
]


async def uploaded(app: App, data: bytes, name: str) -> tuple[int, Any]:
    form = aiohttp.FormData(quote_fields=False)
    form.add_field("file", io.BytesIO(data), filename=name, content_type="image/png")
    status, body, _ = await app.request("POST", "/media", app.issuer.token(), data=form)
    return status, body


@pytest.mark.parametrize("name", NAMES)
async def test_a_name_is_a_name_and_no_path(app: App, name: str) -> None:
    status, body = await uploaded(app, png(), name)
    assert status == 201
    assert not {"/", "\\"} & set(body["media"]["name"])
    async with app.http.get(app.url + body["media"]["url"]) as answer:
        assert (answer.status, await answer.read()) == (200, png())


async def test_too_large_an_image_is_refused(app: App) -> None:
    status, body = await uploaded(app, png() + bytes(10 << 20), "large.png")
    assert (status, body["code"]) == (413, "too_large")


async def test_an_address_that_was_changed_gives_nothing(app: App) -> None:
    _, body = await uploaded(app, png(), "a.png")
    async with app.http.get(app.url + body["media"]["url"][:-3] + "AAA") as answer:
        assert answer.status in {401, 403, 404}


async def test_nobody_uploads_without_a_token(app: App) -> None:
    status, body, _ = await app.request("POST", "/media", data=b"")
    assert (status, body["code"]) == (401, "token_missing")
