"""The e-commerce channel's order service over gRPC, with accounts that the test makes, and dialogue's way to it."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tests.unit.channels.ecommerce.orders.shop_world import World
from yizhan.channels.accounts import Account
from yizhan.channels.ecommerce.order_lookups import Lookups
from yizhan.channels.ecommerce.orders_api import ShopOrdersApi
from yizhan.core.messages.address import Address
from yizhan.core.runtime.grpc import channel, server
from yizhan.core.runtime.health import Health
from yizhan.core.runtime.metrics import Metrics
from yizhan.dialogue.connectors.shops import ShopOrders
from yizhan.pb.v1.orders_pb2_grpc import add_OrdersServiceServicer_to_server

TOKEN = "internal-token-of-this-test-000000000000"
NOON = datetime(2026, 11, 24, 4, tzinfo=UTC)


class Nothing:
    """A platform without orders, as the bridge is."""


@dataclass(frozen=True, slots=True)
class Pointing:
    orders: str = ""


@dataclass(frozen=True, slots=True)
class Open:
    account: Account[Any]
    platform: Any


@dataclass
class Shops:
    """The accounts, what is noted about buyers, and what tokens were wanted anew."""

    accounts: dict[str, Open] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    renewed: list[str] = field(default_factory=list)

    def get(self, account: str) -> Open | None:
        return self.accounts.get(account)

    async def known(self, address: Address) -> Mapping[str, str]:
        return self.notes

    async def note(self, address: Address, facts: Mapping[str, str], until: datetime) -> None:
        self.notes.update(facts)

    async def renew(self, account: str, failed_token: str) -> None:
        self.renewed.append(failed_token)


def account_of(name: str, world: World, workspace: str = "default") -> Open:
    held = world.shop
    return Open(Account(workspace, "ecommerce", name, name, held.settings, True, NOON), world.platform)


def pointing(name: str, orders: str, workspace: str = "default") -> Open:
    return Open(Account(workspace, "ecommerce", name, name, Pointing(orders), True, NOON), Nothing())


@asynccontextmanager
async def served(shops: Shops) -> AsyncIterator[ShopOrders]:
    """The service of the e-commerce process, and dialogue's way to it."""
    api = ShopOrdersApi(Lookups(shops, shops, shops.renew), Metrics("ecommerce"))
    async with AsyncExitStack() as stack:
        add = [lambda at: add_OrdersServiceServicer_to_server(api, at)]
        port = await stack.enter_async_context(
            server(add, "127.0.0.1", 0, (TOKEN,), health=Health("ecommerce"), metrics=Metrics("grpc"))
        )
        way = ShopOrders()
        way.connect(await stack.enter_async_context(channel(f"127.0.0.1:{port}", TOKEN)))
        yield way
