"""Each platform with a simulator that has the given orders, and settings that fit it."""

from typing import Any

from tests.simulators.ecommerce.orders import doudian, jd, pinduoduo, shopify, taobao, woocommerce
from tests.unit.channels.ecommerce.orders.shop_world import World, world
from yizhan.channels.ecommerce.doudian.platform import KIND as DOUDIAN
from yizhan.channels.ecommerce.jd.platform import KIND as JD
from yizhan.channels.ecommerce.pinduoduo.platform import KIND as PINDUODUO
from yizhan.channels.ecommerce.shopify.platform import KIND as SHOPIFY
from yizhan.channels.ecommerce.taobao.platform import KIND as TAOBAO
from yizhan.channels.ecommerce.woocommerce.platform import KIND as WOOCOMMERCE

URL = "http://127.0.0.1:1"


def taobao_world(gateway: taobao.TaobaoGateway, **more: Any) -> World:
    own = {"app_key": gateway.app_key, "app_secret": gateway.secret, "session": "session-1", "consent_url": URL}
    return world(TAOBAO, gateway, {**own, **more}, token="session-2")


def jd_world(gateway: jd.JdGateway, **more: Any) -> World:
    own = {"app_key": gateway.app_key, "app_secret": gateway.secret, "access_token": "jd-token", "consent_url": URL}
    return world(JD, gateway, {**own, **more}, token="jd-token-2")


def pinduoduo_world(gateway: pinduoduo.PinduoduoGateway, **more: Any) -> World:
    own = {"client_id": gateway.client_id, "client_secret": gateway.secret, "access_token": "pdd-token"}
    return world(PINDUODUO, gateway, {**own, **more}, token="pdd-token-2")


def doudian_world(gateway: doudian.DoudianGateway, **more: Any) -> World:
    gateway.tokens.add("dd-token")
    own = {"app_key": gateway.app_key, "app_secret": gateway.secret, "shop_id": gateway.shop_id}
    return world(DOUDIAN, gateway, {**own, **more}, token="dd-token")


def shopify_world(shop: shopify.ShopifyShop, **more: Any) -> World:
    own = {"shop": "oak-and-sons", "access_token": "shpat_1", "client_secret": shop.secret}
    return world(SHOPIFY, shop, {**own, **more}, token="shpat_day")


def woocommerce_world(shop: woocommerce.WooCommerceShop, **more: Any) -> World:
    own = {"api_url": URL, "consumer_key": shop.key, "consumer_secret": shop.secret}
    return world(WOOCOMMERCE, shop, {**own, "webhook_secret": shop.webhook_secret, **more})
