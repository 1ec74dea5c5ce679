"""The vendor's own examples: whoever reckons these is understood there."""

import pytest

from yizhan.channels.ecommerce.lazada.signing import is_the_platforms, signed_call, signed_push

BODY = b'{"seller_id":"1234567", "message_type":0, "data":{...}..}'
OF_BODY = "f3d2ca947f16a50b577c036adecd18bec126ea19cadedd59816e255d3b6104ab"
SECRET = "3412gyo124goi3124"
CALL = {
    "access_token": "tok",
    "app_key": "123456",
    "session_id": "100094063_2_1011822749_1_103",
    "sign_method": "sha256",
    "template_id": "1",
    "timestamp": "1517820392000",
    "txt": "您好 hello",
}
OF_CALL = "D33591D5F8E297A52B1B1DAB235463EF23A7CF3243E49C2A598A987D4BEC9ED2"


def test_a_push_is_signed_as_in_the_vendors_example() -> None:
    assert signed_push(SECRET, "123456", BODY) == OF_BODY


@pytest.mark.parametrize(
    "more",
    [
        pytest.param({}, id="as it is"),
        pytest.param({"sign": "X"}, id="its own signature is no part"),
        pytest.param({"empty": ""}, id="nor is what is empty"),
    ],
)
def test_a_call_is_signed_as_in_the_vendors_example(more: dict[str, str]) -> None:
    shuffled = dict(reversed([*CALL.items(), *more.items()]))
    assert signed_call("TESTSECRET", "/im/message/send", shuffled) == OF_CALL


@pytest.mark.parametrize(
    ("given", "secrets", "believed"),
    [
        pytest.param(OF_BODY, (SECRET,), True, id="the secret"),
        pytest.param(OF_BODY, ("new", SECRET), True, id="the one before it"),
        pytest.param(OF_BODY, ("new",), False, id="another secret"),
        pytest.param(OF_BODY.upper(), (SECRET,), False, id="large letters"),
        pytest.param(OF_BODY[:-1], (SECRET,), False, id="cut"),
        pytest.param("", (SECRET,), False, id="none"),
        pytest.param("签名\udcff", (SECRET,), False, id="no signature at all"),
        pytest.param(OF_BODY, (), False, id="no secret"),
    ],
)
def test_only_who_knows_a_secret_is_believed(given: str, secrets: tuple[str, ...], believed: bool) -> None:
    assert is_the_platforms(given, secrets, "123456", BODY) is believed
    assert not is_the_platforms(given, secrets, "123456", BODY + b" ")
