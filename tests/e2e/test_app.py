"""The business's own app on the running product: one conversation on two devices, and a count of the unread that agrees."""

import asyncio
import json
from collections.abc import Iterator

import aiohttp
import pytest

from tests.channels.waiting import until
from tests.services.product import Product
from tests.simulators.app_client import AppClient, open_app
from tests.simulators.issuer import AUDIENCE, ISSUER, Issuer

ACCOUNT = "own-app"

pytestmark = pytest.mark.timeout(180)


@pytest.fixture(scope="module")
def issuer() -> Issuer:
    return Issuer()


@pytest.fixture
def account(product: Product, issuer: Issuer) -> Iterator[str]:
    key = {"algorithm": "ES256", "key": issuer.current.as_pem(private=False).decode()}
    given = {"issuer": ISSUER, "audience": AUDIENCE, "algorithms": '["ES256"]', "keys": json.dumps([key])}
    sets = [word for name, value in given.items() for word in ("--set", f"{name}={value}")]
    product.deployment.yizhan("account", "add", "app", ACCOUNT, *sets)
    yield ACCOUNT
    product.deployment.yizhan("account", "remove", "app", ACCOUNT)


async def known(http: aiohttp.ClientSession, url: str) -> None:
    """The running process has heard of the account."""
    async with asyncio.timeout(30):
        while True:
            async with http.get(f"{url}/app/v1/{ACCOUNT}/conversation") as answer:
                if answer.status == 401:
                    return
            await asyncio.sleep(0.1)


async def test_devices_agree_on_what_is_unread(
    product: Product, http: aiohttp.ClientSession, account: str, issuer: Issuer
) -> None:
    url = product.deployment.app
    await known(http, url)

    def token() -> str:
        return issuer.token("e2e-user", name="李雷", locale="zh-CN")

    async with open_app(http, url, account, token) as phone, open_app(http, url, account, token) as tablet:
        await phone.reached(1, within=60.0)  # the greeting
        await phone.say("怎么退货")
        await phone.reached(3)
        await tablet.reached(3)
        assert phone.messages == tablet.messages
        await agree(phone, tablet, 2)
        await tablet.write({"type": "read", "seq": 1})
        await agree(phone, tablet, 1)
        phone.cut()
        await phone.until(lambda: phone.connections == 2)
        await agree(phone, tablet, 1)
        await phone.write({"type": "read", "seq": 3})
        await agree(phone, tablet, 0)
        shown = await phone.conversation()
        assert (shown["head"], shown["read"], shown["unread"]) == (3, 3, 0)
    assert (phone.breaches, tablet.breaches) == ([], [])


async def agree(phone: AppClient, tablet: AppClient, unread: int) -> None:
    """Both devices count so many. Raises TimeoutError."""
    await until(lambda: (phone.unread(), tablet.unread()) == (unread, unread))
