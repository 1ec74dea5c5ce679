"""Only the platform gets in, whatever it sends can be read, and nothing that comes from outside breaks the door."""

import base64
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import orjson
import pytest
from hypothesis import given, settings as testing, strategies as st
from pydantic import SecretStr

from tests.unit.channels.wechat.platform import (
    APP_ID,
    AT,
    CORP_ID,
    KEY,
    KF,
    MINI,
    NONCE,
    OFFICIAL,
    OTHER_KEY,
    TIMESTAMP,
    TOKEN,
    children,
    decrypted,
    encrypted,
    encrypted_frame,
    frame_of,
    plain_query,
    safe_query,
    safe_xml,
    sha1_of_sorted,
)
from yizhan.channels.contract import CallRefused
from yizhan.channels.wechat.envelope import Form, Opened, Settings, open_push, seal_reply, verify_url

DEBUG_SEALED = (
    "+qdx1OKCy+5JPCBFWw70tm0fJGb2Jmeia4FCB7kao+/Q5c/ohsOzQHi8khUOb05JCpj0JB4RvQMkUyus8TPxLKJGQqcvZqzDpVzazhZv6JsXUnnR8XGT"
    "740XgXZUXQ7vJVnAG+tE8NUd4yFyjPy7GgiaviNrlCTj+l5kdfMuFUPpRSrfMZuMcp3Fn2Pede2IuQrKEYwKSqFIZoNqJ4M8EajAsjLY2km32IIjdf8Y"
    "L/P50F7mStwntrA2cPDrM1kb6mOcfBgRtWygb3VIYnSeOBrebufAlr7F9mFUPAJGj04="
)
DEBUG_TEXT = (
    '{"ToUserName":"gh_97417a04a28d","FromUserName":"o9AgO5Kd5ggOC-bXrbNODIiE3bGY","CreateTime":1714112445,'
    '"MsgType":"event","Event":"debug_demo","debug_str":"hello world"}'
)
DEBUG_QUERY = {
    "signature": "6c5c811b55cc85e0e1b54100749188c20beb3f5d",
    "msg_signature": "046e02f8204d34f8ba5fa3b1db94908f3df2e9b3",
    "timestamp": "1714112445",
    "nonce": "415670741",
    "encrypt_type": "aes",
}
HAN_SEALED = (
    "uMMzGtqcnpOzXOYBwDQNrbPcas75m0n3v5GgsDN+yHFS/93MITIs5nPup1Dw6X2eeV6KGAqB3TK7dq1tSHqOwh/lrBW2rTp3Zelb35GMeoACtgaDf5i7"
    "iLtM1CRgMKVSEU0Yu70lHDvy2mdV5/cLYKYGsVQ1P1AY7Mu6pqCMavWLEryWW0z4tss332vsnHAfwgLFTOPAtO/ei7nllb59KdDSXLhr8wTL4To/f1ef"
    "Mlx4uaPFJpLRK+1YHkVkZlxvVuXdTzh5rEpldy+v6MkqsCIdQtcpM1mSFSBmmzmzSU6HmsnDdjZGCCZwZw5RmMziFByzbsvNoprcRAUeHOFNL3ht+BBu"
    "FBXvG6yxSnU1S+lSF9tWUgPPnp0gusj1xluL1+HZ5HOqfmovx5xTDNiaacnp4Ot0dTup3N9+houQrmQ="
)
HAN_TEXT = (
    "<xml><ToUserName><![CDATA[gh_97417a04a28d]]></ToUserName><FromUserName><![CDATA[o9AgO5Kd5ggOC-bXrbNODIiE3bGY]]>"
    "</FromUserName><CreateTime>1714112445</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[你好😀]]>"
    "</Content><MsgId>24539988887777666</MsgId></xml>"
)
TEXT = "<xml><MsgType>text</MsgType></xml>"


def at(timestamp: str) -> datetime:
    return datetime.fromtimestamp(int(timestamp), UTC)


