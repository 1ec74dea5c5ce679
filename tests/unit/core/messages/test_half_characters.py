"""Text that was cut in the middle of a character is read as far as it is text."""

import json

import orjson
import pytest
from hypothesis import given, strategies as st

from yizhan.core.messages.half_characters import mended_json


@pytest.mark.parametrize(
    ("raw", "read"),
    [
        pytest.param(rb'"a\ud83d"', "a\ufffd", id="the first half of an emoji"),
        pytest.param(rb'"\ude00b"', "\ufffdb", id="the second half"),
        pytest.param(rb'"\uD83D\uDE00"', "😀", id="a whole one stays"),
        pytest.param(rb'"\ud83d\ud83d\ude00"', "\ufffd😀", id="a half before a whole one"),
        pytest.param(rb'"\\ud83d"', "\\ud83d", id="words about it stay"),
        pytest.param(rb'"\\\ud83d"', "\\\ufffd", id="behind a backslash"),
        pytest.param(rb'"\ud83dx\ude00"', "\ufffdx\ufffd", id="two halves apart"),
        pytest.param(rb'"\ue000\n\"\/"', '\ue000\n"/', id="other escapes stay"),
        pytest.param("你好😀".encode().join((b'"', b'"')), "你好😀", id="plain text stays"),
        pytest.param(b'"a\xed\xa0\xbdb"', "a\ufffd\ufffd\ufffdb", id="a half written as bytes"),
        pytest.param(b'"a\xffb"', "a\ufffdb", id="a byte that is none"),
        pytest.param(b'"\xe5\xa5"', "\ufffd", id="cut in the middle of a character"),
    ],
)
def test_what_is_read(raw: bytes, read: str) -> None:
    assert orjson.loads(mended_json(raw)) == read


@given(st.text(st.characters()))
def test_it_is_what_a_decoder_makes_of_the_same_text(text: str) -> None:
    raw = json.dumps({"text": text, text: 1}).encode()
    wanted = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    read = orjson.loads(mended_json(raw))
    assert wanted in read
    assert read.get("text") in (wanted, 1)


@given(st.binary())
def test_any_bytes_are_taken_and_taking_them_twice_changes_nothing(raw: bytes) -> None:
    mended = mended_json(raw)
    mended.decode("utf-8")
    assert mended_json(mended) == mended
