"""A platform opened over a simulator in process, and an account on it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tests.simulators.ecommerce.orders.asked import InProcess, Simulated
from yizhan.channels.accounts import Account
from yizhan.channels.ecommerce.platform import PlatformKind, Tools
from yizhan.core.messages.address import Address
from yizhan.core.messages.content import Media
from yizhan.core.messages.ids import new_id

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)


class Fixed:
    """As ``platform.Tokens``; and what an order look-up never asks for."""

    def __init__(self, token: str) -> None:
        self.token = token

    async def get(self, account: str) -> str:
        return self.token

    async def facts(self, account: str) -> Mapping[str, str]:
        return {}

    async def fetch(self, url: str, name: str, hosts: Collection[str], headers: Mapping[str, str]) -> Media | None:
        raise AssertionError("no order needs a file")

    async def keep(self, data: bytes, name: str) -> Media | None:
        raise AssertionError("no order needs a file")

    async def read(self, media: Media, most: int) -> bytes | None:
        raise AssertionError("no order needs a file")

    def link(self, media: Media) -> str:
        raise AssertionError("no order needs a file")

    async def known(self, address: Address) -> Mapping[str, str]:
        return {}

    async def note(self, address: Address, facts: Mapping[str, str], until: datetime) -> None:
        raise AssertionError("nothing is noted")

    async def ask(self, people: Collection[Address], reference: str) -> None:
        raise AssertionError("nobody left")

    async def __call__(self, address: Address, external_id: str) -> str:
        return ""


@dataclass(frozen=True, slots=True)
class World:
    platform: Any
    shop: Account[Any]
    calls: InProcess


def world(kind: PlatformKind, simulated: Simulated, settings: Mapping[str, Any], token: str = "") -> World:
    """``token``: the one that the channel keeps for the account."""
    calls, rest = InProcess(simulated), Fixed(token)
    tools = Tools(calls, rest, rest, rest, rest, lambda: NOW, new_id, "https://yizhan.example.com", rest)
    own = kind.settings.model_validate({"platform": kind.key, **settings})
    return World(kind.open(tools), Account("default", "ecommerce", "shop", "Shop", own, True, NOW), calls)
