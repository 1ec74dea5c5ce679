"""Ten minutes without a network at an agent's desk, in traffic: the screen comes back to what a new one shows."""

import asyncio
import os
import random
import time
import uuid
from collections.abc import Sequence

import aiohttp
import pytest
from playwright.async_api import Browser, expect

from tests.browser.agent_screens import come_to_show_the_same, read_from_the_start
from tests.browser.pages import CHINESE, Desk, Watched
from tests.faults.traffic import QUESTIONS, Customer, customers
from tests.services.deployment import Deployment, apart
from tests.services.postgres import PostgresServer
from tests.services.rabbitmq import RabbitServer
from tests.services.tcp_proxy import TcpProxy
from tests.simulators.console_client import COOKIE, ConsoleClient, Json, Session, open_console
from tests.simulators.staff import hired

AWAY_SECONDS = float(os.environ.get("YIZHAN_FAULTS_AWAY_SECONDS", "600"))
PER_MINUTE = 40.0
CONVERSATIONS = 6
SEED = 3
DRAFT = "还没写完的回复"

pytestmark = pytest.mark.timeout(1200)


async def write_on(everybody: Sequence[Customer], stop: asyncio.Event) -> None:
    """Customers write at random moments, to whoever has their conversation."""
    chance = random.Random(SEED)
    while not stop.is_set():
        await asyncio.sleep(chance.expovariate(PER_MINUTE / 60))
        customer = chance.choice(everybody)
        customer.sent.append(await customer.client.say(chance.choice(QUESTIONS)))


async def work_goes_on(other: ConsoleClient, colleague: ConsoleClient, admin: ConsoleClient, mine: list[str]) -> None:
    """What happens to the agent's conversations meanwhile, each at its own time of the absence."""
    await asyncio.sleep(AWAY_SECONDS / 6)
    await admin.post(f"/conversations/{mine[0]}/notes", text="老客户，请先退运费", client_id=uuid.uuid4().hex)
    await other.say(mine[0], "这是另一台电脑上的回复")
    await asyncio.sleep(AWAY_SECONDS / 6)
    await colleague.appear("online")
    shown = await other.conversation(mine[1])
    order = {"epoch": shown["epoch"], "to_agent": colleague.user_id, "note": "请接手"}
    await other.post(f"/conversations/{mine[1]}/transfer", **order)
    await colleague.accept(await colleague.offered())
    await asyncio.sleep(AWAY_SECONDS / 6)
    await other.act(mine[2], "close")
    await other.act(mine[3], "return")


async def test_ten_minutes_without_a_network_leave_no_trace_on_the_screen(
    private_rabbit: RabbitServer, private_postgres: PostgresServer, browser: Browser
) -> None:
    vhost, database_url = private_rabbit.new_vhost(), private_postgres.new_database()
    deployment = await asyncio.to_thread(
        lambda: apart(
            vhost,
            database_url,
            YIZHAN_AGENT_GONE_SECONDS="3600",  # they keep their conversations, so that there is something to compare
            YIZHAN_OFFER_SECONDS="20",
            YIZHAN_TRUSTED_PROXIES="1",
            YIZHAN_WEBSITE_SENDS_PER_MINUTE="6000",
        )
    )
    with deployment:
        head = deployment.logins["admin"]
        agent, other_agent = await hired(deployment.console, head, ["ann", "bob"], capacity=CONVERSATIONS + 2)
        async with (
            aiohttp.ClientSession() as http,
            TcpProxy("127.0.0.1", deployment.ports["console"]) as network,
            customers(deployment.website, CONVERSATIONS + 1) as everybody,
            open_console(http, deployment.console, other_agent) as colleague,
        ):
            admin = ConsoleClient(http, deployment.console)
            await admin.sign_in(head.username, head.password)
            other = ConsoleClient(http, deployment.console, agent)
            desk = await opened(browser, f"http://127.0.0.1:{network.port}", agent)
            await desk.appear("online")
            *served, late = everybody
            mine = [await take(customer, other) for customer in served]
            await show(desk, mine[0])
            await desk.field.fill(DRAFT)
            await late.client.say("转人工")
            await expect(desk.page.get_by_test_id("count-offered")).to_have_text("1")

            stop = asyncio.Event()
            async with asyncio.TaskGroup() as group:
                group.create_task(write_on(served, stop))
                network.refuse()
                group.create_task(work_goes_on(other, colleague, admin, mine))
                await asyncio.sleep(AWAY_SECONDS)
                network.accept()
                back = time.monotonic()
                await expect(desk.page.get_by_test_id("connection-banner")).to_have_count(0)
                took = time.monotonic() - back
                await asyncio.sleep(5.0)  # traffic goes on over the return
                stop.set()
            await judge(deployment, desk, mine, everybody, took)


async def opened(browser: Browser, console: str, session: Session) -> Desk:
    """A signed-in agent's screen."""
    context = await browser.new_context(viewport={"width": 1440, "height": 900}, locale=CHINESE)
    cookie = {"name": COOKIE, "value": session.cookie, "url": console, "httpOnly": True, "sameSite": "Lax"}
    await context.add_cookies([cookie])  # type: ignore[list-item]
    desk = Desk(await Watched.open(context), console)
    await desk.open()
    return desk


async def take(customer: Customer, agent: ConsoleClient) -> str:
    """The customer asks for a human and the agent takes the conversation; its id."""
    customer.sent.append(await customer.client.say("转人工"))
    return await agent.accept(await agent.offered())


async def show(desk: Desk, conversation: str) -> None:
    await desk.open(f"#/inbox/mine/{conversation}")
    await expect(desk.conversation).to_have_attribute("data-conversation", conversation)
    await expect(desk.field).to_be_visible()


async def judge(
    deployment: Deployment, desk: Desk, mine: Sequence[str], everybody: Sequence[Customer], took: float
) -> None:
    await expect(desk.field).to_have_value(DRAFT)
    fresh = await Watched.open(desk.context)
    await fresh.page.goto(f"{desk.console}/#/inbox/mine/{mine[0]}")
    await expect(fresh.page.get_by_test_id("message").first).to_be_visible()
    for page in (desk.page, fresh.page):
        await read_from_the_start(page)
    await expect(fresh.page.get_by_test_id("internal-note")).to_have_count(1)
    both = await come_to_show_the_same(desk.page, fresh.page, mine[0])
    written = sum(len(customer.sent) for customer in everybody)
    lists = {box: rows for box, _, rows in both.lists}
    sizes: Json = {box: len(rows) for box, rows in lists.items()}
    print(
        f"away {AWAY_SECONDS:.0f} s, back after {took:.1f} s; {written} messages written, {len(both.messages)} shown; {sizes}"
    )
    numbers = [row[0] for row in both.messages]
    assert len(set(numbers)) == len(numbers), "nothing is shown twice"
    assert {row[0] for row in lists["mine"]} == set(mine) - {mine[1], mine[2], mine[3]}
