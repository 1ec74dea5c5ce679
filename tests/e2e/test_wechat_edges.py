"""公众号 at its edges, on the running product: fallbacks of a closed window, other kinds of messages, hostile pushes."""

import asyncio
from collections.abc import Callable

import aiohttp
import pytest

from tests.services.product import Product
from tests.services.wechat import AES_KEY, TOKEN, connect, in_hand, new_mini, new_name, new_official, new_openid
from tests.simulators.console_client import ConsoleClient
from tests.simulators.wechat import OfficialFollower, SimOfficial, WechatPlatform

pytestmark = [pytest.mark.timeout(240), pytest.mark.parametrize("product", ["embedded"], indirect=True)]

SHORT = 'windows={"message": {"messages": 1, "seconds": 3600}}'
AMR = b"#!AMR\n" + b"\x3c" + b"\x00" * 31
MP4 = b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom" + b"\x00\x00\x00\x08mdat"


async def follower_of(product: Product, platform: WechatPlatform, *settings: str) -> OfficialFollower:
    account = new_official(platform)
    await connect(product.deployment, account, new_name("official"), *settings)
    return account.follower(new_openid())


async def test_a_message_that_cannot_go_becomes_a_ticket_where_the_business_wants_that(
    product: Product, platform: WechatPlatform, agent: ConsoleClient
) -> None:
    follower = await follower_of(product, platform, "on_window_closed=ticket", SHORT)
    conversation_id = await in_hand(agent, follower)
    await agent.say(conversation_id, "您的退款已到账")
    await agent.until(lambda: agent.last(conversation_id, "您的退款已到账").get("receipt") == "held")
    async with asyncio.timeout(60):
        while True:
            tickets = (await agent.get("/tickets", status="open"))["items"]
            mine = [ticket for ticket in tickets if ticket["conversation_id"] == conversation_id]
            if mine:
                break
            await asyncio.sleep(0.2)
    assert [ticket["reason"] for ticket in mine] == ["window_closed"]


async def test_a_customer_who_cannot_be_written_to_gets_the_approved_notice(
    product: Product, platform: WechatPlatform, agent: ConsoleClient
) -> None:
    notice = 'template={"template_id": "T1", "data": {"thing1": "客服已回复，请打开公众号查看"}}'
    follower = await follower_of(product, platform, "on_window_closed=template", notice, SHORT)
    conversation_id = await in_hand(agent, follower)
    await follower.sees("已接入")
    await agent.say(conversation_id, "您的退款已到账")
    await follower.sees(lambda item: item.via == "template")
    await agent.until(lambda: agent.last(conversation_id, "您的退款已到账").get("receipt") == "held")
    page = await agent.get(f"/conversations/{conversation_id}/messages")
    assert page["messages"][-1]["fallback"] == "template"
    await follower.says("看到了")
    await follower.sees("您的退款已到账")


async def test_voice_video_and_places_reach_the_agent_and_typing_reaches_the_customer(
    product: Product, platform: WechatPlatform, agent: ConsoleClient
) -> None:
    follower = await follower_of(product, platform)
    conversation_id = await in_hand(agent, follower)

    def shows(kind: str) -> Callable[[], bool]:
        return lambda: agent.transcripts[conversation_id][-1]["content"]["type"] == kind

    await follower.voice(AMR)
    await agent.until(shows("voice"))
    await follower.video(MP4)
    await agent.until(shows("video"))
    await follower.location(31.23, 121.47, "人民广场")
    await agent.until(shows("location"))
    await follower.link("退货说明", "https://shop.example.com/returns")
    await agent.until(shows("link"))
    await follower.says("𠮷野家的发票抬头写错了😀")
    await agent.until(lambda: "𠮷野家" in agent.texts(conversation_id, "customer")[-1])
    assert agent.texts(conversation_id, "customer")[-1].endswith("😀")
    await agent.post(f"/conversations/{conversation_id}/typing")
    async with asyncio.timeout(30):
        while not [call for call in platform.called("typing") if call.openid == follower.openid]:
            await asyncio.sleep(0.1)


async def test_who_enters_a_mini_programs_session_is_greeted(product: Product, platform: WechatPlatform) -> None:
    mini = new_mini(platform)
    await connect(product.deployment, mini, new_name("mini"))
    user = mini.follower(new_openid())
    await user.enter_tempsession("order:123")
    await user.sees("您好")


LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE xml [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><xml><ToUserName>gh</ToUserName><Content>&c;</Content></xml>'
)


def clear(official: SimOfficial, **fields: object) -> str:
    """A push in clear, as plain mode sends it."""
    whole = {"ToUserName": official.original_id, "FromUserName": "oBad", "CreateTime": 1, "MsgType": "text"} | fields
    return "<xml>" + "".join(f"<{name}>{value}</{name}>" for name, value in whole.items()) + "</xml>"


async def test_hostile_pushes_are_refused_and_the_account_goes_on(product: Product, platform: WechatPlatform) -> None:
    follower = await follower_of(product, platform, "require_encryption=true")
    official = follower.account
    assert isinstance(official, SimOfficial)
    forged = official.sign() | {"signature": "0" * 40}
    old = official.sign(timestamp=1_600_000_000)
    stranger = platform.official(app_id="wxstranger0000000", secret="s" * 32, token=TOKEN, aes_key=AES_KEY, mode="safe")
    sealed = stranger.encrypt(clear(official, Content="hi", MsgId=1))
    foreign = f"<xml><ToUserName>{official.original_id}</ToUserName><Encrypt>{sealed}</Encrypt></xml>"
    garbled = "<xml><ToUserName>gh</ToUserName><Encrypt>AAAA</Encrypt></xml>"
    cases = [
        ("a forged signature", clear(official, Content="hi", MsgId=1), forged, 403),
        ("a timestamp of years ago", foreign, old | {"encrypt_type": "aes"}, 403),
        ("a push in clear where only encrypted ones are taken", clear(official, Content="hi", MsgId=1), None, 403),
        ("billion laughs", LAUGHS, None, 403),
        ("billion laughs that say they are encrypted", LAUGHS, official.sign("x") | {"encrypt_type": "aes"}, 400),
        ("another account's AppID", foreign, official.sign(sealed) | {"encrypt_type": "aes"}, 400),
        ("no ciphertext", garbled, official.sign("AAAA") | {"encrypt_type": "aes"}, 400),
        ("nothing", "", official.sign("x") | {"encrypt_type": "aes"}, 400),
        ("five megabytes", "x" * (5 << 20), official.sign("x") | {"encrypt_type": "aes"}, 413),
    ]
    answers = {name: (await official.post(body, query)).status for name, body, query, _ in cases}
    assert answers == {name: status for name, _, _, status in cases}
    async with aiohttp.ClientSession() as http, http.post(f"{product.deployment.wechat}/wechat/nobody", data="x") as no:
        assert no.status == 404
    unknown = await follower.event("future_event_of_wechat", EventKey="x")
    assert [attempt.status for attempt in unknown.attempts] == [200]
    await follower.says("什么时候发货")
    await follower.sees(lambda item: "48" in item.text)