def refusal(settings: Settings, query: Mapping[str, str], body: bytes, now: datetime = AT) -> tuple[int, str]:
    with pytest.raises(CallRefused) as refused:
        open_push(settings, query, body, now)
    return refused.value.status, refused.value.code


# --- the vendor's own examples (reference A.9) ------------------------------------------------------------------------


def test_vector_1_the_console_accepts_our_address() -> None:
    query = {
        "signature": "f464b24fc39322e44b38aa78f5edd27bd1441696",
        "timestamp": "1714036504",
        "nonce": "1514711492",
        "echostr": "4375120948345356249",
    }
    assert verify_url(OFFICIAL, query, at("1714036504")) == b"4375120948345356249"


def test_vector_2_a_push_in_clear_is_known_by_its_signature() -> None:
    query = {
        "signature": "899cf89e464efb63f54ddac96b0a0a235f53aa78",
        "timestamp": "1714037059",
        "nonce": "486452656",
    }
    opened = open_push(OFFICIAL, query, TEXT.encode(), at("1714037059"))
    assert opened == Opened(TEXT, Form.XML, encrypted=False, nonce="486452656")


@pytest.mark.parametrize(
    ("body", "now"),
    [(orjson.dumps({"ToUserName": "gh_97417a04a28d", "Encrypt": DEBUG_SEALED}), AT), (safe_xml(DEBUG_SEALED), AT)],
    ids=["in JSON, as in the documents", "in XML"],
)
def test_vector_3_an_encrypted_push_is_read(body: bytes, now: datetime) -> None:
    opened = open_push(OFFICIAL, DEBUG_QUERY, body, now)
    assert opened == Opened(DEBUG_TEXT, Form.JSON, encrypted=True, nonce="415670741", key=KEY)


def test_vector_4_an_encrypted_reply_is_what_the_platform_expects_to_the_byte() -> None:
    opened = Opened("", Form.JSON, encrypted=True, nonce="415670741", key=KEY)
    body = seal_reply(OFFICIAL, opened, '{"demo_resp":"good luck"}', at("1713424427"), lambda _: b"707722b803182950")
    assert orjson.loads(body) == {
        "Encrypt": "ELGduP2YcVatjqIS+eZbp80MNLoAUWvzzyJxgGzxZO/5sAvd070Bs6qrLARC9nVHm48Y4hyRbtzve1L32tmxSQ==",
        "MsgSignature": "1b9339964ed2e271e7c7b6ff2b0ef902fc94dea1",
        "TimeStamp": 1713424427,
        "Nonce": "415670741",
    }


def test_vector_5_han_and_emoji_come_through_encryption() -> None:
    query = {**DEBUG_QUERY, "msg_signature": "0a7295cb8d6cf6ca139ddd5569b69f2635832799"}
    assert open_push(OFFICIAL, query, safe_xml(HAN_SEALED), AT).text == HAN_TEXT


def test_vector_6_wecom_accepts_our_address() -> None:
    query = {
        "msg_signature": "33189f926f84faf28c17c5731332c63ef49a6549",
        "timestamp": "1714112445",
        "nonce": "415670741",
        "echostr": "uMMzGtqcnpOzXOYBwDQNrc3+s/zqrHB/FoRCrISgeW8olFpM88pP3mgAkO5CnSpRGeSYzHnnJngKJBBMj//tug==",
    }
    assert verify_url(KF, query, AT) == b"echo-123"
    unescaped = {**query, "echostr": query["echostr"].replace("+", " ")}
    assert verify_url(KF, unescaped, AT) == b"echo-123"


# --- modes and keys ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["", "raw"])
def test_a_push_in_clear_is_taken_also_where_a_key_is_set(kind: str) -> None:
    assert open_push(OFFICIAL, {**plain_query(), "encrypt_type": kind}, TEXT.encode(), AT).text == TEXT


