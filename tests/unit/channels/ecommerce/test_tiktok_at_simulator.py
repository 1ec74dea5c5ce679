"""TikTok Shop's adapter and its simulator, each written from the documentation alone, take each other at their word."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.channels.waiting import until
from tests.simulators.ecommerce.tiktok import APP_KEY, APP_SECRET, CIPHER, SHOP_ID, TikTokSite
from tests.unit.channels.ecommerce.at_site import AtSite, at_site
from tests.unit.channels.ecommerce.bench import PNG, facts_of, message, pushed, written
from yizhan.channels.contract import (
    InboundMessage,
    OutcomeUnknown,
    Refusal,
    Refused,
    SendError,
    TokenExpired,
    WindowClosed,
)
from yizhan.channels.ecommerce.tiktok.platform import KIND
from yizhan.channels.ecommerce.tiktok.settings import TikTokSettings
from yizhan.channels.tokens import TokenRefused
from yizhan.core.messages.content import Content, GoodsCard, Image, LogisticsCard, Media, OrderCard, Text

ORDER = "576461413038785752"
PICTURE = Media("a" * 64, "image/png", "图.png", size_bytes=len(PNG))


@asynccontextmanager
async def shop_at(site: TikTokSite, **more: Any) -> AsyncIterator[AtSite]:
    """The shop, whose seller has consented."""
    given = {"app_key": APP_KEY, "app_secret": APP_SECRET, "shop_id": SHOP_ID, **more}
    settings = TikTokSettings(platform="tiktok", api_url=site.root, auth_url=site.root, **given)
    async with at_site(KIND, settings) as at:
        await at.consents({"code": site.tokens.consent()})
        yield at


@pytest.fixture
async def site() -> AsyncIterator[TikTokSite]:
    async with TikTokSite(echoes=False).opened() as opened:
        yield opened


async def test_an_order_is_looked_up_from_the_sellers_consent_to_its_parcel(site: TikTokSite) -> None:
    buyer = site.buyer()
    line = {"product_id": "1729", "product_name": "杯子", "sku_id": "1", "sale_price": "9.99", "tracking_number": "JT1"}
    site.orders[ORDER] = {
        "id": ORDER,
        "status": "IN_TRANSIT",
        "user_id": buyer.user_id,
        "create_time": 1700000000,
        "payment": {"currency": "GBP", "total_amount": "9.99"},
        "shipping_provider": "J&T",
        "line_items": [line],
    }
    site.tracking[ORDER] = [{"description": "已揽收", "update_time_millis": 1700001000000}]
    site.returns.append({"return_id": "R1", "order_id": ORDER, "return_status": "AWAITING_BUYER_SHIP"})
    async with shop_at(site) as at:
        found = await at.platform.order(at.shop, ORDER, "zh-CN")
        (listed,) = await at.platform.orders(at.shop, buyer.user_id, "en", 5)
        assert await at.platform.order(at.shop, "576461413038785753", "zh-CN") is None
        assert await at.platform.orders(at.shop, "1", "en", 5) == []
    assert (found.phase, found.buyer, found.card.total_minor, found.card.currency) == (
        "refunding",
        buyer.user_id,
        999,
        "GBP",
    )
    assert [(parcel.carrier, parcel.tracking_number, len(parcel.steps)) for parcel in found.parcels] == [
        ("J&T", "JT1", 1)
    ]
    assert [refund.refund_id for refund in found.refunds] == ["R1"]
    assert (listed.card.order_id, listed.card.status) == (ORDER, "On its way")
    assert site.breaches == []


async def test_messages_are_shown_as_they_were_meant_and_come_back_as_ours(site: TikTokSite) -> None:
    buyer = site.buyer()
    site.orders[ORDER] = {"id": ORDER, "user_id": buyer.user_id, "create_time": 1}
    contents: list[Content] = [
        Text("您好 😀"),
        Image(PICTURE),
        GoodsCard("1729382476852921560", "杯子"),
        OrderCard(ORDER, "已发货"),
        LogisticsCard(ORDER, "J&T", "1"),
    ]
    async with shop_at(site) as at:
        sent = [await at.platform.send(at.shop, message(buyer.conversation, content), 0) for content in contents]
    seen = site.screen(buyer.conversation)
    assert [one.kind for one in seen] == ["TEXT", "IMAGE", "PRODUCT_CARD", "ORDER_CARD", "LOGISTICS_CARD"]
    assert (seen[0].text, seen[1].picture) == ("您好 😀", PNG)
    assert [one.external_id for one in seen] == [one.external_ids[0] for one in sent]
    assert site.breaches == []


async def test_a_push_of_the_platforms_is_believed_and_names_the_buyer(site: TikTokSite) -> None:
    buyer = site.buyer()
    envelope = site.seal(site.said(buyer, "TEXT", {"content": "多少钱？"}))
    call = pushed(envelope.body, envelope.headers["Authorization"])
    async with shop_at(site) as at:
        found = await written(await at.platform.receive(at.shop, call))
        assert (found.content, found.customer_name) == (Text("多少钱？"), buyer.nickname)
        assert at.bench.notes.kept[found.address.key()]["buyer"] == buyer.user_id


async def test_what_the_platform_checks_of_a_call_it_refuses(site: TikTokSite) -> None:
    buyer = site.buyer()
    greeting = message(buyer.conversation, Text("您好"))
    async with shop_at(site) as at:
        site.tokens.expire()
        with pytest.raises(TokenExpired):
            await at.platform.send(at.shop, greeting, 0)
        await at.renews()
        assert at.tokens.grant.facts["shop_cipher"] == CIPHER
        await at.platform.send(at.shop, greeting, 0)
        buyer.open = False
        with pytest.raises(WindowClosed):
            await at.platform.send(at.shop, greeting, 0)
        site.shops[0]["cipher"] = "ROW_another"
        with pytest.raises(Refused) as refused:
            await at.platform.send(at.shop, greeting, 0)
        assert (refused.value.code, refused.value.reason) == ("106013", Refusal.ACCOUNT)
        site.app_secret = "another"
        with pytest.raises(Refused) as refused:
            await at.platform.send(at.shop, greeting, 0)
        assert refused.value.code == "106001"
        with pytest.raises(TokenRefused):
            await at.renews()
    assert len(site.screen(buyer.conversation)) == 1


@pytest.mark.parametrize(
    ("outcome", "wanted", "seen"),
    [
        pytest.param("reset", OutcomeUnknown, 0, id="the connection breaks before"),
        pytest.param("commit_then_reset", OutcomeUnknown, 1, id="the connection breaks after"),
        pytest.param("garbage", OutcomeUnknown, 0, id="no answer of that kind"),
        pytest.param("http", OutcomeUnknown, 0, id="502"),
    ],
)
async def test_what_became_of_a_call_is_not_guessed(
    site: TikTokSite, outcome: Any, wanted: type[SendError], seen: int
) -> None:
    buyer = site.buyer()
    async with shop_at(site) as at:
        site.faults.next("send", outcome)
        with pytest.raises(wanted):
            await at.platform.send(at.shop, message(buyer.conversation, Text("您好")), 0)
    await until(lambda: len(site.screen(buyer.conversation)) == seen)


async def test_a_code_is_good_once_and_for_the_shop_that_was_meant(site: TikTokSite) -> None:
    async with shop_at(site) as at:
        code = site.tokens.consent()
        await at.consents({"code": code})
        with pytest.raises(TokenRefused):
            await at.consents({"code": code})
        site.shops = [{"id": "1", "name": "别家", "cipher": "X"}]
        with pytest.raises(TokenRefused) as refused:
            await at.consents({"code": site.tokens.consent()})
        assert refused.value.code == "shop_id"
    assert site.breaches == []


async def test_what_was_never_pushed_is_read_before_what_is(site: TikTokSite) -> None:
    buyer = site.buyer()
    for text in ("一", "二"):
        site.said(buyer, "TEXT", {"content": text})
    site.said(buyer, "TEXT", {"content": "客服说的"}, role="CUSTOMER_SERVICE")
    envelope = site.seal(site.said(buyer, "TEXT", {"content": "三"}))
    async with shop_at(site) as at:
        push = await at.platform.receive(at.shop, pushed(envelope.body, envelope.headers["Authorization"]))
        facts = await facts_of(push)
    assert [fact.message.content for fact in facts if isinstance(fact, InboundMessage)] == [
        Text("一"),
        Text("二"),
        Text("三"),
    ]
    assert site.breaches == []
