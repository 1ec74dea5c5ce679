"""The API's document is true of the API that runs."""

import io
import re
from typing import Any

import aiohttp
from aiohttp import web

from tests.channels.app.conftest import App
from tests.channels.conformance.pictures import png
from yizhan.channels.app import answers
from yizhan.channels.app.openapi import document

METHODS = {"GET", "POST", "PUT", "DELETE"}


def described() -> set[tuple[str, str]]:
    return {(method.upper(), path) for path, item in document()["paths"].items() for method in item}


def references(part: Any) -> list[str]:
    if isinstance(part, dict):
        own = [part["$ref"]] if "$ref" in part else []
        return own + [found for value in part.values() for found in references(value)]
    return [found for value in part for found in references(value)] if isinstance(part, list) else []


async def test_every_route_is_described_and_nothing_else(app: App) -> None:
    routes = {
        (route.method, route.path)
        for route in app.routes
        if isinstance(route, web.RouteDef) and route.method in METHODS and not route.path.endswith("openapi.json")
    }
    assert described() == routes


async def test_the_document_is_served_and_leads_everywhere_it_says(app: App) -> None:
    async with app.http.get(f"{app.url}/app/v1/openapi.json") as answer:
        assert answer.status == 200
        served = await answer.json()
    assert served == document()
    names = {f"#/components/schemas/{name}" for name in served["components"]["schemas"]}
    assert set(references(served)) <= names
    for path, item in served["paths"].items():
        for operation in item.values():
            declared = {each["name"] for each in operation["parameters"] if each["in"] == "path"}
            assert declared == set(re.findall(r"{(\w+)}", path))


async def test_without_a_token_every_call_is_refused(app: App) -> None:
    for method, path in described():
        if path.endswith("/ws"):
            continue
        url = app.url + path.format(account="demo", device="d")
        async with app.http.request(method, url, json={} if method in {"POST", "PUT"} else None) as answer:
            assert (answer.status, (await answer.json())["code"]) == (401, "token_missing"), f"{method} {path}"


async def test_answers_are_as_they_are_described(app: App) -> None:
    """Strictly: a member that the document does not know would be an error."""
    token = app.issuer.token()
    form = aiohttp.FormData(quote_fields=False)
    form.add_field("file", io.BytesIO(png()), filename="a.png", content_type="image/png")
    _, stored, _ = await app.request("POST", "/media", token, data=form)
    media = answers.FileStored.model_validate(stored).media
    for number, content in enumerate(({"type": "text", "text": "hi"}, {"type": "image", "media": {"id": media.id}})):
        body = {"client_id": f"c-{number}", "content": content}
        _, sent, _ = await app.request("POST", "/messages", token, json=body)
        answers.MessageSent.model_validate(sent)
    async with app.device() as phone:
        await phone.reached(4)
    _, page, _ = await app.request("GET", "/messages", token)
    assert len(answers.MessagePage.model_validate(page).messages) == 4
    _, shown, _ = await app.request("GET", "/conversation", token)
    answers.ConversationShown.model_validate(shown)
