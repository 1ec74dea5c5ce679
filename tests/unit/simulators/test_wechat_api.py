"""The simulator's API holds callers to tokens, windows, quotas, media rules and forms, and goes wrong on request."""

import asyncio
import json
from typing import Any

import aiohttp
import pytest

from tests.channels.waiting import until
from tests.simulators.wechat import SimOfficial, WechatPlatform
from tests.unit.simulators.shop import APP, JPG, OFFICIAL, PNG, SECRET, TOKEN, Shop

Json = dict[str, Any]
WHO = "o9AgO5Kd5ggOC-bXrbNODIiE3bGY"
HOURS_48 = 48 * 3600


class Caller:
    """An honest client of one account."""

    def __init__(self, platform: WechatPlatform, shop: Shop, app_id: str = APP) -> None:
        self.root, self.shop, self.app_id = platform.api_url + "/cgi-bin", shop, app_id
        self.token = ""

    async def fetch(self, **body: Any) -> Json:
        claim = {"grant_type": "client_credential", "appid": self.app_id, "secret": SECRET}
        answer = await self.shop.post(f"{self.root}/stable_token", claim | body)
        self.token = answer.get("access_token", self.token)
        return answer

    async def classic(self) -> Json:
        claim = {"grant_type": "client_credential", "appid": self.app_id, "secret": SECRET}
        answer = await self.shop.get(f"{self.root}/token", **claim)
        self.token = answer.get("access_token", self.token)
        return answer

    async def call(self, path: str, body: Json | bytes) -> int:
        if not self.token:
            await self.fetch()
        return (await self.shop.post(f"{self.root}{path}?access_token={self.token}", body)).get("errcode", 0)

    async def send(self, msgtype: str = "text", part: Any = None, touser: str = WHO) -> int:
        whole = {"touser": touser, "msgtype": msgtype, msgtype: part or {"content": "您好"}}
        return await self.call("/message/custom/send", whole)

    async def typing(self, command: str = "Typing") -> int:
        return await self.call("/message/custom/typing", {"touser": WHO, "command": command})

    async def upload(self, kind: str, data: bytes, name: str = "a.png") -> Json:
        if not self.token:
            await self.fetch()
        url = f"{self.root}/media/upload?access_token={self.token}&type={kind}"
        return await self.shop.upload(url, data, name)


@pytest.fixture
def caller(platform: WechatPlatform, official: SimOfficial, shop: Shop) -> Caller:
    official.follower(WHO)
    return Caller(platform, shop)


# --- tokens ---


async def test_a_stable_token_is_the_same_until_its_last_five_minutes(
    platform: WechatPlatform, official: SimOfficial, caller: Caller
) -> None:
    first = await caller.fetch()
    assert first["expires_in"] == 7200
    platform.advance(6000)
    again = await caller.fetch()
    assert (again["access_token"], again["expires_in"]) == (first["access_token"], 1200)
    platform.advance(900)
    second = await caller.fetch()
    assert second["access_token"] != first["access_token"]
    assert second["expires_in"] == 7200
    await official.follower(WHO).says("在吗")
    for token, later, expected in (
        (first["access_token"], 0, 0),
        (first["access_token"], 300, 42001),
        (second["access_token"], 0, 0),
    ):
        platform.advance(later)
        caller.token = token
        assert await caller.send() == expected


async def test_forcing_kills_the_token_and_is_limited(platform: WechatPlatform, caller: Caller) -> None:
    first = (await caller.fetch())["access_token"]
    assert (await caller.fetch(force_refresh=True))["access_token"] != first
    caller.token = first
    assert await caller.send() == 40001
    assert (await caller.fetch(force_refresh=True))["errcode"] == 45011
    for _ in range(19):
        platform.advance(30)
        assert "access_token" in await caller.fetch(force_refresh=True)
    platform.advance(30)
    assert (await caller.fetch(force_refresh=True))["errcode"] == 45009


async def test_a_classic_token_replaces_the_one_before_after_five_minutes(
    platform: WechatPlatform, official: SimOfficial, caller: Caller
) -> None:
    stable = (await caller.fetch())["access_token"]
    first = (await caller.classic())["access_token"]
    second = (await caller.classic())["access_token"]
    await official.follower(WHO).says("在吗")
    platform.advance(299)
    caller.token = first
    assert await caller.send() == 0
    platform.advance(1)
    assert await caller.send() == 40001
    for token in (second, stable):
        caller.token = token
        assert await caller.send() == 0


