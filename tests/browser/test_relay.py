"""A customer's page and an agent's console side by side: both people see the same conversation, whatever happens."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable

import aiohttp
import pytest
from playwright.async_api import expect

from tests.browser.agent_screens import come_to_show_the_same
from tests.browser.pages import PHONE, Desk, Row, Shop, Watched, loaded, png
from tests.services.deployment import ACCOUNT
from tests.services.product import AGENT, Product, signed_in
from tests.simulators.console_client import ConsoleClient, open_console
from tests.simulators.website_client import open_client

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240), pytest.mark.asyncio(loop_scope="session")]
in_one_process = pytest.mark.parametrize("product", ["embedded"], indirect=True)
"""What the pages do by themselves is the same however the services behind them run."""

QUESTION = "怎么下单购买"
ANSWER = "选好规格和数量"


async def same_screens(shop: Shop, desk: Desk, *, least: int) -> list[Row]:
    """Both screens come to show the same: every place once, in order. Raises TimeoutError with both."""
    on_page: list[Row] = []
    at_desk: list[Row] = []
    try:
        async with asyncio.timeout(60.0):
            while len(on_page) < least or on_page != at_desk or await shop.unsent.count():
                await asyncio.sleep(0.1)
                on_page, at_desk = await shop.rows(), await desk.rows()
    except TimeoutError:
        raise TimeoutError(f"the screens differ\ncustomer: {on_page}\nagent:    {at_desk}") from None
    assert [row.seq for row in on_page] == list(range(1, len(on_page) + 1))
    return on_page


async def test_from_the_first_question_to_the_rating(
    shop: Shop, desk: Desk, office: Desk, admin: ConsoleClient
) -> None:
    ratings = (await admin.get("/numbers"))["ratings"]
    await desk.appear("online")
    await shop.open()
    await shop.say(QUESTION)
    await shop.sees(ANSWER, "bot")

    await shop.say("转人工")
    # An agent with nothing open sees the offer without looking for it: it waits only seconds.
    await expect(desk.page.get_by_test_id("offer-accept").first).to_be_visible()
    await desk.accept()
    await shop.sees("已接入")
    await desk.sees(QUESTION, "customer")

    await desk.say("您好，我是小雅，请问有什么可以帮您？")
    await shop.sees("我是小雅", "agent")
    await shop.say("收到的杯子碎了，我拍给您看")
    await desk.sees("收到的杯子碎了", "customer")
    await shop.send_picture(png(64, 48, (180, 83, 42)))
    await loaded(desk.pictures("customer"), 64, 48)
    await desk.send_picture(png(80, 60, (47, 93, 80)))
    await loaded(shop.pictures("agent"), 80, 60)
    rows = await same_screens(shop, desk, least=9)
    assert [row.text for row in rows if row.author in {"customer", "agent"}] == [
        QUESTION,
        "转人工",
        "您好，我是小雅，请问有什么可以帮您？",
        "收到的杯子碎了，我拍给您看",
        "[image]",
        "[image]",
    ]

    await desk.act("close-conversation")
    await shop.host.get_by_role("button", name="5 星").click()
    await shop.sees("感谢您的评价", "bot")
    await same_screens(shop, desk, least=13)
    await expect(desk.page.get_by_test_id("customer-card").get_by_label("5 星")).to_be_visible()

    await office.open("#/numbers")
    await expect(office.page.get_by_test_id("figure-rating")).to_contain_text(f"{ratings + 1} 次评分")
    await expect(office.page.get_by_test_id("conservation")).to_have_attribute("data-difference", "0")


@in_one_process
async def test_a_reload_keeps_the_conversation(
    shop: Shop, desk: Desk, hand_over: Callable[[], Awaitable[None]]
) -> None:
    await hand_over()
    await desk.say("您好")
    await shop.sees("您好", "agent")
    before = await same_screens(shop, desk, least=5)
    await shop.page.reload()
    await shop.open_chat()
    assert await same_screens(shop, desk, least=5) == before
    await shop.say("我又回来了")
    await desk.sees("我又回来了", "customer")
    await desk.page.reload()
    await desk.sees("我又回来了", "customer")
    await same_screens(shop, desk, least=6)


@in_one_process
async def test_two_tabs_show_the_same(shop: Shop, desk: Desk, hand_over: Callable[[], Awaitable[None]]) -> None:
    await hand_over()
    second = Shop(await Watched.open(shop.context), shop.website)
    await second.open()
    await second.say("这是第二个窗口")
    await shop.sees("这是第二个窗口", "customer")
    await shop.say("这是第一个窗口")
    await second.sees("这是第一个窗口", "customer")
    await desk.say("两边都看得到")
    await shop.sees("两边都看得到", "agent")
    await second.sees("两边都看得到", "agent")
    rows = await same_screens(shop, desk, least=7)
    assert await second.rows() == rows


async def test_a_customer_without_network_catches_up(
    shop: Shop, desk: Desk, hand_over: Callable[[], Awaitable[None]]
) -> None:
    await hand_over()
    await desk.say("断网之前")
    await shop.sees("断网之前", "agent")
    await shop.context.set_offline(True)
    for number in (1, 2, 3):
        await desk.say(f"断网期间 {number}")
    await shop.say("我写的第一句")
    await shop.say("我写的第二句")
    await desk.sees("断网期间 3", "agent")
    await expect(shop.unsent).to_have_count(2)
    await expect(shop.panel.get_by_text("网络已断开").first).to_be_visible()
    await shop.context.set_offline(False)
    await desk.sees("我写的第二句", "customer")
    rows = await same_screens(shop, desk, least=10)
    assert [row.text for row in rows if row.author == "agent"] == ["断网之前", *(f"断网期间 {n}" for n in (1, 2, 3))]
    assert [row.text for row in rows if row.author == "customer"] == ["转人工", "我写的第一句", "我写的第二句"]


@in_one_process
async def test_an_agent_without_network_catches_up(
    shop: Shop, desk: Desk, hand_over: Callable[[], Awaitable[None]]
) -> None:
    await hand_over()
    await desk.context.set_offline(True)
    await expect(desk.page.get_by_test_id("connection-banner")).to_be_visible()
    await shop.say("客服在吗")
    await shop.say("我很着急")
    await desk.say("马上为您处理")
    await expect(desk.page.get_by_test_id("pending")).to_be_visible()
    await desk.context.set_offline(False)
    await desk.sees("我很着急", "customer")
    await expect(desk.page.get_by_test_id("connection-banner")).to_have_count(0)
    await shop.sees("马上为您处理", "agent")
    rows = await same_screens(shop, desk, least=7)
    assert sorted(row.text for row in rows if row.author in {"customer", "agent"}) == sorted(
        ["转人工", "客服在吗", "我很着急", "马上为您处理"]
    )


@in_one_process
async def test_an_agents_screen_that_was_away_shows_what_a_fresh_one_shows(
    shop: Shop, desk: Desk, admin: ConsoleClient, product: Product, hand_over: Callable[[], Awaitable[None]]
) -> None:
    """Meanwhile customers write, one is handed on, an offer goes and another comes, and a colleague leaves a note."""
    name, password = f"c{uuid.uuid4().hex[:10]}", "a-colleague-of-the-tests"
    await admin.post("/users", username=name, name=name, roles=["agent"], capacity=3, password=password)
    async with (
        aiohttp.ClientSession() as http,
        open_client(http, product.website, ACCOUNT) as second,
        open_client(http, product.website, ACCOUNT) as third,
        open_console(http, product.console, signed_in(product.console, name, password)) as colleague,
    ):
        other_screen = ConsoleClient(http, product.console, product.session(AGENT))
        await desk.appear("online")
        await second.say("转人工")
        handed_on = await other_screen.accept(await other_screen.offered())
        await hand_over()
        open_now = str(await desk.conversation.get_attribute("data-conversation"))
        await desk.field.fill("还没写完的回复")

        await desk.context.set_offline(True)
        await expect(desk.page.get_by_test_id("connection-banner")).to_be_visible()
        for number in (1, 2):
            await shop.say(f"您在吗 {number}")
            await second.say(f"我也在等 {number}")
        await third.say("转人工")
        offer = await other_screen.offered()
        await other_screen.post(f"/offers/{offer['id']}/decline")
        again = await other_screen.offered()
        assert again["id"] != offer["id"], "nobody else is there: it comes back under another name"
        await other_screen.say(open_now, "这是另一台电脑上的回复")
        await admin.post(f"/conversations/{open_now}/notes", text="老客户，请先退运费", client_id=uuid.uuid4().hex)
        await colleague.appear("online")
        epoch = (await other_screen.conversation(handed_on))["epoch"]
        order = {"epoch": epoch, "to_agent": colleague.user_id, "note": "请接手"}
        await other_screen.post(f"/conversations/{handed_on}/transfer", **order)
        await colleague.accept(await colleague.offered())
        await desk.context.set_offline(False)

        await expect(desk.page.get_by_test_id("internal-note").filter(has_text="请先退运费")).to_be_visible()
        await expect(desk.field).to_have_value("还没写完的回复")
        fresh = await Watched.open(desk.context)
        await fresh.page.goto(f"{product.console}/#/inbox/mine/{open_now}")
        await expect(fresh.page.get_by_test_id("internal-note")).to_have_count(1)
        both = await come_to_show_the_same(desk.page, fresh.page, open_now)
        await colleague.leave()
        await other_screen.act(
            await other_screen.accept(await other_screen.offered()), "close"
        )  # nobody is left waiting
    said = [text for _, author, text in both.messages if author in {"customer", "agent"}]
    assert said == ["转人工", "您在吗 1", "您在吗 2", "这是另一台电脑上的回复"]
    lists = {box: rows for box, _, rows in both.lists}
    assert [row[0] for row in lists["mine"]] == [open_now], "what was handed on is no longer this agent's"
    assert [row[0] for row in lists["offered"]] == [again["id"]]


@in_one_process
async def test_what_a_customer_types_is_text_and_runs_nowhere(
    shop: Shop, desk: Desk, hand_over: Callable[[], Awaitable[None]]
) -> None:
    """A dialog or a script error on either page fails the test."""
    evil = (
        "<script>alert(1)</script>",
        '<img src="x" onerror="alert(2)">',
        "=cmd()",
        "javascript:alert(3)",
        "{{ 7 * 7 }} ${7 * 7}",
    )
    await hand_over()
    for text in evil:
        await shop.say(text)
        await desk.sees(text, "customer")
    await desk.say("<b>加粗</b>")
    await shop.sees("<b>加粗</b>", "agent")
    rows = await same_screens(shop, desk, least=10)
    assert [row.text for row in rows if row.author == "customer"][1:] == list(evil)
    for page in (shop.page, desk.page):
        assert await page.locator('img[src="x"], a[href^="javascript"], .bubble b, .bubble script').count() == 0
    await desk.act("close-conversation")
    await desk.page.get_by_test_id("box-closed").click()
    await expect(desk.page.get_by_test_id("conversation-row").first).to_be_visible()


@in_one_process
async def test_the_assistant_takes_over_again(shop: Shop, desk: Desk, hand_over: Callable[[], Awaitable[None]]) -> None:
    await hand_over()
    await desk.say("还有问题可以问智能客服")
    await shop.sees("还有问题可以问智能客服", "agent")
    await desk.act("return-to-bot")
    await shop.sees("智能客服继续为您服务")
    await shop.say(QUESTION)
    await shop.sees(ANSWER, "bot")
    await expect(desk.page.get_by_test_id("composer-blocked")).to_be_visible()
    await same_screens(shop, desk, least=8)


async def test_nobody_is_there_so_a_ticket_is_promised_and_kept(shop: Shop, desk: Desk) -> None:
    await desk.appear("offline")
    await shop.open()
    await shop.say("转人工")
    await shop.sees("已为您登记工单", "bot")
    number = (await shop.rows())[-1].text.partition("工单 ")[2][:7]

    await desk.open("#/tickets")
    ticket = desk.page.locator(f"[data-testid=ticket-row][data-ticket={number}]")
    await expect(ticket).to_contain_text("转人工")
    await ticket.get_by_test_id("ticket-take").click()
    await expect(desk.field).to_be_visible()
    await desk.say("您好，来处理您的工单")
    await shop.sees("来处理您的工单", "agent")
    await desk.act("close-conversation")
    await shop.sees("会话已结束")
    await same_screens(shop, desk, least=7)

    await desk.open("#/tickets")
    await desk.page.get_by_test_id("ticket-status").get_by_text("已解决").click()
    await expect(ticket).to_be_visible()


@in_one_process
async def test_a_customer_who_reads_english(shop_in_english: Shop, desk: Desk) -> None:
    shop = shop_in_english
    await desk.appear("online")
    await shop.open()
    await shop.sees("Hello", "bot")
    await shop.host.get_by_role("button", name="Talk to a person").click()
    await shop.sees("finding someone", "bot")
    await desk.accept()
    await shop.sees("has joined the conversation")
    await desk.say("Hello, this is Xiaoya")
    await shop.sees("this is Xiaoya", "agent")
    await desk.act("close-conversation")
    await shop.host.get_by_role("button", name="4 stars").click()
    await shop.sees("Thank you for your rating", "bot")
    rows = await same_screens(shop, desk, least=9)
    assert not [row for row in rows if any("\u4e00" <= character <= "\u9fff" for character in row.text) and row.seq > 5]


@in_one_process
async def test_a_customer_on_a_phone(shop_on_a_phone: Shop, desk: Desk) -> None:
    shop = shop_on_a_phone
    await desk.appear("online")
    await shop.open()
    await shop.say(QUESTION)
    await shop.sees(ANSWER, "bot")
    await shop.host.get_by_role("button", name="转人工").tap()
    await desk.accept()
    await desk.say("您好，我是小雅")
    await shop.sees("我是小雅", "agent")
    await shop.send_picture(png(64, 48, (180, 83, 42)))
    await loaded(desk.pictures("customer"), 64, 48)

    box = await shop.panel.bounding_box()
    assert box == {"x": 0, "y": 0, **PHONE}, "the chat covers the screen"
    assert await shop.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], "nothing sticks out"
    for button in await shop.panel.get_by_role("button").all():
        if size := await button.bounding_box():
            assert min(size["width"], size["height"]) >= 32, (
                f"a finger cannot hit {await button.get_attribute('aria-label')}"
            )

    await desk.act("close-conversation")
    await shop.host.get_by_role("button", name="5 星").tap()
    await shop.sees("感谢您的评价", "bot")
    await same_screens(shop, desk, least=12)
