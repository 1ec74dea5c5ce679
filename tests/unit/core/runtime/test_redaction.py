"""No customer's number, no token and no password ever reaches a log line, however it is written and wherever it stands."""

import io
import json
import logging
import random
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from pathlib import Path

import pytest
import structlog
from aiohttp.http_exceptions import BadStatusLine
from hypothesis import given, strategies as st

from yizhan.core.runtime.logging import configure
from yizhan.core.runtime.redaction import MAX_CHARS, redact, redact_text
from yizhan.core.security.keys import Keyring
from yizhan.core.security.tokens import Signer

DIGITS = "0123456789"
FULL_WIDTH = str.maketrans(DIGITS, "０１２３４５６７８９")
ALNUM = DIGITS + "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

phones = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True, alphabet=DIGITS)
identities = st.from_regex(
    r"[1-9][0-9]{5}(19|20)[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|[12][0-9])[0-9]{3}[0-9Xx]", fullmatch=True
)
cards = st.from_regex(r"(4|5|62)[0-9]{14,16}", fullmatch=True, alphabet=DIGITS)
secrets = st.text(st.sampled_from(ALNUM + "-._~+/"), min_size=12, max_size=40)

around = st.text(st.characters(exclude_categories=["Nd", "Cs"], exclude_characters="+-"), max_size=20)
"""Any text that does not lengthen a number."""


def spaced(number: str, sizes: tuple[int, ...], sign: str) -> str:
    parts, start = [], 0
    for size in sizes:
        parts.append(number[start : start + size])
        start += size
    return sign.join([*parts, number[start:]]).strip(sign)


WRITINGS: dict[str, Callable[[str], str]] = {
    "plain": lambda number: number,
    "full width": lambda number: number.translate(FULL_WIDTH),
    "with the country": lambda number: f"+86{number}",
    "with the country apart": lambda number: f"+86 {number}",
    "with zeros": lambda number: f"0086{number}",
    "with spaces": lambda number: spaced(number, (3, 4), " "),
    "with dashes": lambda number: spaced(number, (3, 4), "-"),
}


def rendered(format: str, event: str, /, **values: object) -> str:
    """What really comes out of a log call, and out of the same through the standard library."""
    out = io.StringIO()
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        configure("debug", "json" if format == "json" else "console", stream=out)
        structlog.get_logger("test").info(event, **values)
        logging.getLogger("some.library").warning("%s %s", event, list(values.values()))
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        logging.captureWarnings(False)
        structlog.reset_defaults()
    return out.getvalue()


@given(phones, st.sampled_from(sorted(WRITINGS)), around, around)
def test_no_phone_number_survives(phone: str, writing: str, before: str, after: str) -> None:
    written = WRITINGS[writing](phone)
    clean = redact_text(f"{before}{written}{after}")
    assert written not in clean
    assert phone not in clean
    assert phone[3:] not in clean.translate(str.maketrans("０１２３４５６７８９", DIGITS)).replace(" ", "").replace(
        "-", ""
    )


@given(identities, st.booleans(), around, around)
def test_no_identity_number_survives(number: str, full_width: bool, before: str, after: str) -> None:
    written = number.translate(FULL_WIDTH) if full_width else number
    after = after.lstrip("xX")
    assert written[:17] not in redact_text(f"{before}{written}{after}")


@given(cards, st.sampled_from(["", " ", "-"]), around, around)
def test_no_bank_card_survives(number: str, sign: str, before: str, after: str) -> None:
    written = spaced(number, (4, 4, 4, 4), sign) if sign else number
    clean = redact_text(f"{before}{written}{after}")
    assert written not in clean
    assert number[4:12] not in clean.replace(sign or " ", "")


@given(st.emails(), around, around)
def test_no_email_address_survives(address: str, before: str, after: str) -> None:
    assert address not in redact_text(f"{before} {address} {after}")
    assert address not in redact_text(f"邮箱{address}，谢谢")


@given(
    secrets,
    st.sampled_from(
        ["Bearer {}", "bearer  {}", "Authorization: Bearer {}", "Basic {}", "Cookie: a=b; yizhan_session={}"]
    ),
)
def test_no_credential_of_a_header_survives(secret: str, header: str) -> None:
    assert secret not in redact_text(f"got {header.format(secret)}")