@pytest.mark.parametrize(
    ("claim", "errcode"),
    [
        pytest.param({"appid": "wx0"}, 40013, id="unknown AppID"),
        pytest.param({"secret": "x"}, 40125, id="wrong secret"),
        pytest.param({"grant_type": "x"}, 40002, id="wrong grant"),
    ],
)
async def test_a_wrong_claim_gets_no_token(caller: Caller, claim: Json, errcode: int) -> None:
    assert (await caller.fetch(**claim))["errcode"] == errcode


async def test_a_caller_off_the_white_list_is_told_its_address(official: SimOfficial, caller: Caller) -> None:
    official.trusted_ip = False
    for answer in (await caller.fetch(), await caller.classic()):
        assert answer["errcode"] == 40164
        assert "127.0.0.1" in answer["errmsg"]


async def test_bad_tokens_are_told_apart(platform: WechatPlatform, official: SimOfficial, caller: Caller) -> None:
    await official.follower(WHO).says("在吗")
    assert await caller.send() == 0
    platform.expire_tokens(APP)
    assert await caller.send() == 42001
    await caller.fetch()
    assert await caller.send() == 0
    platform.rotate_token(APP)
    assert await caller.send() == 40001
    caller.token = "nonsense"
    assert await caller.send() == 40014
    assert (await caller.shop.post(f"{caller.root}/message/custom/send", {}))["errcode"] == 41001
    await caller.fetch()
    assert await caller.send() == 0


# --- windows and quotas ---


@pytest.mark.parametrize(
    ("deed", "allowed", "seconds"),
    [
        pytest.param(lambda f: f.says("在吗"), 5, HOURS_48, id="a message"),
        pytest.param(lambda f: f.image(PNG), 5, HOURS_48, id="an image"),
        pytest.param(lambda f: f.click("K"), 3, 60, id="a menu"),
        pytest.param(lambda f: f.subscribe(), 3, 60, id="following"),
        pytest.param(lambda f: f.scan("7"), 3, 60, id="a QR code"),
    ],
)
async def test_a_deed_allows_so_many_messages_for_so_long(
    platform: WechatPlatform, official: SimOfficial, caller: Caller, deed: Any, allowed: int, seconds: float
) -> None:
    follower = official.follower(WHO)
    assert await caller.send() == 45015
    await deed(follower)
    assert [await caller.send() for _ in range(allowed + 1)] == [0] * allowed + [45047]
    assert len(follower.received) == allowed
    await deed(follower)
    platform.advance(seconds - 1)
    await caller.fetch()
    assert await caller.send() == 0
    platform.advance(1)
    assert await caller.send() == 45015


@pytest.mark.parametrize(
    "deed",
    [
        pytest.param(lambda f: f.view("https://x/"), id="a menu link"),
        pytest.param(lambda f: f.event("LOCATION", Latitude=1.0), id="a position"),
        pytest.param(lambda f: f.event("kf_create_session", KfAccount="a@b"), id="an event of the platform"),
    ],
)
async def test_other_deeds_allow_nothing(official: SimOfficial, caller: Caller, deed: Any) -> None:
    await deed(official.follower(WHO))
    assert await caller.send() == 45015


async def test_windows_have_their_own_counters(official: SimOfficial, caller: Caller) -> None:
    await official.follower(WHO).says("在吗")
    await official.follower(WHO).click("K")
    assert [await caller.send() for _ in range(9)] == [0] * 8 + [45047]


async def test_leaving_closes_everything(official: SimOfficial, caller: Caller) -> None:
    await official.follower(WHO).says("在吗")
    await official.follower(WHO).unsubscribe()
    assert await caller.send() == 45015


async def test_a_mini_program_has_its_own_rights(platform: WechatPlatform, shop: Shop) -> None:
    user = platform.mini(app_id="wx1", secret=SECRET, token=TOKEN, webhook=shop.url).follower(WHO)
    caller = Caller(platform, shop, "wx1")
    await user.enter_tempsession()
    assert [await caller.send() for _ in range(3)] == [0, 0, 45047]
    platform.advance(60)
    assert await caller.send() == 45015
    await user.says("在吗")
    assert [await caller.send() for _ in range(6)] == [0] * 5 + [45047]
    assert await caller.send("msgmenu", {"list": [{"id": "1", "content": "一"}]}) == 40008


