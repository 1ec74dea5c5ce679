"""What goes to the platform, what its answers mean, and where tokens come from."""

from typing import Any
from urllib.parse import parse_qs

import orjson
import pytest

from tests.unit.channels.ecommerce.ebay.seller import settings, token_answer
from tests.unit.channels.ecommerce.shop_tools import AT, TOKEN, Answer, Remembered, account_of, json_answer
from yizhan.channels.contract import Refusal, Refused, RetryLater, SendError, TokenExpired
from yizhan.channels.ecommerce.ebay.facts import SCOPES
from yizhan.channels.ecommerce.ebay.outgoing import ABILITIES
from yizhan.channels.ecommerce.ebay.platform import Ebay
from yizhan.channels.ecommerce.platform import Consented, Grant, Response
from yizhan.channels.render import render
from yizhan.channels.tokens import TokenRefused
from yizhan.core.messages.address import Address
from yizhan.core.messages.content import Content, File, GoodsCard, Image, Media, Text, Voice
from yizhan.core.messages.message import Author, AuthorKind, Message

PICTURE = Image(Media("f" * 64, "image/png", "a.png"))
PAPER = File(Media("e" * 64, "application/pdf", "合同.pdf"))


def saying(content: Content, thread: str = "c1") -> Message:
    address = Address("default", "ecommerce", "shop", "anna_b", thread)
    return Message("our-id", address, Author(AuthorKind.BOT), content, AT)


async def send(answer: Answer, message: Message) -> tuple[tuple[str, ...], Remembered]:
    remembered = Remembered({"send_message": [answer]})
    sent = await Ebay(remembered.tools()).send(account_of(settings()), message, 0)
    return sent.external_ids, remembered


@pytest.mark.parametrize(
    ("content", "thread", "body"),
    [
        pytest.param(Text("您好"), "c1", {"conversationId": "c1", "messageText": "您好"}, id="in a conversation"),
        pytest.param(Text("您好"), "", {"otherPartyUsername": "anna_b", "messageText": "您好"}, id="to a buyer"),
        pytest.param(
            PICTURE,
            "c1",
            {
                "conversationId": "c1",
                "messageText": "a.png",
                "messageMedia": [
                    {
                        "mediaName": "a.png",
                        "mediaType": "IMAGE",
                        "mediaUrl": f"https://gw.example.com/media/{'f' * 64}",
                    }
                ],
            },
            id="a picture",
        ),
        pytest.param(
            PAPER,
            "c1",
            {
                "conversationId": "c1",
                "messageText": "合同.pdf",
                "messageMedia": [
                    {
                        "mediaName": "合同.pdf",
                        "mediaType": "PDF",
                        "mediaUrl": f"https://gw.example.com/media/{'e' * 64}",
                    }
                ],
            },
            id="a paper",
        ),
    ],
)
async def test_each_kind_as_the_platform_takes_it(content: Content, thread: str, body: dict[str, Any]) -> None:
    ids, remembered = await send(json_answer({"messageId": 42}, 201), saying(content, thread))
    assert ids == ("42",)
    (request,) = remembered.requests
    assert str(request.url) == "https://api.ebay.com/commerce/message/v1/send_message"
    assert (request.method, request.sending, request.headers["Authorization"]) == ("POST", True, f"Bearer {TOKEN}")
    assert orjson.loads(request.body or b"") == body


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(GoodsCard("1", "杯子", 100, "USD", url="https://www.ebay.com/itm/1"), id="goods"),
        pytest.param(Voice(Media("f" * 64, "audio/amr")), id="a recording"),
        pytest.param(File(Media("f" * 64, "application/zip", "a.zip")), id="another kind of file"),
        pytest.param(Text("字" * 4500), id="a long text"),
    ],
)
def test_what_cannot_be_shown_goes_as_text(content: Content) -> None:
    shown = render(saying(content), ABILITIES, lambda media: f"https://gw/{media.media_id}")
    assert all(isinstance(part.content, Text) and len(part.content.text) <= 2000 for part in shown)


