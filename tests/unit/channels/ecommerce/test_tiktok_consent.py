"""The seller's consent on TikTok Shop."""

import pytest

from tests.unit.channels.ecommerce.bench import NOW, shop
from tests.unit.channels.ecommerce.tiktok import SECRET, SHOP, SHOP_ID, ok, opened, settings
from yizhan.channels.contract import RetryLater
from yizhan.channels.ecommerce.platform import Consented, Grant, Response
from yizhan.channels.ecommerce.tiktok import paths
from yizhan.channels.tokens import TokenRefused

AT = int(NOW.timestamp())
TOKENS = {
    "access_token": "ACCESS",
    "access_token_expire_in": AT + 600_000,
    "refresh_token": "REFRESH",
    "refresh_token_expire_in": AT + 9_000_000,
    "open_id": "x",
}
BACK = "https://gw.example.com/back"


def test_the_seller_is_sent_to_the_page_of_the_region() -> None:
    tiktok, _ = opened()
    assert isinstance(tiktok, Consented)
    url = tiktok.consent_url(SHOP, BACK, "st/ate")
    assert (url.host, url.path) == ("services.tiktokshop.com", "/open/authorize")
    assert dict(url.query) == {"service_id": "7001", "state": "st/ate"}
    assert tiktok.consent_url(shop(settings(region="us")), BACK, "s").host == "services.us.tiktokshop.com"


async def test_a_code_is_exchanged_and_points_in_time_become_spans() -> None:
    tiktok, bench = opened()
    bench.calls.answers(paths.TOKEN, ok(TOKENS))
    grant = await tiktok.consented(SHOP, {"code": "CODE", "state": "s"}, BACK)
    assert (grant.access, grant.refresh, grant.expires_in, grant.refresh_expires_in) == (
        "ACCESS",
        "REFRESH",
        600_000,
        9_000_000,
    )
    assert grant.facts == {"shop_id": SHOP_ID, "shop_name": "旗舰店", "shop_cipher": "CIPHER"}
    asked, shops = bench.calls.made
    assert (asked.url.host, asked.method) == ("auth.tiktok-shops.com", "GET")
    assert dict(asked.url.query) == {
        "app_key": "123456",
        "app_secret": SECRET,
        "auth_code": "CODE",
        "grant_type": "authorized_code",
    }
    assert {SECRET, "CODE"} <= set(asked.secrets)
    assert shops.headers["x-tts-access-token"] == "ACCESS"


async def test_a_grant_is_renewed_and_keeps_what_the_platform_does_not_say_again() -> None:
    tiktok, bench = opened()
    bench.calls.answers(paths.RENEWAL, ok({"access_token": "NEW", "access_token_expire_in": AT + 5}))
    grant = await tiktok.renewed(SHOP, Grant("OLD", 1, "REFRESH", 100, {"shop_id": SHOP_ID}))
    assert (grant.access, grant.refresh, grant.facts) == ("NEW", "REFRESH", {"shop_id": SHOP_ID})
    assert (grant.expires_in, grant.refresh_expires_in) == (60, None), "never less than a minute"
    assert bench.calls.made[0].url.query["refresh_token"] == "REFRESH"


@pytest.mark.parametrize(
    ("answer", "wanted"),
    [
        pytest.param({"code": 36004004, "message": f"bad {SECRET}"}, TokenRefused, id="refused"),
        pytest.param(ok(None), TokenRefused, id="nothing given"),
        pytest.param(ok({"access_token": ""}), TokenRefused, id="an empty token"),
        pytest.param(Response(200, b"<html>"), RetryLater, id="no JSON"),
        pytest.param(RetryLater(), RetryLater, id="nobody there"),
    ],
)
async def test_a_token_that_is_not_given_is_told(answer: object, wanted: type[Exception]) -> None:
    tiktok, bench = opened()
    for path in (paths.TOKEN, paths.RENEWAL):
        bench.calls.answers(path, answer)
    with pytest.raises(wanted) as first:
        await tiktok.consented(SHOP, {"code": "CODE"}, BACK)
    with pytest.raises(wanted) as second:
        await tiktok.renewed(SHOP, Grant("OLD", 1, "REFRESH"))
    assert SECRET not in f"{first.value!r}{second.value!r}"


@pytest.mark.parametrize(
    ("shop_id", "shops"),
    [
        pytest.param("", [{"id": "1", "cipher": "A"}, {"id": "2", "cipher": "B"}], id="one of several, not said which"),
        pytest.param("3", [{"id": "1", "cipher": "A"}], id="another shop"),
        pytest.param("", [], id="none"),
        pytest.param("1", [{"id": "1", "cipher": ""}], id="no cipher"),
    ],
)
async def test_a_consent_for_other_shops_is_refused(shop_id: str, shops: list[object]) -> None:
    tiktok, bench = opened()
    bench.calls.answers(paths.TOKEN, ok(TOKENS))
    bench.calls.answers(paths.SHOPS, ok({"shops": shops}))
    with pytest.raises(TokenRefused) as refused:
        await tiktok.consented(shop(settings(shop_id=shop_id)), {"code": "CODE"}, BACK)
    assert refused.value.code == "shop_id"


async def test_a_seller_who_comes_back_without_a_code_is_refused() -> None:
    tiktok, bench = opened()
    with pytest.raises(TokenRefused):
        await tiktok.consented(SHOP, {"error": "denied"}, BACK)
    assert bench.calls.made == []