def test_in_compatible_mode_the_encrypted_part_counts_and_what_stands_beside_it_does_not() -> None:
    sealed = encrypted(TEXT)
    body = f"<xml><MsgType>event</MsgType><Content>forged</Content><Encrypt><![CDATA[{sealed}]]></Encrypt></xml>"
    assert open_push(OFFICIAL, safe_query(sealed), body.encode(), AT).text == TEXT


@pytest.mark.parametrize("first", [True, False], ids=["before the real one", "after the real one"])
def test_a_customer_whose_text_looks_like_a_ciphertext_is_still_heard(first: bool) -> None:
    sealed = encrypted(TEXT)
    written, real = "<Content><![CDATA[<Encrypt>AAAA</Encrypt>]]></Content>", f"<Encrypt>{sealed}</Encrypt>"
    body = f"<xml>{written}{real}</xml>" if first else f"<xml>{real}{written}</xml>"
    assert open_push(OFFICIAL, safe_query(sealed), body.encode(), AT).text == TEXT


def test_after_a_change_of_keys_nothing_is_lost_and_the_answer_has_the_key_of_the_question() -> None:
    rotated = OFFICIAL.model_copy(update={"aes_key": SecretStr(OTHER_KEY), "previous_aes_key": SecretStr(KEY)})
    for key in (KEY, OTHER_KEY):
        sealed = encrypted(TEXT, key=key)
        opened = open_push(rotated, safe_query(sealed), safe_xml(sealed), AT)
        assert (opened.text, opened.key) == (TEXT, key)
        answer = children(seal_reply(rotated, opened, "<xml>你好😀</xml>", AT))
        _, text, receiver = decrypted(answer["Encrypt"], key)
        assert (text, receiver) == ("<xml>你好😀</xml>", APP_ID)
        assert answer["MsgSignature"] == sha1_of_sorted(TOKEN, TIMESTAMP, NONCE, answer["Encrypt"])
        assert (answer["TimeStamp"], answer["Nonce"]) == (TIMESTAMP, NONCE)


def test_two_answers_are_not_encrypted_alike() -> None:
    opened = Opened("", Form.XML, encrypted=True, nonce=NONCE, key=KEY)
    assert seal_reply(OFFICIAL, opened, TEXT, AT) != seal_reply(OFFICIAL, opened, TEXT, AT)


@pytest.mark.parametrize(("text", "is_encrypted"), [("", True), ("success", True), ("<xml/>", False), ("", False)])
def test_nothing_to_say_goes_in_clear_and_so_does_the_answer_to_what_came_in_clear(
    text: str, is_encrypted: bool
) -> None:
    opened = Opened("", Form.XML, is_encrypted, NONCE, KEY if is_encrypted else "")
    assert seal_reply(OFFICIAL, opened, text, AT) == text.encode()


# --- what is refused --------------------------------------------------------------------------------------------------

GOOD = encrypted(TEXT)


def unpadded(text: str) -> bytes:
    """The frame of a text up to its padding: 20 bytes before the text, the 18 of the AppID after it."""
    return frame_of(text.encode(), APP_ID)[: 38 + len(text)]


UNEVEN = base64.b64encode(b"0" * 33).decode()
PADDING_OF_ZERO = encrypted_frame(frame_of(TEXT.encode(), APP_ID)[:-1] + b"\0")
PADDING_TOO_LARGE = encrypted_frame(unpadded(TEXT + " " * (-(38 + len(TEXT) + 33) % 16)) + b"\x21" * 33)
PADDING_MIXED = encrypted_frame(unpadded(TEXT + " " * (-(38 + len(TEXT) + 3) % 16)) + b"\0\0\3")
PADDING_AS_IT_SHOULD_BE = encrypted_frame(unpadded(TEXT + " " * (-(38 + len(TEXT) + 3) % 16)) + b"\3\3\3")
LENGTH_TOO_LARGE = encrypted_frame(b"0" * 16 + b"\xff" * 4 + b"x" * 11 + b"\1")
NOTHING_BUT_PADDING = encrypted_frame(b"\x20" * 32)


