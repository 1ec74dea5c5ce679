"""The simulator's 微信客服: hints, the log and its cursors, sending by state, event messages."""

from typing import Any

import pytest

from tests.simulators.wechat import SimKf, WechatPlatform, xml_form
from tests.unit.simulators.shop import CORP, PNG, SECRET, Shop

Json = dict[str, Any]
WHO = "wmJ1"
HOURS_48 = 48 * 3600


class Corp:
    """An honest client of the corp."""

    def __init__(self, platform: WechatPlatform, shop: Shop) -> None:
        self.root, self.shop, self.token = platform.wecom_url + "/cgi-bin", shop, ""

    async def fetch(self, **claim: str) -> Json:
        answer = await self.shop.get(f"{self.root}/gettoken", **{"corpid": CORP, "corpsecret": SECRET} | claim)
        self.token = answer.get("access_token", self.token)
        return answer

    async def call(self, path: str, **body: Any) -> Json:
        if not self.token:
            await self.fetch()
        return await self.shop.post(f"{self.root}/kf{path}?access_token={self.token}", body)

    async def sync(self, cursor: str = "", **body: Any) -> Json:
        return await self.call("/sync_msg", cursor=cursor, **{"open_kfid": "wk1"} | body)

    async def send(self, **body: Any) -> int:
        whole = {"touser": WHO, "open_kfid": "wk1", "msgtype": "text", "text": {"content": "您好"}} | body
        return (await self.call("/send_msg", **whole))["errcode"]

    async def on_event(self, code: str, **body: Any) -> int:
        whole = {"code": code, "msgtype": "text", "text": {"content": "欢迎"}} | body
        return (await self.call("/send_msg_on_event", **whole))["errcode"]

    async def trans(self, state: int, **body: Any) -> Json:
        whole = {"open_kfid": "wk1", "external_userid": WHO, "service_state": state}
        return await self.call("/service_state/trans", **whole | body)


@pytest.fixture
def corp(platform: WechatPlatform, shop: Shop, kf: SimKf) -> Corp:
    kf.customer(WHO)
    return Corp(platform, shop)


async def test_a_callback_only_hints(kf: SimKf, corp: Corp, shop: Shop) -> None:
    push = await kf.customer(WHO).says("在吗")
    assert push.accepted
    (pushed,) = shop.pushed
    assert "signature" not in pushed.query
    hint = xml_form.parse(pushed.opened(CORP))
    assert (hint["Event"], hint["OpenKfId"], hint["ToUserName"]) == ("kf_msg_or_event", "wk1", CORP)
    assert "在吗" not in str(hint)
    (item,) = (await corp.sync(token=hint["Token"]))["msg_list"]
    assert item["external_userid"] == WHO
    assert (item["origin"], item["msgtype"], item["text"]) == (3, "text", {"content": "在吗"})


async def test_anything_said_to_a_callback_is_wrong(platform: WechatPlatform, kf: SimKf, shop: Shop) -> None:
    shop.answer = lambda pushed: "<xml></xml>"
    assert not (await kf.customer(WHO).says("在吗")).accepted
    assert len(platform.violations) == 3


async def test_the_log_is_read_page_by_page(kf: SimKf, corp: Corp) -> None:
    for number in range(5):
        await kf.customer(WHO).says(str(number))
        await kf.customer(WHO, "wk2").says("anderswo")
    seen, cursor, pages = [], "", 0
    while True:
        page = await corp.sync(cursor, limit=3)
        seen += [item["text"]["content"] for item in page["msg_list"]]
        cursor, pages = page["next_cursor"], pages + 1
        assert len(cursor.encode()) <= 64
        if not page["has_more"]:
            break
    assert seen == ["0", "1", "2", "3", "4"]
    assert pages == 4
    assert (await corp.sync(cursor))["msg_list"] == []
    await kf.customer(WHO).says("5", hint=False)
    assert len((await corp.sync(cursor))["msg_list"]) == 1


