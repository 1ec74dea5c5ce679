"""The seller's consent: where it is asked for, what it gives, and when it has to be asked for again."""

from typing import Any
from urllib.parse import parse_qs

import pytest

from tests.unit.channels.ecommerce.lazada.pushed import settings
from tests.unit.channels.ecommerce.shop_tools import Remembered, account_of, json_answer
from yizhan.channels.contract import RetryLater
from yizhan.channels.ecommerce.lazada.facts import CREATE, REFRESH
from yizhan.channels.ecommerce.lazada.platform import Lazada
from yizhan.channels.ecommerce.lazada.signing import signed_call
from yizhan.channels.ecommerce.platform import Consented, Grant, Response
from yizhan.channels.tokens import TokenRefused

GIVEN = {
    "code": "0",
    "access_token": "a1",
    "refresh_token": "r1",
    "expires_in": 2592000,
    "refresh_expires_in": 15552000,
    "country": "cb",
    "country_user_info": [{"country": "sg", "seller_id": 1234567}, {"country": "my", "seller_id": 7}],
}
BACK = "https://gw.example.com/ecommerce/consent"


def test_the_seller_is_sent_to_the_platforms_own_page() -> None:
    platform = Lazada(Remembered().tools())
    assert isinstance(platform, Consented)
    url = platform.consent_url(account_of(settings()), BACK, "state-1")
    assert str(url.with_query(None)) == "https://auth.lazada.com/oauth/authorize"
    assert dict(url.query) == {
        "response_type": "code",
        "force_auth": "true",
        "redirect_uri": BACK,
        "client_id": "123456",
        "state": "state-1",
    }


@pytest.mark.parametrize(("path", "name"), [(CREATE, "code"), (REFRESH, "refresh_token")])
async def test_codes_and_renewals_give_grants(path: str, name: str) -> None:
    remembered = Remembered({path: [json_answer(GIVEN)]})
    platform, shop = Lazada(remembered.tools()), account_of(settings())
    if path == CREATE:
        grant = await platform.consented(shop, {"code": "c1"}, BACK)
    else:
        grant = await platform.renewed(shop, Grant("old", 1.0, "c1"))
    assert (grant.access, grant.refresh, grant.expires_in) == ("a1", "r1", 2592000)
    assert grant.refresh_expires_in == 15552000
    assert grant.facts == {"country": "cb", "seller_id": "1234567"}
    (request,) = remembered.requests
    assert str(request.url) == f"https://auth.lazada.com/rest{path}"
    assert request.body is not None
    form = {key: value[0] for key, value in parse_qs(request.body.decode()).items()}
    assert form[name] == "c1"
    assert form.pop("sign") == signed_call(settings().app_secret.get_secret_value(), path, form)
    assert {"c1", settings().app_secret.get_secret_value()} <= set(request.secrets)


async def test_what_can_be_renewed_no_more_is_said_so() -> None:
    remembered = Remembered({REFRESH: [json_answer({**GIVEN, "refresh_expires_in": 0})]})
    grant = await Lazada(remembered.tools()).renewed(account_of(settings()), Grant("old", 1.0, "r0"))
    assert (grant.refresh, grant.refresh_expires_in) == ("", None)
    with pytest.raises(TokenRefused):
        await Lazada(remembered.tools()).renewed(account_of(settings()), grant)


@pytest.mark.parametrize(
    ("query", "answer", "error"),
    [
        pytest.param({"error": "access_denied"}, json_answer(GIVEN), TokenRefused, id="the seller said no"),
        pytest.param({"code": "c" * 501}, json_answer(GIVEN), TokenRefused, id="no code of the platform's"),
        pytest.param({"code": "c"}, json_answer({"code": "InvalidCode", "type": "ISV"}), TokenRefused, id="used up"),
        pytest.param({"code": "c"}, json_answer({"code": "IllegalAccessToken"}), TokenRefused, id="over"),
        pytest.param({"code": "c"}, json_answer({"code": "X", "type": "SYSTEM"}), RetryLater, id="later"),
        pytest.param({"code": "c"}, json_answer({"code": "0"}), RetryLater, id="without a token"),
        pytest.param({"code": "c"}, Response(200, b"<html>"), RetryLater, id="somebody else's answer"),
    ],
)
async def test_what_gives_no_token(query: dict[str, str], answer: Response, error: type[Exception]) -> None:
    remembered = Remembered({CREATE: [answer]})
    with pytest.raises(error):
        await Lazada(remembered.tools()).consented(account_of(settings()), query, BACK)


async def test_another_sellers_consent_is_not_kept() -> None:
    remembered = Remembered({CREATE: [json_answer(GIVEN)]})
    with pytest.raises(TokenRefused) as caught:
        await Lazada(remembered.tools()).consented(account_of(settings(seller_id="999")), {"code": "c"}, BACK)
    assert caught.value.code == "other_seller"


@pytest.mark.parametrize(
    "changed",
    [
        {"country": "cn"},
        {"app_key": ""},
        {"app_secret": " "},
        {"api_url": "ftp://x"},
        {"file_hosts": ["*"]},
        {"unanswered_messages": 0},
        {"unknown": 1},
    ],
)
def test_settings_that_cannot_be_are_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="validation error"):
        settings(**changed)
