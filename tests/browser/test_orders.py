"""An agent sees a customer's orders beside the conversation, and looks others up, by keyboard."""

import pytest
from playwright.async_api import expect

from tests.browser.pages import Desk, Shop

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(240),
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.parametrize("product", ["embedded"], indirect=True),
]


async def test_an_agent_sees_orders_of_who_wrote_their_number_and_looks_another_up(shop: Shop, desk: Desk) -> None:
    page = desk.page
    card, orders = page.get_by_test_id("customer-orders"), page.get_by_test_id("order")
    await desk.appear("online")
    await shop.open()
    await shop.say("我的手机号是13800138000，订单什么时候到")
    await shop.say("转人工")
    await desk.accept()

    # by the number that the customer wrote, and told that nobody checked it
    await expect(orders).to_have_count(3)
    await expect(page.get_by_test_id("orders-hearsay")).to_contain_text("138****8000")
    moving = orders.filter(has_text="SJ100001")
    await moving.locator("summary").focus()
    await page.keyboard.press("Enter")
    await expect(moving.get_by_text("快件到达上海转运中心")).to_be_visible()

    # an order that the customer has not named
    field = page.get_by_test_id("orders-search")
    await field.fill("sj100004")
    await field.press("Enter")
    await expect(orders).to_have_count(1)
    await expect(orders).to_contain_text("SJ100004")
    await field.fill("SJ000000")
    await field.press("Enter")
    await expect(page.get_by_test_id("orders-trouble")).to_contain_text("没有找到")

    # a number that is the customer's, for the next time
    await field.fill("13900139000")
    await field.press("Enter")
    await expect(orders).to_have_count(2)
    await page.get_by_test_id("orders-remember").press("Enter")
    await expect(page.get_by_test_id("customer-attributes")).to_contain_text("13900139000")
    await page.get_by_test_id("orders-back").press("Enter")
    await expect(card.get_by_test_id("orders-all")).to_contain_text("5")
    await desk.say("查到了，您的餐椅正在路上")
    await shop.sees("您的餐椅正在路上", "agent")
