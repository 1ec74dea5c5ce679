"""One push from its bytes to what the host is given: verified, read, and what is fetched behind it."""

import pytest

from tests.unit.channels.ecommerce.lazada.pushed import SECRET, message, of_the_seller, push, settings
from tests.unit.channels.ecommerce.shop_tools import Remembered, account_of
from yizhan.channels.contract import Call, CallRefused, InboundMessage, NotAccepted, Push, RetryLater
from yizhan.channels.ecommerce import attached
from yizhan.channels.ecommerce.lazada.platform import Lazada
from yizhan.channels.ecommerce.lazada.settings import LazadaSettings
from yizhan.channels.ecommerce.lazada.signing import signed_push
from yizhan.core.messages.content import Image, Media, Text

URL = "https://sg-live.slatic.net/kf/a.jpg"
PICTURE = Media("f" * 64, "image/jpeg", "a.jpg")


def call(body: bytes, *, secret: str = SECRET, method: str = "POST") -> Call:
    return Call("shop", method, {}, body, {"authorization": signed_push(secret, "123456", body)})


async def received(remembered: Remembered, pushed: Call, own: LazadaSettings | None = None) -> Push:
    return await Lazada(remembered.tools()).receive(account_of(own or settings()), pushed)


@pytest.mark.parametrize(
    ("pushed", "status", "code"),
    [
        pytest.param(call(push(message({"txt": "x"})), secret="other"), 401, "bad_signature", id="forged"),
        pytest.param(Call("shop", "POST", {}, b"{}"), 401, "bad_signature", id="not signed"),
        pytest.param(call(b"{}", method="GET"), 405, "method", id="not pushed"),
        pytest.param(call(b"{}"), 400, "unreadable", id="no push"),
        pytest.param(call(push(message({"txt": "x"}), seller_id="7")), 403, "other_seller", id="another seller's"),
    ],
)
async def test_what_is_not_the_platforms_is_refused(pushed: Call, status: int, code: str) -> None:
    with pytest.raises(CallRefused) as caught:
        await received(Remembered(), pushed, settings(seller_id="1234567"))
    assert (caught.value.status, caught.value.code) == (status, code)


async def test_text_is_given_at_once_within_the_platforms_half_second() -> None:
    found = await received(Remembered(), call(push(message({"txt": "您好"}))))
    assert found.finish is None
    assert len(found.facts) == 1
    assert found.slow_within < 0.5
    assert found.key.startswith("m:")
    assert found.lane


@pytest.mark.parametrize("message_type", [0, 8, 14, 19, 77])
async def test_what_is_no_message_is_taken_and_says_nothing(message_type: int) -> None:
    found = await received(Remembered(), call(push({"order_status": "x", "auth_expiry_time": 1}, message_type)))
    assert (found.facts, found.finish, found.answer.status) == ((), None, 200)


async def test_a_picture_comes_with_its_message() -> None:
    remembered = Remembered(files={URL: PICTURE})
    found = await received(remembered, call(push(message({"imgUrl": URL}, template_id=3))))
    assert found.facts == ()
    assert found.finish is not None
    (fact,) = await found.finish()
    assert isinstance(fact, InboundMessage)
    assert fact.message.content == Image(PICTURE)
    assert remembered.fetched == [(URL, settings().file_hosts)]


async def test_a_picture_that_cannot_be_had_is_told_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attached, "FETCH_PAUSES", (0.0, 0.0))
    remembered = Remembered(files={URL: RetryLater(0.0)})
    found = await received(remembered, call(push(message({"imgUrl": URL}, template_id=3))))
    assert found.finish is not None
    (fact,) = await found.finish()
    assert isinstance(fact, InboundMessage)
    assert isinstance(fact.message.content, Text)
    assert len(remembered.fetched) == 3


async def test_what_we_sent_comes_back_and_is_dropped_and_what_the_console_sent_is_not() -> None:
    remembered = Remembered(sent={"ours": "our-id"})
    for message_id, count in (("ours", 0), ("theirs", 1)):
        found = await received(remembered, call(push(of_the_seller({"txt": "x"}, message_id=message_id))))
        assert found.finish is not None
        assert len(await found.finish()) == count


async def test_when_nobody_can_say_whether_it_is_ours_the_platform_shall_come_again() -> None:
    remembered = Remembered()

    async def away(*_: object) -> str:
        raise RetryLater(3.0)

    tools = remembered.tools()
    object.__setattr__(tools, "ours", away)
    found = await Lazada(tools).receive(account_of(settings()), call(push(of_the_seller({"txt": "x"}))))
    assert found.finish is not None
    with pytest.raises(NotAccepted):
        await found.finish()
