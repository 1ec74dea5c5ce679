"""公众号 from the first question to the rating, against the simulated platform, both ways in which the product runs."""

import asyncio
import base64
from collections.abc import AsyncIterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest

from tests.services.product import WECHAT_PORT, Product
from tests.simulators.console_client import ConsoleClient, Json
from tests.simulators.wechat import WechatPlatform, open_platform
from tests.simulators.wechat.account import SimOfficial
from tests.simulators.wechat.follower import OfficialFollower

pytestmark = pytest.mark.timeout(240)

QUESTION = "什么时候发货"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
NUMBERS = count(1)


@dataclass(slots=True)
class Shop:
    """A 公众号 that is connected to the product."""

    product: Product
    platform: WechatPlatform
    official: SimOfficial
    account: str

    def follower(self) -> OfficialFollower:
        return self.official.follower(f"o{next(NUMBERS):026d}")


@pytest.fixture
async def platform() -> AsyncIterator[WechatPlatform]:
    async with open_platform(port=WECHAT_PORT) as opened:
        yield opened
        assert opened.violations == []


@pytest.fixture
async def shop(product: Product, platform: WechatPlatform, tmp_path: Path) -> Shop:
    return await connected(product, platform, tmp_path)


async def connected(
    product: Product, platform: WechatPlatform, folder: Path, *settings: str, customer_service: bool = True
) -> Shop:
    """Add the account by the command line, as an operator does it, and verify its address."""
    number = next(NUMBERS)
    account, app_id, secret = f"gzh{number}-{product.kind}", f"wx{number:016d}", f"{number:032d}"
    official = platform.official(
        app_id=app_id,
        secret=secret,
        token="Token123",
        aes_key=AES_KEY,
        mode="safe",
        customer_service=customer_service,
    )
    (folder / "secret").write_text(secret)
    own = [f"app_id={app_id}", "token=Token123", f"aes_key={AES_KEY}", *settings]
    given = [part for item in ("kind=official", *own) for part in ("--set", item)]
    await asyncio.to_thread(
        product.deployment.yizhan,
        *("account", "add", "wechat", account, "--name", "山居生活", *given),
        *("--set-file", f"secret={folder / 'secret'}"),
    )
    official.webhook = f"{product.deployment.wechat}/wechat/{account}"
    async with asyncio.timeout(30):
        while not (await official.verify_url()).ok:
            await asyncio.sleep(0.2)  # the running channel looks for new accounts every few seconds
    return Shop(product, platform, official, account)


def last(agent: ConsoleClient, conversation_id: str, text: str) -> Json:
    """The last message with this text as the agent's screen has it; empty while it is not there."""
    found = [item for item in agent.transcripts[conversation_id] if item["content"].get("text") == text]
    return found[-1] if found else {}


async def test_a_question_is_answered_in_the_answer_to_its_push(shop: Shop) -> None:
    follower = shop.follower()
    push = await follower.says(QUESTION)
    assert push.reply is not None, push
    assert "48" in push.reply.text
    assert [attempt.timed_out for attempt in push.attempts] == [False]
    assert [(item.via, item.text) for item in follower.received] == [("passive", push.reply.text)]
    assert not shop.platform.called("send")


async def test_a_human_takes_over_pictures_go_both_ways_and_the_service_is_rated(
    shop: Shop, agent: ConsoleClient
) -> None:
    follower = shop.follower()
    await agent.appear("online")
    push = await follower.says("转人工")
    assert push.reply is not None
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
    await agent.act(conversation_id, "close")
    await follower.sees(lambda item: item.menu is not None)
    menu = follower.received[-1].menu
    assert menu is not None
    assert len(menu.items) == 5
    rated = await follower.press(menu.items[-1].label)
    assert rated.reply is not None
    assert "感谢您的评价" in rated.reply.text
    assert (await agent.conversation(conversation_id))["rating"] == 5
    assert [item["seq"] for item in agent.transcripts[conversation_id]] == list(
        range(1, len(agent.transcripts[conversation_id]) + 1)
    )


async def test_an_agent_sees_the_window_before_sending(shop: Shop, agent: ConsoleClient) -> None:
    follower = shop.follower()
    await agent.appear("online")
    await follower.says("转人工")
    conversation_id = await agent.accept(await agent.offered())
    await agent.in_state(conversation_id, "assigned")
    await follower.sees(lambda item: "已接入" in item.text)
    await follower.says("在吗")
    await agent.until(lambda: agent.texts(conversation_id, "customer")[-1] == "在吗")
    before = (await agent.conversation(conversation_id))["reply_window"]
    assert before["left"] == 5
    for number in range(6):
        await agent.say(conversation_id, f"第{number}条")
    await agent.until(lambda: last(agent, conversation_id, "第5条").get("receipt") == "held")
    held = last(agent, conversation_id, "第5条")
    assert held["receipt_reason"] == "quota_spent"
    assert (await agent.conversation(conversation_id))["reply_window"]["left"] == 0
    await follower.says("还在吗")
    await follower.sees(lambda item: item.text == "第5条")
    assert [item.text for item in follower.received if item.text.startswith("第")] == [f"第{n}条" for n in range(6)]


async def test_an_account_without_permission_answers_inside_pushes_alone(
    product: Product, platform: WechatPlatform, agent: ConsoleClient, tmp_path: Path
) -> None:
    shop = await connected(product, platform, tmp_path, "customer_service=false", customer_service=False)
    follower = shop.follower()
    push = await follower.says(QUESTION)
    assert push.reply is not None
    assert "48" in push.reply.text
    await agent.appear("online")
    await follower.says("转人工")
    conversation_id = await agent.accept(await agent.offered())
    await agent.in_state(conversation_id, "assigned")
    await agent.say(conversation_id, "您好，我是小雅")
    await agent.until(lambda: last(agent, conversation_id, "您好，我是小雅").get("receipt") == "held")
    assert not [item for item in follower.received if item.text == "您好，我是小雅"]
    push = await follower.says("有人吗")
    assert push.reply is not None
    assert "您好，我是小雅" in push.reply.text
    assert not platform.called("send")
