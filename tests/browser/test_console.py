"""The console's own pages: signing in, live numbers, people."""

import pytest
from playwright.async_api import Browser, expect

from tests.browser.pages import CHINESE, Desk, Shop, Watched, signed_in
from tests.services.product import AGENT, Product
from tests.simulators.console_client import ConsoleClient

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(240),
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.parametrize("product", ["embedded"], indirect=True),
]


async def sign_in(desk: Desk, username: str, password: str) -> None:
    await desk.page.get_by_test_id("signin-username").fill(username)
    await desk.page.get_by_test_id("signin-password").fill(password)
    await desk.page.get_by_test_id("signin-submit").click()


async def test_signing_in_and_out(browser: Browser, product: Product, watched: list[Watched]) -> None:
    context = await browser.new_context(locale=CHINESE)
    watched.append(await Watched.open(context))
    desk = Desk(watched[-1], product.console)
    await desk.open("#/inbox/all")
    await sign_in(desk, AGENT, "not the password")
    await expect(desk.page.get_by_test_id("signin-notice")).to_contain_text("账号或密码不正确")
    await sign_in(desk, AGENT, product.deployment.logins[AGENT].password)
    await expect(desk.page.get_by_test_id("conversation-list")).to_be_visible()
    assert desk.page.url.endswith("#/inbox/all"), "one goes on where one was going"
    assert await desk.page.evaluate("document.cookie") == "", "scripts cannot read the session"
    await desk.page.get_by_test_id("account-menu").click()
    await desk.page.get_by_test_id("sign-out").click()
    await expect(desk.page.get_by_test_id("signin-submit")).to_be_visible()
    await desk.page.reload()
    await expect(desk.page.get_by_test_id("signin-submit")).to_be_visible()
    await context.close()


async def test_the_focus_of_the_keyboard_can_be_seen(
    browser: Browser, product: Product, watched: list[Watched]
) -> None:
    context = await browser.new_context(locale=CHINESE, reduced_motion="reduce")
    watched.append(await Watched.open(context))
    page = watched[-1].page
    await page.goto(product.console)
    places = {
        "signin-username": page.locator(".el-input__wrapper", has=page.get_by_test_id("signin-username")),
        "signin-password": page.locator(".el-input__wrapper", has=page.get_by_test_id("signin-password")),
        "signin-submit": page.get_by_test_id("signin-submit"),
        "language-switch": page.get_by_test_id("language-switch"),
    }
    await expect(page.get_by_test_id("signin-username")).to_be_focused()

    async def frames() -> dict[str, str]:
        """As drawn: what the page does when the focus moves is done a moment later."""
        await page.evaluate("() => new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn)))")
        return {name: await place.evaluate("one => getComputedStyle(one).boxShadow") for name, place in places.items()}

    reached = []
    for _ in range(6):
        focused = await page.evaluate("document.activeElement.dataset.testid ?? ''")
        if focused:
            reached.append(focused)
            shown = await frames()
            await page.evaluate("document.activeElement.blur()")
            hidden = await frames()
            assert [name for name in places if shown[name] != hidden[name]] == [focused]
            assert shown[focused].count("rgb") > 1, "a frame and a ring: a border of another shade is not seen"
            await page.get_by_test_id(focused).focus()
        await page.keyboard.press("Tab")
    assert reached[:3] == ["signin-username", "signin-password", "signin-submit"]
    assert "language-switch" in reached
    await context.close()


@pytest.mark.parametrize("width", [390, 360, 320])
@pytest.mark.parametrize("locale", [CHINESE, "en"])
async def test_the_header_fits_a_phone(
    browser: Browser, product: Product, watched: list[Watched], locale: str, width: int
) -> None:
    """An agent's, which holds the most."""
    context = await signed_in(
        browser, product, product.session(AGENT), viewport={"width": width, "height": 780}, locale=locale
    )
    await context.add_init_script(f"localStorage.setItem('yizhan.locale', '\"{locale}\"')")
    watched.append(await Watched.open(context))
    desk = Desk(watched[-1], product.console)
    for place in ("inbox/mine", "tickets", "profile"):
        await desk.open(f"#/{place}")
        await expect(desk.page.get_by_test_id("account-menu")).to_be_in_viewport(ratio=1)
        header = desk.page.locator("header")
        assert await header.evaluate("one => one.scrollWidth - one.clientWidth") == 0, place
        words = "one => [one.getBoundingClientRect().right, document.documentElement.clientWidth]"
        right, edge = await header.evaluate(words)
        assert right <= edge, place
    await context.close()


async def test_five_wrong_passwords_lock_the_account(
    browser: Browser, product: Product, admin: ConsoleClient, watched: list[Watched]
) -> None:
    await admin.post("/users", username="guessed", name="小周", roles=["agent"])
    context = await browser.new_context(locale=CHINESE)
    watched.append(await Watched.open(context))
    desk = Desk(watched[-1], product.console)
    await desk.open()
    notice = desk.page.get_by_test_id("signin-notice")
    for _ in range(6):
        await sign_in(desk, "guessed", "not the password")
        await expect(notice).to_be_visible()
        if await desk.page.get_by_test_id("signin-submit").is_disabled():
            break
    await expect(notice).to_contain_text("锁定")
    await expect(notice).to_contain_text("14:")
    await expect(desk.page.get_by_test_id("signin-submit")).to_be_disabled()
    await context.close()


async def test_the_live_numbers_add_up(office: Desk, shop: Shop) -> None:
    await shop.open()
    await shop.say("什么时候发货")
    await shop.sees("48", "bot")
    page = office.page
    await office.open("#/numbers")
    row = page.get_by_test_id("channels-table").locator("[data-channel=website]")
    await expect(row.get_by_test_id("channel-answered")).not_to_have_text("0")
    await expect(row.get_by_test_id("difference")).to_have_text("0")
    await expect(page.get_by_test_id("conservation")).to_have_attribute("data-difference", "0")
    await expect(page.get_by_test_id("figure-firstP50")).to_contain_text(" ms")
    await expect(page.get_by_test_id("figure-waiting")).to_contain_text("0")
    for step in ("received_published", "published_decided", "decided_delivered"):
        cells = page.get_by_test_id("steps-table").locator(f"[data-step={step}] td")
        await expect(cells.last).not_to_have_text("0")


async def test_an_administrator_creates_a_colleague_who_signs_in(
    office: Desk, browser: Browser, product: Product, watched: list[Watched]
) -> None:
    page = office.page
    await office.open("#/users")
    await page.get_by_test_id("user-create").click()
    await page.get_by_test_id("user-username").fill("xiaochen")
    await page.get_by_test_id("user-name").fill("小陈")
    await page.get_by_test_id("user-password").fill("a long enough password")
    await page.get_by_test_id("user-save").click()
    await expect(page.get_by_test_id("user-row").filter(has_text="小陈")).to_be_visible()

    context = await browser.new_context(locale=CHINESE)
    watched.append(await Watched.open(context))
    colleague = Desk(watched[-1], product.console)
    await colleague.open()
    await sign_in(colleague, "xiaochen", "a long enough password")
    await colleague.appear("online")
    await colleague.appear("offline")
    await context.close()
