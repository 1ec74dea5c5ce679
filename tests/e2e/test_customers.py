"""Customers over the console's REST API, on the running product."""

import aiohttp
import pytest

from tests.e2e.test_relay import hand_over
from tests.services.deployment import ACCOUNT
from tests.services.product import Product
from tests.simulators.console_client import ConsoleClient, Refused
from tests.simulators.website_client import WebsiteClient, open_client

pytestmark = pytest.mark.timeout(240)


async def test_an_agent_sees_who_it_is_and_puts_down_what_colleagues_need(
    customer: WebsiteClient, agent: ConsoleClient
) -> None:
    await customer.say("什么时候发货")
    await customer.until(lambda: any("48" in text for text in customer.texts("bot")), 15.0)
    conversation_id = await hand_over(customer, agent)
    card = await agent.get(f"/conversations/{conversation_id}/customer")
    (identity,) = card["customer"]["identities"]
    assert (identity["channel"], identity["account"], identity["linked"]) == ("website", ACCOUNT, False)
    assert identity["conversation_ids"] == [conversation_id]
    assert [one["name"] for one in card["profile"]["handoffs"]] == ["requested"]
    assert card["profile"]["figures"]["rating_avg"] is None
    one = f"/customers/{card['customer']['id']}"
    tagged = await agent.post(f"{one}/tags", add=["VIP"])
    assert [(tag["tag"], bool(tag["by"]["name"])) for tag in tagged["customer"]["tags"]] == [("VIP", True)]
    await agent.post(f"{one}/attributes", set={"level": "gold"})
    await agent.post(f"{one}/notes", text="下午联系")
    card = await agent.get(one)
    assert [(item["name"], item["value"]) for item in card["attributes"]] == [("level", "gold")]
    assert [item["text"] for item in card["notes"]] == ["下午联系"]
    assert card["customer"]["id"] in [item["id"] for item in (await agent.get("/customers", tag="VIP"))["items"]]
    summary = await agent.get(f"/conversations/{conversation_id}/summary")
    assert summary["lines"][0] == {"kind": "trigger", "text": "转人工", "seqs": [summary["lines"][0]["seqs"][0]]}
    assert summary["lines"][-1]["kind"] == "answered"
    assert summary["wording_offered"] is False
    with pytest.raises(Refused) as refused:
        await agent.get(f"/conversations/{conversation_id}/summary/worded")
    assert (refused.value.status, refused.value.problem["code"]) == (409, "wording_off")


async def test_two_visitors_are_linked_by_force_and_taken_apart_again(
    product: Product, http: aiohttp.ClientSession, customer: WebsiteClient, agent: ConsoleClient
) -> None:
    first = await hand_over(customer, agent)
    here = (await agent.get(f"/conversations/{first}/customer"))["customer"]
    async with open_client(http, product.website, ACCOUNT, session={"locale": "zh-CN"}) as other:
        second = await hand_over(other, agent)
    there = (await agent.get(f"/conversations/{second}/customer"))["customer"]
    link = f"/customers/{here['id']}/link"
    for body, status, code in (
        ({"customer_id": there["id"]}, 409, "same_account"),
        ({"customer_id": there["id"], "force": True}, 422, "reason_missing"),
        ({"customer_id": there["id"], "identity_id": there["id"]}, 422, "invalid_fields"),
        ({"customer_id": "nobody"}, 404, "unknown_customer"),
    ):
        with pytest.raises(Refused) as refused:
            await agent.post(link, **body)
        assert (refused.value.status, refused.value.problem["code"]) == (status, code)
    linked = await agent.post(link, customer_id=there["id"], force=True, reason="换了浏览器")
    assert len(linked["customer"]["identities"]) == 2
    assert (await agent.get(f"/conversations/{second}/customer"))["customer"]["id"] == here["id"]
    moved = next(one for one in linked["customer"]["identities"] if one["linked"])
    left = await agent.post(f"/customers/{here['id']}/unlink", identity_id=moved["id"])
    assert [one["id"] for one in left["customer"]["identities"]] == [here["identities"][0]["id"]]
    events = (await agent.get(f"/customers/{here['id']}/links"))["items"]
    assert [(one["kind"], one["forced"]) for one in events] == [("unlink", False), ("link", True)]
    assert (await agent.get(f"/customers/{here['id']}/suggestions"))["items"] == []
