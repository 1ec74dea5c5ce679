"""Shopee's signatures, by the published inputs. Source: reference E.5."""

import pytest

from yizhan.channels.ecommerce.shopee.signing import call_signature, is_from_platform, push_signature

KEY = "PARTNERKEY"
URL = "https://example.com/hook/shopee"
BODY = b'{"shop_id":947042923,"code":10,"timestamp":1726044722,"data":{}}'
SIGNATURE = "ffcf23ca32e7e9a2af713da50052ec4e06a8768a0f865c7d3a2f94aeb9d15ffb"


@pytest.mark.parametrize(
    ("path", "token", "shop_id", "wanted"),
    [
        pytest.param(
            "/api/v2/auth/token/get",
            "",
            "",
            "f6daa5d36144cab1978f9c3bacb4f70d8178e22354f8373ea8de48e785e58a1f",
            id="for the app",
        ),
        pytest.param(
            "/api/v2/sellerchat/send_message",
            "ACCESS",
            "600000",
            "d08a13d02d79c16c37b55230eaf7e3bc5ec2babcc5e0036cf5e9b2c43845d21a",
            id="for a shop",
        ),
    ],
)
def test_calls_are_signed_as_the_platform_signs_them(path: str, token: str, shop_id: str, wanted: str) -> None:
    assert call_signature(KEY, "2000001", path, 1610000000, token, shop_id) == wanted


def test_pushes_are_signed_as_the_platform_signs_them() -> None:
    assert push_signature(KEY, URL, BODY) == SIGNATURE


@pytest.mark.parametrize(
    ("url", "body", "given", "good"),
    [
        pytest.param(URL, BODY, SIGNATURE, True, id="as it was signed"),
        pytest.param(URL, BODY, f" {SIGNATURE}\n", True, id="blanks around it"),
        pytest.param(URL + "/", BODY, SIGNATURE, False, id="another address"),
        pytest.param(URL, BODY + b" ", SIGNATURE, False, id="another body"),
        pytest.param(URL, BODY, SIGNATURE.upper(), False, id="capital letters"),
        pytest.param(URL, BODY, "", False, id="no signature"),
        pytest.param(URL, BODY, "ключ ☃", False, id="letters beyond ASCII"),
    ],
)
def test_a_push_is_believed_by_its_signature_alone(url: str, body: bytes, given: str, good: bool) -> None:
    assert is_from_platform(("another", KEY), url, body, given) is good
