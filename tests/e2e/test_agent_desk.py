"""What an agent has at hand besides the conversation, over HTTP: notes among colleagues and canned replies."""

import uuid

import pytest

from tests.e2e.test_relay import hand_over, same_screens
from tests.simulators.console_client import ConsoleClient, Json, Refused
from tests.simulators.website_client import WebsiteClient

pytestmark = pytest.mark.timeout(240)

SECRET = "此人要投诉到底"


def frames_of(agent: ConsoleClient, kind: str) -> list[Json]:
    return [frame for frame in agent.frames if frame["type"] == kind]


async def test_colleagues_write_notes_and_the_customer_never_knows(
    customer: WebsiteClient, agent: ConsoleClient, admin: ConsoleClient
) -> None:
    conversation_id = await hand_over(customer, agent)
    path = f"/conversations/{conversation_id}/notes"
    head = customer.cursor
    for by, whisper_to in ((agent, ""), (admin, ""), (admin, agent.user_id)):
        await by.post(path, text=SECRET, client_id=str(uuid.uuid4()), whisper_to=whisper_to)
    await agent.until(lambda: len(frames_of(agent, "note")) == 3)
    shown = await agent.get(path)
    assert [(note["seq"], note["number"], note["whisper_to"]) for note in shown["notes"]] == [
        (head, 1, None),
        (head, 2, None),
        (head, 3, agent.user_id),
    ]
    assert [note["text"] for note in (await admin.get(path, after=1))["notes"]] == [SECRET, SECRET]
    await customer.say("还在吗")
    await customer.reached(head + 1)
    await agent.until(lambda: agent.texts(conversation_id, "customer")[-1] == "还在吗")
    await same_screens(customer, agent, conversation_id)
    assert SECRET not in str([customer.messages, customer.frames])
    assert (await agent.conversation(conversation_id))["last_text"] == "还在吗"


async def test_a_canned_reply_is_shared_found_filled_in_and_guarded(
    customer: WebsiteClient, agent: ConsoleClient, admin: ConsoleClient
) -> None:
    conversation_id = await hand_over(customer, agent)
    shortcut = f"/{uuid.uuid4().hex[:12]}"
    text = "我是{agent_name}，您的订单 {order_number} 已发出"
    draft = {"title": "发货通知", "text": text, "shortcut": shortcut, "shared": True}
    with pytest.raises(Refused) as denied:
        await agent.post("/replies", **draft)
    assert (denied.value.status, denied.value.code) == (403, "reply_role_missing")
    with pytest.raises(Refused) as invalid:
        await admin.post("/replies", **draft | {"text": "您好{agentname}"})
    assert (invalid.value.status, invalid.value.code) == (422, "reply_invalid")
    assert (invalid.value.problem["field"], invalid.value.problem["hint"]) == ("text", "{agent_name}")

    kept = (await admin.post("/replies", **draft))["reply"]
    [found] = (await agent.get("/replies/search", q=shortcut, conversation=conversation_id))["items"]
    name = agent.session.user["name"]
    assert found["rendered"] == f"我是{name}，您的订单 【订单号】 已发出"
    assert (found["missing"], found["blanks"]) == (["order_number"], ["【订单号】"])
    await agent.post(f"/replies/{kept['id']}/use")
    listed = {item["id"]: item for item in (await agent.get("/replies"))["items"]}
    assert (listed[kept["id"]]["uses"], listed[kept["id"]]["shared"]) == (1, True)

    path = f"/replies/{kept['id']}"
    changed = (await admin.call("PUT", path, json=draft | {"title": "已发货", "revision": 1}))["reply"]
    assert (changed["revision"], changed["title"]) == (2, "已发货")
    with pytest.raises(Refused) as stale:
        await admin.call("PUT", path, json=draft | {"revision": 1})
    assert (stale.value.status, stale.value.code) == (409, "reply_changed")
    await admin.call("DELETE", path, params={"revision": "2"})
    assert (await agent.get("/replies/search", q=shortcut))["items"] == []
