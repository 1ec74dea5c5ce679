"""公众号 from the first question to the rating, against the simulated platform, both ways in which the product runs."""

import asyncio
from datetime import UTC, datetime

import pytest

from tests.services.product import Product
from tests.services.wechat import PICTURE, answered_at_once, connect, in_hand, new_name, new_official, new_openid
from tests.simulators.console_client import ConsoleClient
from tests.simulators.wechat import OfficialFollower, SimOfficial, WechatPlatform

pytestmark = pytest.mark.timeout(240)

QUESTION = "什么时候发货"


@pytest.fixture
async def official(product: Product, platform: WechatPlatform) -> SimOfficial:
    account = new_official(platform)
    await connect(product.deployment, account, new_name("official"))
    return account


@pytest.fixture
def follower(official: SimOfficial) -> OfficialFollower:
    return official.follower(new_openid())


async def until_left(agent: ConsoleClient, conversation_id: str, left: int) -> None:
    """Returns when the agent is shown, before writing, that so many messages may still be sent. Raises TimeoutError."""
    async with asyncio.timeout(30):
        while (await agent.conversation(conversation_id))["reply_window"]["left"] != left:
            await asyncio.sleep(0.1)


async def test_a_question_is_answered_in_the_answer_to_its_push(
    platform: WechatPlatform, official: SimOfficial
) -> None:
    follower, push = await answered_at_once(official, QUESTION)
    assert push.reply is not None
    assert "48" in push.reply.text
    assert [attempt.timed_out for attempt in push.attempts] == [False]
    assert [(item.via, item.text) for item in follower.received] == [("passive", push.reply.text)]
    assert not [call for call in platform.called("send") if call.openid == follower.openid]


async def test_a_human_takes_over_pictures_go_both_ways_and_the_service_is_rated(
    follower: OfficialFollower, agent: ConsoleClient
) -> None:
    await agent.appear("online")
    await follower.says("转人工")
    conversation_id = await agent.accept(await agent.offered())
    await agent.in_state(conversation_id, "assigned")

    await follower.image(PICTURE)
    await agent.until(lambda: agent.transcripts[conversation_id][-1]["content"]["type"] == "image")
    await agent.say(conversation_id, "收到图片了")
    await follower.sees(lambda item: item.text == "收到图片了")
    stored = await agent.upload("/media", "photo.png", PICTURE)
    await agent.send(conversation_id, {"type": "image", "media": stored["media"]})
    await follower.sees(lambda item: item.media == PICTURE)

    await follower.says("好的，谢谢")
    await agent.until(lambda: agent.texts(conversation_id, "customer")[-1] == "好的，谢谢")
    await agent.act(conversation_id, "close")
    await follower.sees(lambda item: item.menu is not None)
    menu = follower.received[-1].menu
    assert menu is not None
    assert len(menu.items) == 5
    await follower.press(menu.items[-1].label)
    await follower.sees(lambda item: "感谢您的评价" in item.text)
    assert (await agent.conversation(conversation_id))["rating"] == 5
    assert [item["seq"] for item in agent.transcripts[conversation_id]] == list(
        range(1, len(agent.transcripts[conversation_id]) + 1)
    )


async def test_an_agent_sees_the_window_before_sending(follower: OfficialFollower, agent: ConsoleClient) -> None:
    conversation_id = await in_hand(agent, follower)
    await follower.sees(lambda item: "已接入" in item.text)
    await until_left(agent, conversation_id, 4)
    await follower.says("在吗")
    await agent.until(lambda: agent.texts(conversation_id, "customer")[-1] == "在吗")
    await until_left(agent, conversation_id, 5)
    for number in range(6):
        await agent.say(conversation_id, f"第{number}条")
    await agent.until(lambda: agent.last(conversation_id, "第5条").get("receipt") == "held")
    held = agent.last(conversation_id, "第5条")
    assert held["receipt_reason"] == "quota_spent"
    await until_left(agent, conversation_id, 0)
    await follower.says("还在吗")
    await follower.sees(lambda item: item.text == "第5条")
    assert [item.text for item in follower.received if item.text.startswith("第")] == [f"第{n}条" for n in range(6)]


async def test_an_account_without_permission_answers_inside_pushes_alone(
    product: Product, platform: WechatPlatform, agent: ConsoleClient
) -> None:
    account = new_official(platform, customer_service=False)
    await connect(product.deployment, account, new_name("official"), "customer_service=false")
    follower, push = await answered_at_once(account, QUESTION)
    assert push.reply is not None
    assert "48" in push.reply.text
    conversation_id = await in_hand(agent, follower)
    await agent.say(conversation_id, "您好，我是小雅")
    await agent.until(lambda: agent.last(conversation_id, "您好，我是小雅").get("receipt") == "held")
    assert not [item for item in follower.received if "您好，我是小雅" in item.text]
    await follower.says("有人吗")
    await follower.sees(lambda item: "您好，我是小雅" in item.text)
    assert {item.via for item in follower.received} == {"passive"}


@pytest.mark.parametrize("product", ["apart"], indirect=True)
async def test_a_slow_answer_comes_once_although_the_push_came_three_times(
    product: Product, platform: WechatPlatform, follower: OfficialFollower
) -> None:
    platform.faults.push(cut_after=1.0, times=3)
    dialogue = product.deployment.processes["dialogue"]
    await asyncio.to_thread(dialogue.pause)
    try:
        push = await follower.says(QUESTION)
    finally:
        dialogue.resume()
    assert len(push.attempts) == 3
    assert push.reply is None
    answer = await follower.sees(lambda item: "48" in item.text)
    assert answer.via == "api"
    await follower.says("谢谢")
    assert [item.text for item in follower.received].count(answer.text) == 1


async def test_a_window_that_closes_is_shown_before_anything_is_sent(
    product: Product, platform: WechatPlatform, agent: ConsoleClient
) -> None:
    account = new_official(platform)
    short = 'windows={"message": {"messages": 5, "seconds": 8}}'
    await connect(product.deployment, account, new_name("official"), short)
    follower = account.follower(new_openid())
    conversation_id = await in_hand(agent, follower)
    window = (await agent.conversation(conversation_id))["reply_window"]
    async with asyncio.timeout(60):
        while datetime.fromisoformat(window["until"]) > datetime.now(UTC):
            await asyncio.sleep(0.2)
            window = (await agent.conversation(conversation_id))["reply_window"]
    calls = len(platform.called("send"))
    await agent.say(conversation_id, "还在吗")
    await agent.until(lambda: agent.last(conversation_id, "还在吗").get("receipt") == "held")
    assert agent.last(conversation_id, "还在吗")["receipt_reason"] == "window_closed"
    assert len([call for call in platform.called("send")[calls:] if call.openid == follower.openid]) == 0
    await follower.says("我回来了")
    await follower.sees(lambda item: item.text == "还在吗")


async def test_what_the_platform_refuses_is_told_by_its_reason(
    platform: WechatPlatform, follower: OfficialFollower, agent: ConsoleClient
) -> None:
    conversation_id = await in_hand(agent, follower)
    await follower.sees(lambda item: "已接入" in item.text)
    for errcode, receipt, reason in (
        (48001, "failed", "not_permitted"),
        (87014, "failed", "risky_content"),
        (45015, "held", "window_closed"),
    ):
        platform.faults.next(api="send", errcode=errcode, openid=follower.openid)
        await agent.say(conversation_id, f"因为{errcode}")
        await agent.until(lambda: agent.last(conversation_id, f"因为{errcode}").get("receipt") == receipt)  # noqa: B023
        assert agent.last(conversation_id, f"因为{errcode}")["receipt_reason"] == reason
