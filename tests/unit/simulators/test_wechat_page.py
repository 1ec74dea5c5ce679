"""The phone in the browser: it comes from this machine alone, and its buttons do what followers do."""

import asyncio
import re
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from tests.channels.waiting import until
from tests.simulators.wechat import WechatPlatform, open_platform
from tests.simulators.wechat.__main__ import commands, demo_accounts
from tests.simulators.wechat.page import FILES, FOLDER, Page, Shown
from tests.unit.simulators.shop import PNG, Shop

Json = dict[str, Any]
ROOT = Path(__file__).resolve().parents[3]
WHO = "oDemoFollower0001"


@pytest.fixture
async def page(shop: Shop) -> AsyncIterator[Page]:
    """The demo, its webhooks all at the shop."""
    made: list[Page] = []

    def extend(platform: WechatPlatform, app: web.Application) -> None:
        made.append(Page(platform, demo_accounts(platform, f"{shop.url}?account={{account}}", "safe")))
        made[0].add_to(app)

    async with open_platform(push_deadline=30.0, extend=extend):
        yield made[0]


async def post(page: Page, shop: Shop, path: str, **body: Any) -> int:
    url = f"{page.platform.api_url}/phone/{path}"
    async with shop.http.post(url, json={"account": "shop", "who": WHO} | body) as answer:
        await answer.read()
        return answer.status


async def state(page: Page, shop: Shop, account: str = "shop", after: int = 0) -> Json:
    query = {"account": account, "who": WHO, "after": str(after)}
    return await shop.get(f"{page.platform.api_url}/phone/state", **query)


async def test_the_page_needs_nothing_from_elsewhere(page: Page, shop: Shop) -> None:
    async with shop.http.get(f"{page.platform.api_url}/") as answer:
        html = await answer.text()
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert re.findall(r"<script(?![^>]*src=)|style=|\son\w+=", html) == [], "the policy forbids what is inline"
    wanted = re.findall(r'(?:src|href)="([^"]+)"', html)
    assert wanted
    assert all(address.startswith("/static/") for address in wanted)
    assert {path.name for path in FOLDER.iterdir()} == set(FILES) | {"page.html"}
    for name in FILES:
        async with shop.http.get(f"{page.platform.api_url}/static/{name}") as answer:
            assert answer.status == 200
    async with shop.http.get(f"{page.platform.api_url}/static/page.py") as answer:
        assert answer.status == 404


@pytest.mark.parametrize(
    ("account", "deed", "value"),
    [
        ("shop", "text", "在吗"),
        ("shop", "voice", "在吗"),
        ("shop", "location", ""),
        ("shop", "link", ""),
        ("shop", "card", ""),
        ("shop", "subscribe", "poster"),
        ("shop", "unsubscribe", ""),
        ("shop", "scan", ""),
        ("shop", "click", "ORDERS"),
        ("shop", "view", "https://example.com/"),
        ("mini", "text", "在吗"),
        ("mini", "card", ""),
        ("mini", "tempsession", "order:1"),
        ("kf", "text", "在吗"),
        ("kf", "voice", ""),
        ("kf", "location", ""),
        ("kf", "link", ""),
        ("kf", "card", ""),
        ("kf", "enter", ""),
        ("kf", "recall", ""),
        ("kf", "unsubscribe", ""),
    ],
)
async def test_every_button_makes_one_push(page: Page, shop: Shop, account: str, deed: str, value: str) -> None:
    assert await post(page, shop, "deed", account=account, deed=deed, value=value) == 200
    await until(lambda: len(page.pushes) == 1 and page.pushes[0][1].accepted)
    assert [pushed.query["account"] for pushed in shop.pushed] == [account]
    shown = await state(page, shop, account)
    assert len(shown["person"]["chat"]) == (0 if (account, deed) == ("kf", "unsubscribe") else 1)
    assert [push["what"] for push in shown["pushes"]] == [deed]


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        pytest.param("deed", {"deed": "fly"}, 400, id="an unknown button"),
        pytest.param("deed", {"deed": "press", "value": "x"}, 409, id="an item of no menu"),
        pytest.param("deed", {"account": "mini", "deed": "scan"}, 409, id="a button of another kind of account"),
        pytest.param("deed", {"account": "none", "deed": "text"}, 404, id="an unknown account"),
        pytest.param("deed", {"who": "", "deed": "text"}, 400, id="nobody"),
        pytest.param("advance", {"seconds": -1}, 400, id="back in time"),
        pytest.param("fault", {"fault": "error"}, 400, id="an error without its code"),
    ],
)
async def test_a_wrong_button_is_refused(page: Page, shop: Shop, path: str, body: Json, status: int) -> None:
    assert await post(page, shop, path, **body) == status
    assert shop.pushed == []


