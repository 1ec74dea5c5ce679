"""An agent's help at the reply box: suggested answers, the knowledge to search, and why the assistant answered."""

import asyncio

import pytest
from playwright.async_api import Browser, expect

from tests.browser.pages import Desk, Shop, Watched, signed_in
from tests.services.product import AGENT, Product
from tests.simulators.console_client import ConsoleClient, Json

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(300),
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.parametrize("product", ["embedded"], indirect=True),
]

UNSURE = "这个杯子碎了一个角，运费谁出"
"""The assistant is not sure enough to answer it, and asks back."""

ENTRY = "退货运费谁承担"
KNOWN = "怎么下单购买"


async def uses(admin: ConsoleClient) -> Json:
    """What agents made of suggestions, by question."""
    found = (await admin.get("/learning/suggestions", days=1))["items"]
    return {one["question"]: one for one in found}


async def counted(admin: ConsoleClient, question: str, outcome: str, wanted: int) -> None:
    """Raises TimeoutError with what is counted."""
    seen: Json = {}
    try:
        async with asyncio.timeout(60.0):
            while (seen := await uses(admin)).get(question, {}).get(outcome, 0) < wanted:
                await asyncio.sleep(0.1)
    except TimeoutError:
        raise TimeoutError(f"{question} {outcome}: {seen}") from None


async def unsure_then_a_person(shop: Shop, desk: Desk) -> None:
    """The customer asks what the assistant is not sure of, and takes a person instead; the agent has them then."""
    await desk.appear("online")
    await shop.open()
    await shop.say(UNSURE)
    await shop.host.get_by_role("button", name="转人工").last.click()
    await desk.accept()


async def test_from_a_question_that_was_not_answered_to_a_counted_answer(
    shop: Shop, desk: Desk, admin: ConsoleClient, office: Desk
) -> None:
    before = (await uses(admin)).get(ENTRY, {}).get("edited", 0)
    page = desk.page
    await unsure_then_a_person(shop, desk)
    answers = page.get_by_test_id("suggestions").get_by_test_id("answer")
    mine = answers.filter(has=page.get_by_role("heading", name=ENTRY))
    await expect(mine).to_be_visible()
    assert await answers.count() <= 3
    await expect(mine.get_by_test_id("answer-score")).to_contain_text("%")
    text = await mine.get_by_test_id("answer-text").inner_text()

    await desk.field.fill("您好，")
    await mine.get_by_test_id("answer-insert").click()
    await expect(desk.field).to_have_value(f"您好，\n{text}")
    await expect(desk.field).to_be_focused()
    assert text not in [row.text for row in await desk.rows()], "nothing goes out before the agent sends it"
    await page.keyboard.type("请放心。")
    await page.keyboard.press("Enter")
    await shop.sees("请放心。", "agent")
    await shop.sees(text[:12], "agent")
    await counted(admin, ENTRY, "edited", before + 1)

    await page.get_by_test_id("why-open").last.click()
    why = page.get_by_test_id("decision")
    await expect(why).to_contain_text("转人工")
    await page.keyboard.press("Escape")
    await expect(page.get_by_test_id("why-dialog")).to_be_hidden()

    await office.open("#/knowledge/misses")
    await expect(office.page.get_by_test_id("uses-total")).to_be_visible()
    await office.page.get_by_test_id("uses-unfold").click()
    row = office.page.get_by_test_id("uses-entry").filter(has_text=ENTRY)
    await expect(row.get_by_role("cell").nth(2)).to_have_text(str(before + 1))
    await row.get_by_role("link").click()
    await expect(office.page.get_by_test_id("entry-question")).to_have_value(ENTRY)


async def test_new_words_bring_new_answers_and_leave_the_reply_alone(shop: Shop, desk: Desk) -> None:
    page = desk.page
    await unsure_then_a_person(shop, desk)
    answers = page.get_by_test_id("suggestions").get_by_test_id("answer")
    await expect(answers.first).to_be_visible()
    await desk.field.fill("我正在写")
    await shop.say(KNOWN)
    await desk.sees(KNOWN, "customer")
    await expect(answers.first).to_contain_text(KNOWN)
    await expect(desk.field).to_have_value("我正在写")
    await desk.field.fill("")
    await page.keyboard.press("Alt+1")
    await expect(desk.field).to_have_value(await answers.first.get_by_test_id("answer-text").inner_text())
    await page.keyboard.press("Enter")
    await shop.sees("选好规格和数量", "agent")


