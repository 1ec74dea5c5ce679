"""Why the assistant said something, and where its task stands, over the console's REST API on the running product."""

import aiohttp
import pytest

from tests.services.product import Product
from tests.simulators.console_client import ConsoleClient, Refused
from tests.simulators.website_client import WebsiteClient

pytestmark = pytest.mark.timeout(240)

QUESTION = "什么时候发货"
PASSWORD = "a long enough password"


async def conversation_of(admin: ConsoleClient, text: str) -> str:
    """The conversation that was spoken in last; ``text`` is what was said."""
    found = (await admin.get("/conversations", box="all"))["items"][0]
    transcript = (await admin.get(f"/conversations/{found['id']}/messages"))["messages"]
    assert text in [one["content"].get("text") for one in transcript]
    return str(found["id"])


async def test_an_answer_tells_its_entry_its_release_and_what_else_came_into_question(
    customer: WebsiteClient, admin: ConsoleClient
) -> None:
    await customer.say(QUESTION)
    await customer.until(lambda: any("48" in text for text in customer.texts("bot")), 15.0)
    answer = next(one for one in customer.messages if "48" in str(one["content"].get("text")))
    why = await admin.get(f"/messages/{answer['id']}/decision")
    release = (await admin.get("/knowledge/release"))["release"]
    assert (why["decided_by"], why["intent"], why["identical"]) == ("entry", "answer", True)
    assert why["release"] == {"id": release["id"], "number": release["number"]}
    assert why["candidates"][0]["entry_id"] == why["entry"]["id"]
    assert 0 < why["thresholds"]["clarify"] <= why["thresholds"]["answer"] <= 1
    asked = next(one for one in customer.messages if one["content"].get("text") == QUESTION)
    assert (await admin.get(f"/messages/{asked['id']}/decision"))["id"] == why["id"]


@pytest.mark.parametrize(
    ("which", "status", "code"), [("greeting", 409, "not_an_answer"), ("nobody", 404, "unknown_message")]
)
async def test_what_nobody_decided_is_refused_with_its_reason(
    customer: WebsiteClient, admin: ConsoleClient, which: str, status: int, code: str
) -> None:
    message_id = customer.messages[0]["id"] if which == "greeting" else which
    with pytest.raises(Refused) as refused:
        await admin.get(f"/messages/{message_id}/decision")
    assert (refused.value.status, refused.value.code) == (status, code)


async def test_editors_who_may_not_read_transcripts_are_told_no_decision(
    customer: WebsiteClient, admin: ConsoleClient, http: aiohttp.ClientSession, product: Product
) -> None:
    await admin.post("/users", username="why-editor", name="小苏", roles=["editor"], password=PASSWORD)
    editor = ConsoleClient(http, product.console)
    await editor.sign_in("why-editor", PASSWORD)
    with pytest.raises(Refused) as refused:
        await editor.get(f"/messages/{customer.messages[0]['id']}/decision")
    assert (refused.value.status, refused.value.code) == (403, "role_missing")


@pytest.mark.parametrize("product", ["embedded"], indirect=True)  # the demo shop's orders are inside ``yizhan up``
async def test_agents_see_where_a_task_stands_with_its_numbers_masked(
    customer: WebsiteClient, admin: ConsoleClient
) -> None:
    await customer.say("我的订单到哪了")
    await customer.until(lambda: any("订单号" in text for text in customer.texts("bot")), 15.0)
    conversation_id = await conversation_of(admin, "我的订单到哪了")
    task = (await admin.conversation(conversation_id))["task"]
    assert (task["phase"], task["values"], bool(task["asked"])) == ("asking", [], True)
    said = len(customer.messages)
    await customer.say("13800138000")
    await customer.until(lambda: len(customer.messages) >= said + 2, 15.0)
    task = (await admin.conversation(conversation_id))["task"]
    assert [one["shown"] for one in task["values"]] == ["138****8000"]
