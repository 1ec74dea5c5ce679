"""What goes to the platform: each kind as its parameters, and what it makes of the answers."""

from datetime import UTC, datetime
from urllib.parse import parse_qs

import pytest

from tests.unit.channels.ecommerce.lazada.pushed import SESSION, settings
from tests.unit.channels.ecommerce.shop_tools import AT, TOKEN, Remembered, account_of, json_answer
from yizhan.channels.contract import (
    OutcomeUnknown,
    QuotaSpent,
    Refusal,
    Refused,
    RetryLater,
    SendError,
    TokenExpired,
    Trigger,
)
from yizhan.channels.ecommerce.lazada.errors import words
from yizhan.channels.ecommerce.lazada.facts import SEND
from yizhan.channels.ecommerce.lazada.outgoing import abilities_of
from yizhan.channels.ecommerce.lazada.platform import Lazada
from yizhan.channels.ecommerce.lazada.signing import signed_call
from yizhan.channels.ecommerce.platform import Response
from yizhan.channels.render import render
from yizhan.core.messages.address import Address
from yizhan.core.messages.content import Content, File, GoodsCard, Image, LogisticsCard, Media, OrderCard, Text
from yizhan.core.messages.message import Author, AuthorKind, Message

TAKEN = json_answer({"code": "0", "err_code": "0", "success": True, "data": {"message_id": "m1"}, "request_id": "r"})
PICTURE = Image(Media("f" * 64, "image/png", "a.png", width_px=20, height_px=10))


def saying(content: Content, thread: str = SESSION) -> Message:
    address = Address("default", "ecommerce", "shop", "1011822749", thread)
    return Message("our-id", address, Author(AuthorKind.BOT), content, AT)


async def sent(content: Content) -> dict[str, str]:
    """The parameters of the call, whose signature is right."""
    remembered = Remembered({SEND: [TAKEN]})
    result = await Lazada(remembered.tools()).send(account_of(settings()), saying(content), 0)
    assert result.external_ids == ("m1",)
    (request,) = remembered.requests
    assert (request.method, str(request.url)) == ("POST", "https://api.lazada.sg/rest/im/message/send")
    assert request.sending
    assert request.body is not None
    form = {name: value[0] for name, value in parse_qs(request.body.decode()).items()}
    assert form.pop("sign") == signed_call(settings().app_secret.get_secret_value(), SEND, form)
    own = {"access_token": TOKEN, "app_key": "123456", "sign_method": "sha256", "session_id": SESSION}
    assert {name: form.pop(name) for name in own} == own
    assert datetime.fromtimestamp(int(form.pop("timestamp")) / 1000, UTC) == AT
    return form


@pytest.mark.parametrize(
    ("content", "form"),
    [
        pytest.param(Text("您好 & a=b"), {"template_id": "1", "txt": "您好 & a=b"}, id="text"),
        pytest.param(
            PICTURE,
            {
                "template_id": "3",
                "img_url": f"https://gw.example.com/media/{'f' * 64}",
                "width": "20",
                "height": "10",
            },
            id="picture",
        ),
        pytest.param(GoodsCard("77", "杯子"), {"template_id": "10006", "item_id": "77"}, id="goods"),
        pytest.param(OrderCard("123", "已发货"), {"template_id": "10007", "order_id": "123"}, id="order"),
    ],
)
async def test_each_kind_goes_as_its_template(content: Content, form: dict[str, str]) -> None:
    assert await sent(content) == form


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(GoodsCard("SKU-A", "杯子", 1250, "SGD"), id="goods of another system"),
        pytest.param(OrderCard("D2026-1", "已发货"), id="an order of another system"),
        pytest.param(LogisticsCard("123", "LEX", "LX1"), id="a parcel"),
        pytest.param(Image(Media("f" * 64, "image/webp", "a.webp")), id="a picture of another kind"),
        pytest.param(File(Media("f" * 64, "application/pdf", "a.pdf")), id="a file"),
    ],
)
def test_what_cannot_be_shown_goes_as_text(content: Content) -> None:
    shown = render(saying(content), abilities_of(settings()), lambda media: f"https://gw/{media.media_id}")
    assert all(isinstance(part.content, Text) for part in shown)


