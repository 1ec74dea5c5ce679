"""One conversation from the first question to the rating, over HTTP and WebSocket, both ways in which the product runs."""

import asyncio

import pytest

from tests.simulators.console_client import ConsoleClient, Json, Refused
from tests.simulators.website_client import WebsiteClient

pytestmark = pytest.mark.timeout(240)

QUESTION = "什么时候发货"


async def hand_over(customer: WebsiteClient, agent: ConsoleClient) -> str:
    """The customer asks for a human, the agent takes it; gives the conversation's id."""
    await agent.appear("online")
    await customer.say("转人工")
    conversation_id = await agent.accept(await agent.offered())
    await agent.in_state(conversation_id, "assigned")
    return conversation_id


async def same_screens(customer: WebsiteClient, agent: ConsoleClient, conversation_id: str) -> None:
    """Both screens reach the same transcript: every seq once, in order. Raises TimeoutError."""
    head = (await agent.conversation(conversation_id))["last_seq"]
    await customer.reached(head, within=60.0)
    await agent.until(lambda: len(agent.transcripts[conversation_id]) >= head)
    shown = [(message["seq"], message["id"]) for message in customer.messages]
    assert [seq for seq, _ in shown] == list(range(1, len(shown) + 1))
    assert [(message["seq"], message["id"]) for message in agent.transcripts[conversation_id]] == shown
    assert customer.breaches == []


async def test_a_question_a_human_and_a_rating(
    customer: WebsiteClient, agent: ConsoleClient, admin: ConsoleClient
) -> None:
    before = await admin.get("/numbers")
    await customer.say(QUESTION)
    await customer.until(lambda: any("48" in text for text in customer.texts("bot")), 15.0)

    conversation_id = await hand_over(customer, agent)
    assert QUESTION in agent.texts(conversation_id, "customer")
    await agent.say(conversation_id, "您好，我是小雅")
    await customer.until(lambda: customer.texts("agent") == ["您好，我是小雅"], 15.0)
    await customer.say("我的订单还没到")
    await agent.until(lambda: agent.texts(conversation_id, "customer")[-1] == "我的订单还没到")
    await same_screens(customer, agent, conversation_id)

    await agent.act(conversation_id, "close")
    await customer.until(lambda: customer.messages[-1]["content"]["type"] == "menu", 60.0)
    menu = customer.messages[-1]["content"]
    assert [option["id"] for option in menu["options"]] == ["1", "2", "3", "4", "5"]
    best = menu["options"][-1]
    await customer.send({"type": "choice", "menu_id": menu["menu_id"], "option_id": best["id"], "label": best["label"]})
    await customer.until(lambda: "感谢您的评价" in customer.texts("bot")[-1], 15.0)
    assert (await agent.conversation(conversation_id))["rating"] == 5
    await same_screens(customer, agent, conversation_id)

    numbers = await _numbers(admin, before["ratings"] + 1)
    assert numbers["sessions"] >= 1
    assert numbers["handoffs_in_window"] > before["handoffs_in_window"]
    assert all(channel["difference"] == 0 for channel in numbers["channels"])


async def test_the_assistant_takes_over_again(customer: WebsiteClient, agent: ConsoleClient) -> None:
    conversation_id = await hand_over(customer, agent)
    await agent.say(conversation_id, "订单问题我查好了")
    await agent.act(conversation_id, "return")
    await agent.in_state(conversation_id, "bot")
    await customer.say(QUESTION)
    await customer.until(lambda: "48" in customer.texts("bot")[-1], 15.0)
    await same_screens(customer, agent, conversation_id)


async def turned_away(agent: ConsoleClient, conversation_id: str, saying: Json) -> bool:
    """At once; or, when routing had not heard of it yet, by who keeps the conversation, and the screen says so."""
    try:
        await agent.post(f"/conversations/{conversation_id}/messages", **saying)
    except Refused as refused:
        return refused.status == 409
    await agent.until(lambda: any(frame["type"] == "refused" for frame in agent.frames))
    told = next(frame for frame in agent.frames if frame["type"] == "refused")
    return (told["client_id"], told["reason"]) == (saying["client_id"], "stale_epoch")


async def test_an_agent_who_has_not_the_conversation_is_refused(customer: WebsiteClient, agent: ConsoleClient) -> None:
    conversation_id = await hand_over(customer, agent)
    epoch = (await agent.conversation(conversation_id))["epoch"]
    await agent.act(conversation_id, "return")
    await agent.in_state(conversation_id, "bot")
    saying: Json = {"client_id": "too-late", "epoch": epoch, "content": {"type": "text", "text": "还在吗"}}
    assert await turned_away(agent, conversation_id, saying)
    await customer.say(QUESTION)
    await customer.until(lambda: "48" in customer.texts("bot")[-1], 15.0)
    assert "还在吗" not in customer.texts()


async def test_nobody_is_there_so_a_ticket_is_promised_and_kept(customer: WebsiteClient, agent: ConsoleClient) -> None:
    await agent.appear("offline")
    await customer.say("转人工")
    await customer.until(lambda: any("工单" in text for text in customer.texts("bot")), 30.0)
    number = next(text for text in customer.texts("bot") if "工单" in text).partition("工单 ")[2][:7]

    tickets = (await agent.get("/tickets", status="open"))["items"]
    ticket = next(item for item in tickets if item["number"] == number)
    assert ticket["last_text"] == "转人工"
    conversation_id = (await agent.post(f"/tickets/{ticket['id']}/take"))["conversation_id"]
    await agent.follow(conversation_id)
    await agent.say(conversation_id, "您好，来处理您的工单")
    await customer.until(lambda: customer.texts("agent") == ["您好，来处理您的工单"], 15.0)

    await agent.act(conversation_id, "close")
    await agent.in_state(conversation_id, "closed")
    async with asyncio.timeout(60.0):
        while number not in {item["number"] for item in (await agent.get("/tickets", status="resolved"))["items"]}:
            await asyncio.sleep(0.1)
    await same_screens(customer, agent, conversation_id)


async def test_what_an_agent_repeats_is_said_once(customer: WebsiteClient, agent: ConsoleClient) -> None:
    conversation_id = await hand_over(customer, agent)
    for _ in range(3):
        await agent.say(conversation_id, "只说一次", client_id="repeated-1")
    await agent.say(conversation_id, "然后是这句")
    await customer.until(lambda: "然后是这句" in customer.texts("agent"), 15.0)
    assert customer.texts("agent") == ["只说一次", "然后是这句"]
    await same_screens(customer, agent, conversation_id)


async def _numbers(admin: ConsoleClient, ratings: int) -> Json:
    """The live board once it counts this many ratings. Raises TimeoutError."""
    async with asyncio.timeout(60.0):
        while (shown := await admin.get("/numbers"))["ratings"] < ratings:
            await asyncio.sleep(0.2)
    return shown
