"""Instead of waiting: a customer is promised a call, which an agent keeps, or leaves a message."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.pages import Desk, Shop

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(240),
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.parametrize("product", ["embedded"], indirect=True),
]

PHONE, MASKED = "13812345678", "138****5678"
LEAD = timedelta(minutes=10)
"""How long before a call agents are asked, by the standard contract."""


async def pressed(shop: Shop, label: str) -> None:
    await shop.host.get_by_role("button", name=label, exact=True).last.click()


def asked(shop: Shop, question: str) -> Locator:
    return shop.host.locator(".rows [data-author=bot]").filter(has_text=question)


async def number_told(shop: Shop) -> str:
    found = re.search(r"T\d{6,}", (await shop.rows())[-1].text)
    assert found, "the customer is told the number"
    return found[0]


async def ticket_row(desk: Desk, number: str) -> Locator:
    await desk.open("#/tickets")
    row = desk.page.locator(f"[data-testid=ticket-row][data-ticket={number}]")
    await expect(row).to_be_visible()
    return row


async def called_now(page: Page) -> None:
    """Who has the customer sees the number without looking for it, and says what came of the call."""
    call = page.get_by_test_id("promised-call")
    await expect(call.get_by_test_id("call-phone")).to_have_text(PHONE)
    await expect(call.get_by_test_id("call-phone")).to_be_in_viewport()
    await call.get_by_test_id("call-reached").click()
    await expect(call.get_by_test_id("call-state")).to_have_text("已联系上")


async def test_a_customer_is_promised_a_call_moves_it_and_is_called(shop: Shop, desk: Desk, office: Desk) -> None:
    await shop.open()
    await shop.say("转人工")
    await shop.sees("已为您登记工单", "bot")
    await pressed(shop, "稍后联系我")
    await expect(asked(shop, "什么时候联系您")).to_have_count(1)
    await shop.say("明天下午三点")
    await expect(asked(shop, "怎么联系您")).to_have_count(1)
    await shop.say("138 1234 5678")
    await shop.sees(f"15:00 通过电话 {MASKED} 联系您", "bot")
    number = await number_told(shop)

    # the list names the ticket by what the customer wanted, and never by their number
    row = await ticket_row(desk, number)
    await expect(row.get_by_test_id("ticket-call")).to_contain_text("约定回电 ")
    await expect(row).to_contain_text("转人工")
    assert not re.search("138 ?1234", await row.inner_text())
    await row.get_by_test_id("ticket-open").click()
    ticket = desk.page.get_by_test_id("ticket-call-section")
    await expect(ticket.get_by_test_id("call-phone")).to_have_text(PHONE)
    await expect(ticket.get_by_test_id("call-at")).to_have_attribute("datetime", re.compile("T07:00"))

    # another time needs no second number; agents are asked as soon as it is near enough
    await shop.say("改时间")
    await expect(asked(shop, "什么时候联系您")).to_have_count(2)
    at = datetime.now(ZoneInfo("Asia/Shanghai")) + LEAD
    await shop.say(f"{at:%Y年%m月%d日 %H:%M}")
    await shop.sees(f"{at:%H:%M} 通过电话 {MASKED} 联系您", "bot")
    await office.open("#/board")
    promise = office.page.get_by_test_id("promise-row").filter(has_text="约定的回电")
    await expect(promise).to_have_count(1)
    await desk.appear("online")
    await desk.open("#/inbox/offered")
    offer = desk.page.get_by_test_id("offer")
    await expect(offer.get_by_test_id("offer-note")).to_have_text(f"{number} {MASKED}")
    await expect(offer).to_contain_text("距约定的回电还有")
    await desk.accept()
    await expect(promise).to_have_count(0)
    await called_now(desk.page)
    await desk.act("close-conversation")
    await shop.sees("会话已结束")


async def test_a_customer_leaves_a_message_in_english_and_the_ticket_bears_it(
    shop_in_english: Shop, desk: Desk
) -> None:
    shop = shop_in_english
    await shop.open()
    await shop.say("I want to leave a message")
    await shop.sees("Please write your message", "bot")
    await shop.say("The kettle leaks")
    await shop.sees("How can we reach you?", "bot")
    await pressed(shop, "Answer me here")
    await shop.sees("Your message is registered as", "bot")
    said = " ".join(row.text for row in await shop.rows())
    assert not re.search("[\u4e00-\u9fff]", said), "nothing of it is in another language"

    row = await ticket_row(desk, await number_told(shop))
    await expect(row).to_contain_text("The kettle leaks")
    await expect(row).to_contain_text("客户留言")
    await row.get_by_test_id("ticket-open").click()
    await expect(desk.page.get_by_test_id("ticket-call-section")).to_have_count(0)
