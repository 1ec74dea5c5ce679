"""A customer is exported and erased by the operator's command while the product runs; nothing is left but figures."""

import asyncio
import json
import uuid
import zipfile
from pathlib import Path

import aiohttp
import pytest

from tests.e2e.test_commands import yizhan
from tests.e2e.test_relay import QUESTION, hand_over
from tests.services.deployment import ACCOUNT
from tests.services.product import Product
from tests.simulators.console_client import ConsoleClient, Json, Refused
from tests.simulators.website_client import WebsiteClient, open_client

pytestmark = pytest.mark.timeout(240)

WORD = "紫色长颈鹿4711"
NOTE = "便签里的斑马0815"
PDF = b"%PDF-1.4\n% a purple giraffe 4711\n%%EOF"


async def shows(customer: WebsiteClient, http: aiohttp.ClientSession) -> str:
    """Sends a file; gives its id."""
    form = aiohttp.FormData()
    form.add_field("file", PDF, filename="giraffe.pdf", content_type="application/pdf")
    headers = {"Authorization": f"Bearer {customer.token}"}
    async with http.post(f"{customer.root}/media", data=form, headers=headers) as answer:
        assert answer.status == 201, await answer.text()
        media: Json = (await answer.json())["media"]
    await customer.send({"type": "file", "media": {"id": media["id"]}})
    return str(media["id"])


async def served(customer: WebsiteClient, agent: ConsoleClient, http: aiohttp.ClientSession) -> tuple[str, str]:
    """They write, send a file, are served by a human, who puts things down and makes a ticket; conversation and file."""
    conversation_id = await hand_over(customer, agent)
    await customer.say(WORD)
    file = await shows(customer, http)
    await agent.until(lambda: WORD in agent.texts(conversation_id, "customer"))
    await agent.say(conversation_id, f"收到{WORD}")
    await customer.until(lambda: f"收到{WORD}" in customer.texts("agent"), 30.0)
    card = (await agent.get(f"/conversations/{conversation_id}/customer"))["customer"]
    await agent.post(f"/customers/{card['id']}/notes", text=NOTE)
    body = {"client_id": str(uuid.uuid4()), "conversation_id": conversation_id, "title": WORD, "type": "question"}
    ticket = (await agent.post("/tickets", **body))["ticket"]
    await agent.post(f"/tickets/{ticket['id']}/notes", text=NOTE)
    return conversation_id, file


def traces(home: Path, wanted: tuple[str, ...]) -> list[str]:
    """In which files of the deployment any of these stands, or is the name."""
    found = []
    for path in sorted(home.rglob("*")):
        if path.is_file():
            body = path.read_bytes()
            found += [f"{path.name}: {one}" for one in wanted if one.encode() in body or one in path.name]
    return found


async def test_a_customer_goes_and_the_neighbour_stays(
    product: Product, http: aiohttp.ClientSession, customer: WebsiteClient, agent: ConsoleClient, tmp_path: Path
) -> None:
    conversation_id, file = await served(customer, agent, http)
    customer_id = (await agent.get(f"/conversations/{conversation_id}/customer"))["customer"]["id"]
    async with open_client(http, product.website, ACCOUNT, session={"locale": "zh-CN"}) as neighbour:
        beside = await hand_over(neighbour, agent)
        await agent.say(beside, "您好")
        await agent.act(beside, "close")
        await agent.in_state(beside, "closed")
        await asyncio.sleep(1.0)  # the customer's receipts of the last message change the transcript, too
        before = await agent.get(f"/conversations/{beside}/messages")

        await agent.act(conversation_id, "close")
        await agent.in_state(conversation_id, "closed")
        out = tmp_path / "them.zip"
        await yizhan(product, "customer", "export", customer_id, "--out", str(out))
        with zipfile.ZipFile(out) as archive:
            names = archive.namelist()
            assert WORD in archive.read("transcript.html").decode()
            assert any(archive.read(name) == PDF for name in names if name.startswith("attachments/"))
            assert NOTE in archive.read("data/dialogue.customer_notes.jsonl").decode()
            assert NOTE in archive.read("data/routing.ticket_notes.jsonl").decode()
            assert "data/routing.tickets.jsonl" in names

        receipt = tmp_path / "receipt.json"
        options = ("--yes", "--close", "--reason", "request 118", "--receipt", str(receipt))
        await yizhan(product, "customer", "erase", customer_id, *options)
        assert (await agent.get(f"/conversations/{beside}/messages")) == before

    told = receipt.read_text("utf-8")
    assert not [one for one in (WORD, NOTE, customer_id, conversation_id, file) if one in told]
    erased = {f"{line['store']}.{line['table']}" for line in json.loads(told)["receipt"]["lines"]}
    assert erased >= {"dialogue.messages", "routing.tickets", "routing.cases", "metrics.ledger", "media.files"}
    assert "0 kept" in await yizhan(product, "customer", "verify-receipt", str(receipt))

    with pytest.raises(Refused) as gone:
        await agent.get(f"/conversations/{conversation_id}")
    assert gone.value.status == 404
    home = product.deployment.folder
    if product.kind == "embedded":
        assert traces(home / "var", (WORD, NOTE, "purple giraffe", file, conversation_id, customer_id)) == []
    assert [one for one in traces(home, (WORD, NOTE)) if ".log" in one] == []
    await comes_back(product, http, customer)


async def comes_back(product: Product, http: aiohttp.ClientSession, customer: WebsiteClient) -> None:
    """Their browser still knows them, and finds nothing of before."""
    async with open_client(http, product.website, ACCOUNT, session={"token": customer.token}) as back:
        await back.reached(1, within=60.0)
        assert back.visitor_id == customer.visitor_id
        await back.say(QUESTION)
        await back.until(lambda: any("48" in text for text in back.texts("bot")), 15.0)
        assert back.texts("customer") == [QUESTION]
        assert [message["seq"] for message in back.messages] == list(range(1, len(back.messages) + 1))
