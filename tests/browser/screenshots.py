"""Pictures of the running product, for people who judge how it looks, and the one in the README.

``python -m tests.browser.screenshots`` writes them to build/screenshots/; with ``--readme`` docs/images/relay.png, too.
"""

import asyncio
import base64
import hashlib
import hmac
import json
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial

import aiohttp
from playwright.async_api import Browser, Page, async_playwright, expect

from tests.browser.pages import CHINESE, DESKTOP, PHONE, Desk, Shop, Watched, signed_in
from tests.services import chromium
from tests.services.deployment import ACCOUNT, ROOT, embedded
from tests.services.product import ADMIN, AGENT, SETTINGS, Product
from tests.simulators.console_client import ConsoleClient, open_console
from tests.simulators.website_client import WebsiteClient, open_client

FOLDER = ROOT / "build" / "screenshots"
README_PICTURE = ROOT / "docs" / "images" / "relay.png"
SECRET = "a-secret-of-the-pictures-only-0123456789"
QUESTION = "怎么下单购买"


@dataclass(slots=True)
class Studio:
    """Everything that a picture needs."""

    browser: Browser
    product: Product
    http: aiohttp.ClientSession
    stack: AsyncExitStack

    async def shop(self, *, lang: str = CHINESE, phone: bool = False) -> Shop:
        context = await self.browser.new_context(
            viewport=PHONE if phone else DESKTOP,
            locale=lang,
            timezone_id="Asia/Shanghai",
            device_scale_factor=2 if phone else 1,
            is_mobile=phone,
            has_touch=phone,
        )
        self.stack.push_async_callback(context.close)
        return Shop(await Watched.open(context), self.product.website, "en" if lang.startswith("en") else CHINESE)

    async def desk(self, username: str, *, width: int = 1440, height: int = 900, locale: str = CHINESE) -> Desk:
        context = await signed_in(
            self.browser,
            self.product,
            self.product.session(username),
            viewport={"width": width, "height": height},
            locale=locale,
            timezone_id="Asia/Shanghai",
        )
        self.stack.push_async_callback(context.close)
        return Desk(await Watched.open(context), self.product.console)

    async def customer(self, user_id: str, name: str) -> WebsiteClient:
        """A customer whom the shop knows, without a browser."""
        session = {
            "locale": CHINESE,
            "identity": {"user_id": user_id, "hmac": _proof(user_id), "name": name},
            "page": {"url": f"{self.product.website}/demo#goods", "title": "山居生活 · 本周好物"},
        }
        client = await self.stack.enter_async_context(
            open_client(self.http, self.product.website, ACCOUNT, session=session)
        )
        await client.reached(1, within=60.0)
        return client

    async def visit(self, shop: Shop, user_id: str, name: str) -> None:
        """Open the chat as a customer whom the shop knows."""
        identity = {"user_id": user_id, "hmac": _proof(user_id), "name": name}
        await shop.page.goto(f"{self.product.website}/demo")
        await shop.page.evaluate("identity => window.Yizhan.push(chat => chat.identify(identity))", identity)
        await shop.open_chat()

    async def picture(self, page: Page, name: str) -> None:
        await page.mouse.move(1, 1)
        await page.wait_for_load_state("networkidle")
        await page.wait_for_timeout(700)  # fades and slides are over
        await page.screenshot(path=FOLDER / f"{name}.png")
        print(f"{name}.png")


def _said(texts: Callable[[str], list[str]], author: str, line: str) -> bool:
    return line in texts(author)


def _proof(user_id: str) -> str:
    """What the shop's own site would give for a customer who is signed in there."""
    return hmac.new(SECRET.encode(), user_id.encode(), hashlib.sha256).hexdigest()


@asynccontextmanager
async def studio() -> AsyncIterator[Studio]:
    with embedded(None, **SETTINGS) as deployment:
        identity = json.dumps({"kind": "hmac", "secret": SECRET})
        deployment.yizhan("account", "set", "website", ACCOUNT, "--set", f"identity={identity}")
        async with AsyncExitStack() as stack:
            playwright = await stack.enter_async_context(async_playwright())
            program = chromium.ensure_installed()
            browser = await playwright.chromium.launch(executable_path=program, args=chromium.ARGUMENTS)
            stack.push_async_callback(browser.close)
            http = await stack.enter_async_context(aiohttp.ClientSession())
            await asyncio.sleep(4.0)  # the running product has read the account's new settings
            yield Studio(browser, Product("embedded", deployment), http, stack)


