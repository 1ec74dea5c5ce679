"""An agent at the console with a customer on WeChat: the window is seen before anything is sent, and what is held is told."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.browser.pages import Desk, loaded, png
from tests.services.product import WECHAT_PORT, Product
from tests.services.wechat import connect, new_name, new_official, new_openid
from tests.simulators.wechat import OfficialFollower, WechatPlatform, open_platform

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(240),
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.parametrize("product", ["embedded"], indirect=True),
]


@pytest_asyncio.fixture(loop_scope="session")
async def platform() -> AsyncIterator[WechatPlatform]:
    async with open_platform(port=WECHAT_PORT) as opened:
        yield opened


async def taken(desk: Desk, follower: OfficialFollower) -> None:
    """The agent has the conversation."""
    await desk.appear("online")
    await follower.says("转人工")
    await desk.accept()
    await follower.sees("已接入")


def may_send(follower: OfficialFollower) -> str:
    """What the note says as long as nothing else is sent: a reply may have come inside the answer to a push, or not."""
    (room,) = follower.quota.rooms(follower.acted_at)
    return f"还可发送 {room.left} 条"


async def test_an_agent_sees_what_may_still_be_sent(product: Product, platform: WechatPlatform, desk: Desk) -> None:
    account = new_official(platform)
    await connect(product.deployment, account, new_name("official"))
    follower = account.follower(new_openid())
    await taken(desk, follower)
    note = desk.page.get_by_test_id("reply-window")
    await expect(note).to_contain_text(may_send(follower))
    await follower.image(bytes(png(64, 48, (180, 83, 42))["buffer"]))
    await loaded(desk.pictures("customer"), 64, 48)
    await expect(note).to_contain_text(may_send(follower))
    for number in range(5):
        await desk.say(f"第{number}条")
        await follower.sees(f"第{number}条")
    await expect(note).to_have_attribute("data-state", "closed")
    await desk.say("这一条要等一等")
    await expect(desk.page.get_by_test_id("unsent-reason").last).to_be_visible()
    await follower.says("在")
    await follower.sees("这一条要等一等")
    await expect(note).to_contain_text(may_send(follower))


async def test_an_agent_is_shown_that_the_window_has_closed(
    product: Product, platform: WechatPlatform, desk: Desk
) -> None:
    account = new_official(platform)
    short = 'windows={"message": {"messages": 5, "seconds": 10}}'
    await connect(product.deployment, account, new_name("official"), short)
    follower = account.follower(new_openid())
    await taken(desk, follower)
    note = desk.page.get_by_test_id("reply-window")
    await expect(note).to_have_attribute("data-state", "closed", timeout=30_000)
    await desk.say("您还在吗")
    await expect(desk.page.get_by_test_id("unsent-reason").last).to_be_visible()
    assert not [item for item in follower.received if item.text == "您还在吗"]
    await follower.says("在的")
    await follower.sees("您还在吗")
