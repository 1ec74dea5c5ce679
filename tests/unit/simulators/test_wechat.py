"""The simulator pushes as WeChat pushes, and sees when the other side answers wrongly."""

import asyncio
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from tests.simulators.wechat import SimKf, SimOfficial, WechatPlatform, xml_form
from tests.simulators.wechat.crypto import sign
from tests.unit.simulators.shop import APP, CORP, KEY, OFFICIAL, PNG, TOKEN, Pushed, Shop, reply_to, sealed, slowly

Json = dict[str, Any]
WHO = "o9AgO5Kd5ggOC-bXrbNODIiE3bGY"


def _echo_as(pattern: str) -> Callable[[Pushed], str]:
    return lambda pushed: pattern.format(pushed.query["echostr"])


async def test_the_url_check_wants_the_echostr_and_nothing_else(official: SimOfficial, shop: Shop) -> None:
    shop.answer = lambda pushed: pushed.query["echostr"]
    assert (await official.verify_url()).ok
    query = shop.pushed[0].query
    assert query["signature"] == sign(TOKEN, query["timestamp"], query["nonce"])
    for wrong in ('"{}"', "{}\n", "\ufeff{}", "success"):
        shop.answer = _echo_as(wrong)
        assert not (await official.verify_url()).ok


async def test_the_url_check_of_wecom_is_encrypted(kf: SimKf, shop: Shop) -> None:
    shop.answer = lambda pushed: pushed.query["echostr"]
    assert not (await kf.verify_url()).ok, "the ciphertext itself is no answer"

    def opened(pushed: Pushed) -> str:
        query = pushed.query
        assert query["msg_signature"] == sign(TOKEN, query["timestamp"], query["nonce"], query["echostr"])
        assert "signature" not in query
        return kf.cipher.decrypt(query["echostr"])

    shop.answer = opened
    assert (await kf.verify_url()).ok


@pytest.mark.parametrize("mode", ["plain", "compatible", "safe"])
async def test_a_message_is_pushed_in_the_mode_of_the_account(platform: WechatPlatform, shop: Shop, mode: Any) -> None:
    account = platform.official(**OFFICIAL, aes_key=KEY, mode=mode, webhook=shop.url)
    push = await account.follower(WHO).says("你好 ]]> 😀 𠮷 & <b>")
    (pushed,) = shop.pushed
    query = pushed.query
    assert query["signature"] == sign(TOKEN, query["timestamp"], query["nonce"])
    assert query["openid"] == WHO
    assert ("Content" in pushed.fields) == (mode != "safe")
    assert ("Encrypt" in pushed.fields) == (mode != "plain")
    assert query.get("encrypt_type") == (None if mode == "plain" else "aes")
    fields = pushed.fields if mode == "plain" else xml_form.parse(pushed.opened(APP))
    assert fields["Content"] == "你好 ]]> 😀 𠮷 & <b>"
    assert (fields["FromUserName"], fields["ToUserName"]) == (WHO, account.original_id)
    assert fields["MsgId"] == push.key
    assert int(fields["MsgId"]) > 1 << 53, "ids are larger than a double holds"
    assert (push.notice, push.accepted, push.reply, len(push.attempts)) == (False, True, None, 1)


async def test_message_ids_grow(official: SimOfficial) -> None:
    keys = [int((await official.follower(WHO).says("x")).key) for _ in range(3)]
    assert keys == sorted(set(keys))


async def test_a_mini_program_pushes_json_or_xml(platform: WechatPlatform, shop: Shop) -> None:
    as_json = platform.mini(app_id="wx1", secret="s", token=TOKEN, webhook=shop.url)
    as_xml = platform.mini(app_id="wx2", secret="s", token=TOKEN, webhook=shop.url, data_format="xml")
    for account in (as_json, as_xml):
        await account.follower(WHO).enter_tempsession("order:123")
    first, second = shop.pushed
    assert first.fields["SessionFrom"] == second.fields["SessionFrom"] == "order:123"
    assert (first.body[0], second.body[0]) == ("{", "<")
    await as_json.follower(WHO).says("在吗")
    assert isinstance(shop.pushed[-1].fields["MsgId"], int)


async def test_an_encrypted_json_push_can_be_opened(platform: WechatPlatform, shop: Shop) -> None:
    account = platform.mini(app_id=APP, secret="s", token=TOKEN, aes_key=KEY, mode="safe", webhook=shop.url)
    await account.follower(WHO).says("在吗")
    assert '"Content":"在吗"' in shop.pushed[0].opened(APP)


