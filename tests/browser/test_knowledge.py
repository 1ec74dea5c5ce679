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
MISSED = "店里可以让小猫一起进来玩吗"
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


async def release_id(admin: ConsoleClient, wanted: int) -> str:
    """Of the release with this number."""
    listed = (await admin.get("/knowledge/releases"))["items"]
    return str(next(one["id"] for one in listed if one["number"] == wanted))


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


async def test_what_was_not_answered_becomes_an_entry_that_answers_it(
    office: Desk, shop: Shop, admin: ConsoleClient
) -> None:
    page = office.page
    await shop.open()
    await shop.say(MISSED)
    await shop.host.get_by_role("button", name="都不是").last.click()
    await office.open("#/knowledge/misses")
    first = await number(page)
    try:
        row = page.get_by_test_id("miss-group").filter(has_text=MISSED)
        await expect(row).to_contain_text("都不是")
        await row.click()
        await expect(page.get_by_test_id("miss-sentence")).to_contain_text(MISSED)

        await page.get_by_test_id("miss-dismiss").click()
        await expect(page.get_by_test_id("dismiss-confirm")).to_be_disabled()
        await page.get_by_test_id("dismiss-outside").click()
        await page.get_by_test_id("dismiss-confirm").click()
        await expect(page.get_by_test_id("miss-standing")).to_contain_text("不是我们的业务")
        await expect(row).to_have_count(0)
        await page.get_by_test_id("misses-dismissed").click()
        await expect(row).to_contain_text("不是我们的业务")
        await expect(page.get_by_test_id("miss-view")).to_have_count(0)
        await row.click()
        await page.get_by_test_id("miss-reopen").click()
        await page.get_by_test_id("misses-open").click()
        await row.click()

        await page.get_by_test_id("miss-write").click()
        await expect(page.get_by_test_id("entry-question")).to_have_value(MISSED)
        await page.get_by_test_id("entry-answer").fill(ANSWER)
        await saved(page)
        await page.get_by_test_id("knowledge-tab-misses").click()
        await page.get_by_test_id("misses-drafted").click()
        await expect(row).to_be_visible()

        await page.get_by_test_id("knowledge-tab-releases").click()
        await page.get_by_test_id("build-start").click()
        await expect(page.get_by_test_id("build-state")).to_have_attribute("data-state", "done", timeout=BUILD_MS)
        await page.get_by_test_id("release-publish").click()
        await confirm_release(page)
        await expect(page.get_by_test_id("release-number")).not_to_have_text(f"第 {first} 版")

        await shop.say(MISSED)
        await shop.sees(ANSWER, "bot")
        await page.get_by_test_id("knowledge-tab-misses").click()
        await page.get_by_test_id("misses-drafted").click()
        await row.click()
        await expect(page.get_by_test_id("miss-standing")).to_contain_text("已经发布")
    finally:
        await clean(admin, MISSED)
        await admin.post(f"/knowledge/releases/{await release_id(admin, first)}/rollback", reason="试完了")


async def test_a_try_is_decided_as_a_customer_s_message_is_and_shows_why(office: Desk) -> None:
    page = office.page
    await office.open("#/knowledge/try")
    decision, rule = page.get_by_test_id("ask-decision"), page.get_by_test_id("ask-rule")

    async def ask(words: str) -> None:
        await page.get_by_test_id("ask-input").fill(words)
        await page.get_by_test_id("ask-submit").click()
        await expect(page.get_by_test_id("ask-outcome")).to_contain_text(words)

    await ask("再不退款我就去法院起诉你们")
    await expect(decision).to_have_attribute("data-decision", "handoff")
    await expect(rule).to_contain_text("legal-dispute")
    await ask("帮我查一下订单")
    await expect(decision).to_have_attribute("data-decision", "task")
    await expect(page.get_by_test_id("ask-task")).to_contain_text("order_query")
    await expect(rule).to_have_count(0)
    await ask("怎么退货")
    await expect(decision).to_have_attribute("data-decision", "answer")
    await expect(page.get_by_test_id("ask-thresholds")).to_contain_text("%")
    await page.get_by_test_id("ask-day").fill("2026-11-11")
    await expect(page.get_by_test_id("ask-read")).to_contain_text("2026-11-11")


async def test_a_document_that_cannot_be_read_is_refused_at_its_line(office: Desk, admin: ConsoleClient) -> None:
    page = office.page
    before = await admin.get("/knowledge/draft/document", name="settings")
    await office.open("#/knowledge/documents/settings")
    await page.get_by_test_id("document-text").fill("\n# 门槛\nprecision: 2\n")
    await page.get_by_test_id("document-save").click()
    refused = page.get_by_test_id("document-refused")
    await expect(refused).to_contain_text("第 3 行")
    await expect(refused).to_contain_text("precision")
    await expect(page.get_by_test_id("document-unsaved")).to_be_visible()
    assert (await admin.get("/knowledge/draft/document", name="settings"))["revision"] == before["revision"]


async def test_the_demo_s_release_is_tested_with_its_own_questions(office: Desk, admin: ConsoleClient) -> None:
    first = (await admin.get("/knowledge/releases"))["items"][-1]
    await office.open(f"#/knowledge/releases/{first['id']}")
    await expect(office.page.get_by_test_id("release-report")).to_contain_text("全部 88")


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
    for tab in ("entries", "misses", "import", "documents", "releases", "try"):
        await desk.open(f"#/knowledge/{tab}")
        await expect(desk.page.get_by_test_id(f"knowledge-tab-{tab}")).to_have_attribute("aria-current", "page")
        await expect(desk.page.locator("#main .card").first).to_be_visible()
        over = await desk.page.get_by_test_id("knowledge-page").evaluate("one => one.scrollWidth - one.clientWidth")
        assert over <= 0, tab
    await context.close()