@pytest.mark.parametrize(
    ("sealed", "code"),
    [
        (encrypted(TEXT, "wx0000000000000000"), "wrong_receiver"),
        (encrypted(TEXT, ""), "wrong_receiver"),
        (encrypted(TEXT, APP_ID + "x"), "wrong_receiver"),
        (encrypted(TEXT, key=OTHER_KEY), "undecodable"),
        (GOOD[:-4], "undecodable"),
        (GOOD[:-3], "undecodable"),
        (UNEVEN, "undecodable"),
        ("====", "undecodable"),
        (PADDING_OF_ZERO, "undecodable"),
        (PADDING_TOO_LARGE, "undecodable"),
        (PADDING_MIXED, "undecodable"),
        (LENGTH_TOO_LARGE, "undecodable"),
        (NOTHING_BUT_PADDING, "undecodable"),
        (encrypted(b"<xml>\xff\xfe</xml>"), "undecodable"),
        (encrypted("plain words"), "undecodable"),
        (encrypted("[1, 2]"), "undecodable"),
        (encrypted(""), "undecodable"),
    ],
    ids=[
        "for another account",
        "for nobody",
        "for an account of a longer name",
        "with a key that was never ours",
        "cut off by a group",
        "cut off within a group",
        "no whole blocks",
        "no bytes at all",
        "padding of zero",
        "padding larger than a block",
        "padding of different bytes",
        "a length beyond the end",
        "nothing but padding",
        "not UTF-8 inside",
        "neither XML nor JSON inside",
        "a JSON array inside",
        "nothing inside",
    ],
)
@pytest.mark.parametrize("settings", [OFFICIAL, MINI], ids=["official", "mini"])
def test_a_signed_push_that_cannot_be_decrypted_is_refused(settings: Settings, sealed: str, code: str) -> None:
    assert refusal(settings, safe_query(sealed), safe_xml(sealed)) == (400, code)


def test_the_frames_of_these_tests_are_wrong_in_their_padding_alone() -> None:
    query, body = safe_query(PADDING_AS_IT_SHOULD_BE), safe_xml(PADDING_AS_IT_SHOULD_BE)
    assert open_push(OFFICIAL, query, body, AT).text.strip() == TEXT


def test_a_signed_ciphertext_with_other_signs_in_it_is_refused() -> None:
    odd = f"{GOOD[:20]}!{GOOD[20:]}"
    assert refusal(OFFICIAL, safe_query(odd), orjson.dumps({"Encrypt": odd})) == (400, "undecodable")


def without(query: Mapping[str, str], *names: str) -> dict[str, str]:
    return {name: value for name, value in query.items() if name not in names}


@pytest.mark.parametrize(
    "query",
    [
        {},
        without(plain_query(), "signature"),
        without(plain_query(), "timestamp"),
        without(plain_query(), "nonce"),
        {**plain_query(), "signature": "0" * 40},
        {**plain_query(), "signature": plain_query()["signature"].upper()},
        {**plain_query(), "signature": "签名"},
        {**plain_query(), "nonce": "\ud800"},
        {**plain_query(), "timestamp": str(int(TIMESTAMP) + 1)},
        {"signature": sha1_of_sorted("WRONG", TIMESTAMP, NONCE), "timestamp": TIMESTAMP, "nonce": NONCE},
        without(safe_query(GOOD), "msg_signature"),
        {**safe_query(GOOD), "msg_signature": plain_query()["signature"]},
        safe_query(encrypted("<xml>other</xml>")),
    ],
    ids=[
        "no query",
        "no signature",
        "no timestamp",
        "no nonce",
        "a guessed signature",
        "capital letters",
        "a signature in Han",
        "half a character",
        "another time",
        "another token",
        "encrypted without its signature",
        "the plain signature in place of that of the ciphertext",
        "the signature of another ciphertext",
    ],
)
def test_whoever_does_not_know_the_token_is_turned_away(query: Mapping[str, str]) -> None:
    assert refusal(OFFICIAL, query, safe_xml(GOOD)) == (403, "bad_signature")


