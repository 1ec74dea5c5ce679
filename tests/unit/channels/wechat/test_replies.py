"""A message in the answer to a push reaches the customer as it was written, and only them."""

import json
import os
import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest
from hypothesis import given, settings as testing, strategies as st

from tests.unit.channels.wechat.platform import (
    APP_ID,
    AT,
    KEY,
    MINI,
    NONCE,
    OFFICIAL,
    TIMESTAMP,
    TOKEN,
    children,
    decrypted,
    in_clear,
    sha1_of_sorted,
)
from yizhan.channels.contract import Answer
from yizhan.channels.wechat.envelope import Form, Opened, Settings
from yizhan.channels.wechat.replies import (
    BETWEEN,
    MAX_REPLY_BYTES,
    SUCCESS,
    ArticleOut,
    Ends,
    ImageOut,
    Out,
    TextOut,
    TransferOut,
    VideoOut,
    VoiceOut,
    answer_with,
    fitting,
    merged,
)

ENDS = Ends(customer="oX", account="gh_1")
XML = in_clear("<xml/>")
JSON = in_clear("{}")


def answered(out: Out, opened: Opened = XML, settings: Settings = OFFICIAL) -> Answer:
    return answer_with(settings, opened, ENDS, out, AT, os.urandom)


def flat(text: str) -> dict[str, str]:
    """Path and text of every element without children, as a parser of the platform's would see them."""
    found: dict[str, str] = {}

    def walk(element: "ET.Element[str]", path: str) -> None:
        for child in element:
            walk(child, f"{path}/{child.tag}" if path else child.tag)
        if not len(element):
            found[path] = element.text or ""

    walk(ET.fromstring(text), "")
    return found


HEAD = {"ToUserName": "oX", "FromUserName": "gh_1", "CreateTime": TIMESTAMP}
OUTS: dict[str, tuple[Out, dict[str, str]]] = {
    "a text": (TextOut("你好😀 𠮷"), {"MsgType": "text", "Content": "你好😀 𠮷"}),
    "a text with the end mark of CDATA": (TextOut("a]]>b]]]>]]>"), {"MsgType": "text", "Content": "a]]>b]]]>]]>"}),
    "a text like markup": (TextOut("</xml>&lt;{x}%s"), {"MsgType": "text", "Content": "</xml>&lt;{x}%s"}),
    "a text with signs no XML can hold": (TextOut("a\x00\x08b\ufffe"), {"MsgType": "text", "Content": "ab"}),
    "lines": (TextOut("一\n二"), {"MsgType": "text", "Content": "一\n二"}),
    "a picture": (ImageOut("m1"), {"MsgType": "image", "Image/MediaId": "m1"}),
    "a voice message": (VoiceOut("m1"), {"MsgType": "voice", "Voice/MediaId": "m1"}),
    "a video": (
        VideoOut("m1", "标题]]>", "{media_id}"),
        {"MsgType": "video", "Video/MediaId": "m1", "Video/Title": "标题]]>", "Video/Description": "{media_id}"},
    ),
    "a video without a title": (VideoOut("m1"), {"MsgType": "video", "Video/MediaId": "m1"}),
    "an article": (
        ArticleOut("标题", "https://a.example/?a=1&b=2", "描述]]>", "https://a.example/p.png"),
        {
            "MsgType": "news",
            "ArticleCount": "1",
            "Articles/item/Title": "标题",
            "Articles/item/Description": "描述]]>",
            "Articles/item/PicUrl": "https://a.example/p.png",
            "Articles/item/Url": "https://a.example/?a=1&b=2",
        },
    ),
    "a transfer": (TransferOut(), {"MsgType": "transfer_customer_service"}),
}


@pytest.mark.parametrize(("out", "expected"), OUTS.values(), ids=OUTS.keys())
def test_what_is_said_arrives_unchanged(out: Out, expected: dict[str, str]) -> None:
    answer = answered(out)
    assert flat(answer.body.decode()) == {**HEAD, **expected}
    assert (answer.status, answer.content_type) == (200, "application/xml")


