"""A supervisor's pages: the contract and its calendar, the team and its rules, and the board of promises."""

from collections.abc import AsyncIterator

import aiohttp
import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from tests.browser.pages import Desk, Shop
from tests.services.product import AGENT, SETTINGS, Product
from tests.simulators.console_client import ConsoleClient, Json, Refused

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(300),
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.parametrize("product", ["embedded"], indirect=True),
]

CONTRACT = f"""\
contract: shop
calendars:
  counter:
    hours:
      mon-fri: ["09:00-12:00", "13:30-18:00"]
    holidays: CN
handoff:
  window: {SETTINGS["YIZHAN_HANDOFF_SECONDS"]}s
  offer: {SETTINGS["YIZHAN_OFFER_SECONDS"]}s
  nobody: {SETTINGS["YIZHAN_NOBODY_SECONDS"]}s
  escalation: []
"""
"""As the product runs for other tests; no clause goes by the calendar."""

RULE = {
    "channel": "",
    "reason": "",
    "rule": "",
    "topic": "",
    "language": "ko",
    "least_urgency": 0,
    "group_id": "",
    "skills": [],
    "priority": 2,
    "weight": 1,
}


@pytest_asyncio.fixture(loop_scope="session")
async def product_agent(product: Product) -> AsyncIterator[ConsoleClient]:
    """The agent, by REST."""
    async with aiohttp.ClientSession() as http:
        yield ConsoleClient(http, product.console, product.session(AGENT))


async def publish(page: Page, text: str) -> None:
    await page.get_by_test_id("document-text").fill(text)
    await page.get_by_test_id("document-text").press("Control+s")
    await page.get_by_test_id("confirm-ok").click()


async def test_a_contract_is_mended_at_its_lines_published_and_its_calendar_decided_by_keyboard(
    office: Desk, admin: ConsoleClient
) -> None:
    page = office.page
    await office.open("#/hours/contract")
    await publish(page, CONTRACT.replace("mon-fri", "mon-fry"))
    problem = page.get_by_test_id("line-problem")
    await expect(problem).to_have_attribute("data-line", "5")
    await problem.click()
    await expect(page.get_by_test_id("document-text")).to_be_focused()

    await publish(page, CONTRACT)
    await expect(page.get_by_test_id("contract-unsaved")).to_be_hidden()
    in_force = (await admin.get("/hours/contract"))["contract"]
    assert (in_force["text"], in_force["standard"]) == (CONTRACT, False)
    await expect(page.get_by_test_id("contract-facts")).to_contain_text(in_force["version"])

    await page.get_by_test_id("hours-tab-calendar").click()
    for _ in range(14):
        await page.get_by_test_id("month-next").click()
    await expect(page.get_by_test_id("month-grid")).to_have_attribute("aria-busy", "false")
    first = page.locator("[data-testid=month-day][tabindex='0']")
    await first.focus()
    await page.keyboard.press("ArrowDown")
    chosen = page.locator("[data-testid=month-day]:focus")
    while await chosen.get_attribute("data-kind") != "open":
        await page.keyboard.press("ArrowRight")
    day = str(await chosen.get_attribute("data-day"))
    await page.keyboard.press("Enter")
    await page.get_by_test_id("special-reason").fill("盘点")
    await page.get_by_test_id("special-reason").press("Enter")
    await expect(page.locator(f"[data-testid=special-day][data-day='{day}']")).to_contain_text("盘点")
    cell = page.locator(f"[data-testid=month-day][data-day='{day}']")
    await expect(cell).to_have_attribute("data-kind", "closed")

    await page.locator(f"[data-day='{day}'] [data-testid=special-remove]").click()
    await page.get_by_test_id("confirm-ok").click()
    await expect(page.get_by_test_id("special-day")).to_have_count(0)
    await expect(cell).not_to_have_attribute("data-kind", "closed")