async def test_a_pressed_menu_item_comes_back_with_its_id_and_opens_a_minute(
    platform: WechatPlatform, official: SimOfficial, caller: Caller, shop: Shop
) -> None:
    follower = official.follower(WHO)
    await follower.says("在吗")
    items = [{"id": "csat:5", "content": "满意"}, {"id": "csat:1", "content": "不满意"}]
    assert await caller.send("msgmenu", {"head_content": "请评价", "list": items, "tail_content": "谢谢"}) == 0
    (seen,) = follower.received
    assert seen.menu
    assert [(item.id, item.label) for item in seen.menu.items] == [("csat:5", "满意"), ("csat:1", "不满意")]
    platform.advance(HOURS_48)
    await follower.press("满意")
    assert (shop.pushed[-1].fields["Content"], shop.pushed[-1].fields["bizmsgmenuid"]) == ("满意", "csat:5")
    await caller.fetch()
    assert [await caller.send() for _ in range(4)] == [0, 0, 0, 45047]
    with pytest.raises(LookupError):
        await follower.press("没有")


async def test_accounts_without_permission_are_refused(platform: WechatPlatform, shop: Shop) -> None:
    small = platform.official(**OFFICIAL, webhook=shop.url, customer_service=False, msgmenu=False)
    await small.follower(WHO).says("在吗")
    caller = Caller(platform, shop)
    assert (await caller.send(), await caller.typing()) == (48001, 48001)
    small.customer_service = True
    assert await caller.send("msgmenu", {"list": [{"id": "1", "content": "一"}]}) == 40200


# --- forms ---


@pytest.mark.parametrize(
    ("body", "errcode"),
    [
        pytest.param(b"{", 47001, id="not JSON"),
        pytest.param(b"[]", 47001, id="not an object"),
        pytest.param(json.dumps({"touser": WHO, "msgtype": "text", "text": {"content": "您好"}}), 40033, id="escapes"),
        pytest.param({"touser": "nobody", "msgtype": "text", "text": {"content": "x"}}, 40003, id="unknown openid"),
        pytest.param({"msgtype": "markdown"}, 40008, id="unknown type"),
        pytest.param({"msgtype": "text"}, 47001, id="without its object"),
        pytest.param({"msgtype": "text", "text": {"content": ""}}, 44004, id="nothing in it"),
        pytest.param({"msgtype": "text", "text": {"content": "字" * 683}}, 45002, id="over 2048 bytes"),
        pytest.param({"msgtype": "text", "text": {"content": "字" * 682}}, 0, id="just within"),
        pytest.param({"msgtype": "text", "text": {"content": "a\\u4e00b"}}, 0, id="a backslash that is text"),
        pytest.param({"msgtype": "image", "image": {"media_id": "gone"}}, 40007, id="media that are not there"),
        pytest.param({"msgtype": "news", "news": {"articles": [{"title": "a"}] * 2}}, 45008, id="two articles"),
        pytest.param({"msgtype": "news", "news": {"articles": []}}, 45166, id="no article"),
        pytest.param({"msgtype": "msgmenu", "msgmenu": {"list": []}}, 45166, id="an empty menu"),
    ],
)
async def test_a_wrongly_built_message_is_refused(
    platform: WechatPlatform, official: SimOfficial, caller: Caller, body: Any, errcode: int
) -> None:
    await official.follower(WHO).says("在吗")
    whole = {"touser": WHO} | body if isinstance(body, dict) else body
    raw = whole.encode() if isinstance(whole, str) else whole
    assert await caller.call("/message/custom/send", raw) == errcode
    assert len(official.follower(WHO).received) == (errcode == 0)
    assert platform.called("send")[-1].errcode == errcode
    assert bool(platform.violations) == (errcode in {47001, 40033, 40008, 45008})


async def test_typing(platform: WechatPlatform, official: SimOfficial, caller: Caller) -> None:
    assert await caller.typing() == 45080
    await official.follower(WHO).says("在吗")
    assert [await caller.typing(), await caller.typing()] == [0, 45081]
    assert await caller.send() == 0
    assert [await caller.typing(), await caller.typing("CancelTyping"), await caller.typing()] == [0, 0, 0]
    assert await caller.typing("Stop") == 45072
    platform.advance(31)
    assert await caller.typing() == 45080