@pytest.mark.parametrize(("out", "expected"), OUTS.values(), ids=OUTS.keys())
def test_what_is_said_is_encrypted_where_the_question_was(out: Out, expected: dict[str, str]) -> None:
    opened = Opened("<xml/>", Form.XML, encrypted=True, nonce=NONCE, key=KEY)
    sealed = children(answered(out, opened).body)
    assert sealed["MsgSignature"] == sha1_of_sorted(TOKEN, TIMESTAMP, NONCE, sealed["Encrypt"])
    _, text, receiver = decrypted(sealed["Encrypt"])
    assert receiver == APP_ID
    assert flat(text) == {**HEAD, **expected}


@pytest.mark.parametrize("is_encrypted", [True, False], ids=["encrypted", "in clear"])
def test_a_mini_program_that_speaks_json_hands_over_to_wechat_s_own_desk_in_json(is_encrypted: bool) -> None:
    opened = replace(JSON, encrypted=is_encrypted, key=KEY if is_encrypted else "")
    answer = answered(TransferOut(), opened, MINI)
    given = json.loads(answer.body)
    if is_encrypted:
        assert set(given) == {"Encrypt", "MsgSignature", "TimeStamp", "Nonce"}
        assert given["MsgSignature"] == sha1_of_sorted(TOKEN, str(given["TimeStamp"]), NONCE, given["Encrypt"])
        given = json.loads(decrypted(given["Encrypt"])[1])
    assert given == {
        "ToUserName": "oX",
        "FromUserName": "gh_1",
        "CreateTime": int(TIMESTAMP),
        "MsgType": "transfer_customer_service",
    }
    assert answer.content_type == "application/json"


@pytest.mark.parametrize(
    ("out", "expected"),
    [
        (TextOut('a"]]>\\'), {"MsgType": "text", "Content": 'a"]]>\\'}),
        (ImageOut("m"), {"MsgType": "image", "Image": {"MediaId": "m"}}),
        (VoiceOut("m"), {"MsgType": "voice", "Voice": {"MediaId": "m"}}),
        (VideoOut("m", "t"), {"MsgType": "video", "Video": {"MediaId": "m", "Title": "t", "Description": ""}}),
        (
            ArticleOut("t", "u"),
            {
                "MsgType": "news",
                "ArticleCount": 1,
                "Articles": [{"Title": "t", "Description": "", "PicUrl": "", "Url": "u"}],
            },
        ),
    ],
)
def test_an_account_that_speaks_json_is_answered_in_json(out: Out, expected: dict[str, object]) -> None:
    given = json.loads(answered(out, JSON).body)
    assert given == {"ToUserName": "oX", "FromUserName": "gh_1", "CreateTime": int(TIMESTAMP), **expected}


def test_nothing_to_say_is_said_in_the_platform_s_word() -> None:
    assert Answer(b"success", "text/plain", 200) == SUCCESS


@pytest.mark.parametrize(
    ("texts", "number"),
    [
        ([], 0),
        (["a"], 1),
        (["x" * 5000], 1),
        (["a", "b", "c"], 3),
        (["a" * 1024, "b" * 1022], 2),
        (["a" * 1024, "b" * 1023], 1),
        (["好" * 341, "好" * 341], 2),
        (["好" * 341, "好" * 341, ""], 2),
        (["好" * 341, "好" * 342], 1),
        (["a", "x" * 3000, "b"], 1),
    ],
)
def test_as_many_texts_go_together_as_the_platform_takes(texts: list[str], number: int) -> None:
    assert fitting(texts) == number


def test_texts_that_go_together_stay_apart_for_the_eye() -> None:
    assert merged(["一", "二"]) == TextOut("一\n\n二")


@given(st.lists(st.text(max_size=1500), max_size=6))
def test_what_goes_together_is_never_too_long(texts: list[str]) -> None:
    number = fitting(texts)
    assert number >= min(1, len(texts))
    if number > 1:
        assert len(merged(texts[:number]).text.encode()) <= MAX_REPLY_BYTES
    if 0 < number < len(texts):
        assert len(BETWEEN.join(texts[: number + 1]).encode()) > MAX_REPLY_BYTES


PRINTABLE = st.text(st.characters(blacklist_categories=["Cs", "Cc"], blacklist_characters="\ufffe\uffff"))


@testing(deadline=None)
@given(PRINTABLE | st.text("]>![CDATA<&;{}%", max_size=30))
def test_no_text_can_break_out_of_its_place(text: str) -> None:
    for out, place in ((TextOut(text), "Content"), (VideoOut(text, text), "Video/MediaId")):
        assert flat(answered(out).body.decode())[place] == text
