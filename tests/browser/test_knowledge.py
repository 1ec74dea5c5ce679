"""Knowledge at the console: from a written entry to what a customer is told, and back."""

import re

import pytest
from playwright.async_api import Browser, FilePayload, Page, expect

from tests.browser.pages import Desk, Shop, Watched, signed_in
from tests.services.product import ADMIN, Product
from tests.simulators.console_client import ConsoleClient

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(300),
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.parametrize("product", ["embedded"], indirect=True),
]

BUILD_MS = 180_000
QUESTION = "可以带宠物进门店吗"
ANSWER = "可以，请给宠物系好牵引绳。"
WITH_VARIABLE = "可以，请给宠物系好牵引绳，详情请拨打 {{门店电话}}。"


def csv_file(name: str, text: str) -> FilePayload:
    return {"name": name, "mimeType": "text/csv", "buffer": text.encode()}


async def number(page: Page) -> int:
    """Of the release that is published, as the page shows it."""
    shown = page.get_by_test_id("release-number")
    await expect(shown).to_be_visible()
    return int("".join(filter(str.isdigit, await shown.inner_text())))


async def confirm_release(page: Page) -> None:
    await page.get_by_test_id("release-confirm").click()
    await expect(page.get_by_test_id("release-dialog")).to_be_hidden()


async def saved(page: Page) -> None:
    """Save the entry; returns when nothing is unsaved."""
    await page.get_by_test_id("entry-save").click()
    await expect(page.get_by_test_id("entry-unsaved")).to_have_count(0)


async def clean(admin: ConsoleClient, question: str) -> None:
    """Take an entry out of the draft again."""
    for row in (await admin.get("/knowledge/draft/entries", search=question))["items"]:
        seen = {"id": row["entry"]["id"], "seen_revision": str(row["revision"])}
        await admin.call("DELETE", "/knowledge/draft/entries", params=seen)


async def test_a_broken_file_shows_row_and_reason_and_changes_nothing(office: Desk, admin: ConsoleClient) -> None:
    page = office.page
    before = (await admin.get("/knowledge/draft"))["revision"]
    await office.open("#/knowledge/import")
    broken = "编号,问题,答案\nshop,几点开门,早上十点\nempty,没有答案的问题,\nshop,编号重复,不行\n"
    await page.get_by_test_id("knowledge-import-input").set_input_files(csv_file("坏文件.csv", broken))
    problems = page.get_by_test_id("import-problems").locator("tbody tr")
    await expect(problems).to_have_count(2)
    await expect(problems.nth(0)).to_contain_text("3")
    await expect(problems.nth(0)).to_contain_text("答案")
    await expect(problems.nth(1)).to_contain_text("4")
    await expect(page.get_by_test_id("knowledge-import-take")).to_have_count(0)
    assert (await admin.get("/knowledge/draft"))["revision"] == before


async def test_a_good_file_is_merged_into_the_draft(office: Desk, admin: ConsoleClient) -> None:
    page = office.page
    draft = await admin.get("/knowledge/draft")
    question = (await admin.get("/knowledge/draft/entries"))["items"][0]["entry"]["question"]
    await office.open("#/knowledge/import")
    await page.get_by_test_id("knowledge-import-input").set_input_files(
        csv_file("门店.csv", f"编号,分类,问题,相似问法,答案\npets,门店,{QUESTION},能带狗进店吗,{ANSWER}\n")
    )
    try:
        await expect(page.get_by_test_id("import-count")).to_contain_text("1")
        await page.get_by_test_id("knowledge-import-take").click()
        await expect(page.get_by_test_id("import-done")).to_contain_text("新增 1 条")
        await expect(page.get_by_test_id("recent-changes")).to_contain_text("门店.csv")
        await page.get_by_test_id("knowledge-tab-entries").click()
        await expect(page.get_by_test_id("entry-count")).to_contain_text(str(draft["entries"] + 1))
        await page.get_by_test_id("knowledge-search").fill(question)
        await expect(page.get_by_test_id("knowledge-entry").filter(has_text=question).first).to_be_visible()
    finally:
        await clean(admin, QUESTION)