async def test_what_an_agent_can_do_and_a_group_are_set(office: Desk, admin: ConsoleClient) -> None:
    page = office.page
    before = (await admin.get("/team/agents"))["items"][0]
    await office.open("#/team")
    await page.locator(f"[data-agent='{before['name']}']").get_by_test_id("agent-edit").click()
    await page.get_by_test_id("skill-add").click()
    await expect(page.get_by_test_id("skill-name").last).to_be_focused()
    await page.keyboard.type("退款")
    await page.get_by_test_id("agent-save").click()
    await expect(page.locator(f"[data-agent='{before['name']}']")).to_contain_text("退款")

    await page.get_by_test_id("team-tab-groups").click()
    await page.get_by_test_id("group-add").click()
    await page.get_by_test_id("group-save").click()
    await expect(page.get_by_test_id("group-dialog")).to_contain_text("请填写名称")
    await page.get_by_test_id("group-name").fill("售后组")
    await page.get_by_test_id("group-save").click()
    group = page.locator("[data-group='售后组']")
    await expect(group).to_be_visible()
    await group.get_by_test_id("group-remove").click()
    await page.get_by_test_id("confirm-ok").click()
    await expect(group).to_be_hidden()

    kept: Json = {name: before[name] for name in ("skills", "languages", "supervisor")}
    await admin.call("PUT", f"/team/agents/{before['id']}", json=kept)


async def test_rules_that_somebody_changed_meanwhile_are_shown_and_not_overwritten(
    office: Desk, admin: ConsoleClient
) -> None:
    page = office.page
    await office.open("#/team/routes")
    await page.get_by_test_id("route-add").click()
    await page.get_by_test_id("route-topic").fill("发票")
    await page.get_by_test_id("route-done").click()
    await expect(page.get_by_test_id("team-route")).to_have_count(1)

    revision = (await admin.get("/team/routes"))["revision"]
    await admin.call("PUT", "/team/routes", json={"routes": [RULE], "revision": revision})
    await page.get_by_test_id("routes-save").click()
    await expect(page.get_by_test_id("routes-conflict")).to_contain_text("韩语")
    assert [rule["language"] for rule in (await admin.get("/team/routes"))["items"]] == ["ko"]

    await page.get_by_test_id("routes-mine").click()
    await page.get_by_test_id("routes-save").click()
    await expect(page.get_by_test_id("routes-unsaved")).to_be_hidden()
    saved = await admin.get("/team/routes")
    assert [rule["topic"] for rule in saved["items"]] == ["发票"]
    await admin.call("PUT", "/team/routes", json={"routes": [], "revision": saved["revision"]})


async def test_a_promise_counts_down_on_the_board_until_the_customer_has_a_person(
    shop: Shop, desk: Desk, office: Desk
) -> None:
    page = office.page
    await desk.appear("online")
    await office.open("#/board")
    await expect(page.get_by_test_id("board-live")).to_be_visible()
    await expect(page.locator("[data-testid=board-agent][data-presence=online]")).to_have_count(1)

    await shop.open()
    await shop.say("转人工")
    promise = page.get_by_test_id("promise-row")
    await expect(promise).to_have_count(1)
    await expect(promise).to_contain_text("正在邀请")
    conversation = await promise.get_attribute("data-conversation")

    await desk.accept()
    await expect(promise).to_have_count(0)
    await expect(page.get_by_test_id("board-assigned")).to_contain_text("1")
    assert conversation == await desk.conversation.get_attribute("data-conversation")


async def test_a_supervisor_goes_from_a_promise_to_its_conversation(shop: Shop, desk: Desk, office: Desk) -> None:
    page = office.page
    await desk.appear("online")
    await shop.open()
    await shop.say("转人工")
    await office.open("#/board")
    opening = page.get_by_test_id("promise-open")
    await opening.focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("conversation")).to_have_attribute("data-state", "offered")
    await desk.accept()


async def test_an_agent_who_leads_nobody_gets_none_of_it(desk: Desk, product_agent: ConsoleClient) -> None:
    for path in ("/board", "/team/agents", "/team/routes", "/hours/contract", "/hours/special-days"):
        with pytest.raises(Refused) as refused:
            await product_agent.get(path)
        assert (refused.value.status, refused.value.code) == (403, "role_missing")
    await desk.open("#/hours")
    await expect(desk.page.get_by_test_id("inbox-page")).to_be_visible()
    await expect(desk.page.get_by_test_id("nav-board")).to_have_count(0)