@given(
    secrets,
    st.sampled_from(
        ["password={}", 'secret: "{}"', "{{'token': '{}'}}", "/media/x?exp=1&sig={}", "?ticket={}&a=b", "api_key = {}"]
    ),
)
def test_no_named_secret_survives(secret: str, writing: str) -> None:
    assert secret not in redact_text(f"text {writing.format(secret)}")


@given(st.dictionaries(st.text(max_size=8), st.text(max_size=20), max_size=3), st.sampled_from(["visitor", "session"]))
def test_none_of_our_own_tokens_survives(payload: dict[str, str], purpose: str) -> None:
    signer = Signer(Keyring(("k" * 32,)), purpose, lambda: datetime(2026, 1, 1, tzinfo=UTC))
    token = signer.sign(payload, expires_in=timedelta(hours=1))
    clean = redact_text(f"refused {token}, 因为{token}")
    assert token.rsplit(".", 1)[1] not in clean
    assert token.split(".")[2] not in clean


@given(
    st.text(st.characters(exclude_categories=["Cs", "Z", "Cc"]), min_size=6, max_size=30),
    st.sampled_from(
        ["amqp://yizhan:{}@rabbit:5672/v", "postgresql://u:{}@db/yizhan?a=b", "cannot reach amqps://:{}@h/, again"]
    ),
)
def test_no_password_in_an_address_survives(password: str, address: str) -> None:
    clean = redact_text(address.format(password))
    assert f":{password}@" not in clean
    assert address.split("{}@")[1][:2] in clean


JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJlLW9mLWl0"


@pytest.mark.parametrize(
    "text",
    [
        "13812345678", "我的手机13812345678谢谢", "tel:13812345678x", "a13812345678", "86-138-1234-5678", "+1 415 555 2671",
        "010-62345678", "110105194912310021", "11010519491231002X", "6222021234567890123", "a.b+c@mail.example.cn",
        "张三@例子.公司", JWT, f"x{JWT}"[1:], "Ｂearer abcdefgh123", "ａ＠ｂ．ｃｏｍ",
    ],
)  # fmt: skip
def test_what_must_not_be_read(text: str) -> None:
    assert redact_text(f"see {text} end") not in {f"see {text} end", ""}


@pytest.mark.parametrize(
    "text",
    [
        "0190a2b4-7c1d-7e55-9abc-13812345678f",
        "v:0190a2b4-7c1d-7e55-9abc-1381234567ff",
        "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "2026-11-22T08:00:00.123456Z",
        "2026-11-22 08:00:00",
        "inbound.7", "order 20261122", "10.0.0.12:5672", "rabbit:5672", "1763740800", "1763740800123", "conversation_opened",
        "amqp://rabbit:5672/", "12:30:00", "token expired", "the secret is missing", "3 of 16 partitions",
    ],
)  # fmt: skip
def test_what_must_stay_readable(text: str) -> None:
    assert redact_text(text) == text


def test_our_ids_stay_readable_whatever_digits_they_hold() -> None:
    random.seed(7)
    for _ in range(5000):
        text = str(uuid.UUID(int=random.getrandbits(128)))
        assert redact_text(f"message {text} done") == f"message {text} done"


def test_long_text_is_cut_and_looked_at_in_reasonable_time() -> None:
    for nasty in (
        "a" * 100_000,
        "1" * 100_000,
        "a@" * 50_000,
        "://" * 40_000,
        "a:" * 50_000,
        "eyJ" * 40_000,
        "1 " * 50_000,
    ):
        clean = redact_text(nasty)
        assert len(clean) < MAX_CHARS + 40


@dataclass
class Message:
    text: str