async def test_an_entry_is_written_built_tried_published_and_rolled_back(
    office: Desk, shop: Shop, admin: ConsoleClient
) -> None:
    page = office.page
    variables = await admin.get("/knowledge/draft/document", name="variables")
    await office.open("#/knowledge")
    first = await number(page)
    try:
        await page.get_by_test_id("entry-add").click()
        await page.get_by_test_id("entry-question").fill(QUESTION)
        await page.get_by_test_id("entry-paraphrases").fill("能带狗进店吗\n猫咪可以一起进店吗")
        await page.get_by_test_id("entry-answer").fill(WITH_VARIABLE)
        await expect(page.get_by_test_id("entry-unknown-variables")).to_contain_text("门店电话")
        await page.get_by_test_id("variant-add-wechat").click()
        await page.get_by_test_id("entry-variant-wechat").fill("可以带，请牵好绳子。")
        await page.get_by_test_id("knowledge-tab-documents").click()
        await expect(page.get_by_test_id("confirm")).to_contain_text("没有保存")
        await page.get_by_test_id("confirm-cancel").click()
        await saved(page)

        await page.get_by_test_id("knowledge-tab-documents").click()
        text = page.get_by_test_id("document-text")
        await expect(page.get_by_test_id("document-editor")).to_contain_text("variables")
        await text.fill(f"{variables['text']}\n门店电话: 0755-8888\n")
        await page.get_by_test_id("document-save").click()
        await expect(page.get_by_test_id("document-unsaved")).to_have_count(0)

        await page.get_by_test_id("knowledge-tab-releases").click()
        await page.get_by_test_id("build-note").fill("宠物进店")
        await page.get_by_test_id("build-start").click()
        await expect(page.get_by_test_id("build-state")).to_have_attribute("data-state", "done", timeout=BUILD_MS)
        view = page.get_by_test_id("release-view")
        await expect(view).to_contain_text("宠物进店")
        second = int(await view.get_attribute("data-release") or "0")
        assert second > first
        await expect(page.get_by_test_id("release-comparison")).to_have_attribute("data-falls", "0")
        await expect(page.get_by_test_id("release-report")).to_be_visible()

        await page.get_by_test_id("release-diff").click()
        await expect(page.get_by_test_id("difference-entry")).to_contain_text(QUESTION)
        await page.get_by_test_id("release-row").first.click()
        await page.get_by_test_id("release-publish").click()
        await confirm_release(page)
        await expect(page.get_by_test_id("release-number")).to_contain_text(str(second))

        await page.get_by_test_id("knowledge-tab-try").click()
        await page.get_by_test_id("ask-input").fill(QUESTION)
        await page.get_by_test_id("ask-submit").click()
        await expect(page.get_by_test_id("ask-decision")).to_have_attribute("data-decision", "answer")
        await expect(page.get_by_test_id("ask-text")).to_contain_text("0755-8888")
        await expect(page.get_by_test_id("ask-candidate").first).to_contain_text(QUESTION)
        await shop.open()
        await shop.say(QUESTION)
        await shop.sees("0755-8888", "bot")

        await page.get_by_test_id("knowledge-tab-releases").click()
        await page.locator(f"[data-testid=release-row][data-release='{first}']").click()
        await page.get_by_test_id("release-rollback").click()
        await expect(page.get_by_test_id("release-confirm")).to_be_disabled()
        await page.get_by_test_id("release-reason").fill("试完了")
        await confirm_release(page)
        await expect(page.get_by_test_id("release-number")).to_have_text(re.compile(rf"\b{first}\b|第 {first} 版"))
        await expect(page.get_by_test_id("publication").first).to_contain_text("试完了")
    finally:
        await clean(admin, QUESTION)
        now = await admin.get("/knowledge/draft/document", name="variables")
        await admin.post(
            "/knowledge/draft/document", name="variables", text=variables["text"], seen_revision=now["revision"]
        )


async def test_two_editors_at_one_entry_see_both_versions(office: Desk, admin: ConsoleClient) -> None:
    page = office.page
    row = (await admin.get("/knowledge/draft/entries"))["items"][0]
    entry, seen = row["entry"], row["revision"]
    await office.open(f"#/knowledge/entries/{entry['id']}")
    try:
        await page.get_by_test_id("entry-category").fill("我的分类")
        theirs = await admin.post(
            "/knowledge/draft/entries", entry=entry | {"answer": "对方的答案"}, seen_revision=seen
        )
        await page.get_by_test_id("entry-save").click()
        conflict = page.get_by_test_id("entry-conflict")
        await expect(conflict).to_contain_text("对方的答案")
        await expect(conflict).to_contain_text("我的分类")
        await page.get_by_test_id("conflict-merge").click()
        await saved(page)
        now = await admin.get("/knowledge/draft/entry", id=entry["id"])
        assert (now["entry"]["answer"], now["entry"]["category"]) == ("对方的答案", "我的分类")
        assert now["revision"] > theirs["revision"]
    finally:
        now = await admin.get("/knowledge/draft/entry", id=entry["id"])
        await admin.post("/knowledge/draft/entries", entry=entry, seen_revision=now["revision"])


@pytest.mark.parametrize("width", [1280, 768, 390])
async def test_no_part_is_wider_than_the_screen(
    browser: Browser, product: Product, watched: list[Watched], width: int
) -> None:
    context = await signed_in(browser, product, product.session(ADMIN), viewport={"width": width, "height": 800})
    watched.append(await Watched.open(context))
    desk = Desk(watched[-1], product.console)
    for tab in ("entries", "import", "documents", "releases", "try"):
        await desk.open(f"#/knowledge/{tab}")
        await expect(desk.page.get_by_test_id(f"knowledge-tab-{tab}")).to_have_attribute("aria-current", "page")
        await expect(desk.page.locator("#main .card").first).to_be_visible()
        over = await desk.page.get_by_test_id("knowledge-page").evaluate("one => one.scrollWidth - one.clientWidth")
        assert over <= 0, tab
    await context.close()