async def test_another_sites_page_cannot_press_buttons(page: Page, shop: Shop) -> None:
    body = '{"account": "shop", "who": "x", "deed": "text", "value": "x"}'
    async with shop.http.post(f"{page.platform.api_url}/phone/deed", data=body) as answer:
        assert answer.status == 415


async def test_the_chat_shows_what_was_said_and_received(page: Page, shop: Shop) -> None:
    official = page.accounts["shop"].account
    url = f"{page.platform.api_url}/phone/image?account=shop&who={WHO}"
    async with shop.http.post(url, data=PNG, headers={"Content-Type": "image/png"}) as answer:
        assert answer.status == 200
    claim = {"grant_type": "client_credential", "appid": official.app_id, "secret": official.secret}
    token = (await shop.post(f"{page.platform.api_url}/cgi-bin/stable_token", claim))["access_token"]
    items = [{"id": "1", "content": "满意"}]
    message = {"touser": WHO, "msgtype": "msgmenu", "msgmenu": {"head_content": "请评价", "list": items}}
    sent = await shop.post(f"{page.platform.api_url}/cgi-bin/message/custom/send?access_token={token}", message)
    assert sent["errcode"] == 0
    assert await post(page, shop, "deed", deed="press", value="1") == 200
    shown = await state(page, shop)
    image, menu, pressed = shown["person"]["chat"]
    assert (image["side"], image["kind"]) == ("right", "image")
    async with shop.http.get(f"{page.platform.api_url}/pic/{image['media']}") as answer:
        assert await answer.read() == PNG
    assert (menu["side"], menu["via"], menu["menu"]["items"][0]["label"]) == ("left", "api", "满意")
    assert (pressed["side"], pressed["text"]) == ("right", "满意")
    assert {right["trigger"]: right["left"] for right in shown["person"]["rights"]} == {"message": 4, "menu": 3}
    assert [call["api"] for call in shown["calls"]] == ["send", "token"]
    assert (await state(page, shop, after=2))["person"]["chat"] == [pressed]


async def test_time_and_faults_have_buttons(page: Page, shop: Shop) -> None:
    before = page.platform.now()
    assert await post(page, shop, "advance", seconds=172800) == 200
    assert page.platform.now() - before >= 172800
    for body in ({"fault": "hang"}, {"fault": "error", "errcode": -1}, {"account": "kf", "fault": "msg_send_fail"}):
        assert await post(page, shop, "fault", **body) == 200
    waiting = (await state(page, shop))["faults"]
    assert [(fault["api"], fault["outcome"]) for fault in waiting] == [
        ("send", "hang"),
        ("send", "error"),
        ("kf_send", "msg_send_fail"),
    ]
    for name in ("cut", "duplicates", "tokens", "clear"):
        assert await post(page, shop, "fault", fault=name) == 200
    assert (await state(page, shop))["faults"] == []


async def test_the_url_can_be_checked(page: Page, shop: Shop) -> None:
    shop.answer = lambda pushed: pushed.query["echostr"]
    for account, ok in (("shop", True), ("mini", True), ("kf", False)):
        url = f"{page.platform.api_url}/phone/verify"
        async with shop.http.post(url, json={"account": account}) as answer:
            assert (await answer.json())["ok"] is ok


async def test_the_commands_name_every_setting(page: Page) -> None:
    accounts: dict[str, Shown] = dict(page.accounts)
    shop, mini, kf = commands(accounts)
    assert shop.startswith("yizhan account add wechat shop --set kind=official --set app_id=wx")
    assert mini.startswith("yizhan account add wechat mini --set kind=mini --set app_id=wx")
    assert kf.startswith("yizhan account add wechat kf --set kind=kf --set corp_id=ww")
    for command in (shop, mini, kf):
        assert re.findall(r"--set (\w+)=\S+", command)[2:] == ["secret", "token", "aes_key"]


async def test_the_program_says_how_to_connect_and_stops_when_told() -> None:
    started = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.simulators.wechat", "--port", "0", cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    assert started.stdout
    lines: list[str] = []
    try:
        async with asyncio.timeout(60):
            while "kf " not in "".join(lines[-1:]):
                lines.append((await started.stdout.readline()).decode())
            started.terminate()
            assert await started.wait() == 0
    finally:
        if started.returncode is None:
            started.kill()
            await started.wait()
    text = "".join(lines)
    assert "YIZHAN_WECHAT_API_URL=http://127.0.0.1:" in text
    assert text.count("yizhan account add wechat ") == 3