async def chat(studio: Studio, agent: ConsoleClient, user_id: str, name: str, lines: tuple[str, ...]) -> WebsiteClient:
    """A conversation that the agent has: the customer's and the agent's lines in turn."""
    customer = await studio.customer(user_id, name)
    await customer.say(lines[0])
    await customer.until(lambda: len(customer.texts("bot")) > 1, 20.0)
    await customer.say("转人工")
    conversation_id = await agent.accept(await agent.offered())
    for number, line in enumerate(lines[1:]):
        if number % 2 == 0:
            await agent.say(conversation_id, line)
            await customer.until(partial(_said, customer.texts, "agent", line), 20.0)
        else:
            await customer.say(line)
            await agent.until(partial(_said, partial(agent.texts, conversation_id), "customer", line))
    return customer


async def widget_pictures(studio: Studio) -> None:
    shop = await studio.shop()
    await shop.page.goto(f"{studio.product.website}/demo")
    await studio.picture(shop.page, "widget-closed")
    await shop.open_chat()
    await shop.say(QUESTION)
    await shop.sees("选好规格", "bot")
    await shop.say("优惠券")
    await shop.host.locator(".menu").wait_for()
    await studio.picture(shop.page, "widget-desktop-zh")
    for phone in (False, True):
        english = await studio.shop(lang="en-GB", phone=phone)
        await english.open()
        await english.say("hello")
        await english.say("Do you ship to Germany?")
        await english.page.wait_for_timeout(1500)
        await studio.picture(english.page, f"widget-{'phone' if phone else 'desktop'}-en")
    phone_shop = await studio.shop(phone=True)
    await phone_shop.page.goto(f"{studio.product.website}/demo")
    await studio.picture(phone_shop.page, "widget-phone-closed")
    await phone_shop.open_chat()
    await phone_shop.say(QUESTION)
    await phone_shop.sees("选好规格", "bot")
    await studio.picture(phone_shop.page, "widget-phone-zh")
    await phone_shop.host.get_by_role("button", name="表情").tap()
    await studio.picture(phone_shop.page, "widget-phone-emoji")


async def relay_pictures(studio: Studio, agent: ConsoleClient) -> tuple[Shop, Desk]:
    """The main scene: customer and agent in one conversation. The pages are left open."""
    await chat(studio, agent, "u-1024", "周先生", ("什么时候发货", "周先生您好，您的订单今天下午已发出", "好的，谢谢"))
    await chat(
        studio, agent, "u-2048", "Emma Li", ("怎么开发票", "您好，电子发票已经发到您的邮箱", "收到了，抬头没问题")
    )
    desk = await studio.desk(AGENT)
    await desk.open()
    shop = await studio.shop()
    await studio.visit(shop, "u-512", "林女士")
    await shop.say("收到的杯子有破损怎么办")
    await shop.host.locator(".rows [data-author=bot]").nth(1).wait_for()
    await shop.say("转人工")
    await desk.page.get_by_test_id("count-offered").wait_for()
    await desk.page.get_by_test_id("box-offered").click()
    await desk.page.get_by_test_id("offer").click(position={"x": 40, "y": 20})
    await studio.picture(desk.page, "console-offer")
    await studio.picture(shop.page, "widget-queued")
    await desk.accept()
    await desk.say("林女士您好，我是小雅。很抱歉给您带来不便，方便拍一张照片吗？")
    await shop.sees("我是小雅", "agent")
    await shop.say("好的，杯口这里裂了一道")
    await shop.send_picture({"name": "杯子.png", "mimeType": "image/png", "buffer": await cup(studio)})
    await desk.pictures("customer").wait_for()
    await desk.say("看到了，是运输途中造成的。马上为您免费补发一套，今天寄出，旧的不用寄回。")
    await shop.sees("免费补发", "agent")
    await shop.say("太好了，谢谢！")
    await desk.sees("太好了", "customer")
    await expect(desk.page.locator(".el-message")).to_have_count(0)
    await studio.picture(desk.page, "console-inbox")
    await studio.picture(shop.page, "widget-with-agent")
    phone = await studio.shop(phone=True)
    await studio.visit(phone, "u-512", "林女士")
    await phone.sees("太好了", "customer")
    await studio.picture(phone.page, "widget-phone-agent")
    return shop, desk


