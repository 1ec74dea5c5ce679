"""Pushes are verified and acknowledged; tokens are had and renewed."""

from collections.abc import Mapping
from typing import Any

import pytest
from pydantic import ValidationError

from tests.simulators.ecommerce.orders import doudian, jd, pinduoduo, shopify, taobao, woocommerce
from tests.unit.channels.ecommerce.orders import worlds
from tests.unit.channels.ecommerce.orders.shop_world import World
from yizhan.channels.contract import Call, CallRefused
from yizhan.channels.ecommerce.platform import Consented, Grant, Keyed
from yizhan.channels.ecommerce.shopify.settings import ShopifySettings
from yizhan.channels.ecommerce.woocommerce.settings import WooCommerceSettings
from yizhan.channels.tokens import TokenRefused

BODY = '{"id":1,"note":"订单"}'.encode()


def call(body: bytes, headers: Mapping[str, str]) -> Call:
    return Call("shop", "POST", {}, body, headers, "/ecommerce/x/shop", "x")


SHOPIFY, WOO, DD = shopify.ShopifyShop(), woocommerce.WooCommerceShop(), doudian.DoudianGateway()


@pytest.mark.parametrize(
    ("world", "headers", "answer"),
    [
        (worlds.shopify_world(SHOPIFY), SHOPIFY.push(BODY), b""),
        (worlds.shopify_world(SHOPIFY, client_secret="new", previous_client_secret="hush"), SHOPIFY.push(BODY), b""),
        (
            worlds.shopify_world(SHOPIFY),
            {**SHOPIFY.push(BODY), "x-shopify-shop-domain": "oak-and-sons.myshopify.com"},
            b"",
        ),
        (worlds.woocommerce_world(WOO), WOO.push(BODY), b""),
        (worlds.doudian_world(DD), DD.push(BODY), b'{"code":0,"msg":"success"}'),
    ],
)
async def test_a_push_is_acknowledged(world: World, headers: dict[str, str], answer: bytes) -> None:
    push = await world.platform.receive(world.shop, call(BODY, headers))
    assert (push.answer.status, push.answer.body, push.facts) == (200, answer, ())


@pytest.mark.parametrize(
    ("world", "headers"),
    [
        (worlds.shopify_world(SHOPIFY), {}),
        (worlds.shopify_world(SHOPIFY), SHOPIFY.push(b"else")),
        (worlds.shopify_world(SHOPIFY), SHOPIFY.push(BODY, "guessed")),
        (worlds.shopify_world(SHOPIFY), {"x-shopify-hmac-sha256": "签名"}),
        (worlds.shopify_world(SHOPIFY), {**SHOPIFY.push(BODY), "x-shopify-shop-domain": "other.myshopify.com"}),
        (worlds.shopify_world(SHOPIFY, client_secret=""), SHOPIFY.push(BODY)),
        (worlds.woocommerce_world(WOO), {}),
        (worlds.woocommerce_world(WOO), WOO.push(b"else")),
        (worlds.woocommerce_world(WOO, webhook_secret=""), WOO.push(BODY)),
        (worlds.doudian_world(DD), {}),
        (worlds.doudian_world(DD), DD.push(b"else")),
        (worlds.doudian_world(DD), {**DD.push(BODY), "app-id": "70"}),
        (worlds.taobao_world(taobao.TaobaoGateway()), {}),
        (worlds.jd_world(jd.JdGateway()), {}),
        (worlds.pinduoduo_world(pinduoduo.PinduoduoGateway()), {}),
    ],
)
async def test_a_push_is_refused(world: World, headers: dict[str, str]) -> None:
    with pytest.raises(CallRefused):
        await world.platform.receive(world.shop, call(BODY, headers))


async def test_woocommerce_greets_a_new_webhook_without_a_signature() -> None:
    world = worlds.woocommerce_world(WOO)
    assert (await world.platform.receive(world.shop, call(b"webhook_id=12", {}))).facts == ()


async def test_doudian_gives_tokens_for_the_shop() -> None:
    gateway = doudian.DoudianGateway()
    world = worlds.doudian_world(gateway)
    assert isinstance(world.platform, Keyed)
    fetched = await world.platform.token(world.shop, force=False)
    assert (fetched.token, fetched.expires_in) == ("dd-token", 600)
    wrong = worlds.doudian_world(gateway, shop_id="1")
    with pytest.raises(TokenRefused):
        await wrong.platform.token(wrong.shop, force=False)


async def test_shopify_gives_a_token_for_a_day() -> None:
    shop = shopify.ShopifyShop(orders=[shopify.order("#1001", "OPEN")])
    world = worlds.shopify_world(shop, access_token="", client_id="shopify-client")
    fetched = await world.platform.token(world.shop, force=True)
    assert (fetched.token, fetched.expires_in) == ("shpat_day", 86399)
    assert await world.platform.order(world.shop, "1001", "en") is not None
    for wrong in (worlds.shopify_world(shop, client_id="x"), worlds.shopify_world(shop)):
        with pytest.raises(TokenRefused):
            await wrong.platform.token(wrong.shop, force=False)


CONSENTS = [
    (worlds.taobao_world(taobao.TaobaoGateway(), session=""), "session-2", "client_id=12345678"),
    (worlds.jd_world(jd.JdGateway(), access_token=""), "jd-token-2", "app_key=jd-key"),
    (
        worlds.pinduoduo_world(pinduoduo.PinduoduoGateway(), access_token=""),
        "pdd-token-2",
        "client_id=pdd-client",
    ),
]


@pytest.mark.parametrize(("world", "token", "app"), CONSENTS, ids=["taobao", "jd", "pinduoduo"])
async def test_a_seller_consents(world: World, token: str, app: str) -> None:
    platform: Any = world.platform
    assert isinstance(platform, Consented)
    back = "https://yizhan.example.com/ecommerce/x/shop/connected"
    url = platform.consent_url(world.shop, back, "state-1")
    assert app in url.query_string
    assert dict(url.query)["redirect_uri"] == back
    assert dict(url.query)["state"] == "state-1"
    grant = await platform.consented(world.shop, {"code": "code-1", "state": "state-1"}, back)
    assert (grant.access, grant.refresh) == (token, "refresh-1")
    assert grant.expires_in > 0
    renewed = await platform.renewed(world.shop, grant)
    assert renewed.access == token
    for refused in ({"code": "guessed"}, {}):
        with pytest.raises(TokenRefused):
            await platform.consented(world.shop, refused, back)
    with pytest.raises(TokenRefused):
        await platform.renewed(world.shop, Grant("a", 1, "gone"))


@pytest.mark.parametrize(
    ("model", "settings"),
    [
        (ShopifySettings, {"platform": "shopify", "shop": "oak"}),
        (ShopifySettings, {"platform": "shopify", "shop": "oak.myshopify.com", "access_token": "x"}),
        (ShopifySettings, {"platform": "shopify", "shop": "oak", "access_token": "x", "api_version": "latest"}),
        (
            WooCommerceSettings,
            {
                "platform": "woocommerce",
                "api_url": "http://shop.example.com",
                "consumer_key": "k",
                "consumer_secret": "s",
            },
        ),
        (
            WooCommerceSettings,
            {
                "platform": "woocommerce",
                "api_url": "https://u@shop.example.com",
                "consumer_key": "k",
                "consumer_secret": "s",
            },
        ),
        (
            WooCommerceSettings,
            {
                "platform": "woocommerce",
                "api_url": "https://shop.example.com",
                "consumer_key": "k",
                "consumer_secret": " ",
            },
        ),
    ],
)
def test_settings_that_cannot_work(model: Any, settings: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        model.model_validate(settings)