async def test_the_knowledge_is_searched_without_leaving_the_conversation(
    shop: Shop, desk: Desk, admin: ConsoleClient
) -> None:
    page = desk.page
    before = (await uses(admin)).get(KNOWN, {}).get("found_as_is", 0)
    await unsure_then_a_person(shop, desk)
    await page.keyboard.press("Alt+k")
    field = page.get_by_test_id("find-input")
    await expect(field).to_be_focused()
    found = page.get_by_test_id("knowledge-find").get_by_test_id("answer")
    await field.fill("下单")
    await expect(found.filter(has_text=KNOWN).first).to_be_visible()
    await field.fill("zzzzqqqq")
    await expect(page.get_by_test_id("find-none")).to_be_visible()
    await field.fill(KNOWN)
    await found.filter(has_text=KNOWN).first.get_by_test_id("answer-insert").click()
    await expect(desk.field).to_have_value(await found.first.get_by_test_id("answer-text").inner_text())
    await page.keyboard.press("Enter")
    await shop.sees("选好规格和数量", "agent")
    await counted(admin, KNOWN, "found_as_is", before + 1)


async def test_why_the_assistant_answered(
    shop: Shop, desk: Desk, browser: Browser, product: Product, watched: list[Watched]
) -> None:
    page = desk.page
    await desk.appear("online")
    await shop.open()
    await shop.say(KNOWN)
    await shop.sees("选好规格和数量", "bot")
    await shop.say("转人工")
    await desk.accept()
    answer = page.locator("[data-testid=message][data-author=bot]").filter(has_text="选好规格和数量")
    await answer.get_by_test_id("why-open").click()
    why = page.get_by_test_id("decision")
    await expect(why).to_have_attribute("data-by", "entry")
    await expect(why.get_by_test_id("decision-entry")).to_contain_text(KNOWN)
    await expect(why.get_by_test_id("decision-candidate").first).to_contain_text(KNOWN)
    await expect(why.get_by_test_id("decision-identical")).to_have_attribute("data-identical", "true")
    await expect(page.get_by_test_id("replay-command")).to_contain_text("yizhan replay ")
    await page.keyboard.press("Escape")
    greeting = page.locator("[data-testid=message][data-author=bot]").first
    await greeting.get_by_test_id("why-open").click()
    await expect(page.get_by_test_id("why-none")).to_have_attribute("data-reason", "not_an_answer")
    await page.keyboard.press("Escape")

    await desk.appear("away")
    address = page.url
    context = await signed_in(browser, product, product.session(AGENT), viewport={"width": 390, "height": 800})
    watched.append(await Watched.open(context))
    phone = Desk(watched[-1], product.console)
    await phone.page.goto(address)
    await phone.page.get_by_test_id("composer-answers").click()
    panel = phone.page.get_by_test_id("side-panel")
    await expect(panel.get_by_test_id("find-input")).to_be_visible()
    assert await panel.evaluate("one => one.scrollWidth - one.clientWidth") == 0
    await context.close()


async def test_an_agent_sees_where_a_task_stands_and_no_phone_number(shop: Shop, desk: Desk) -> None:
    await desk.appear("online")
    await shop.open()
    await shop.say("我的订单到哪了")
    await shop.sees("请把订单号发给我", "bot")
    await shop.say("13800138000")
    await shop.sees("有多笔订单", "bot")
    await shop.say("转人工")
    await desk.accept()
    task = desk.page.get_by_test_id("task-state")
    await expect(task).to_have_attribute("data-phase", "asking")
    await expect(task).to_contain_text("订单查询")
    await expect(task.get_by_test_id("task-value")).to_contain_text(["138****8000"])
    await expect(task).not_to_contain_text("13800138000")
