"""微信客服 from the welcome to the rating, against the simulated platform, both ways in which the product runs."""

import pytest

from tests.services.product import Product
from tests.services.wechat import PICTURE, connect, in_hand, new_kf, new_name, new_openid
from tests.simulators.console_client import ConsoleClient
from tests.simulators.wechat import KfCustomer, SimKf, WechatPlatform
from tests.simulators.wechat.kf_state import State

pytestmark = pytest.mark.timeout(240)

QUESTION = "什么时候发货"


@pytest.fixture
async def kf(product: Product, platform: WechatPlatform) -> SimKf:
    account = new_kf(platform)
    await connect(product.deployment, account, new_name("kf"))
    return account


@pytest.fixture
def customer(kf: SimKf) -> KfCustomer:
    return kf.customer(f"wm{new_openid()}")


async def test_who_comes_in_is_welcomed_and_a_question_is_answered_once(customer: KfCustomer) -> None:
    await customer.enter_session("官网")
    welcome = await customer.sees(1)
    assert welcome.via == "event_code"
    await customer.says(QUESTION)
    answer = await customer.sees(lambda item: "48" in item.text)
    assert answer.via == "api"
    assert customer.state is State.ASSISTANT
    await customer.says("谢谢")
    await customer.sees(3)
    assert len(customer.received) == 3


async def test_a_human_takes_over_pictures_go_both_ways_and_the_service_is_rated(
    customer: KfCustomer, agent: ConsoleClient
) -> None:
    conversation_id = await in_hand(agent, customer)
    await customer.image(PICTURE)
    await agent.until(lambda: agent.transcripts[conversation_id][-1]["content"]["type"] == "image")
    stored = await agent.upload("/media", "photo.png", PICTURE)
    await agent.send(conversation_id, {"type": "image", "media": stored["media"]})
    await customer.sees(lambda item: item.media == PICTURE)
    await customer.says("好的，谢谢")
    await agent.until(lambda: agent.texts(conversation_id, "customer")[-1] == "好的，谢谢")
    await agent.act(conversation_id, "close")
    menu = (await customer.sees(lambda item: item.menu is not None)).menu
    assert menu is not None
    await customer.press(menu.items[-1].label)
    await customer.sees("感谢您的评价")
    assert (await agent.conversation(conversation_id))["rating"] == 5


async def test_a_message_that_did_not_reach_the_customer_is_shown_to_the_agent(
    platform: WechatPlatform, customer: KfCustomer, agent: ConsoleClient
) -> None:
    conversation_id = await in_hand(agent, customer)
    await customer.sees(lambda item: "已接入" in item.text)
    platform.faults.next(api="kf_send", outcome="msg_send_fail", fail_type=10, openid=customer.openid)
    await agent.say(conversation_id, "您好")

    def failed() -> bool:
        said = [item for item in agent.transcripts[conversation_id] if item["content"].get("text") == "您好"]
        return bool(said) and said[-1].get("receipt") == "failed"

    await agent.until(failed)
    assert "您好" not in customer.texts
