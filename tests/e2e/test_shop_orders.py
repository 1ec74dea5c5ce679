"""Where is my order, asked in a shop: the buyer writes over a bridge, and the shop's platform knows the orders."""

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from itertools import count
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.channels.waiting import until
from tests.services.product import ADMIN, Product
from tests.simulators.bridge import Connector
from tests.simulators.console_client import ConsoleClient, Json
from tests.simulators.ecommerce.orders import taobao
from tests.simulators.ecommerce.orders.asked import route

pytestmark = pytest.mark.timeout(240)

SECRET = "whsec_" + base64.b64encode(b"secret-of-a-bridge-for-orders-01").decode()
TID, FOREIGN = "2600000000000000001", "2600000000000000002"
_numbers = count(1)


@dataclass
class Stall:
    """One shop: its connector, where buyers write, and its gateway, which knows the orders."""

    product: Product
    connector: Connector
    gateway: taobao.TaobaoGateway

    def shown(self, buyer: str) -> str:
        return "\n".join(seen.text for seen in self.connector.screen(buyer))

    async def says(self, buyer: str, content: dict[str, Any]) -> None:
        taken = await self.connector.said(buyer, content).push()
        assert taken.taken, taken

    async def asks(self, buyer: str, text: str) -> None:
        await self.says(buyer, {"type": "text", "text": text})

    async def sees(self, buyer: str, words: str) -> None:
        await until(lambda: words in self.shown(buyer))


async def account(product: Product, name: str, settings: dict[str, str]) -> None:
    """``yizhan account add ecommerce``; secrets from files, as operators give them."""
    arguments: list[str] = []
    for key, value in settings.items():
        if "secret" in key or key == "session":
            kept = product.deployment.folder / f"{name}.{key}"
            await asyncio.to_thread(kept.write_text, value)
            arguments += ["--set-file", f"{key}={kept}"]
        else:
            arguments += ["--set", f"{key}={value}"]
    await asyncio.to_thread(product.deployment.yizhan, "account", "add", "ecommerce", name, "--name", name, *arguments)


@pytest.fixture
async def stall(product: Product) -> AsyncIterator[Stall]:
    gateway = taobao.TaobaoGateway(
        trades={
            TID: taobao.trade(TID, "WAIT_BUYER_CONFIRM_GOODS"),
            FOREIGN: taobao.trade(FOREIGN, "TRADE_FINISHED", buyer_open_uid="AAE-chen", receiver_mobile="139****9000"),
        }
    )
    number = next(_numbers)
    bridge, orders = f"bridge-{number}", f"taobao-{number}"
    app = web.Application()
    app.add_routes([route(gateway)])
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(TestServer(app, host="127.0.0.1"))
        connector = await stack.enter_async_context(Connector(secret=SECRET).opened())
        taobao_account = {
            "platform": "taobao",
            "app_key": gateway.app_key,
            "app_secret": gateway.secret,
            "session": "session-1",
            "api_url": str(server.make_url("/router/rest")),
        }
        await account(product, orders, taobao_account)
        callback = {"callback_url": connector.callback_url, "orders": orders}
        await account(product, bridge, {"platform": "bridge", "secret": SECRET, **callback})
        connector.webhook = f"{product.deployment.ecommerce}/ecommerce/bridge/{bridge}"
        async with asyncio.timeout(30):
            while not (await connector.note({"type": "typing", "buyer": {"id": "nobody"}}).push()).taken:
                await asyncio.sleep(0.2)  # the running channel looks for new accounts every few seconds
        yield Stall(product, connector, gateway)
        assert connector.breaches == []


@pytest.mark.parametrize("product", ["embedded"], indirect=True)
async def test_where_is_my_order(stall: Stall) -> None:
    # The conversation has the platform's own id of the buyer: nothing has to be named.
    await stall.asks("AAE-lin", "我的订单到哪了")
    await stall.sees("AAE-lin", f"订单 {TID}：已发货")
    await stall.sees("AAE-lin", "SF1390000100001")

    # Somebody else's order is answered like one that does not exist.
    await stall.asks("AAE-lin", FOREIGN)
    await stall.sees("AAE-lin", "没有查到这笔订单")
    assert "交易成功" not in stall.shown("AAE-lin")

    # Another id in the conversation: the number alone proves nothing, with the telephone number it does.
    await stall.says("l-i-n", {"type": "order", "order_id": TID})
    await stall.sees("l-i-n", "没有查到这笔订单")
    await stall.asks("l-i-n", f"订单号{TID}，手机号13800138000")
    await stall.sees("l-i-n", f"订单 {TID}：已发货")
    assert "taobao.trades.sold.get" in stall.gateway.asked

    await assert_seen_beside(stall, "AAE-lin")


@pytest.mark.parametrize("product", ["apart"], indirect=True)
async def test_an_agent_sees_them_where_services_run_apart(stall: Stall) -> None:
    """Dialogue, in another process, asks the channel's; nobody has published a task there."""
    await stall.asks("AAE-lin", "你好")
    await until(lambda: bool(stall.connector.screen("AAE-lin")))
    await assert_seen_beside(stall, "AAE-lin")


async def assert_seen_beside(stall: Stall, buyer: str) -> None:
    found = await card(stall.product, buyer)
    assert [order["card"]["order_id"] for order in found["orders"]] == [TID]
    told = [(clue["kind"], clue["source"], clue["outcome"]) for clue in found["clues"]]
    assert told[0] == ("buyer", "platform", "found")


async def card(product: Product, buyer: str) -> Json:
    """The customer's orders beside the conversation with this buyer, as an agent sees them."""
    async with aiohttp.ClientSession() as http:
        office = ConsoleClient(http, product.console, product.session(ADMIN))
        items = (await office.get("/conversations", box="all", limit=100))["items"]
        mine = next(item["id"] for item in items if item["customer"]["id"] == buyer)
        return await office.get(f"/conversations/{mine}/orders", locale="zh-CN")
