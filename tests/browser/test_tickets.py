"""The ticket board: by keyboard, many tickets at once, two people at one ticket, and what leaves the house as a file."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, expect

from tests.browser.pages import Desk, Watched, signed_in
from tests.services.deployment import ACCOUNT
from tests.services.product import ADMIN, Product
from tests.simulators.console_client import ConsoleClient, Json
from tests.simulators.website_client import open_client

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(300),
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.parametrize("product", ["embedded"], indirect=True),
]


@pytest_asyncio.fixture(loop_scope="session")
async def conversation(product: Product, admin: ConsoleClient) -> AsyncIterator[str]:
    """A conversation that has no ticket yet."""
    async with aiohttp.ClientSession() as http, open_client(http, product.website, ACCOUNT) as customer:
        await customer.say("你好")
        async with asyncio.timeout(60.0):
            while not (found := await conversation_of(admin, customer.visitor_id)):
                await asyncio.sleep(0.1)
        yield found


async def conversation_of(admin: ConsoleClient, visitor_id: str) -> str:
    items = (await admin.get("/conversations", box="all"))["items"]
    return next((str(one["id"]) for one in items if one["customer"]["id"].endswith(visitor_id)), "")


async def tickets(admin: ConsoleClient, conversation: str, *titles: str) -> list[Json]:
    made = []
    for title in titles:
        body = {"client_id": f"{conversation}{title}"[:64], "conversation_id": conversation, "title": title}
        made.append((await admin.post("/tickets", **body))["ticket"])
    return made


async def now(admin: ConsoleClient, ticket: Json) -> Json:
    return dict((await admin.get(f"/tickets/{ticket['id']}"))["ticket"])


async def board(desk: Desk, conversation: str) -> Page:
    """The tickets of one conversation, on a page that is loaded for it: not while the console still goes to its first page."""
    await desk.page.goto("about:blank")
    await desk.open(f"#/tickets?conversation={conversation}&sort=created")
    await expect(desk.page.get_by_test_id("ticket-row").first).to_be_visible()
    return desk.page


def row(page: Page, ticket: Json) -> Locator:
    return page.locator(f"[data-testid=ticket-row][data-ticket={ticket['number']}]")


async def choose(page: Page, field: str, option: str) -> None:
    """An option of a list that opens over the page."""
    await page.get_by_test_id(field).click()
    await page.locator(".el-select-dropdown__item:visible").get_by_text(option, exact=True).click()


async def test_a_ticket_is_found_opened_noted_and_solved_by_keyboard(
    desk: Desk, admin: ConsoleClient, conversation: str
) -> None:
    first, second = await tickets(admin, conversation, "补发破损的杯子", "开一张发票")
    page = await board(desk, conversation)
    await page.keyboard.press("j")
    await expect(row(page, second).get_by_test_id("ticket-open")).to_be_focused()
    await page.keyboard.press("j")
    await page.keyboard.press("Enter")
    detail = page.get_by_test_id("ticket-detail")
    await expect(detail).to_have_attribute("data-ticket", first["number"])
    await page.keyboard.press("c")
    await expect(page.get_by_test_id("note-input")).to_be_focused()
    await page.keyboard.type("仓库说今天补发")
    await page.reload()
    await expect(page.get_by_test_id("note-input")).to_have_value("仓库说今天补发")
    await page.get_by_test_id("note-input").focus()
    await page.keyboard.press("Control+Enter")
    await expect(page.get_by_test_id("ticket-note")).to_contain_text("仓库说今天补发")
    await expect(page.get_by_test_id("note-input")).to_have_value("")
    await page.get_by_test_id("move-solved").focus()
    await page.keyboard.press("Enter")
    await expect(detail.get_by_test_id("ticket-state").first).to_have_attribute("data-state", "solved")
    assert (await now(admin, first))["status"] == "solved"
    await expect(page.get_by_test_id("ticket-history")).to_contain_text("待处理 → 已解决")
    await page.keyboard.press("Escape")
    await expect(detail).to_be_hidden()
    await page.keyboard.press("?")
    await expect(page.get_by_test_id("ticket-keys")).to_be_visible()


async def test_chinese_words_find_a_ticket(desk: Desk, admin: ConsoleClient, conversation: str) -> None:
    wanted, other = await tickets(admin, conversation, "刻字错误要重做", "尺寸不合适")
    page = await board(desk, conversation)
    await expect(row(page, other)).to_be_visible()
    await page.keyboard.press("/")
    await page.keyboard.type("刻字")
    await expect(row(page, other)).to_be_hidden()
    await expect(row(page, wanted)).to_be_visible()
    await page.get_by_test_id("ticket-search").fill("没有这样的词语")
    await expect(page.get_by_text("没有符合条件的工单")).to_be_visible()


async def test_an_edit_never_goes_over_somebody_elses(desk: Desk, admin: ConsoleClient, conversation: str) -> None:
    (ticket,) = await tickets(admin, conversation, "两个人同时改")
    page = await board(desk, conversation)
    await row(page, ticket).get_by_test_id("ticket-open").click()
    await expect(page.get_by_test_id("ticket-fields")).to_be_visible()
    await admin.call("PATCH", f"/tickets/{ticket['id']}", json={"revision": ticket["revision"], "priority": "urgent"})
    await choose(page, "field-type", "故障")
    await expect(page.get_by_test_id("trouble-theirs")).to_have_text("优先级：普通 → 紧急")
    await expect(page.get_by_test_id("trouble-yours")).to_have_text("类型：其他 → 故障")
    shown = await now(admin, ticket)
    assert (shown["type"], shown["priority"]) == ("other", "urgent"), "nothing is made before the person decides"
    await page.get_by_test_id("trouble-apply").click()
    await expect(page.get_by_test_id("ticket-trouble")).to_be_hidden()
    await expect(page.get_by_test_id("field-type")).to_contain_text("故障")  # made, not only asked for
    shown = await now(admin, ticket)
    assert (shown["type"], shown["priority"]) == ("fault", "urgent")


async def test_many_at_once_with_an_outcome_for_each(desk: Desk, admin: ConsoleClient, conversation: str) -> None:
    first, second, merged = await tickets(admin, conversation, "第一张", "第二张", "并掉的一张")
    await admin.post(f"/tickets/{merged['id']}/merge", into=first["id"], revision=merged["revision"])
    page = await board(desk, conversation)
    await page.keyboard.press("a")
    await expect(page.get_by_test_id("bulk-bar")).to_contain_text("已选 3 张")
    await choose(page, "bulk-kind", "改优先级")
    await choose(page, "bulk-value", "紧急")
    await page.get_by_test_id("bulk-apply").click()
    outcomes = page.get_by_test_id("bulk-row")
    await expect(outcomes).to_have_count(3)
    await expect(outcomes.first).to_contain_text(merged["number"])
    await expect(outcomes.first).to_contain_text("已并入另一张工单")
    await page.get_by_test_id("bulk-close").click()
    await expect(page.get_by_test_id("bulk-bar")).to_contain_text("已选 1 张")
    assert [(await now(admin, one))["priority"] for one in (first, second, merged)] == ["urgent", "urgent", "normal"]


async def test_two_are_merged_and_taken_apart_again(desk: Desk, admin: ConsoleClient, conversation: str) -> None:
    stays, goes = await tickets(admin, conversation, "留下的", "并过去的")
    page = await board(desk, conversation)
    await row(page, goes).get_by_test_id("ticket-open").click()
    await page.get_by_test_id("merge-open").click()
    await page.get_by_test_id("ticket-picker").click()
    await page.locator(".el-select-dropdown__item:visible").get_by_text(stays["number"]).click()
    await expect(page.get_by_test_id("merge-sure")).to_contain_text(stays["number"])
    await page.get_by_test_id("merge-ok").click()
    detail = page.get_by_test_id("ticket-detail")
    await expect(detail).to_have_attribute("data-ticket", stays["number"])
    assert (await now(admin, goes))["merged_into"] == stays["id"]
    await page.get_by_test_id("unmerge-one").click()
    await page.get_by_test_id("confirm-ok").click()
    await expect(page.get_by_test_id("ticket-merged")).to_be_hidden()
    assert (await now(admin, goes))["status"] == "open"


async def test_a_view_is_saved_and_a_ticket_made_for_a_conversation(
    desk: Desk, admin: ConsoleClient, conversation: str
) -> None:
    await tickets(admin, conversation, "已有的一张")
    page = await board(desk, conversation)
    await page.get_by_test_id("view-save").click()
    name = f"只看这位客户 {conversation[-6:]}"
    await page.get_by_test_id("view-name").fill(name)
    await page.keyboard.press("Enter")
    view = page.locator(f"[data-testid=saved-view][data-view='{name}']")
    await expect(view).to_contain_text("1")
    await desk.page.goto("about:blank")
    await desk.open(f"#/tickets?new={conversation}")
    await page.get_by_test_id("new-title").fill("电话里说要换货")
    await page.get_by_test_id("new-ok").click()
    await expect(page.get_by_test_id("ticket-title")).to_have_text("电话里说要换货")
    await view.click()
    await expect(page.get_by_test_id("ticket-row")).to_have_count(2)
    await expect(view).to_contain_text("2")
    await page.get_by_test_id("view-remove").click()
    await page.get_by_test_id("confirm-ok").click()
    await expect(view).to_be_hidden()


async def test_a_supervisor_takes_the_list_away_as_a_file(
    browser: Browser, product: Product, admin: ConsoleClient, conversation: str, watched: list[Watched]
) -> None:
    (ticket,) = await tickets(admin, conversation, "要导出的一张")
    context = await signed_in(browser, product, product.session(ADMIN))
    watched.append(await Watched.open(context))
    page = await board(Desk(watched[-1], product.console), conversation)
    await page.get_by_test_id("ticket-export").click()
    async with page.expect_download() as downloading:
        await page.get_by_test_id("export-csv").click()
    text = (await (await downloading.value).path()).read_text("utf-8-sig")
    assert ticket["number"] in text
    assert "要导出的一张" in text
    await context.close()


async def test_what_a_customer_said_is_found_and_opened(desk: Desk, product: Product, admin: ConsoleClient) -> None:
    async with aiohttp.ClientSession() as http, open_client(http, product.website, ACCOUNT) as customer:
        await customer.say("杯子把手裡面有裂紋，怎麼處理")
        async with asyncio.timeout(60.0):  # it is made searchable behind what answers the customer
            while not (await admin.get("/search/messages", q="把手 裂纹", by="customer"))["items"]:
                await asyncio.sleep(0.1)
    page = desk.page
    await desk.open("#/tickets")
    await page.get_by_test_id("search-in-messages").click()
    await page.get_by_test_id("search-words").fill("把手 裂纹")
    await page.keyboard.press("Enter")
    found = page.locator("[data-testid=found][data-by=customer]")
    await expect(found.locator("mark")).to_have_text(["把手", "裂紋"])
    await page.keyboard.press("ArrowDown")
    await expect(found).to_be_focused()
    await page.keyboard.press("Enter")
    said = page.get_by_test_id("transcript").locator("[data-testid=message][data-author=customer]")
    await expect(said).to_contain_text("裂紋")
    await expect(said).to_be_in_viewport()