@pytest.mark.parametrize(
    ("deed", "expected"),
    [
        pytest.param(lambda f: f.image(PNG), {"MsgType": "image"}, id="image"),
        pytest.param(
            lambda f: f.voice(b"#!AMR", "在吗"),
            {"MsgType": "voice", "Format": "amr", "Recognition": "在吗"},
            id="voice",
        ),
        pytest.param(lambda f: f.video(b"v"), {"MsgType": "video"}, id="video"),
        pytest.param(lambda f: f.shortvideo(b"v"), {"MsgType": "shortvideo"}, id="short video"),
        pytest.param(
            lambda f: f.location(23.1, 113.3, "广州"),
            {"MsgType": "location", "Location_X": "23.1", "Label": "广州"},
            id="location",
        ),
        pytest.param(lambda f: f.link("标题", "https://x/"), {"MsgType": "link", "Url": "https://x/"}, id="link"),
        pytest.param(
            lambda f: f.mini_program_page("商品"), {"MsgType": "miniprogrampage", "Title": "商品"}, id="mini-program"
        ),
        pytest.param(lambda f: f.subscribe(), {"Event": "subscribe", "EventKey": ""}, id="follows"),
        pytest.param(
            lambda f: f.subscribe("7"), {"Event": "subscribe", "EventKey": "qrscene_7"}, id="follows by QR code"
        ),
        pytest.param(lambda f: f.unsubscribe(), {"Event": "unsubscribe"}, id="leaves"),
        pytest.param(lambda f: f.scan("7"), {"Event": "SCAN", "EventKey": "7"}, id="scans"),
        pytest.param(lambda f: f.click("K"), {"Event": "CLICK", "EventKey": "K"}, id="menu"),
        pytest.param(lambda f: f.view("https://x/"), {"Event": "VIEW", "EventKey": "https://x/"}, id="menu link"),
        pytest.param(
            lambda f: f.event("scancode_push", EventKey="s", ScanCodeInfo={"ScanType": "qrcode", "ScanResult": "1"}),
            {"Event": "scancode_push", "ScanCodeInfo": {"ScanType": "qrcode", "ScanResult": "1"}},
            id="nested fields",
        ),
    ],
)
async def test_every_deed_is_one_push(official: SimOfficial, shop: Shop, deed: Any, expected: Json) -> None:
    await deed(official.follower(WHO))
    (pushed,) = shop.pushed
    assert {name: pushed.fields.get(name) for name in expected} == expected
    assert ("MsgId" in pushed.fields) == (pushed.fields["MsgType"] != "event")


async def test_a_slow_answer_is_pushed_three_times_and_ends_in_a_notice(
    platform: WechatPlatform, official: SimOfficial, shop: Shop
) -> None:
    platform.stage.push_deadline = 0.1
    shop.answer = slowly
    push = await official.follower(WHO).says("在吗")
    assert [attempt.timed_out for attempt in push.attempts] == [True, True, True]
    assert len({pushed.fields["MsgId"] for pushed in shop.pushed}) == 1
    assert push.notice
    assert official.follower(WHO).notices == 1
    assert official.follower(WHO).received == []


async def test_a_second_try_may_succeed(platform: WechatPlatform, official: SimOfficial, shop: Shop) -> None:
    shop.answer = lambda pushed: web.Response(status=503) if len(shop.pushed) == 1 else "success"
    push = await official.follower(WHO).says("在吗")
    assert [attempt.status for attempt in push.attempts] == [503, 200]
    assert platform.violations == []
    assert not push.notice


async def test_nobody_there_is_a_notice(official: SimOfficial) -> None:
    official.webhook = "http://127.0.0.1:9/hook"
    push = await official.follower(WHO).says("在吗")
    assert [attempt.status for attempt in push.attempts] == [0, 0, 0]
    assert push.notice