def test_the_count_until_the_buyer_writes_is_the_accounts() -> None:
    rules = abilities_of(settings(unanswered_messages=7)).window
    assert rules is not None
    assert rules[Trigger.MESSAGE].messages == 7
    assert set(rules) == {Trigger.MESSAGE}


async def test_without_a_session_nothing_is_called() -> None:
    remembered = Remembered()
    with pytest.raises(Refused) as caught:
        await Lazada(remembered.tools()).send(account_of(settings()), saying(Text("x"), thread=""), 0)
    assert caught.value.reason is Refusal.UNKNOWN_CUSTOMER
    assert remembered.requests == []


@pytest.mark.parametrize(
    ("answer", "error", "detail"),
    [
        pytest.param({"code": "IllegalAccessToken", "type": "ISV"}, TokenExpired, TOKEN, id="token"),
        pytest.param({"code": "ApiCallLimit", "type": "ISV"}, RetryLater, 60.0, id="too often"),
        pytest.param({"code": "E1", "type": "SYSTEM"}, RetryLater, 2.0, id="the platform's own fault"),
        pytest.param({"code": "isp.busy", "type": "ISP"}, RetryLater, 2.0, id="the backend's fault"),
        pytest.param({"code": "ServiceTimeout", "type": "ISP"}, OutcomeUnknown, None, id="a backend without an answer"),
        pytest.param({"code": "InsufficientPermission", "type": "ISV"}, Refused, Refusal.NOT_PERMITTED, id="no right"),
        pytest.param({"code": "IncompleteSignature", "type": "ISV"}, Refused, Refusal.ACCOUNT, id="signature"),
        pytest.param({"code": "MissingParameter", "type": "ISV"}, Refused, Refusal.BAD_CONTENT, id="content"),
        pytest.param({"code": "0", "err_code": -22, "err_message": "old"}, Refused, Refusal.NOT_PERMITTED, id="-22"),
        pytest.param({"code": "0", "err_code": "-19"}, QuotaSpent, None, id="the account's code for enough"),
        pytest.param({"code": "0", "err_code": "77"}, Refused, Refusal.OTHER, id="a code nobody knows"),
        pytest.param({"code": 0, "err_code": None, "data": None}, None, None, id="taken, without an id"),
    ],
)
async def test_what_each_answer_means(answer: dict[str, object], error: type[SendError] | None, detail: object) -> None:
    remembered = Remembered({SEND: [json_answer(answer)]})
    platform, shop = Lazada(remembered.tools()), account_of(settings(spent_codes=("-19",)))
    if error is None:
        assert (await platform.send(shop, saying(Text("x")), 0)).external_ids == ()
        return
    with pytest.raises(error) as caught:
        await platform.send(shop, saying(Text("x")), 0)
    match caught.value:
        case TokenExpired(token=token):
            assert token == detail
        case RetryLater(after=after):
            assert after == detail
        case Refused(reason=reason):
            assert reason is detail


@pytest.mark.parametrize(
    ("response", "error"),
    [
        pytest.param(Response(200, b"<html>"), OutcomeUnknown, id="no answer of the platform's"),
        pytest.param(Response(200, b""), OutcomeUnknown, id="nothing"),
        pytest.param(Response(403, b"<html>"), Refused, id="somebody in between"),
        pytest.param(Response(302, b""), Refused, id="elsewhere"),
    ],
)
async def test_an_answer_that_cannot_be_read_is_not_guessed(response: Response, error: type[SendError]) -> None:
    remembered = Remembered({SEND: [response]})
    with pytest.raises(error):
        await Lazada(remembered.tools()).send(account_of(settings()), saying(Text("x")), 0)


def test_secrets_are_not_among_the_platforms_words() -> None:
    assert words("bad token abc-123", ("abc-123",)) == "bad token [hidden]"
    assert words("sign " + "A" * 64) == "sign [hidden]"
    assert len(words("x y " * 500)) == 300
