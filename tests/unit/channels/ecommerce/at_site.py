"""A platform of a shop before its simulator: the channel's own calls, over HTTP, with what the seller's consent gave."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import aiohttp

from tests.unit.channels.ecommerce.bench import Bench, shop
from yizhan.channels.accounts import Account
from yizhan.channels.ecommerce.calls import PlatformCalls
from yizhan.channels.ecommerce.platform import Grant, PlatformKind, ShopSettings
from yizhan.channels.ecommerce.reaching import Reaching
from yizhan.channels.provider_errors import ProviderErrors
from yizhan.core.runtime.metrics import Metrics


class Granted:
    """Tokens by a grant; none until there is one."""

    def __init__(self) -> None:
        self.grant = Grant("", 0.0)

    async def get(self, account: str) -> str:
        return self.grant.access if account == "shop" else ""

    async def facts(self, account: str) -> Any:
        return self.grant.facts if account == "shop" else {}


@dataclass(slots=True)
class AtSite:
    platform: Any
    shop: Account[Any]
    tokens: Granted
    bench: Bench = field(default_factory=Bench)

    async def consents(self, query: dict[str, str]) -> None:
        """The seller came back with this."""
        self.tokens.grant = await self.platform.consented(self.shop, query, "https://gw.example.com/back")

    async def renews(self) -> None:
        self.tokens.grant = await self.platform.renewed(self.shop, self.tokens.grant)


@asynccontextmanager
async def at_site(kind: PlatformKind, settings: ShopSettings) -> AsyncIterator[AtSite]:
    """``settings`` name the simulator's addresses."""
    async with aiohttp.ClientSession() as session:
        bench, tokens = Bench(), Granted()
        errors = ProviderErrors(Metrics("ecommerce"), "ecommerce")
        calls = PlatformCalls(kind.key, session, Reaching(settings.inside), errors)
        tools = replace(bench.tools(), calls=calls, tokens=tokens, clock=lambda: datetime.now(UTC))
        yield AtSite(kind.open(tools), shop(settings), tokens, bench)
