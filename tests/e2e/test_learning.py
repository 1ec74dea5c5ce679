"""Misses and suggestions over the console's REST API, on the running product."""

from typing import Any

import pytest

from tests.e2e.test_relay import hand_over
from tests.simulators.console_client import ConsoleClient, Json, Refused
from tests.simulators.website_client import WebsiteClient

pytestmark = pytest.mark.timeout(240)

MISSED = "请问你们的仓库猫叫什么名字"
QUESTION = "什么时候发货"


async def group_of(admin: ConsoleClient, question: str, state: str = "open") -> Json | None:
    items = (await admin.get("/learning/groups", state=state))["items"]
    return next((item for item in items if item["question"] == question), None)


async def test_an_unanswered_question_becomes_an_entry_of_the_draft(
    customer: WebsiteClient, admin: ConsoleClient
) -> None:
    await customer.say(MISSED)
    await customer.until(lambda: customer.messages[-1]["content"]["type"] == "menu", 15.0)
    menu = customer.messages[-1]["content"]
    said = len(customer.messages)
    none = next(option for option in menu["options"] if option["id"] == "none")
    await customer.send({"type": "choice", "menu_id": menu["menu_id"], "option_id": "none", "label": none["label"]})
    await customer.until(lambda: len(customer.messages) >= said + 2, 15.0)
    group = await group_of(admin, MISSED)
    assert group is not None
    assert (group["reasons"], group["customers"], group["drafted"]) == ({"none_of_these": 1}, 1, None)
    one = f"/learning/groups/{group['id']}"
    details = await admin.get(one)
    assert [wording["text"] for wording in details["wordings"]] == [MISSED]
    assert details["proposal"]["question"] == MISSED
    with pytest.raises(Refused) as refused:
        await admin.post(f"{one}/draft")
    assert (refused.value.status, refused.value.problem["code"]) == (422, "entry_rejected")
    done = await admin.post(f"{one}/draft", entry={"question": MISSED, "answer": "它叫箱子。"})
    assert done["draft"]["entry"]["answer"] == "它叫箱子。"
    assert (done["group"]["state"], done["group"]["drafted"]["published"]) == ("drafted", False)
    assert await group_of(admin, MISSED, "drafted") is not None
    dismissed = (await admin.post(f"{one}/dismiss", reason=" 不是我们的业务 "))["group"]
    assert (dismissed["state"], dismissed["dismissed"]["reason"]) == ("dismissed", "不是我们的业务")
    assert dismissed["dismissed"]["by"]
    assert (await admin.post(f"{one}/reopen"))["group"]["state"] == "open"
    row = await admin.get("/knowledge/draft/entry", id=done["draft"]["entry"]["id"])
    await admin.call(
        "delete",
        "/knowledge/draft/entries",
        params={"id": row["entry"]["id"], "seen_revision": row["revision"]},
    )


async def test_an_agent_is_offered_an_answer_and_its_use_is_counted(
    customer: WebsiteClient, agent: ConsoleClient, admin: ConsoleClient
) -> None:
    conversation_id = await hand_over(customer, agent)
    await customer.say(QUESTION)
    await agent.until(lambda: QUESTION in agent.texts(conversation_id, "customer"))
    offered = await agent.get(f"/conversations/{conversation_id}/suggestions")
    best = offered["items"][0]
    assert "48" in best["text"]
    assert (await agent.get("/knowledge/search", words=QUESTION))["items"][0]["entry_id"] == best["entry_id"]
    before = await _uses(admin, best["entry_id"])
    await agent.post(
        f"/conversations/{conversation_id}/messages",
        client_id="suggested-1",
        epoch=(await agent.conversation(conversation_id))["epoch"],
        content={"type": "text", "text": best["text"]},
        suggestion={
            "entry_id": best["entry_id"],
            "edited": False,
            "shown": [item["entry_id"] for item in offered["items"]],
        },
    )
    await customer.until(lambda: customer.texts("agent") == [best["text"]], 15.0)
    assert await _uses(admin, best["entry_id"]) == before + 1


async def test_an_answer_that_an_agent_searched_for_is_counted_apart(
    customer: WebsiteClient, agent: ConsoleClient, admin: ConsoleClient
) -> None:
    conversation_id = await hand_over(customer, agent)
    found = (await agent.get("/knowledge/search", words=QUESTION))["items"][0]
    before = await _uses(admin, found["entry_id"], "found_edited")
    suggested = await _uses(admin, found["entry_id"], "edited")
    await agent.post(
        f"/conversations/{conversation_id}/messages",
        client_id="searched-1",
        epoch=(await agent.conversation(conversation_id))["epoch"],
        content={"type": "text", "text": "您好，当天就发。"},
        suggestion={"entry_id": found["entry_id"], "edited": True, "searched": True, "shown": []},
    )
    await customer.until(lambda: customer.texts("agent") == ["您好，当天就发。"], 15.0)
    assert await _uses(admin, found["entry_id"], "found_edited") == before + 1
    assert await _uses(admin, found["entry_id"], "edited") == suggested


async def _uses(admin: ConsoleClient, entry_id: str, outcome: str = "as_is") -> int:
    items: list[dict[str, Any]] = (await admin.get("/learning/suggestions", days=1))["items"]
    return next((item[outcome] for item in items if item["entry_id"] == entry_id), 0)