async def test_an_empty_page_is_not_the_end(kf: SimKf, corp: Corp) -> None:
    await kf.customer(WHO).says("在吗")
    kf.log.empty_pages = 1
    page = await corp.sync()
    assert (page["msg_list"], page["has_more"]) == ([], 1)
    assert len((await corp.sync(page["next_cursor"]))["msg_list"]) == 1


async def test_history_is_three_days(platform: WechatPlatform, kf: SimKf, corp: Corp) -> None:
    await kf.customer(WHO).says("旧")
    platform.advance(2 * 86400)
    await kf.customer(WHO).says("新")
    await corp.fetch()
    assert len((await corp.sync())["msg_list"]) == 2
    platform.advance(86401)
    await corp.fetch()
    assert [item["text"]["content"] for item in (await corp.sync())["msg_list"]] == ["新"]


@pytest.mark.parametrize(
    ("body", "errcode"),
    [
        pytest.param({"cursor": "x"}, 40058, id="a foreign cursor"),
        pytest.param({"cursor": "c" * 65}, 40058, id="a long cursor"),
        pytest.param({"limit": 1001}, 40058, id="a large page"),
        pytest.param({"voice_format": 2}, 40058, id="an unknown voice format"),
        pytest.param({"token": "x"}, 95007, id="a foreign token"),
        pytest.param({"open_kfid": "wk9"}, 95004, id="an unknown account"),
    ],
)
async def test_a_wrong_pull_is_refused(corp: Corp, body: Json, errcode: int) -> None:
    assert (await corp.sync(**body))["errcode"] == errcode


async def test_pulls_without_a_token_are_few_and_a_token_lives_ten_minutes(
    platform: WechatPlatform, kf: SimKf, corp: Corp
) -> None:
    token = (await kf.customer(WHO).says("在吗")).key
    assert [(await corp.sync())["errcode"] for _ in range(11)] == [0] * 10 + [45009]
    assert (await corp.sync(token=token))["errcode"] == 0
    platform.advance(600)
    assert (await corp.sync(token=token))["errcode"] == 95007
    assert (await corp.sync())["errcode"] == 0


@pytest.mark.parametrize(
    ("deed", "msgtype", "part"),
    [
        pytest.param(lambda c: c.image(PNG), "image", {}, id="image"),
        pytest.param(lambda c: c.voice(b"#!AMR"), "voice", {}, id="voice"),
        pytest.param(lambda c: c.video(b"v"), "video", {}, id="video"),
        pytest.param(lambda c: c.file(b"%PDF", "a.pdf"), "file", {}, id="file"),
        pytest.param(lambda c: c.location(1.5, 2.5, "广州"), "location", {"name": "广州"}, id="location"),
        pytest.param(lambda c: c.link("标题", "https://x/"), "link", {"url": "https://x/"}, id="link"),
        pytest.param(lambda c: c.mini_program_page("商品"), "miniprogram", {"title": "商品"}, id="mini-program"),
        pytest.param(lambda c: c.sends("note", {}), "note", {}, id="any other"),
    ],
)
async def test_every_deed_is_one_item(kf: SimKf, corp: Corp, deed: Any, msgtype: str, part: Json) -> None:
    await deed(kf.customer(WHO))
    (item,) = (await corp.sync())["msg_list"]
    assert item["msgtype"] == msgtype
    assert {name: item[msgtype][name] for name in part} == part


async def test_sending_and_its_limits(platform: WechatPlatform, kf: SimKf, corp: Corp) -> None:
    customer = kf.customer(WHO)
    assert await corp.send() == 95002
    await customer.says("在吗")
    assert [await corp.send() for _ in range(6)] == [0] * 5 + [95001]
    assert customer.texts == ["您好"] * 5
    await customer.says("还在吗")
    platform.advance(HOURS_48)
    await corp.fetch()
    assert await corp.send() == 95002
    assert await corp.send(touser="nobody") == 40096
    assert await corp.send(open_kfid="wk9") == 95004


