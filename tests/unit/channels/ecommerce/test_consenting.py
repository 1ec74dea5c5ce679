"""Only who was sent off by us comes back with a consent, in the same browser, once; and is told in both languages."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer
from yarl import URL

from tests.unit.channels.ecommerce.consent_world import ACCOUNT, PUBLIC_URL, Desk, Replica, add_shop, new_desk, replica
from tests.unit.channels.ecommerce.shop_time import Time
from yizhan.channels.ecommerce.consent_page import CSP
from yizhan.channels.ecommerce.consenting import COOKIE
from yizhan.core.runtime.http import make_app, owned
from yizhan.core.store.database import Database
from yizhan.core.store.migrate import upgrade

PATH = f"/ecommerce/bridge/{ACCOUNT}"
Client = TestClient[web.Request, web.Application]


class Seller:
    """A browser at our addresses, whose cookies are its own."""

    def __init__(self, client: Client, one: Replica, desk: Desk, time: Time) -> None:
        self.client = client
        self.one = one
        self.desk = desk
        self.time = time
        self.cookies: dict[str, str] = {}

    async def get(self, path: str, **query: str) -> ClientResponse:
        cookie = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        answer = await self.client.get(path, params=query, headers=cookie, allow_redirects=False)
        self.cookies |= {name: morsel.value for name, morsel in answer.cookies.items()}
        await answer.read()
        return answer

    async def sent_off(self) -> URL:
        """The platform's page that the browser is sent to."""
        answer = await self.get(f"{PATH}/connect", ticket=self.one.tickets.ticket("bridge", ACCOUNT))
        assert answer.status == 303
        return URL(answer.headers["Location"])

    async def back(self, **changed: str) -> ClientResponse:
        """Said yes, and came back; ``changed`` of what the platform gave with it."""
        state = (await self.sent_off()).query["state"]
        return await self.get(f"{PATH}/connected", **{"code": self.desk.tokens.consent(), "state": state, **changed})


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
async def database(home: Path, time: Time) -> AsyncIterator[Database]:
    async with Database("", home=home) as opened:
        await upgrade(opened, "channels")
        await add_shop(opened, time)
        yield opened


async def seller_of(database: Database, time: Time, public_url: str = PUBLIC_URL) -> Seller:
    desk = new_desk(time)
    one = await replica(database, time, desk, public_url=public_url)
    app = make_app("ecommerce", metrics=one.core.metrics)
    app.add_routes(owned("ecommerce", one.consenting.routes(), csp=CSP))
    return Seller(TestClient(TestServer(app, host="127.0.0.1")), one, desk, time)


@pytest.fixture
async def seller(database: Database, time: Time) -> AsyncIterator[Seller]:
    made = await seller_of(database, time)
    async with made.client:
        yield made


async def test_a_seller_consents(seller: Seller) -> None:
    url = await seller.sent_off()
    assert url.query["redirect_uri"] == f"{PUBLIC_URL}{PATH}/connected"
    answer = await seller.back()
    text = await answer.text()
    assert answer.status == 200
    assert "授权成功" in text
    assert "Connected" in text
    assert seller.desk.tokens.good(await seller.one.tokens.get(ACCOUNT))
    assert answer.headers["Content-Security-Policy"] == CSP
    assert answer.headers["Cache-Control"] == "no-store"
    assert not [token for token in seller.desk.tokens.given if token in text]


async def test_the_cookie_is_for_this_account_alone_and_no_script(seller: Seller) -> None:
    answer = await seller.get(f"{PATH}/connect", ticket=seller.one.tickets.ticket("bridge", ACCOUNT))
    cookie = answer.headers["Set-Cookie"]
    for part in ("HttpOnly", "Secure", "SameSite=Lax", f"Path={PATH}", "Max-Age=900"):
        assert part in cookie