@pytest.mark.parametrize("seconds", [601, -601, 86_400 * 365])
@pytest.mark.parametrize("is_encrypted", [True, False], ids=["encrypted", "in clear"])
def test_a_push_that_somebody_kept_and_sends_again_is_refused(seconds: int, is_encrypted: bool) -> None:
    query, body = (safe_query(GOOD), safe_xml(GOOD)) if is_encrypted else (plain_query(), TEXT.encode())
    assert refusal(OFFICIAL, query, body, AT + timedelta(seconds=seconds)) == (403, "stale_timestamp")
    assert open_push(OFFICIAL, query, body, AT + timedelta(seconds=599)).text == TEXT


@pytest.mark.parametrize("timestamp", ["9" * 5000, "１７１４１１２４４５", "-1714112445", "1714112445.0", "now"])
def test_a_signed_time_that_is_none_is_refused(timestamp: str) -> None:
    assert refusal(OFFICIAL, plain_query(timestamp), TEXT.encode()) == (403, "stale_timestamp")


def test_a_tolerance_of_the_business_s_own_is_kept() -> None:
    patient = OFFICIAL.model_copy(update={"timestamp_tolerance_seconds": 86_400})
    assert open_push(patient, plain_query(), TEXT.encode(), AT + timedelta(hours=23)).text == TEXT


@pytest.mark.parametrize("query", [plain_query(), {**plain_query(), "encrypt_type": "raw"}, {}])
def test_an_account_in_safe_mode_takes_nothing_in_clear(query: Mapping[str, str]) -> None:
    strict = OFFICIAL.model_copy(update={"require_encryption": True})
    assert refusal(strict, query, TEXT.encode()) == (403, "encryption_required")


def test_wecom_never_pushes_in_clear() -> None:
    assert refusal(KF, plain_query(), TEXT.encode())[0] in {400, 403}
    sealed = encrypted(TEXT, CORP_ID)
    assert open_push(KF, without(safe_query(sealed), "encrypt_type"), safe_xml(sealed), AT).text == TEXT
    assert refusal(KF, safe_query(GOOD), safe_xml(GOOD)) == (400, "wrong_receiver")


def test_an_encrypted_push_to_an_account_without_a_key_says_so() -> None:
    keyless = OFFICIAL.model_copy(update={"aes_key": SecretStr("")})
    assert refusal(keyless, safe_query(GOOD), safe_xml(GOOD)) == (400, "no_key")


@pytest.mark.parametrize(
    ("query", "body", "expected"),
    [
        (plain_query(), b"", (400, "undecodable")),
        (plain_query(), b"   ", (400, "undecodable")),
        (plain_query(), b"hello", (400, "undecodable")),
        (plain_query(), b"[]", (400, "undecodable")),
        (plain_query(), "<xml>你好</xml>".encode("gb18030"), (400, "undecodable")),
        (plain_query(), TEXT.encode("utf-16"), (400, "undecodable")),
        (plain_query(), b"<xml>" + b" " * 5_000_000, (413, "too_large")),
        ({}, b"\0" * 5_000_000, (413, "too_large")),
        ({**plain_query(), "encrypt_type": "des"}, TEXT.encode(), (400, "undecodable")),
        (safe_query(GOOD), b"", (400, "undecodable")),
        (safe_query(GOOD), TEXT.encode(), (400, "undecodable")),
        (safe_query(GOOD), b"{", (400, "undecodable")),
        (safe_query(GOOD), b"{}", (400, "undecodable")),
        (safe_query(GOOD), b'{"Encrypt": 5}', (400, "undecodable")),
        (safe_query(GOOD), b'{"Encrypt": {"a": []}}', (400, "undecodable")),
    ],
)
def test_a_body_that_is_no_push_is_refused(query: Mapping[str, str], body: bytes, expected: tuple[int, str]) -> None:
    assert refusal(OFFICIAL, query, body) == expected


