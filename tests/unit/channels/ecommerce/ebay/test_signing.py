"""Proofs in both directions: of the address to the platform, and of pushes to us; and what made-up keys may cost."""

from datetime import timedelta
from typing import Any

import orjson
import pytest

from tests.unit.channels.ecommerce.ebay.seller import (
    KID,
    call,
    header,
    key_answer,
    knowing,
    notification,
    pem,
    received,
    settings,
    token_answer,
    written,
)
from tests.unit.channels.ecommerce.shop_tools import Answer, Remembered, account_of, json_answer
from yizhan.channels.contract import Call, CallRefused, NotAccepted, RetryLater
from yizhan.channels.ecommerce.ebay import keys
from yizhan.channels.ecommerce.ebay.platform import Ebay
from yizhan.channels.ecommerce.ebay.signing import challenge_answer, read_key, read_signature, signed_by
from yizhan.channels.ecommerce.platform import Response

CODE = "a8628072-3d33-45ee-9004-bee86830a22d"
ENDPOINT = "https://gw.example.com/hooks/ebay"
ANSWER = "848048ec409893ac5f12c6a7af85255526793e9e1defc6d6a01a1668a7d27a38"
BODY = notification(written())


def test_the_challenge_is_answered_as_in_the_example() -> None:
    assert challenge_answer(CODE, "V" * 40, ENDPOINT) == ANSWER


async def test_the_address_proves_itself_by_the_address_that_was_registered() -> None:
    platform = Ebay(Remembered().tools())
    challenge = Call("shop", "GET", {"challenge_code": CODE}, b"")
    push = await platform.receive(account_of(settings(endpoint=ENDPOINT)), challenge)
    assert orjson.loads(push.answer.body) == {"challengeResponse": ANSWER}
    assert (push.answer.status, push.answer.content_type) == (200, "application/json")
    own = await platform.receive(account_of(settings()), challenge)
    expected = challenge_answer(CODE, "V" * 40, "https://gw.example.com/ecommerce/ebay/shop")
    assert orjson.loads(own.answer.body)["challengeResponse"] == expected


@pytest.mark.parametrize("query", [{}, {"challenge_code": ""}, {"challenge_code": "x" * 501}])
async def test_what_is_no_challenge_is_refused(query: dict[str, str]) -> None:
    with pytest.raises(CallRefused) as caught:
        await Ebay(Remembered().tools()).receive(account_of(settings()), Call("shop", "GET", query, b""))
    assert caught.value.status == 400


@pytest.mark.parametrize("one_line", [False, True], ids=["as files have it", "on one line"])
@pytest.mark.parametrize("digest", ["SHA1", "SHA256"])
def test_a_push_is_proved_by_the_key_that_it_names(one_line: bool, digest: str) -> None:
    key = read_key(pem(one_line=one_line))
    signature = read_signature(header(BODY, digest=digest))
    assert key is not None
    assert signature is not None
    assert signed_by(key, signature, BODY)
    assert not signed_by(key, signature, BODY + b" ")


@pytest.mark.parametrize(
    "given",
    [
        "",
        "not base64!",
        "bm90IGpzb24=",
        header(BODY, kid="../../x"),
        header(BODY, kid="k" * 65),
        "A" * 5000,
        header(BODY).lower(),
    ],
)
def test_what_is_no_signature_is_known(given: str) -> None:
    assert read_signature(given) is None


@pytest.mark.parametrize("text", ["", "x", "-----BEGIN PUBLIC KEY-----AAAA-----END PUBLIC KEY-----"])
def test_what_is_no_key_is_known(text: str) -> None:
    assert read_key(text) is None


@pytest.mark.parametrize(
    "pushed",
    [
        pytest.param(call(BODY, ""), id="not signed"),
        pytest.param(call(BODY, header(b"another body")), id="another body"),
        pytest.param(call(BODY, header(BODY, kid="a/b")), id="a key that cannot be"),
    ],
)
async def test_a_push_that_is_not_the_platforms_is_answered_412(pushed: Call) -> None:
    with pytest.raises(CallRefused) as caught:
        await received(knowing(), pushed)
    assert (caught.value.status, caught.value.code) == (412, "bad_signature")


@pytest.mark.parametrize(
    "answers",
    [
        pytest.param({"public_key": [RetryLater()]}, id="nobody answers"),
        pytest.param({"public_key": [Response(403, b"{}")]}, id="the app may not ask"),
        pytest.param({"tokens": [Response(401, b'{"error":"invalid_client"}')]}, id="the app gets no token"),
        pytest.param({"tokens": [RetryLater()]}, id="no token now"),
    ],
)
async def test_while_no_key_can_be_had_the_platform_shall_come_again(answers: dict[str, list[Answer]]) -> None:
    remembered = Remembered({"public_key": [key_answer()], "tokens": [token_answer()], **answers})
    with pytest.raises(NotAccepted):
        await received(remembered, call(BODY))


async def test_a_key_is_asked_for_once_and_again_after_hours() -> None:
    remembered = knowing()
    platform, shop = Ebay(remembered.tools()), account_of(settings())
    for hours, asked in ((0, 1), (1, 1), (8, 2)):
        remembered.now += timedelta(hours=hours)
        await platform.receive(shop, call(BODY))
        assert len(remembered.asked("public_key")) == asked
    (request, _) = remembered.asked("public_key")
    assert request.url.path == f"/commerce/notification/v1/public_key/{KID}"
    assert request.headers["Authorization"] == "Bearer app-token"


async def refused(platform: Ebay, kid: str) -> int:
    """The status that a push with this key's id is answered with; 503: come again."""
    try:
        await platform.receive(account_of(settings()), call(BODY, header(BODY, kid=kid)))
    except CallRefused as error:
        return error.status
    except NotAccepted:
        return 503
    return 200


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(Response(404, b"{}"), id="there is none"),
        pytest.param(json_answer({"key": "nonsense"}), id="it is none"),
        pytest.param(Response(200, b"<html>"), id="another answer"),
    ],
)
async def test_a_key_that_there_is_not_is_asked_for_once_in_ten_minutes(answer: Response) -> None:
    remembered = Remembered({"public_key": [answer], "tokens": [token_answer()]})
    platform = Ebay(remembered.tools())
    assert [await refused(platform, "made-up") for _ in range(3)] == [412] * 3
    assert len(remembered.asked("public_key")) == 1
    remembered.now += timedelta(minutes=11)
    assert await refused(platform, "made-up") == 412
    assert len(remembered.asked("public_key")) == 2


async def test_keys_made_up_by_the_thousand_cost_few_calls_and_little_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "MOST_MISSED", 5)
    known: dict[str, Any] = {f"/commerce/notification/v1/public_key/{KID}": key_answer()}
    remembered = Remembered(
        {"public_key": [lambda request: known.get(request.url.path, Response(404, b"{}"))], "tokens": [token_answer()]}
    )
    platform = Ebay(remembered.tools())
    assert await refused(platform, KID) == 200
    statuses = [await refused(platform, f"made-up-{number}") for number in range(100)]
    assert set(statuses) == {412, 503}
    assert len(remembered.asked("public_key")) == keys.MOST_ASKED
    assert await refused(platform, KID) == 200, "whom we know is heard all the while"
    assert len(platform._keys._missed) == 5