async def cup(studio: Studio) -> bytes:
    """A drawn photograph of a cracked cup."""
    page = await studio.browser.new_page(viewport={"width": 480, "height": 360}, device_scale_factor=1)
    await page.set_content(
        """<body style="margin:0;background:linear-gradient(#d8c7b0,#b79f83)"><svg viewBox="0 0 480 360" width="480" height="360">
        <ellipse cx="240" cy="300" rx="150" ry="22" fill="#8d7659" opacity=".55"/>
        <path d="M140 110h180c0 110-20 180-90 180s-90-70-90-180z" fill="#e9efe6"/>
        <path d="M318 140c70-6 76 90-6 96" fill="none" stroke="#e9efe6" stroke-width="20"/>
        <ellipse cx="230" cy="110" rx="90" ry="20" fill="#cfdacb"/><ellipse cx="230" cy="114" rx="76" ry="14" fill="#7d5a37"/>
        <path d="M172 96l10 30-14 22 18 26-8 30" fill="none" stroke="#5b6b5e" stroke-width="4" stroke-linejoin="round"/>
        <path d="M182 126l22 8M186 174l-22 10" stroke="#5b6b5e" stroke-width="3"/></svg>"""
    )
    data = await page.screenshot()
    await page.close()
    return data


async def missed(studio: Studio) -> None:
    """Two customers whom none of the choices helps."""
    for customer_id, words in (("u-31", "可以带宠物进门店吗"), ("u-32", "店里能带小狗吗")):
        customer = await studio.customer(customer_id, "")
        await replied(customer, partial(customer.say, words))
        menu = customer.messages[-1]["content"]
        if menu["type"] == "menu":
            none = next(one for one in menu["options"] if one["id"] == "none")
            chosen = {"type": "choice", "menu_id": menu["menu_id"], "option_id": "none", "label": none["label"]}
            await replied(customer, partial(customer.send, chosen))


async def replied(customer: WebsiteClient, act: Callable[[], Awaitable[object]]) -> None:
    """Returns when what the customer did is there, and a reply to it."""
    seen = len(customer.messages)
    await act()
    await customer.until(lambda: len(customer.messages) >= seen + 2, 20.0)


async def knowledge_pictures(studio: Studio, page: Page) -> None:
    """Every part of the knowledge, with a release that was built just now."""
    home = f"{studio.product.console}/#/knowledge"
    await page.goto(f"{home}/releases")
    await page.get_by_test_id("build-start").click()
    await expect(page.get_by_test_id("build-state")).to_have_attribute("data-state", "done", timeout=180_000)
    await page.get_by_test_id("release-report").wait_for()
    await studio.picture(page, "console-knowledge-release")
    await page.goto(f"{home}/entries")
    await page.get_by_test_id("knowledge-entry").nth(2).click()
    await page.get_by_test_id("entry-editor").wait_for()
    await studio.picture(page, "console-knowledge")
    await missed(studio)
    await page.goto(f"{home}/misses")
    await page.get_by_test_id("miss-group").first.click()
    await page.get_by_test_id("miss-view").wait_for()
    await studio.picture(page, "console-knowledge-misses")
    await page.goto(f"{home}/try")
    for name, words in (("", "运费多少"), ("-rule", "再不退款我就去法院起诉你们")):
        await page.get_by_test_id("ask-input").fill(words)
        await page.get_by_test_id("ask-submit").click()
        await expect(page.get_by_test_id("ask-outcome")).to_contain_text(words)
        await studio.picture(page, f"console-knowledge-try{name}")
    await page.goto(f"{home}/import")
    broken = "编号,问题,答案\nshop,几点开门,早上十点\nempty,没有答案的问题,\nshop,编号重复,不行\n"
    await page.get_by_test_id("knowledge-import-input").set_input_files(
        {"name": "新知识.csv", "mimeType": "text/csv", "buffer": broken.encode()}
    )
    await page.get_by_test_id("import-problems").wait_for()
    await studio.picture(page, "console-import")