@pytest.mark.parametrize(
    ("answer", "error", "reason", "code"),
    [
        pytest.param(json_answer({}, 401), TokenExpired, None, "", id="token"),
        pytest.param(
            json_answer({"errors": [{"errorId": 195011, "message": "scope"}]}, 403),
            Refused,
            Refusal.NOT_PERMITTED,
            "195011",
            id="scope",
        ),
        pytest.param(
            json_answer({"errors": [{"errorId": 355012, "message": "bad"}]}, 400),
            Refused,
            Refusal.BAD_CONTENT,
            "355012",
            id="content",
        ),
        pytest.param(Response(404, b""), Refused, Refusal.UNKNOWN_CUSTOMER, "http_404", id="nobody there"),
        pytest.param(Response(409, b"<html>"), Refused, Refusal.OTHER, "http_409", id="another no"),
        pytest.param(RetryLater(9.0), RetryLater, None, "", id="not now"),
    ],
)
async def test_what_each_answer_means(answer: Answer, error: type[SendError], reason: object, code: str) -> None:
    with pytest.raises(error) as caught:
        await send(answer, saying(Text("x")))
    if isinstance(caught.value, Refused):
        assert (caught.value.reason, caught.value.code) == (reason, code)


@pytest.mark.parametrize("body", [b"", b"{}", b"<html>"])
async def test_a_message_that_was_taken_was_taken_whatever_else_is_said(body: bytes) -> None:
    assert (await send(Response(200, body), saying(Text("x"))))[0] == ()


# --- tokens ---


def test_the_seller_is_sent_to_the_platforms_own_page() -> None:
    platform = Ebay(Remembered().tools())
    assert isinstance(platform, Consented)
    url = platform.consent_url(account_of(settings(environment="sandbox")), "https://gw/x", "state-1")
    assert url.host == "auth.sandbox.ebay.com"
    assert dict(url.query) == {
        "client_id": "Shop-PRD-1",
        "redirect_uri": "Shop-RuName",
        "response_type": "code",
        "scope": " ".join(SCOPES),
        "state": "state-1",
    }


async def test_codes_and_renewals_give_grants() -> None:
    given = token_answer(refresh_token="r1", refresh_token_expires_in=47304000)
    remembered = Remembered({"tokens": [given, token_answer()]})
    platform, shop = Ebay(remembered.tools()), account_of(settings())
    grant = await platform.consented(shop, {"code": "v^1.1#i^1"}, "")
    assert (grant.access, grant.refresh, grant.refresh_expires_in) == ("app-token", "r1", 47304000)
    renewed = await platform.renewed(shop, grant)
    assert renewed.refresh == "", "the one it was had for goes on"
    exchange, renewal = remembered.asked("tokens")
    assert exchange.headers["Authorization"] == "Basic U2hvcC1QUkQtMTpQUkQtc2VjcmV0"
    assert parse_qs((exchange.body or b"").decode()) == {
        "grant_type": ["authorization_code"],
        "code": ["v^1.1#i^1"],
        "redirect_uri": ["Shop-RuName"],
    }
    assert parse_qs((renewal.body or b"").decode())["refresh_token"] == ["r1"]
    assert "r1" in renewal.secrets


@pytest.mark.parametrize(
    ("query", "answer", "error"),
    [
        pytest.param({"error": "access_denied"}, token_answer(), TokenRefused, id="the seller said no"),
        pytest.param({"code": "c"}, json_answer({"error": "invalid_grant"}, 400), TokenRefused, id="used up"),
        pytest.param({"code": "c"}, Response(401, b"<html>"), TokenRefused, id="the app is refused"),
        pytest.param({"code": "c"}, json_answer({}), RetryLater, id="no token in it"),
        pytest.param({"code": "c"}, RetryLater(), RetryLater, id="later"),
    ],
)
async def test_what_gives_no_token(query: dict[str, str], answer: Answer, error: type[Exception]) -> None:
    remembered = Remembered({"tokens": [answer]})
    with pytest.raises(error):
        await Ebay(remembered.tools()).consented(account_of(settings()), query, "")
    with pytest.raises(TokenRefused):
        await Ebay(remembered.tools()).renewed(account_of(settings()), Grant("a", 1.0))


@pytest.mark.parametrize(
    "changed",
    [
        {"environment": "test"},
        {"verification_token": "short"},
        {"verification_token": "ü" * 40},
        {"client_secret": ""},
        {"seller": ""},
        {"endpoint": "http://gw.example.com/x"},
        {"poll_minutes": -1},
        {"unknown": 1},
    ],
)
def test_settings_that_cannot_be_are_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="validation error"):
        settings(**changed)