async def test_template_and_subscription_messages_need_no_window(official: SimOfficial, caller: Caller) -> None:
    follower = official.follower(WHO)
    body = {"touser": WHO, "template_id": "T1", "data": {"thing1": {"value": "已回复"}}}
    assert await caller.call("/message/template/send", body) == 0
    assert await caller.call("/message/subscribe/bizsend", body) == 43101
    follower.agreed["T1"] = 1
    assert [await caller.call("/message/subscribe/bizsend", body) for _ in range(2)] == [0, 43101]
    assert await caller.call("/message/template/send", body | {"data": {"a": 1}}) == 47003
    assert [(seen.text, seen.via) for seen in follower.received] == [("已回复", "template")] * 2


@pytest.mark.parametrize(("blocks", "status"), [(False, "success"), (True, "failed:user block")])
async def test_what_became_of_a_template_message_is_pushed(
    official: SimOfficial, caller: Caller, shop: Shop, blocks: bool, status: str
) -> None:
    follower = official.follower(WHO)
    follower.blocks_templates = blocks
    await caller.fetch()
    url = f"{caller.root}/message/template/send?access_token={caller.token}"
    answer = await shop.post(url, {"touser": WHO, "template_id": "T1", "data": {}})
    await until(lambda: bool(shop.pushed))
    fields = shop.pushed[0].fields
    assert (fields["Event"], fields["MsgID"]) == ("TEMPLATESENDJOBFINISH", str(answer["msgid"]))
    assert fields["Status"] == status
    assert len(follower.received) == (not blocks)
    assert await caller.send() == 45015, "such an event is no deed of the follower"


async def test_user_info_and_addresses(official: SimOfficial, caller: Caller) -> None:
    await caller.fetch()
    info = await caller.shop.get(f"{caller.root}/user/info", access_token=caller.token, openid=WHO, lang="zh_CN")
    assert (info["subscribe"], info["openid"]) == (1, WHO)
    ips = await caller.shop.get(f"{caller.root}/getcallbackip", access_token=caller.token)
    assert ips["ip_list"] == ["127.0.0.1"]


# --- media ---


@pytest.mark.parametrize(
    ("kind", "data", "errcode"),
    [
        pytest.param("image", PNG, 0, id="PNG"),
        pytest.param("image", JPG, 0, id="JPEG"),
        pytest.param("image", b"RIFF....WEBP", 40005, id="WebP"),
        pytest.param("image", PNG + bytes(10 << 20), 40006, id="over 10 MB"),
        pytest.param("image", b"", 41005, id="nothing"),
        pytest.param("voice", b"#!AMR\n...", 0, id="AMR"),
        pytest.param("voice", PNG, 40005, id="an image as voice"),
        pytest.param("video", b"\0\0\0\x18ftypmp42", 0, id="MP4"),
        pytest.param("thumb", JPG, 0, id="thumb"),
        pytest.param("thumb", JPG + bytes(64 << 10), 40006, id="large thumb"),
        pytest.param("file", PNG, 40004, id="a kind that is not there"),
    ],
)
async def test_uploads_are_checked(caller: Caller, kind: str, data: bytes, errcode: int) -> None:
    answer = await caller.upload(kind, data)
    assert answer.get("errcode", 0) == errcode
    assert ("thumb_media_id" if kind == "thumb" else "media_id") in answer or errcode


async def test_media_live_three_days(
    platform: WechatPlatform, official: SimOfficial, caller: Caller, shop: Shop
) -> None:
    media_id = (await caller.upload("image", PNG))["media_id"]
    await official.follower(WHO).says("在吗")
    assert await caller.send("image", {"media_id": media_id}) == 0
    assert official.follower(WHO).received[0].media == PNG
    assert await caller.send("voice", {"media_id": media_id}) == 40007
    platform.advance(3 * 86400)
    await caller.fetch()
    await official.follower(WHO).says("在吗")
    assert await caller.send("image", {"media_id": media_id}) == 40007