async def console_pictures(studio: Studio, desk: Desk, shop: Shop) -> None:
    await desk.page.get_by_test_id("language-switch").click()
    await studio.picture(desk.page, "console-inbox-en")
    await desk.page.get_by_test_id("language-switch").click()
    await desk.act("close-conversation")
    await shop.host.get_by_role("button", name="5 星").hover()
    await shop.page.screenshot(path=FOLDER / "widget-rating.png")
    await shop.host.get_by_role("button", name="5 星").click()
    await shop.sees("感谢您的评价", "bot")
    await studio.picture(shop.page, "widget-rated")
    await studio.picture(desk.page, "console-closed")
    await desk.open("#/tickets")
    await studio.picture(desk.page, "console-tickets")
    await desk.open("#/profile")
    await studio.picture(desk.page, "console-profile")

    office = await studio.desk(ADMIN)
    await knowledge_pictures(studio, office.page)
    for name in ("numbers", "users"):
        await office.open(f"#/{name}")
        await office.page.reload()
        await office.page.get_by_test_id(f"{name}-page").wait_for()
        await studio.picture(office.page, f"console-{name}")
    small = await studio.desk(AGENT, width=390, height=844)
    await small.open("#/inbox/mine")
    await studio.picture(small.page, "console-phone-list")
    await small.page.get_by_test_id("conversation-row").first.click()
    await studio.picture(small.page, "console-phone")
    tablet = await studio.desk(AGENT, width=1024, height=768)
    await tablet.open("#/inbox/mine")
    await tablet.page.get_by_test_id("conversation-row").first.click()
    await studio.picture(tablet.page, "console-tablet")

    context = await studio.browser.new_context(viewport={"width": 1440, "height": 900}, locale=CHINESE)
    page = await context.new_page()
    await page.goto(studio.product.console)
    await studio.picture(page, "console-signin")
    await page.goto(f"{studio.product.console}/metrics")
    await studio.picture(page, "metrics")
    await context.close()


async def compose(studio: Studio) -> None:
    """The agent's console and the customer's phone in one picture."""

    def embedded_picture(name: str) -> str:
        return "data:image/png;base64," + base64.b64encode((FOLDER / f"{name}.png").read_bytes()).decode()

    page = await studio.browser.new_page(viewport={"width": 1600, "height": 788})
    await page.set_content(
        f"""<style>body{{margin:0;background:#e7ede8;height:788px;position:relative;overflow:hidden}}
        .window{{position:absolute;border-radius:10px;overflow:hidden;box-shadow:0 16px 44px rgb(20 50 40/.24)}}
        .window i{{display:block;position:relative;z-index:1;height:26px;background:#f6f8f6;border-bottom:1px solid #dde4df}}
        .window i::before{{content:'';position:absolute;left:12px;top:9px;width:9px;height:9px;border-radius:50%;
          background:#e0685a;box-shadow:15px 0 #e9b949,30px 0 #57b36a}}
        .phone{{position:absolute;right:44px;top:39px;width:338px;height:710px;border-radius:44px;overflow:hidden;
          border:9px solid #15201c;box-sizing:border-box;box-shadow:0 16px 44px rgb(20 50 40/.3)}}
        img{{display:block}}</style>
        <div class="window" style="left:28px;top:28px;width:1126px"><i></i><img src="{embedded_picture("console-inbox")}" style="width:100%"></div>
        <div class="phone"><img src="{embedded_picture("widget-phone-agent")}" style="width:100%"></div>"""
    )
    README_PICTURE.parent.mkdir(parents=True, exist_ok=True)
    await page.screenshot(path=README_PICTURE)
    await page.close()
    print(f"{README_PICTURE.name}: {README_PICTURE.stat().st_size // 1024} kB")


async def main(readme: bool) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    async with studio() as made:
        agent_session = made.product.session(AGENT)
        async with open_console(made.http, made.product.console, agent_session) as agent:
            await widget_pictures(made)
            waiting = await made.customer("u-77", "陈晓")
            await waiting.say("转人工")
            await waiting.until(lambda: any("工单" in text for text in waiting.texts("bot")), 30.0)
            await agent.appear("online")
            shop, desk = await relay_pictures(made, agent)
            if readme:
                await compose(made)
            await console_pictures(made, desk, shop)


if __name__ == "__main__":
    asyncio.run(main("--readme" in sys.argv))
