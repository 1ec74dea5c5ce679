"""Two visitors who are one person: linked beside a conversation, and taken apart again."""

import aiohttp
import pytest
from playwright.async_api import expect

from tests.browser.pages import Desk, Shop
from tests.browser.test_tickets import conversation_of
from tests.services.deployment import ACCOUNT
from tests.services.product import Product
from tests.simulators.console_client import ConsoleClient
from tests.simulators.website_client import open_client

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(240),
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.parametrize("product", ["embedded"], indirect=True),
]


async def test_two_visitors_are_linked_show_one_history_and_are_taken_apart(
    shop: Shop, desk: Desk, product: Product, admin: ConsoleClient
) -> None:
    page = desk.page
    async with aiohttp.ClientSession() as http, open_client(http, product.website, ACCOUNT) as before:
        await before.say("什么时候发货")
        await before.until(lambda: any("48" in text for text in before.texts("bot")))
        known = await conversation_of(admin, before.visitor_id)
    await admin.get(f"/conversations/{known}/customer")  # somebody has looked at them

    await desk.appear("online")
    await shop.open()
    await shop.say("转人工")
    await desk.accept()
    here = await desk.conversation.get_attribute("data-conversation")
    identities = page.get_by_test_id("identity")
    await expect(identities).to_have_count(1)

    # found by what screens call somebody without a name; of the same account, so it takes a reason
    called = before.visitor_id[-4:]
    await page.get_by_test_id("link-open").click()
    await page.get_by_test_id("link-search").fill(called)
    found = page.get_by_test_id("link-customer").locator("p.one").filter(has_text=f"访客 {called}")
    await found.get_by_test_id("link-found").click()
    dialog = page.get_by_test_id("link-dialog")
    await dialog.get_by_test_id("link-send").click()
    await expect(dialog.get_by_role("alert")).to_contain_text("属于同一个渠道账号")
    await expect(dialog.get_by_test_id("link-send")).to_be_disabled()
    await dialog.get_by_test_id("link-reason").fill("换了手机")
    await page.keyboard.press("Enter")
    await expect(dialog).to_be_hidden()

    # one history and one profile, while the conversation stays where it was
    await expect(identities).to_have_count(2)
    await expect(page.get_by_test_id("customer-figures")).to_contain_text("物流配送")
    history = page.get_by_test_id("customer-identities").get_by_role("link")
    await expect(history).to_have_attribute("href", f"#/inbox/all/{known}")
    await desk.say("您之前问过发货")
    await shop.sees("您之前问过发货", "agent")

    await identities.filter(has_text=called).get_by_test_id("identity-unlink").click()
    await page.get_by_test_id("confirm-ok").click()
    await expect(identities).to_have_count(1)
    await expect(history).to_have_count(0)
    await expect(page.get_by_test_id("customer-figures")).not_to_contain_text("物流配送")
    await expect(desk.conversation).to_have_attribute("data-conversation", str(here))
    await expect(desk.conversation).to_have_attribute("data-state", "assigned")
    await desk.say("还有什么可以帮您")
    await shop.sees("还有什么可以帮您", "agent")