async def test_what_a_follower_sent_can_be_fetched(
    platform: WechatPlatform, official: SimOfficial, caller: Caller, shop: Shop
) -> None:
    await official.follower(WHO).image(PNG)
    await caller.fetch()
    pushed = shop.pushed[0].fields
    query = {"access_token": caller.token, "media_id": pushed["MediaId"]}
    async with shop.http.get(f"{caller.root}/media/get", params=query) as answer:
        assert (answer.content_type, await answer.read()) == ("image/png", PNG)
        assert "filename" in answer.headers["Content-disposition"]
    async with shop.http.get(pushed["PicUrl"]) as answer:
        assert await answer.read() == PNG
    assert (await shop.get(f"{caller.root}/media/get", **query | {"media_id": "gone"}))["errcode"] == 40007
    await official.follower(WHO).video(b"film")
    platform.stage.video_as_url = True
    found = await shop.get(f"{caller.root}/media/get", **query | {"media_id": shop.pushed[-1].fields["MediaId"]})
    async with shop.http.get(found["video_url"]) as answer:
        assert await answer.read() == b"film"


# --- faults ---


async def test_an_error_on_request_comes_as_often_as_asked(
    platform: WechatPlatform, official: SimOfficial, caller: Caller
) -> None:
    await official.follower(WHO).says("在吗")
    platform.faults.next(api="send", errcode=-1, times=2)
    platform.faults.next(api="send", errcode=45009, openid="somebody else")
    assert [await caller.send() for _ in range(3)] == [-1, -1, 0]
    assert len(official.follower(WHO).received) == 1
    assert [fault.errcode for fault in platform.faults.waiting] == [45009]
    assert [call.errcode for call in platform.called("send")] == [-1, -1, 0]


@pytest.mark.parametrize(
    ("outcome", "seen"),
    [
        ("hang", 0),
        ("reset", 0),
        ("http_502", 0),
        ("garbage", 0),
        ("commit_then_hang", 1),
        ("commit_then_reset", 1),
        ("commit_then_http_502", 1),
        ("commit_then_garbage", 1),
    ],
)
async def test_a_call_without_a_regular_answer(
    platform: WechatPlatform, official: SimOfficial, caller: Caller, outcome: Any, seen: int
) -> None:
    await official.follower(WHO).says("在吗")
    await caller.fetch()
    platform.faults.next(api="send", outcome=outcome)
    sending = asyncio.ensure_future(caller.send())
    await until(lambda: bool(platform.called("send")))
    if outcome.endswith("hang"):
        await asyncio.sleep(0)
        assert not sending.done()
        sending.cancel()
    with pytest.raises((aiohttp.ClientError, asyncio.CancelledError, ValueError)):
        await sending
    assert len(official.follower(WHO).received) == seen
    assert platform.called("send")[-1].errcode is None
    assert await caller.send() == 0


async def test_a_commit_waits_for_a_call_that_would_succeed(
    platform: WechatPlatform, official: SimOfficial, caller: Caller
) -> None:
    platform.faults.next(api="send", outcome="commit_then_error", errcode=-1)
    assert await caller.send() == 45015
    await official.follower(WHO).says("在吗")
    assert await caller.send() == -1
    assert len(official.follower(WHO).received) == 1


async def test_a_late_answer_is_right(platform: WechatPlatform, official: SimOfficial, caller: Caller) -> None:
    await official.follower(WHO).says("在吗")
    platform.faults.next(api="send", delay=0.01)
    assert await caller.send() == 0


async def test_a_fault_must_say_what_goes_wrong(platform: WechatPlatform) -> None:
    with pytest.raises(ValueError, match="say what"):
        platform.faults.next(api="send")
    with pytest.raises(ValueError, match="errcode"):
        platform.faults.next(api="send", outcome="commit_then_error")


async def test_waiting_for_what_a_follower_sees(official: SimOfficial, caller: Caller) -> None:
    follower = official.follower(WHO)
    await follower.says("在吗")
    waiting = asyncio.ensure_future(follower.sees(lambda seen: seen.text == "第二"))
    assert await caller.send(part={"content": "第一"}) == 0
    assert await caller.send(part={"content": "第二"}) == 0
    assert (await waiting).text == "第二"
    assert (await follower.sees(1)).text == "第一"
    assert [seen.index for seen in follower.received] == sorted(seen.index for seen in follower.received)
    with pytest.raises(TimeoutError, match="第一"):
        await follower.sees(3, within=0.01)
