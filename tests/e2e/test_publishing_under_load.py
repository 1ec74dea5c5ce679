"""Releases change while customers ask: everyone is answered, once, and from one release alone."""

import asyncio
from contextlib import AsyncExitStack
from functools import partial

import aiohttp
import pytest

from tests.e2e.test_knowledge_editing import built
from tests.services.deployment import ACCOUNT
from tests.services.product import Product
from tests.simulators.console_client import ConsoleClient, Json
from tests.simulators.website_client import WebsiteClient, open_client

pytestmark = pytest.mark.timeout(300)

QUESTION = "青瓷是几号窑烧的"
ENTRY = "kiln-number"
KILNS = ("一", "二")
CUSTOMERS = 6
SWITCHES = 12


async def release_with(admin: ConsoleClient, kiln: str) -> str:
    """The id of a release that answers with this kiln, in the words and in what they carry along."""
    entry = {
        "id": ENTRY,
        "question": QUESTION,
        "answer": f"{kiln}号窑。",
        "attachments": [{"type": "link", "url": "https://shop.example/kiln", "title": f"{kiln}号窑"}],
    }
    first = kiln == KILNS[0]
    seen = 0 if first else (await admin.get("/knowledge/draft/entry", id=ENTRY))["revision"]
    await admin.post("/knowledge/draft/entries", entry=entry, seen_revision=seen)
    release: str = (await built(admin))["release"]["id"]
    return release


def told(client: WebsiteClient) -> list[str]:
    """What the assistant said after its greeting, words and links alike."""
    said = [one["content"] for one in client.messages if one["author"]["kind"] == "bot"]
    return [content.get("text") or content.get("title", "") for content in said[1:]]


def heard(client: WebsiteClient, count: int) -> bool:
    return len(told(client)) >= count


async def ask_until(done: asyncio.Event, client: WebsiteClient) -> int:
    """Ask again as soon as the answer is whole, until the releases rest. How often."""
    asked = 0
    while not done.is_set():
        asked += 1
        await client.say(f"请问{QUESTION}")
        await client.until(partial(heard, client, 2 * asked), 30.0)
    return asked


async def switch(admin: ConsoleClient, releases: list[str]) -> None:
    """Publish one and the other, a moment apart."""
    for turn in range(SWITCHES):
        await admin.post(f"/knowledge/releases/{releases[turn % 2]}/rollback", reason=f"turn {turn}")
        await asyncio.sleep(0.3)


async def test_who_asks_while_releases_change_is_answered_once_and_from_one_of_them(
    product: Product, admin: ConsoleClient, http: aiohttp.ClientSession
) -> None:
    before: Json = (await admin.get("/knowledge/release"))["release"]
    releases = [await release_with(admin, kiln) for kiln in KILNS]
    done = asyncio.Event()
    try:
        for release in releases:
            await admin.post(f"/knowledge/releases/{release}/publish")
        async with AsyncExitStack() as stack:
            opened = [open_client(http, product.website, ACCOUNT) for _ in range(CUSTOMERS)]
            clients = [await stack.enter_async_context(one) for one in opened]
            await asyncio.gather(*(client.reached(1, within=60.0) for client in clients))
            async with asyncio.TaskGroup() as group:
                asking = [group.create_task(ask_until(done, client)) for client in clients]
                await switch(admin, releases)
                done.set()
            asked = [task.result() for task in asking]
            answers = [told(client) for client in clients]
    finally:
        await admin.post(f"/knowledge/releases/{before['id']}/rollback", reason="the test is over")
        row = await admin.get("/knowledge/draft/entry", id=ENTRY)
        seen = {"id": ENTRY, "seen_revision": str(row["revision"])}
        await admin.call("DELETE", "/knowledge/draft/entries", params=seen)
    assert [len(own) for own in answers] == [2 * times for times in asked]
    pairs = [(own[place], own[place + 1]) for own in answers for place in range(0, len(own), 2)]
    assert set(pairs) == {(f"{kiln}号窑。", f"{kiln}号窑") for kiln in KILNS}
    assert all(not client.breaches for client in clients)
