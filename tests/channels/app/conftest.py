"""A whole app channel, and the business's sign-in whose tokens it takes."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.channels.screen_place import PARTITIONS, SECRET, Place, open_place
from tests.simulators.app_client import AppClient, open_app
from tests.simulators.dialogue import FakeDialogue
from tests.simulators.issuer import Issuer, open_issuer
from yizhan.channels.app import service
from yizhan.core.messages.address import Address
from yizhan.core.runtime.clock import now
from yizhan.core.runtime.core import Core
from yizhan.core.runtime.lifespan import Lifespan
from yizhan.core.runtime.parts import Parts
from yizhan.core.runtime.settings import AppSettings

SHOP = "https://m.shop.example.com"


@dataclass
class Watch:
    """A clock that can be set forward."""

    ahead: timedelta = field(default_factory=timedelta)

    def __call__(self) -> datetime:
        return now() + self.ahead


class App(Place):
    """A running app channel. ``issuer`` and ``watch`` are set by ``open_channel``."""

    issuer: Issuer
    watch: Watch

    @asynccontextmanager
    async def device(self, user: str = "user-1", account: str = "demo", **options: Any) -> AsyncIterator[AppClient]:
        async with open_app(self.http, self.url, account, lambda: self.issuer.token(user), **options) as client:
            yield client
            assert client.breaches == []

    def address(self, user: str = "user-1", account: str = "demo") -> Address:
        return Address("default", "app", account, f"u:{user}")


@asynccontextmanager
async def open_channel(
    home: Path, issuer: Issuer, *, accounts: Mapping[str, Mapping[str, Any]] | None = None, **settings: Any
) -> AsyncIterator[App]:
    """With the accounts ``demo`` (open to SHOP) and ``other``, and those that are given with their settings."""
    place = {name: settings.pop(name) for name in ("bus_url", "database_url", "replica") if name in settings}
    watch = settings.pop("watch", None) or Watch()
    tls = settings.pop("tls", None)
    configured = AppSettings(
        home=home,
        secret=SECRET,
        partitions=PARTITIONS,
        app_sends_per_minute=settings.pop("sends", 600),
        app_networks="loopback",
        **settings,
    )

    async def start(life: Lifespan, core: Core, dialogue: FakeDialogue) -> Parts:
        return await service.start(life, configured, core, history=dialogue, tls=tls)

    known = {"demo": issuer.account(allowed_origins=[SHOP]), "other": issuer.account(), **(accounts or {})}
    async with open_place("app", home, start, known, base="/app/v1", kind=App, clock=watch, **place) as opened:
        opened.issuer, opened.watch = issuer, watch
        issuer.clock = watch
        yield opened


@pytest.fixture
async def issuer() -> AsyncIterator[Issuer]:
    async with open_issuer() as opened:
        yield opened


@pytest.fixture
async def app(home: Path, issuer: Issuer) -> AsyncIterator[App]:
    async with open_channel(home, issuer) as opened:
        yield opened