def test_a_byte_order_mark_before_the_push_does_no_harm() -> None:
    assert open_push(OFFICIAL, plain_query(), b"\xef\xbb\xbf" + TEXT.encode(), AT).text == TEXT


@pytest.mark.parametrize("run", [b" ", b"A", b"<Encrypt>", b"<Encrypt> ", b"<Encrypt><![CDATA["])
def test_a_body_made_to_be_slow_is_refused_before_a_second_is_over(run: bytes) -> None:
    # The limit of the test run ends this if reading takes more than linear time: 256 KiB squared is minutes.
    body = b"<xml><Encrypt>" + run * ((256 * 1024 - 20) // len(run))
    assert refusal(OFFICIAL, safe_query(GOOD), body) == (400, "undecodable")


@pytest.mark.parametrize(
    ("settings", "query", "expected"),
    [
        (OFFICIAL, {**plain_query(), "signature": "0", "echostr": "1"}, (403, "bad_signature")),
        (OFFICIAL, plain_query(), (400, "undecodable")),
        (OFFICIAL, {**plain_query(), "echostr": "1" * 2000}, (400, "undecodable")),
        (OFFICIAL, {**plain_query("1700000000"), "echostr": "1"}, (403, "stale_timestamp")),
        (KF, {**plain_query(), "echostr": "1"}, (403, "bad_signature")),
        (KF, {**safe_query(GOOD), "echostr": GOOD}, (400, "wrong_receiver")),
        (KF, {**safe_query("1"), "echostr": "1"}, (400, "undecodable")),
    ],
)
def test_an_address_is_verified_for_the_platform_alone(
    settings: Settings, query: Mapping[str, str], expected: tuple[int, str]
) -> None:
    with pytest.raises(CallRefused) as refused:
        verify_url(settings, query, AT)
    assert (refused.value.status, refused.value.code) == expected


def test_neither_what_was_written_nor_the_key_is_in_the_form_for_logs() -> None:
    shown = repr(replace(open_push(OFFICIAL, DEBUG_QUERY, safe_xml(DEBUG_SEALED), AT)))
    assert "hello" not in shown
    assert KEY not in shown


BODIES = st.binary() | st.text().map(lambda text: text.encode(errors="surrogatepass"))
NAMES = ("signature", "msg_signature", "timestamp", "nonce", "encrypt_type", "echostr")
VALUES = st.text() | st.sampled_from(["aes", "raw", TIMESTAMP, NONCE])


@testing(deadline=None)
@given(st.dictionaries(st.sampled_from(NAMES), VALUES), BODIES, st.sampled_from([OFFICIAL, MINI, KF]))
def test_whatever_a_stranger_sends_is_refused_and_nothing_else_happens(
    query: Mapping[str, str], body: bytes, settings: Settings
) -> None:
    with pytest.raises(CallRefused):
        open_push(settings, query, body, AT)
    with pytest.raises(CallRefused):
        verify_url(settings, query, AT)


@testing(deadline=None)
@given(BODIES, st.sampled_from([(OFFICIAL, APP_ID), (KF, CORP_ID)]))
def test_whatever_is_signed_is_opened_or_refused(inside: bytes, whose: tuple[Settings, str]) -> None:
    settings, receiver = whose
    sealed = encrypted(inside, receiver)
    for query, body in (
        (safe_query(sealed), safe_xml(sealed)),
        (safe_query("x"), inside),
        (plain_query(), inside),
        (safe_query(GOOD), b"<xml><Encrypt>" + inside + b"</Encrypt></xml>"),
    ):
        try:
            open_push(settings, query, body, AT)
        except CallRefused:
            pass


@testing(deadline=None)
@given(st.binary(min_size=32, max_size=200).map(lambda frame: frame[: len(frame) // 32 * 32]))
def test_whatever_is_encrypted_with_our_key_is_opened_or_refused(frame: bytes) -> None:
    sealed = encrypted_frame(frame)
    with pytest.raises(CallRefused):
        open_push(OFFICIAL, safe_query(sealed), safe_xml(sealed), AT)
