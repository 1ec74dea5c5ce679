"""The console's OpenAPI document: well formed, and true of the API that runs."""

import re
from collections.abc import Iterator
from typing import Any, cast

import aiohttp
import pytest

from tests.services.product import Product
from tests.simulators.console_client import ConsoleClient, Json
from yizhan.console.access import Access
from yizhan.console.api.board import BoardApi
from yizhan.console.api.conversations import ConversationsApi
from yizhan.console.api.customers import CustomersApi
from yizhan.console.api.decisions import DecisionsApi
from yizhan.console.api.desk import DeskApi
from yizhan.console.api.drafts import DraftsApi
from yizhan.console.api.handing_on import HandingOnApi
from yizhan.console.api.hours import HoursApi
from yizhan.console.api.knowledge import KnowledgeApi
from yizhan.console.api.learning import LearningApi
from yizhan.console.api.media import MediaApi
from yizhan.console.api.notes import NotesApi
from yizhan.console.api.numbers import NumbersApi
from yizhan.console.api.orders import OrdersApi
from yizhan.console.api.releases import ReleasesApi
from yizhan.console.api.replies import RepliesApi
from yizhan.console.api.search import SearchApi
from yizhan.console.api.session import SessionApi
from yizhan.console.api.team import TeamApi
from yizhan.console.api.ticket_export import TicketExportApi
from yizhan.console.api.ticket_replies import TicketRepliesApi
from yizhan.console.api.ticket_views import TicketViewsApi
from yizhan.console.api.tickets import TicketsApi
from yizhan.console.api.users import UsersApi
from yizhan.console.openapi import document

pytestmark = pytest.mark.timeout(180)

METHODS = {"get", "post", "patch", "put", "delete"}


def operations(described: Json) -> Iterator[tuple[str, str, Json]]:
    for path, item in described["paths"].items():
        for method, operation in item.items():
            yield method, path, operation


def references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if "$ref" in part:
            yield part["$ref"]
        for value in part.values():
            yield from references(value)
    elif isinstance(part, list):
        for value in part:
            yield from references(value)


def routes() -> set[tuple[str, str]]:
    """Every REST route that the console has, by method and path."""
    nothing = cast(Any, None)
    access = Access(nothing, lasts=nothing, clock=nothing)
    apis = (
        RepliesApi(access, nothing),
        SessionApi(nothing, access, nothing, nothing, workspace="default", clock=nothing),
        ConversationsApi(access, nothing, nothing, nothing),
        CustomersApi(access, nothing),
        OrdersApi(access, nothing),
        DecisionsApi(access, nothing),
        DeskApi(access, nothing),
        KnowledgeApi(access, nothing, nothing),
        DraftsApi(access, nothing, nothing, nothing),
        ReleasesApi(access, nothing),
        SearchApi(access, nothing),
        LearningApi(access, nothing, nothing, nothing),
        NotesApi(access, nothing),
        HandingOnApi(access, nothing),
        NumbersApi(access, nothing),
        BoardApi(access, nothing),
        TeamApi(access, nothing),
        TicketViewsApi(access, nothing),
        TicketExportApi(access, nothing, nothing),
        TicketsApi(access, nothing),
        TicketRepliesApi(access, nothing),
        HoursApi(access, nothing),
        UsersApi(nothing, access, nothing),
        MediaApi(access, nothing, nothing),
    )
    return {(route.method.lower(), route.path) for api in apis for route in api.routes()}


def test_the_document_is_well_formed() -> None:
    described = document()
    assert re.fullmatch(r"3\.1\.\d", described["openapi"])
    assert {"title", "version"} <= set(described["info"])
    for reference in references(described):
        found: Any = described
        for name in reference.removeprefix("#/").split("/"):
            assert name in found, f"{reference} leads nowhere"
            found = found[name]
    for method, path, operation in operations(described):
        assert method in METHODS
        assert operation["summary"], f"{method} {path} says nothing"
        declared = {item["name"] for item in operation["parameters"] if item["in"] == "path"}
        assert declared == set(re.findall(r"{(\w+)}", path))
        assert all(item["required"] for item in operation["parameters"] if item["in"] == "path")
        assert any(status.startswith("2") for status in operation["responses"])
        assert all(answer["description"] for answer in operation["responses"].values())
        assert "requestBody" not in operation or method in {"post", "patch", "put"}


def test_every_route_is_described_and_nothing_else() -> None:
    described = {(method, path) for method, path, _ in operations(document())}
    assert described == routes()


async def test_what_runs_serves_the_document_and_every_operation_in_it(
    embedded_product: Product, http: aiohttp.ClientSession
) -> None:
    async with http.get(f"{embedded_product.console}/api/v1/openapi.json") as answer:
        assert answer.status == 200
        served = await answer.json()
    assert served == document()
    for method, path, _ in operations(served):
        if (method, path) == ("post", "/api/v1/session"):
            continue
        url = embedded_product.console + path.replace("{id}", "01a200ea-9a06-7643-80ef-57458231127e")
        async with http.request(method, url, json={} if method in {"post", "patch"} else None) as answer:
            assert (answer.status, (await answer.json())["code"]) == (401, "not_signed_in"), f"{method} {path}"


async def test_what_it_calls_required_is_required(embedded_product: Product, http: aiohttp.ClientSession) -> None:
    """An empty body is refused wherever the document names a required member, never answered with a fault."""
    client = ConsoleClient(http, embedded_product.console, embedded_product.session("admin"))
    described = document()
    for method, path, operation in operations(described):
        body = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if body is None or path.endswith("/session"):
            continue
        schema = described["components"]["schemas"][body["schema"]["$ref"].rpartition("/")[2]]
        if not schema.get("required"):
            continue
        url = embedded_product.console + path.replace("{id}", "01a200ea-9a06-7643-80ef-57458231127e")
        async with http.request(method, url, json={}, headers=client._headers()) as answer:
            assert answer.status in {403, 422}, f"{method} {path}"
            assert answer.content_type == "application/problem+json"