def _xml(fields: Json) -> str:
    return xml_form.build(fields)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(lambda p: '{"errcode":0}', id="JSON where XML belongs"),
        pytest.param(lambda p: "<html><h1>502</h1></html>", id="an error page"),
        pytest.param(lambda p: '"success"', id="success in quotes"),
        pytest.param(lambda p: "success\n", id="success and a line"),
        pytest.param(lambda p: web.Response(status=302, headers={"Location": "/"}), id="a redirect"),
        pytest.param(lambda p: web.Response(status=204), id="no content"),
        pytest.param(lambda p: _xml(reply_to(p.fields, ToUserName="other")), id="to somebody else"),
        pytest.param(lambda p: _xml(reply_to(p.fields, FromUserName=APP)), id="from the wrong id"),
        pytest.param(
            lambda p: _xml(reply_to(p.fields, ToUserName=p.fields["ToUserName"], FromUserName=WHO)), id="not swapped"
        ),
        pytest.param(lambda p: _xml(reply_to(p.fields, CreateTime="now")), id="a time in words"),
        pytest.param(lambda p: _xml(reply_to(p.fields, CreateTime=None)), id="no time"),
        pytest.param(lambda p: _xml(reply_to(p.fields, MsgType="markdown")), id="an unknown type"),
        pytest.param(lambda p: _xml(reply_to(p.fields, Content=None)), id="no text"),
        pytest.param(lambda p: _xml(reply_to(p.fields, Content="字" * 683)), id="over 2048 bytes"),
        pytest.param(
            lambda p: _xml(reply_to(p.fields, Content="X")).replace("X", "a ]]> b"), id="CDATA that ends early"
        ),
        pytest.param(
            lambda p: _xml(reply_to(p.fields, MsgType="image", Image={"MediaId": "gone"})), id="media that is not there"
        ),
        pytest.param(
            lambda p: _xml(reply_to(p.fields, MsgType="news", ArticleCount=2, Articles={"item": [{"Title": "a"}] * 2})),
            id="two articles",
        ),
        pytest.param(lambda p: "<!DOCTYPE x>" + _xml(reply_to(p.fields)), id="a document type"),
        pytest.param(lambda p: sealed(_xml(reply_to(p.fields)), p.query["nonce"]), id="encrypted in plain mode"),
    ],
)
async def test_a_wrong_answer_is_noticed(
    platform: WechatPlatform, official: SimOfficial, shop: Shop, answer: Any
) -> None:
    shop.answer = answer
    push = await official.follower(WHO).says("在吗")
    assert push.notice
    assert len(push.attempts) == 3
    assert all(attempt.problem for attempt in push.attempts)
    assert len(platform.violations) == 3
    assert official.follower(WHO).received == []


@pytest.mark.parametrize(
    ("fields", "kind", "text"),
    [
        pytest.param({}, "text", "您好", id="text"),
        pytest.param({"Content": "a ]]> 😀 <&>"}, "text", "a ]]> 😀 <&>", id="text that needs care"),
        pytest.param({"Content": "字" * 682}, "text", "字" * 682, id="the longest text"),
        pytest.param(
            {"MsgType": "news", "ArticleCount": 1, "Articles": {"item": {"Title": "图文", "Url": "https://x/"}}},
            "news",
            "图文",
            id="an article",
        ),
    ],
)
async def test_a_passive_reply_is_seen(
    platform: WechatPlatform, official: SimOfficial, shop: Shop, fields: Json, kind: str, text: str
) -> None:
    shop.answer = lambda pushed: _xml(reply_to(pushed.fields, **fields))
    push = await official.follower(WHO).says("在吗")
    (seen,) = official.follower(WHO).received
    assert (seen.kind, seen.text, seen.via, push.reply) == (kind, text, "passive", seen)
    assert platform.violations == []


async def test_an_event_may_be_answered_too(official: SimOfficial, shop: Shop) -> None:
    shop.answer = lambda pushed: _xml(reply_to(pushed.fields, Content="欢迎"))
    await official.follower(WHO).subscribe()
    assert official.follower(WHO).texts == ["欢迎"]


@pytest.mark.parametrize(
    ("mode", "changes", "accepted"),
    [
        pytest.param("safe", {}, True, id="safe: rightly encrypted"),
        pytest.param("compatible", {}, True, id="compatible: encrypted"),
        pytest.param("compatible", None, True, id="compatible: in clear"),
        pytest.param("safe", None, False, id="safe: in clear"),
        pytest.param("safe", {"MsgSignature": "0" * 40}, False, id="wrong signature"),
        pytest.param("safe", {"Nonce": "1"}, False, id="another nonce"),
        pytest.param("safe", {"TimeStamp": "soon"}, False, id="a time in words"),
        pytest.param("safe", {"receive_id": CORP}, False, id="another AppID at the end"),
        pytest.param("safe", {"key": "B" * 43}, False, id="another key"),
    ],
)
async def test_an_encrypted_reply_is_judged(
    platform: WechatPlatform, shop: Shop, mode: Any, changes: Json | None, accepted: bool
) -> None:
    account = platform.official(**OFFICIAL, aes_key=KEY, mode=mode, webhook=shop.url)

    def answer(pushed: Pushed) -> str:
        clear = _xml(reply_to(xml_form.parse(pushed.opened(APP))))
        return clear if changes is None else sealed(clear, pushed.query["nonce"], **changes)

    shop.answer = answer
    push = await account.follower(WHO).says("在吗")
    assert push.accepted is accepted
    assert account.follower(WHO).texts == (["您好"] if accepted else [])


async def test_a_rotated_key_overlaps_as_long_as_asked(platform: WechatPlatform, shop: Shop) -> None:
    account = platform.official(**OFFICIAL, aes_key=KEY, mode="safe", webhook=shop.url)
    account.rotate_key("B" * 43, overlap=60)
    await account.follower(WHO).says("旧")
    platform.advance(60)
    await account.follower(WHO).says("新")
    assert "旧" in shop.pushed[0].opened(APP, KEY)
    assert "新" in shop.pushed[1].opened(APP, "B" * 43)