async def test_messages_sent_by_the_api_are_not_in_the_log(kf: SimKf, corp: Corp) -> None:
    await kf.customer(WHO).says("在吗")
    assert await corp.send() == 0
    assert len((await corp.sync())["msg_list"]) == 1


async def test_a_msgid_is_used_once(kf: SimKf, corp: Corp) -> None:
    customer = kf.customer(WHO)
    assert await corp.send(msgid="a1") == 95002
    await customer.says("在吗")
    assert [await corp.send(msgid="a1"), await corp.send(msgid="a1")] == [0, 0]
    assert len(customer.received) == 1
    kf.refuse_duplicates = True
    assert await corp.send(msgid="a1") == 95023
    assert await corp.send(msgid="a" * 33) == 40058
    assert await corp.send(msgid="中") == 40058
    assert len(customer.received) == 1


@pytest.mark.parametrize(
    ("states", "errcode"),
    [
        pytest.param([], 0, id="new"),
        pytest.param([1], 0, id="assistant"),
        pytest.param([2], 95018, id="waiting"),
        pytest.param([1, 3], 95018, id="with an agent"),
        pytest.param([4], 95013, id="ended"),
    ],
)
async def test_only_a_new_session_and_the_assistant_may_send(
    kf: SimKf, corp: Corp, states: list[int], errcode: int
) -> None:
    await kf.customer(WHO).says("在吗")
    for state in states:
        assert (await corp.trans(state, servicer_userid="zhang"))["errcode"] == 0
    assert await corp.send() == errcode
    got = await corp.call("/service_state/get", open_kfid="wk1", external_userid=WHO)
    assert got["service_state"] == (states or [0])[-1]


async def test_states_change_only_forward(kf: SimKf, corp: Corp) -> None:
    await kf.customer(WHO).says("在吗")
    assert (await corp.trans(3))["errcode"] == 40058, "an agent must be named"
    assert (await corp.trans(7))["errcode"] == 40058
    assert (await corp.trans(3, servicer_userid="zhang"))["errcode"] == 0
    assert (await corp.trans(1))["errcode"] == 95016
    assert (await corp.trans(4))["errcode"] == 0
    assert (await corp.trans(1))["errcode"] == 95013
    await kf.customer(WHO).says("又来了")
    assert (await corp.trans(1))["errcode"] == 0


async def _events(corp: Corp) -> list[Json]:
    return [item["event"] for item in (await corp.sync())["msg_list"] if item["msgtype"] == "event"]


async def test_a_welcome_is_said_once_within_twenty_seconds(platform: WechatPlatform, kf: SimKf, corp: Corp) -> None:
    customer = kf.customer(WHO)
    await customer.enter_session("scene-1")
    (event,) = await _events(corp)
    assert (event["event_type"], event["scene"]) == ("enter_session", "scene-1")
    assert [await corp.on_event(event["welcome_code"]) for _ in range(2)] == [0, 41050]
    assert [(seen.text, seen.via) for seen in customer.received] == [("欢迎", "event_code")]
    await customer.enter_session()
    assert "welcome_code" not in (await _events(corp))[-1]
    platform.advance(HOURS_48)
    await corp.fetch()
    await customer.enter_session()
    code = (await _events(corp))[-1]["welcome_code"]
    platform.advance(20)
    assert await corp.on_event(code) == 41050


async def test_no_welcome_after_the_customer_wrote(platform: WechatPlatform, kf: SimKf, corp: Corp) -> None:
    customer = kf.customer(WHO)
    await customer.enter_session()
    platform.advance(1)
    await customer.says("在吗")
    (event,) = await _events(corp)
    assert await corp.on_event(event["welcome_code"]) == 41050


