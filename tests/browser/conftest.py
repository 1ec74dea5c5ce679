"""Browsers of a customer, an agent and an administrator, on a running product.

One Chromium serves all tests here, each in contexts of its own; therefore everything shares one event loop.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright

from tests.browser.pages import CHINESE, DESKTOP, PHONE, Desk, Shop, Watched, signed_in
from tests.services import chromium as chromium_program
from tests.services.product import ADMIN, AGENT, Product
from tests.simulators.console_client import ConsoleClient


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser(chromium: Path) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=chromium, args=chromium_program.ARGUMENTS)
        yield opened
        await opened.close()


@pytest_asyncio.fixture(loop_scope="session")
async def watched() -> AsyncIterator[list[Watched]]:
    """Every page that was opened; none may have shown a dialog or written an error."""
    pages: list[Watched] = []
    yield pages
    assert [trouble for page in pages for trouble in page.troubles] == []


@pytest_asyncio.fixture(loop_scope="session")
async def admin(product: Product) -> AsyncIterator[ConsoleClient]:
    """The administrator, by REST: to prepare and to check."""
    async with aiohttp.ClientSession() as http:
        yield ConsoleClient(http, product.console, product.session(ADMIN))


@pytest_asyncio.fixture(loop_scope="session")
async def shop(browser: Browser, product: Product, watched: list[Watched]) -> AsyncIterator[Shop]:
    """A new visitor's page, not opened yet."""
    context = await browser.new_context(viewport=DESKTOP, locale=CHINESE)
    watched.append(await Watched.open(context))
    yield Shop(watched[-1], product.website)
    await context.close()


@pytest_asyncio.fixture(loop_scope="session")
async def shop_in_english(browser: Browser, product: Product, watched: list[Watched]) -> AsyncIterator[Shop]:
    context = await browser.new_context(viewport=DESKTOP, locale="en-GB")
    watched.append(await Watched.open(context))
    yield Shop(watched[-1], product.website, "en")
    await context.close()


@pytest_asyncio.fixture(loop_scope="session")
async def shop_on_a_phone(browser: Browser, product: Product, watched: list[Watched]) -> AsyncIterator[Shop]:
    context = await browser.new_context(
        viewport=PHONE, device_scale_factor=2, is_mobile=True, has_touch=True, locale=CHINESE
    )
    watched.append(await Watched.open(context))
    yield Shop(watched[-1], product.website)
    await context.close()


@pytest_asyncio.fixture(loop_scope="session")
async def desk(browser: Browser, product: Product, watched: list[Watched]) -> AsyncIterator[Desk]:
    """The agent's console, opened; offline and with nothing in hand, and left like that."""
    context = await signed_in(browser, product, product.session(AGENT))
    watched.append(await Watched.open(context))
    desk = Desk(watched[-1], product.console)
    await desk.open()
    yield desk
    await context.close()
    async with aiohttp.ClientSession() as http:
        await ConsoleClient(http, product.console, product.session(AGENT)).leave()


@pytest_asyncio.fixture(loop_scope="session")
async def office(browser: Browser, product: Product, watched: list[Watched]) -> AsyncIterator[Desk]:
    """The administrator's console, not opened yet."""
    context = await signed_in(browser, product, product.session(ADMIN))
    watched.append(await Watched.open(context))
    yield Desk(watched[-1], product.console)
    await context.close()


@pytest.fixture
def hand_over(shop: Shop, desk: Desk) -> Callable[[], Awaitable[None]]:
    """The customer asks for a human and the agent takes the conversation."""

    async def carry() -> None:
        await desk.appear("online")
        await shop.open()
        await shop.say("转人工")
        await desk.accept()

    return carry
