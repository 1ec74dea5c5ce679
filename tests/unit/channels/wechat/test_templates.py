"""A customer to whom nothing else may be sent is told by an approved form, or it is known why not."""

from collections.abc import AsyncIterator

import pytest

from tests.unit.channels.wechat.api import OPENID, Api, open_api
from yizhan.channels.contract import OutcomeUnknown, Refusal, Refused
from yizhan.channels.wechat.setting_values import SubscribeNotice, TemplateNotice
from yizhan.channels.wechat.templates import NOT_AGREED, send_subscription, send_template

NOTICE = TemplateNotice(template_id="T1", url="https://shop.example.com/chat", data={"first": "{account}"})
SUBSCRIPTION = SubscribeNotice(template_id="S1", page="pages/chat")
DATA = {"first": "您有新的客服回复", "time": "2026-11-22 09:00"}


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    async with open_api() as opened:
        yield opened


async def test_a_template_message_reaches_the_customer_and_has_an_id(api: Api) -> None:
    _ = api.follower
    told = await send_template(api.calls, api.token, OPENID, NOTICE, DATA, "message-1")
    assert told.msgid.isdigit()
    (call,) = api.platform.called("template")
    assert call.body == {
        "touser": OPENID,
        "template_id": "T1",
        "url": "https://shop.example.com/chat",
        "client_msg_id": "message-1",
        "data": {"first": {"value": "您有新的客服回复"}, "time": {"value": "2026-11-22 09:00"}},
    }
    assert "您有新的客服回复" in api.follower.texts[0]


async def test_a_subscription_message_reaches_who_agreed_to_it_once(api: Api) -> None:
    api.follower.agreed["S1"] = 1
    await send_subscription(api.calls, api.token, OPENID, SUBSCRIPTION, DATA, mini=False)
    assert len(api.follower.received) == 1
    with pytest.raises(Refused) as refusal:
        await send_subscription(api.calls, api.token, OPENID, SUBSCRIPTION, DATA, mini=False)
    assert (refusal.value.code, refusal.value.reason) == (NOT_AGREED, Refusal.NOT_PERMITTED)


async def test_a_mini_program_has_a_call_of_its_own(api: Api) -> None:
    follower = api.mini.follower(OPENID)
    follower.agreed["S1"] = 1
    await send_subscription(api.calls, api.mini_token, OPENID, SUBSCRIPTION, DATA, mini=True)
    assert len(follower.received) == 1
    (call,) = api.platform.called("subscribe_send")
    assert call.body["page"] == "pages/chat"


async def test_a_notice_of_unknown_fate_is_not_repeated(api: Api) -> None:
    _ = api.follower
    api.platform.faults.next(api="template", outcome="commit_then_reset")
    with pytest.raises(OutcomeUnknown):
        await send_template(api.calls, api.token, OPENID, NOTICE, DATA)
    assert len(api.follower.received) == 1


async def test_a_notice_that_the_platform_had_before_is_told(api: Api) -> None:
    api.platform.faults.next(api="template", errcode=45065)
    assert (await send_template(api.calls, api.token, OPENID, NOTICE, DATA, "message-1")).msgid == ""
