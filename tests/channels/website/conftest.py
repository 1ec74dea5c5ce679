"""A whole website channel: real HTTP server, embedded bus, SQLite, a fake dialogue behind it."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.channels.screen_place import PARTITIONS, SECRET, Place, open_place
from tests.simulators.dialogue import FakeDialogue
from tests.simulators.website_client import WebsiteClient, open_client
from yizhan.channels.website import service
from yizhan.core.runtime.core import Core
from yizhan.core.runtime.lifespan import Lifespan
from yizhan.core.runtime.parts import Parts
from yizhan.core.runtime.settings import WebsiteSettings

SHOP = "https://shop.example.com"


class Site(Place):
    """A running website channel."""

    @asynccontextmanager
    async def client(self, account: str = "demo", **options: Any) -> AsyncIterator[WebsiteClient]:
        async with open_client(self.http, self.url, account, **options) as client:
            yield client
            assert client.breaches == []

    async def token(self, account: str = "demo", **body: Any) -> str:
        async with self.http.post(f"{self.url}/website/{account}/session", json=body) as answer:
            assert answer.status == 200, await answer.text()
            return str((await answer.json())["token"])


@asynccontextmanager
async def open_site(
    home: Path,
    *,
    accounts: Mapping[str, Mapping[str, Any]] | None = None,
    bus_url: str = "embedded://",
    database_url: str = "",
    replica: str = "test-1",
    **settings: Any,
) -> AsyncIterator[Site]:
    """A site with the accounts ``demo`` (open to SHOP) and ``other``, and those that are given with their settings."""
    configured = WebsiteSettings(
        home=home,
        secret=SECRET,
        partitions=PARTITIONS,
        website_sends_per_minute=settings.pop("sends", 600),
        **settings,
    )

    async def start(life: Lifespan, core: Core, dialogue: FakeDialogue) -> Parts:
        return await service.start(life, configured, core, history=dialogue)

    known = {"demo": {"allowed_origins": [SHOP]}, "other": {}, **(accounts or {})}
    async with open_place(
        "website",
        home,
        start,
        known,
        base="/website",
        bus_url=bus_url,
        database_url=database_url,
        replica=replica,
        kind=Site,
    ) as place:
        yield place


@pytest.fixture
async def site(home: Path) -> AsyncIterator[Site]:
    async with open_site(home) as opened:
        yield opened
