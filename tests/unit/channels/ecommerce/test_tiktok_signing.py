"""TikTok Shop's signatures, by the published inputs. Source: reference E.3."""

import pytest

from yizhan.channels.ecommerce.tiktok.signing import call_signature, is_from_platform, push_signature

SECRET = "abc000def111"
PUSH = (
    b'{"type":14,"tts_notification_id":"7327112393057371910","shop_id":"7494049642642441621",'
    b'"timestamp":1644412885,"data":{}}'
)
PUSH_SIGNATURE = "20c6748ce3c1956a77cb1f0f504faf29ada04508a5d6116f381a07f832bf6dee"


@pytest.mark.parametrize(
    ("path", "query", "body", "wanted"),
    [
        pytest.param(
            "/authorization/202309/shops",
            {"app_key": "123456", "timestamp": "1234567890"},
            b"",
            "c8767e4fd7a1b48a0ce3fd23197f058159ce11b53f1ae1ad6d1ec931a1da5540",
            id="the vendor's tutorial",
        ),
        pytest.param(
            "/customer_service/202309/conversations/576486316948490001/messages",
            {"app_key": "123456", "shop_cipher": "CIPHER", "timestamp": "1234567890"},
            b'{"type":"TEXT","content":"{\\"content\\":\\"hi\\"}"}',
            "7ca1d26c6380d6ed358eae636eca0e05f1a0e9f15eec3c972a60246c773c2765",
            id="a message with a body",
        ),
    ],
)
def test_calls_are_signed_as_the_platform_signs_them(
    path: str, query: dict[str, str], body: bytes, wanted: str
) -> None:
    assert call_signature(SECRET, path, query, body) == wanted
    unsigned = {**query, "sign": "x", "access_token": "y"}
    assert call_signature(SECRET, path, unsigned, body) == wanted


def test_pushes_are_signed_as_the_platform_signs_them() -> None:
    assert push_signature(SECRET, "123456", PUSH) == PUSH_SIGNATURE


@pytest.mark.parametrize(
    ("body", "given", "good"),
    [
        pytest.param(PUSH, PUSH_SIGNATURE, True, id="as it was signed"),
        pytest.param(PUSH, f" {PUSH_SIGNATURE}\t", True, id="blanks around it"),
        pytest.param(PUSH + b" ", PUSH_SIGNATURE, False, id="another body"),
        pytest.param(PUSH, PUSH_SIGNATURE.upper(), False, id="capital letters"),
        pytest.param(PUSH, f"Bearer {PUSH_SIGNATURE}", False, id="a scheme before it"),
        pytest.param(PUSH, "", False, id="no signature"),
        pytest.param(PUSH, "signé ☃", False, id="letters beyond ASCII"),
    ],
)
def test_a_push_is_believed_by_its_signature_alone(body: bytes, given: str, good: bool) -> None:
    assert is_from_platform(("another", SECRET), "123456", body, given) is good