async def test_a_mini_program_takes_no_passive_reply_but_a_transfer(platform: WechatPlatform, shop: Shop) -> None:
    account = platform.mini(app_id=APP, secret="s", token=TOKEN, webhook=shop.url, data_format="xml")
    shop.answer = lambda pushed: _xml(reply_to(pushed.fields))
    assert (await account.follower(WHO).says("在吗")).notice
    shop.answer = lambda pushed: _xml(reply_to(pushed.fields, MsgType="transfer_customer_service", Content=None))
    assert (await account.follower(WHO).says("在吗")).accepted
    assert account.follower(WHO).transferred


async def test_copies_have_one_effect_and_different_replies_are_noticed(
    platform: WechatPlatform, official: SimOfficial, shop: Shop
) -> None:
    shop.answer = lambda pushed: _xml(reply_to(pushed.fields, CreateTime=len(shop.pushed)))
    await official.follower(WHO).says("在吗", copies=3)
    assert len(shop.pushed) == 3
    assert official.follower(WHO).texts == ["您好"]
    assert platform.violations == []
    shop.answer = lambda pushed: _xml(reply_to(pushed.fields, Content=f"第 {len(shop.pushed)} 次"))
    await official.follower(WHO).says("在吗", copies=2)
    assert len(official.follower(WHO).received) == 2
    assert len(platform.violations) == 1


async def test_a_cut_push_comes_again(platform: WechatPlatform, official: SimOfficial, shop: Shop) -> None:
    async def late(pushed: Pushed) -> str:
        if len(shop.pushed) == 1:
            await asyncio.sleep(5)
        return "success"

    shop.answer = late
    platform.faults.push(cut_after=0.01)
    push = await official.follower(WHO).says("在吗")
    assert [attempt.timed_out for attempt in push.attempts] == [True, False]
    assert not push.notice


async def test_a_share_is_pushed_twice_or_late(platform: WechatPlatform, official: SimOfficial, shop: Shop) -> None:
    platform.faults.push(duplicate_share=1.0)
    await official.follower(WHO).says("在吗")
    assert len(shop.pushed) == 2
    platform.faults.push(duplicate_share=0.0, reorder_share=1.0)
    platform.faults.hold_seconds = 30.0
    first = await official.follower(WHO).says("一", wait=False)
    await asyncio.sleep(0)
    platform.faults.push(reorder_share=0.0)
    second = await official.follower(WHO).says("二")
    await first.finished()
    assert [pushed.fields["MsgId"] for pushed in shop.pushed[2:]] == [second.key, first.key]


async def test_pushes_can_be_forged(official: SimOfficial, shop: Shop) -> None:
    shop.answer = lambda pushed: web.Response(status=403)
    attempt = await official.post(b"<xml>\xff", {"signature": "0", "timestamp": "1", "nonce": "1"})
    assert attempt.status == 403
    await official.push(FromUserName=WHO, MsgType="weird", CreateTime=None)
    assert "CreateTime" not in shop.pushed[-1].fields
    await official.follower(WHO).says("x", raw="<xml><broken")
    assert shop.pushed[-1].body == "<xml><broken"


async def test_pushes_keep_the_date_that_the_receiver_knows_unless_asked(
    platform: WechatPlatform, official: SimOfficial, shop: Shop
) -> None:
    for visible in (False, True):
        platform.advance(1000, visible)
        await official.follower(WHO).says("在吗")
    first, second = shop.pushed
    assert int(second.query["timestamp"]) - int(first.query["timestamp"]) == 1000
    assert int(second.fields["CreateTime"]) - int(first.fields["CreateTime"]) == 1000
    assert int(first.query["timestamp"]) == platform.now() - 2000


@pytest.mark.parametrize("mode", ["plain", "safe"])
async def test_an_old_push_can_be_replayed(platform: WechatPlatform, shop: Shop, mode: Any) -> None:
    account = platform.official(**OFFICIAL, aes_key=KEY, mode=mode, webhook=shop.url)
    await account.follower(WHO).says("在吗", signed_at=1714112445, create_time=1714112445)
    query = shop.pushed[0].query
    assert query["timestamp"] == "1714112445"
    assert query["signature"] == sign(TOKEN, "1714112445", query["nonce"])


def test_the_judge_knows_nothing_of_the_product() -> None:
    """It would share the product's mistakes."""
    sources = sorted(Path(xml_form.__file__).parent.glob("*.py"))
    assert len(sources) > 20
    assert [
        path.name for path in sources if re.search(r"^\s*(from|import) yizhan", path.read_text(), re.MULTILINE)
    ] == []