class Kind(IntEnum):
    CUSTOMER = 1


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("password", "x", "[hidden]"),
        ("internal_token", "x", "[hidden]"),
        ("accessToken", "x", "[hidden]"),
        ("Authorization", "x", "[hidden]"),
        ("Set-Cookie", "x", "[hidden]"),
        ("otp", 123456, "[hidden]"),
        ("text", "你好", "[2 hidden]"),
        ("message_text", "你好", "[2 hidden]"),
        ("body", b"abc", "[3 hidden]"),
        ("content", {"text": "hi"}, "[hidden]"),
        ("customer_name", "张三", "[2 hidden]"),
        ("phone", 13812345678, "[hidden]"),
        ("text_chars", 2, 2),
        ("body_bytes", 512, 512),
        ("has_token", True, True),
        ("token", None, None),
        ("n", 13812345678, "[number]"),
        ("n", 2**100, "[number]"),
        pytest.param("n", 10**5000, "[number]", id="a number too long to be written"),
        ("n", -5, -5),
        ("seconds", 1.5, 1.5),
        ("seconds", float("nan"), "nan"),
        ("path", Path("/var/yizhan"), "/var/yizhan"),
        ("at", datetime(2026, 11, 22, 8, 0, tzinfo=UTC), "2026-11-22 08:00:00+00:00"),
        ("id", uuid.UUID(int=5), "00000000-0000-0000-0000-000000000005"),
        ("kind", Kind.CUSTOMER, 1),
        ("error", ValueError("13812345678"), "ValueError"),
        ("cls", ValueError, "ValueError"),
        ("message", Message("secret words"), "<Message>"),
        ("raw", b"13812345678", "[11 bytes]"),
        ("ids", ("a", "b"), ["a", "b"]),
        ("deep", {"a": {"password": "x", "b": ["13812345678"]}}, {"a": {"password": "[hidden]", "b": ["[number]"]}}),
        ("numbers", {"13812345678": 1}, {"[number]": 1}),
    ],
)
def test_values_by_their_name_and_kind(key: str, value: object, expected: object) -> None:
    assert redact({key: value}) == {key: expected}


def test_endless_values_end() -> None:
    endless: list[object] = []
    endless.append(endless)
    assert "[deeper]" in str(redact({"x": endless}))
    assert len(redact({"x": list(range(10_000))})["x"]) == 100


@pytest.mark.parametrize("format", ["json", "console"])
@given(phone=phones, token=secrets)
def test_nothing_survives_in_a_whole_line(format: str, phone: str, token: str) -> None:
    line = rendered(
        format,
        f"call of {phone}",
        note=f"Bearer {token}",
        url=f"amqp://u:{token}@host/",
        nested={"list": [phone, f"token={token}"]},
        text=token,
    )
    assert line.count("\n") == 2
    assert phone not in line
    # The library's line holds the bare token as a value without a name, which nothing can know to be one.
    assert token not in line.splitlines()[0]


@given(phones)
def test_nothing_survives_in_an_exception(phone: str) -> None:
    def fails() -> None:
        local_variable = phone
        raise RuntimeError(f"cannot call {local_variable}")

    with pytest.raises(RuntimeError) as caught:
        fails()
    for style in ("json", "console"):
        assert phone not in rendered(style, "call_failed", exc_info=caught.value)


def test_the_json_line_can_be_read_by_machines() -> None:
    first, second = rendered("json", "thing_done", conversation_id="c1", seconds=float("inf")).splitlines()
    told = json.loads(first)
    assert (told["event"], told["level"], told["conversation_id"]) == ("thing_done", "info", "c1")
    assert datetime.fromisoformat(told["timestamp"]).tzinfo is not None
    assert json.loads(second)["logger"] == "some.library"


def test_a_value_cannot_forge_a_line() -> None:
    for style in ("json", "console"):
        lines = rendered(style, "x", page="a\n2026-01-01 [error] forged\r\x1b[31m").splitlines()
        assert len(lines) == 2
        assert "\x1b[31m" not in lines[0]


def test_garbage_on_the_port_does_not_fill_the_log() -> None:
    out = io.StringIO()
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        configure("info", "json", stream=out)
        logging.getLogger("aiohttp.server").error("Error handling request", exc_info=BadStatusLine("GARBAGE"))
        logging.getLogger("aiohttp.server").error("Error handling request", exc_info=OSError("real"))
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        logging.captureWarnings(False)
        logging.getLogger("aiohttp.server").filters.clear()
        structlog.reset_defaults()
    assert [json.loads(line)["exception"][0]["message"] for line in out.getvalue().splitlines()] == ["real"]
