"""An agent's hour by keyboard alone: accept, a note among colleagues, a canned reply, a transfer and back, close."""

import uuid

import aiohttp
import pytest
from playwright.async_api import Page, expect

from tests.browser.pages import Desk, Shop
from tests.services.product import Product, signed_in as session_of
from tests.simulators.console_client import ConsoleClient, open_console

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(300),
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.parametrize("product", ["embedded"], indirect=True),
]

SECRET = "客户情绪激动，先安抚"
PASSWORD = "a-colleague-of-the-tests"


async def press(page: Page, *keys: str) -> None:
    for key in keys:
        await page.keyboard.press(key)


async def accept_by_keyboard(desk: Desk) -> None:
    """The first offer; its conversation is open then, with the cursor in the reply box."""
    await expect(desk.page.get_by_test_id("nav-calls")).to_be_visible()
    await press(desk.page, "1")
    await expect(desk.page.get_by_test_id("offer").first).to_be_visible()
    await press(desk.page, "a")
    await expect(desk.conversation).to_have_attribute("data-state", "assigned")
    await expect(desk.field).to_be_focused()


async def transfer_to(page: Page, name: str) -> None:
    """The dialog stands open, with one colleague left of those to choose from."""
    await expect(page.get_by_test_id("transfer-search")).to_be_focused()
    await page.keyboard.type(name)
    await expect(page.get_by_test_id("transfer-choice")).to_have_count(1)


async def test_an_agents_hour_by_keyboard_alone(shop: Shop, desk: Desk, admin: ConsoleClient, product: Product) -> None:
    page, name, shortcut = desk.page, f"同事{uuid.uuid4().hex[:6]}", uuid.uuid4().hex[:10]
    username = uuid.uuid4().hex[:12]
    await admin.post("/users", username=username, name=name, roles=["agent"], capacity=3, password=PASSWORD)
    text = "您的订单 {order_number} 已发货，请留意。"
    await admin.post("/replies", title="发货通知", text=text, shortcut=shortcut, shared=True)
    colleagues = session_of(product.console, username, PASSWORD)

    await page.get_by_test_id("presence-online").focus()
    await press(page, "Enter")
    await shop.open()
    await shop.say("转人工")
    await accept_by_keyboard(desk)

    # a note among colleagues: another box, another key, nothing for the customer
    await press(page, "Alt+n")
    note = page.get_by_test_id("note-input")
    await expect(note).to_be_focused()
    await page.keyboard.type(SECRET)
    await press(page, "Enter")
    await expect(page.get_by_test_id("internal-note").filter(has_text=SECRET)).to_be_visible()
    await expect(page.get_by_test_id("written-note")).to_have_count(0)

    # an unfinished note is there after a reload
    await page.keyboard.type("还没写完")
    await page.reload()
    await expect(desk.conversation).to_have_attribute("data-state", "assigned")
    await press(page, "Alt+n")
    await expect(note).to_have_value("还没写完")
    await note.fill("")
    await press(page, "Escape")
    await expect(desk.field).to_be_focused()

    # a canned reply, whose blank does not go out unnoticed
    await page.keyboard.type(f"/{shortcut}")
    await expect(page.get_by_test_id("found-reply")).to_have_count(1)
    await press(page, "Enter")
    await expect(desk.field).to_have_value("您的订单 【订单号】 已发货，请留意。")
    await press(page, "Enter")
    await expect(page.get_by_test_id("reply-unfilled")).to_have_attribute("role", "alert")
    await page.keyboard.type("8812")
    await press(page, "Enter")
    await shop.sees("您的订单 8812 已发货，请留意。", "agent")

    # a transfer: refused in words while nobody is there, then taken
    await press(page, "Alt+t")
    await transfer_to(page, name)
    await press(page, "Tab")
    await page.keyboard.type("已核实订单")
    await press(page, "Control+Enter")
    await expect(page.get_by_test_id("transfer-refused")).to_contain_text("对方不在线")
    async with aiohttp.ClientSession() as http, open_console(http, product.console, colleagues) as colleague:
        await colleague.appear("online")
        await press(page, "Control+Enter")
        await expect(page.get_by_test_id("transfer-dialog")).to_be_hidden()
        offer = await colleague.offered()
        assert (offer["note"], offer["from_agent_id"]) == ("已核实订单", product.session("agent").user["id"])
        conversation = await colleague.accept(offer)
        await expect(page.get_by_test_id("composer-blocked")).to_contain_text(name)
        await expect(page.get_by_test_id("internal-note").filter(has_text="已核实订单")).to_be_visible()

        # and back again, with a word that stands on the offer
        epoch = (await colleague.conversation(conversation))["epoch"]
        me = product.session("agent").user["id"]
        order = {"epoch": epoch, "to_agent": me, "note": "客户想要发票"}
        await colleague.post(f"/conversations/{conversation}/transfer", **order)
        await expect(page.get_by_test_id("header-accept")).to_be_visible()
        await page.get_by_test_id("transcript").focus()
        await press(page, "1")
        await expect(page.get_by_test_id("offer-note")).to_contain_text("客户想要发票")
        await expect(page.get_by_test_id("offer-origin")).to_contain_text(name)
        await press(page, "a")
        await expect(desk.conversation).to_have_attribute("data-state", "assigned")
        await expect(desk.field).to_be_focused()
        await colleague.leave()

    await press(page, "Alt+e")
    await expect(page.get_by_test_id("confirm-ok")).to_be_visible()
    await expect(page.get_by_test_id("confirm-ok")).to_be_focused()
    await press(page, "Enter")
    await expect(desk.conversation).to_have_attribute("data-state", "closed")

    seen = " ".join(row.text for row in await shop.rows())
    assert not any(secret in seen for secret in (SECRET, "已核实订单", "客户想要发票")), "no note reaches the customer"