async def test_a_menu_may_end_a_session(kf: SimKf, corp: Corp) -> None:
    customer = kf.customer(WHO)
    await customer.says("在吗")
    code = (await corp.trans(4))["msg_code"]
    items = [
        {"type": "click", "click": {"id": "5", "content": "满意"}},
        {"type": "view", "view": {"url": "https://x/", "content": "详情"}},
    ]
    assert await corp.on_event("nonsense") == 41050
    assert await corp.on_event(code, msgtype="msgmenu", msgmenu={"head_content": "请评价", "list": items}) == 0
    await customer.press("满意")
    last = (await corp.sync())["msg_list"][-1]
    assert last["text"] == {"content": "满意", "menu_id": "5"}
    with pytest.raises(LookupError):
        await customer.press("详情")


async def test_an_agent_takes_and_ends_a_session(kf: SimKf, corp: Corp) -> None:
    customer = kf.customer(WHO)
    await customer.says("在吗")
    await customer.servicer_takes("zhang")
    await customer.servicer_ends()
    taken, ended = await _events(corp)
    assert (taken["change_type"], taken["new_servicer_userid"]) == (1, "zhang")
    assert (ended["change_type"], ended["old_servicer_userid"]) == (3, "zhang")
    menu = {"head_content": "请评价", "list": [{"type": "click", "click": {"id": "5", "content": "满意"}}]}
    assert await corp.on_event(taken["msg_code"], msgtype="msgmenu", msgmenu=menu) == 40008
    assert await corp.on_event(ended["msg_code"], msgtype="msgmenu", msgmenu=menu) == 0


async def test_a_message_can_be_taken_back(kf: SimKf, corp: Corp) -> None:
    await kf.customer(WHO).says("密码是 1234")
    await kf.customer(WHO).recall()
    said, recalled = (await corp.sync())["msg_list"]
    assert recalled["event"]["recall_msgid"] == said["msgid"]


async def test_an_accepted_message_may_fail_later(platform: WechatPlatform, kf: SimKf, corp: Corp) -> None:
    customer = kf.customer(WHO)
    await customer.says("在吗")
    platform.faults.next(api="kf_send", outcome="msg_send_fail", fail_type=10)
    assert await corp.send(msgid="m1") == 0
    assert customer.received == []
    (event,) = await _events(corp)
    assert (event["event_type"], event["fail_msgid"], event["fail_type"]) == ("msg_send_fail", "m1", 10)


async def test_tokens_of_the_corp(platform: WechatPlatform, kf: SimKf, corp: Corp) -> None:
    first = await corp.fetch()
    assert (await corp.fetch())["access_token"] == first["access_token"]
    assert (await corp.fetch(corpid="ww0"))["errcode"] == 40013
    assert (await corp.fetch(corpsecret="x"))["errcode"] == 40001
    await kf.customer(WHO).says("在吗")
    platform.expire_tokens(CORP)
    assert await corp.send() == 42001
    await corp.fetch()
    assert await corp.send() == 0
    kf.trusted_ip = False
    assert (await corp.fetch())["errcode"] == 60020


async def test_names_accounts_and_media(kf: SimKf, corp: Corp, shop: Shop) -> None:
    batch = await corp.call("/customer/batchget", external_userid_list=[WHO, "nobody"])
    assert [found["external_userid"] for found in batch["customer_list"]] == [WHO]
    assert batch["invalid_external_userid"] == ["nobody"]
    listed = await corp.call("/account/list", offset=0, limit=100)
    assert [found["open_kfid"] for found in listed["account_list"]] == ["wk1", "wk2"]
    rest = await corp.call("/account/list", offset=1, limit=1)
    assert [found["open_kfid"] for found in rest["account_list"]] == ["wk2"]
    assert (await corp.call("/account/list", limit=101))["errcode"] == 40058
    uploaded = await shop.upload(f"{corp.root}/media/upload?access_token={corp.token}&type=file", b"%PDF", "a.pdf")
    await kf.customer(WHO).says("在吗")
    assert await corp.send(msgtype="file", file={"media_id": uploaded["media_id"]}) == 0
    assert kf.customer(WHO).received[0].media == b"%PDF"
    query = {"access_token": corp.token, "media_id": uploaded["media_id"]}
    async with shop.http.get(f"{corp.root}/media/get", params=query) as answer:
        assert await answer.read() == b"%PDF"
