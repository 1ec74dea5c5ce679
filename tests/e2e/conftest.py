"""A customer and an agent of the running product, without a browser."""

from collections.abc import AsyncIterator

import aiohttp
import pytest

from tests.services.deployment import ACCOUNT
from tests.services.product import ADMIN, AGENT, WECHAT_PORT, Product
from tests.simulators.console_client import ConsoleClient, Json, open_console
from tests.simulators.website_client import WebsiteClient, open_client
from tests.simulators.wechat import WechatPlatform, open_platform


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30)) as session:
        yield session


@pytest.fixture
async def agent(product: Product, http: aiohttp.ClientSession) -> AsyncIterator[ConsoleClient]:
    """The agent, offline, with nothing in hand; left like that, too."""
    async with open_console(http, product.console, product.session(AGENT)) as client:
        yield client
        await client.leave()


@pytest.fixture
async def admin(product: Product, http: aiohttp.ClientSession) -> ConsoleClient:
    """The administrator, by REST only."""
    return ConsoleClient(http, product.console, product.session(ADMIN))


@pytest.fixture
async def customer(product: Product, http: aiohttp.ClientSession) -> AsyncIterator[WebsiteClient]:
    """A new visitor, connected and greeted."""
    async with open_client(http, product.website, ACCOUNT, session={"locale": "zh-CN"}) as client:
        await client.reached(1, within=60.0)
        yield client


@pytest.fixture
async def platform() -> AsyncIterator[WechatPlatform]:
    """WeChat, where the product looks for it; nothing that the product does there may be against its rules."""
    async with open_platform(port=WECHAT_PORT) as opened:
        yield opened
        assert opened.violations == []


def numbers_of(shown: Json, channel: str = "website") -> Json:
    """The books of one channel on the live board; empty before its first message."""
    return next((item for item in shown["channels"] if item["channel"] == channel), {})
