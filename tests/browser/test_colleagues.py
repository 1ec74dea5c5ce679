"""A supervisor at an agent's conversation, and a group that takes one over."""

import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass

import aiohttp
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.browser.pages import Desk, Shop, Watched, signed_in
from tests.services.product import Product, signed_in as session_of
from tests.simulators.console_client import ConsoleClient, Session

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(240),
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.parametrize("product", ["embedded"], indirect=True),
]

SECRET = "客户是老会员，先道歉"
PASSWORD = "a-supervisor-of-the-tests"


@dataclass(slots=True)
class Lead:
    """A supervisor who serves customers, too, and has not appeared yet."""

    name: str
    user_id: str
    desk: Desk

    @property
    def page(self) -> Page:
        return self.desk.page


_known: dict[str, Session] = {}
"""Signing in is limited per address: once for all tests here."""


@pytest_asyncio.fixture(loop_scope="session")
async def lead(browser: Browser, product: Product, admin: ConsoleClient, watched: list[Watched]) -> AsyncIterator[Lead]:
    """Left offline and with nothing in hand."""
    if product.console not in _known:
        username = uuid.uuid4().hex[:12]
        roles = ["agent", "supervisor"]
        await admin.post("/users", username=username, name="主管老陈", roles=roles, capacity=3, password=PASSWORD)
        _known[product.console] = session_of(product.console, username, PASSWORD)
    session = _known[product.console]
    context = await signed_in(browser, product, session)
    watched.append(await Watched.open(context))
    yield Lead(session.user["name"], session.user["id"], Desk(watched[-1], product.console))
    await context.close()
    async with aiohttp.ClientSession() as http:
        await ConsoleClient(http, product.console, session).leave()


@pytest_asyncio.fixture(loop_scope="session")
async def group(lead: Lead, admin: ConsoleClient) -> AsyncIterator[str]:
    """The name of a group that the supervisor alone is in."""
    name = f"售后组{uuid.uuid4().hex[:6]}"
    made = (await admin.post("/team/groups", name=name, agent_ids=[lead.user_id], wider_ids=[]))["group"]
    yield name
    await admin.call("DELETE", f"/team/groups/{made['id']}")


async def test_a_supervisor_watches_whispers_and_takes_over(shop: Shop, desk: Desk, lead: Lead) -> None:
    await desk.appear("online")
    await shop.open()
    await shop.say("转人工")
    await desk.accept()
    await desk.say("您好，我是小雅")
    conversation = await desk.conversation.get_attribute("data-conversation")

    # both know of each other
    await lead.desk.open(f"#/inbox/all/{conversation}")
    await lead.desk.sees("我是小雅", "agent")
    await expect(lead.page.get_by_test_id("composer-blocked")).to_contain_text("小雅")
    await expect(desk.page.get_by_test_id("colleagues")).to_contain_text(lead.name)

    # a whisper, for the agent alone
    await lead.page.keyboard.press("Alt+n")
    await expect(lead.page.get_by_test_id("note-input")).to_be_focused()
    await lead.page.keyboard.type(SECRET)
    await lead.page.get_by_test_id("note-whisper").click()
    await lead.page.get_by_test_id("note-send").click()
    whisper = desk.page.get_by_test_id("internal-note").filter(has_text=SECRET)
    await expect(whisper).to_contain_text("悄悄话")

    # the conversation changes hands, under the agent's fingers
    await desk.field.fill("这句话还没有发出")
    await lead.page.keyboard.press("Alt+o")
    await expect(lead.page.get_by_test_id("confirm-ok")).to_be_focused()
    await lead.page.keyboard.press("Enter")
    await expect(desk.page.get_by_test_id("composer-blocked")).to_contain_text(f"会话刚刚由 {lead.name} 接手")
    await expect(desk.field).to_be_hidden()
    await expect(lead.page.get_by_test_id("presence-select")).to_have_attribute("data-state", "away")
    await lead.desk.say("您好，我是主管老陈，这件事由我来办")
    await shop.sees("由我来办", "agent")
    await shop.say("好的，谢谢")
    await lead.desk.sees("好的，谢谢", "customer")
    await lead.desk.act("close-conversation")
    await shop.sees("会话已结束")

    seen = " ".join(row.text for row in await shop.rows())
    assert SECRET not in seen
    assert "还没有发出" not in seen


async def test_a_group_is_refused_while_nobody_is_there_and_gives_the_customer_back_to_the_assistant(
    shop: Shop, desk: Desk, lead: Lead, group: str
) -> None:
    page = desk.page
    await desk.appear("online")
    await shop.open()
    await shop.say("转人工")
    await desk.accept()

    await page.keyboard.press("Alt+t")
    await expect(page.get_by_test_id("transfer-search")).to_be_focused()
    await page.keyboard.type(group)
    await expect(page.get_by_test_id("transfer-choice")).to_contain_text("0 人在线")
    await page.keyboard.press("Control+Enter")
    await expect(page.get_by_test_id("transfer-refused")).to_contain_text("这个分组没有人在线")
    await expect(desk.conversation).to_have_attribute("data-state", "assigned")

    await lead.desk.open()
    await lead.desk.appear("online")
    await page.keyboard.press("Control+Enter")
    await expect(page.get_by_test_id("transfer-dialog")).to_be_hidden()
    await expect(lead.page.get_by_test_id("offer-origin")).to_contain_text(group)
    await lead.desk.accept()
    await expect(page.get_by_test_id("composer-blocked")).to_contain_text(lead.name)

    await lead.page.keyboard.press("Alt+b")
    await expect(lead.page.get_by_test_id("confirm-ok")).to_be_focused()
    await lead.page.keyboard.press("Enter")
    await expect(lead.desk.conversation).to_have_attribute("data-state", "bot")
    await shop.sees("智能客服继续为您服务")
