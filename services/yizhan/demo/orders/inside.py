"""The demo shop inside ``yizhan up``: on the product's own port, asked over HTTP like any other system."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import web
from pydantic import SecretStr

from yizhan.core.runtime.lifespan import Lifespan
from yizhan.core.runtime.settings import EmbeddedSettings
from yizhan.demo.orders.http_face import PREFIX, routes
from yizhan.demo.orders.service import book_in
from yizhan.dialogue.connectors.connector import Connector
from yizhan.dialogue.connectors.http import HttpPlace, open_http

SERVES = ("orders", "after_sales", "appointments")
ANY = frozenset({"0.0.0.0", "::", "localhost", "127.0.0.1"})  # noqa: S104 - for comparison


@dataclass(slots=True)
class InsideShop:
    """Routes to serve, and connectors that work once ``listening`` was told."""

    routes: tuple[web.RouteDef, ...]
    connectors: Mapping[tuple[str, str], Connector]
    url: "_Url"

    def listening(self, host: str, port: int) -> None:
        """The routes are served there now."""
        name = "127.0.0.1" if host in ANY else f"[{host}]" if ":" in host else host
        self.url.text = f"http://{name}:{port}{PREFIX}"


@dataclass(slots=True)
class _Url:
    text: str = ""

    def __call__(self) -> str:
        return self.text


async def open_inside(life: Lifespan, settings: EmbeddedSettings) -> InsideShop:
    """The shop of the settings' workspace; what is registered is kept in the home folder."""
    secret = secrets.token_urlsafe(32)
    url = _Url()
    place = HttpPlace(url=url, secret=SecretStr(f"Bearer {secret}"), finds_by_customer=True)
    connector = await life.enter(open_http(place, at_once=32), name="demo orders")
    connectors = {(settings.workspace, name): connector for name in SERVES}
    return InsideShop(routes(book_in(settings.home), (secret,)), connectors, url)
