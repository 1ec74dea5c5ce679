"""Editors at the console: from a changed entry to what customers are told, and back, while the product runs."""

import asyncio

import aiohttp
import pytest

from tests.e2e.test_commands import answer_to
from tests.services.product import AGENT, Product
from tests.simulators.console_client import ConsoleClient, Json, Refused

pytestmark = pytest.mark.timeout(240)

QUESTION = "你们的茶杯是哪里烧的"
ANSWER = "在景德镇，由 {{窑主}} 烧制。"


async def built(admin: ConsoleClient) -> Json:
    """A release of the draft, when it is done."""
    build = await admin.post("/knowledge/builds", note="tea cups")
    async with asyncio.timeout(180):
        while build["state"] in {"asked", "running"}:
            await asyncio.sleep(0.1)
            build = await admin.get(f"/knowledge/builds/{build['id']}")
    assert (build["state"], build["reason"]) == ("done", ""), build
    return await admin.get(f"/knowledge/releases/{build['release_id']}")


async def test_an_entry_is_written_built_tried_published_answered_and_rolled_back(
    product: Product, admin: ConsoleClient, http: aiohttp.ClientSession
) -> None:
    before = (await admin.get("/knowledge/release"))["release"]
    entry = {
        "id": "tea-cup",
        "question": QUESTION,
        "paraphrases": ["茶杯产地是哪儿", "杯子哪里烧制的"],
        "answer": ANSWER,
        "variants": {"wechat": "景德镇。"},
        "attachments": [{"type": "link", "url": "https://shop.example/kiln", "title": "我们的窑"}],
    }
    written = await admin.post("/knowledge/draft/entries", entry=entry, seen_revision=0)
    assert written["entry"]["attachments"][0]["title"] == "我们的窑"
    document = await admin.get("/knowledge/draft/document", name="variables")
    await admin.post(
        "/knowledge/draft/document",
        name="variables",
        text=f"{document['text']}\n窑主: 老陈\n",
        seen_revision=document["revision"],
    )
    diff = await admin.get("/knowledge/diff")
    assert [(one["kind"], one["id"]) for one in diff["entries"]] == [("added", "tea-cup")]
    release = (await built(admin))["release"]
    assert not release["published"]
    tried = await admin.post("/knowledge/ask", question=QUESTION, release_id=release["id"], channel="website")
    assert (tried["decision"], tried["text"]) == ("answer", "在景德镇，由 老陈 烧制。")
    comparison = await admin.get(f"/knowledge/releases/{release['id']}/comparison")
    assert comparison["falls"] == []
    try:
        await admin.post(f"/knowledge/releases/{release['id']}/publish")
        async with asyncio.timeout(60):
            while "老陈" not in await said(product, http):
                await asyncio.sleep(0.5)
    finally:
        await admin.post(f"/knowledge/releases/{before['id']}/rollback", reason="the test is over")
        for kind, name in (("entries", "tea-cup"),):
            row = await admin.get("/knowledge/draft/entry", id=name)
            await admin.call(
                "DELETE", f"/knowledge/draft/{kind}", params={"id": name, "seen_revision": str(row["revision"])}
            )
        now = await admin.get("/knowledge/draft/document", name="variables")
        await admin.post(
            "/knowledge/draft/document", name="variables", text=document["text"], seen_revision=now["revision"]
        )
    assert (await admin.get("/knowledge/release"))["release"]["id"] == before["id"]
    history = (await admin.get("/knowledge/publications"))["items"]
    assert (history[0]["rolled_back"], history[0]["forced_reason"]) == (True, "the test is over")
    changes = (await admin.get("/knowledge/changes", name="tea-cup"))["items"]
    assert [(one["before"] is None, one["after"] is None) for one in changes] == [(False, True), (True, False)]


async def said(product: Product, http: aiohttp.ClientSession) -> str:
    """What a new customer is told: the answer, before what it carries."""
    return await answer_to(product, http, f"请问{QUESTION}")


async def test_two_editors_do_not_overwrite_each_other(embedded_product: Product, http: aiohttp.ClientSession) -> None:
    admin = ConsoleClient(http, embedded_product.console, embedded_product.session("admin"))
    row = (await admin.get("/knowledge/draft/entries"))["items"][0]
    entry = row["entry"] | {"category": f"{row['entry']['category']}!"}
    changed = await admin.post("/knowledge/draft/entries", entry=entry, seen_revision=row["revision"])
    with pytest.raises(Refused) as refused:
        await admin.post("/knowledge/draft/entries", entry=row["entry"], seen_revision=row["revision"])
    problem = refused.value.problem
    assert (refused.value.status, refused.value.code) == (409, "stale_revision")
    assert problem["current"] == changed["revision"]
    await admin.post("/knowledge/draft/entries", entry=row["entry"], seen_revision=changed["revision"])


async def test_an_agent_may_not_change_what_customers_are_told(
    embedded_product: Product, http: aiohttp.ClientSession
) -> None:
    agent = ConsoleClient(http, embedded_product.console, embedded_product.session(AGENT))
    for path in ("/knowledge/builds", "/knowledge/draft/entries", "/knowledge/releases/x/publish"):
        with pytest.raises(Refused) as refused:
            await agent.post(path)
        assert refused.value.status == 403, path


async def test_a_row_that_is_wrong_is_told_as_in_a_file(embedded_product: Product, http: aiohttp.ClientSession) -> None:
    admin = ConsoleClient(http, embedded_product.console, embedded_product.session("admin"))
    with pytest.raises(Refused) as refused:
        await admin.post("/knowledge/draft/entries", entry={"question": "", "answer": "好"}, seen_revision=0)
    assert (refused.value.status, refused.value.code) == (422, "entry_rejected")
    assert refused.value.problem["problems"][0]["reason_zh"] == "问题不能为空"