@pytest.mark.parametrize(
    "ticket", ["", "yz1.x.y.z", "other account", "other platform", "expired", "a state", "x" * 5000]
)
async def test_a_ticket_that_is_not_ours_begins_nothing(seller: Seller, ticket: str) -> None:
    made = {
        "other account": lambda: seller.one.tickets.ticket("bridge", "other"),
        "other platform": lambda: seller.one.tickets.ticket("taobao", ACCOUNT),
        "expired": lambda: seller.one.tickets.ticket("bridge", ACCOUNT),
        "a state": lambda: seller.one.tickets.state("bridge", ACCOUNT, "n"),
    }.get(ticket, lambda: ticket)()
    if ticket == "expired":
        seller.time.pass_by(timedelta(hours=1, seconds=1))
    answer = await seller.get(f"{PATH}/connect", ticket=made)
    assert (answer.status, COOKIE in answer.cookies) == (403, False)


@pytest.mark.parametrize(
    "state", ["", "yz1.x.y.z", "other account", "other nonce", "expired", "a ticket", "<script>alert(1)</script>"]
)
async def test_a_state_that_is_not_ours_exchanges_nothing(seller: Seller, state: str) -> None:
    url = await seller.sent_off()
    made = {
        "other account": lambda: seller.one.tickets.state("bridge", "other", seller.cookies[COOKIE]),
        "other nonce": lambda: seller.one.tickets.state("bridge", ACCOUNT, "another"),
        "expired": lambda: url.query["state"],
        "a ticket": lambda: seller.one.tickets.ticket("bridge", ACCOUNT),
    }.get(state, lambda: state)()
    if state == "expired":
        seller.time.pass_by(timedelta(minutes=15, seconds=1))
    answer = await seller.get(f"{PATH}/connected", code=seller.desk.tokens.consent(), state=made)
    assert (answer.status, seller.desk.asked) == (403, [])
    assert not made or made not in await answer.text()


async def test_another_browser_cannot_end_a_consent(seller: Seller) -> None:
    state = (await seller.sent_off()).query["state"]
    seller.cookies.clear()
    answer = await seller.get(f"{PATH}/connected", code=seller.desk.tokens.consent(), state=state)
    assert (answer.status, seller.desk.asked) == (403, [])


async def test_a_code_is_exchanged_once_however_often_the_page_is_loaded(seller: Seller) -> None:
    state = (await seller.sent_off()).query["state"]
    cookies, query = dict(seller.cookies), {"code": seller.desk.tokens.consent(), "state": state}
    assert (await seller.get(f"{PATH}/connected", **query)).status == 200
    assert (await seller.get(f"{PATH}/connected", **query)).status == 403
    seller.cookies = cookies
    assert (await seller.get(f"{PATH}/connected", **query)).status == 403
    assert len(seller.desk.asked) == 1


async def test_a_platform_that_says_no_is_told_without_its_words(seller: Seller) -> None:
    answer = await seller.back(code="<b>nonsense</b>")
    assert answer.status == 502
    assert "nonsense" not in await answer.text()


async def test_an_account_elsewhere_is_none_here(seller: Seller) -> None:
    for path in (f"/ecommerce/taobao/{ACCOUNT}", "/ecommerce/bridge/other", "/ecommerce/nonsense/x"):
        platform, account = path.split("/")[2:]
        ticket = seller.one.tickets.ticket(platform, account)
        assert (await seller.get(f"{path}/connect", ticket=ticket)).status == 404
        assert (await seller.get(f"{path}/connected", code="c", state="s")).status == 404


async def test_without_a_public_url_it_is_said_that_one_is_needed(database: Database, time: Time) -> None:
    seller = await seller_of(database, time, public_url="")
    async with seller.client:
        answer = await seller.get(f"{PATH}/connect", ticket=seller.one.tickets.ticket("bridge", ACCOUNT))
        assert answer.status == 503
        assert "YIZHAN_PUBLIC_URL" in await answer.text()
