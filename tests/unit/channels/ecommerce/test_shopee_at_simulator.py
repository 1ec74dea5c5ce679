"""Shopee's adapter and its simulator, each written from the documentation alone, take each other at their word."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.channels.waiting import until
from tests.simulators.ecommerce.shopee import PARTNER_ID, PARTNER_KEY, SHOP_ID, ShopeeSite
from tests.unit.channels.ecommerce.at_site import AtSite, at_site
from tests.unit.channels.ecommerce.bench import PNG, facts_of, message, pushed, written
from tests.unit.channels.ecommerce.shopee import ADDRESS
from yizhan.channels.contract import InboundMessage, OutcomeUnknown, Refusal, Refused, TokenExpired
from yizhan.channels.ecommerce.shopee.platform import KIND
from yizhan.channels.ecommerce.shopee.settings import ShopeeSettings
from yizhan.channels.tokens import TokenRefused
from yizhan.core.messages.content import Content, GoodsCard, Image, Media, OrderCard, Text

ORDER = "220818EGS328B9"
PICTURE = Media("a" * 64, "image/png", "图.png", size_bytes=len(PNG))


@asynccontextmanager
async def shop_at(site: ShopeeSite) -> AsyncIterator[AtSite]:
    """The shop, whose seller has consented."""
    settings = ShopeeSettings.model_validate(
        {
            "platform": "shopee",
            "partner_id": str(PARTNER_ID),
            "partner_key": PARTNER_KEY,
            "shop_id": str(SHOP_ID),
            "region": "ID",
            "api_url": site.root,
        }
    )
    async with at_site(KIND, settings) as at:
        await at.consents({"code": site.tokens.consent(), "shop_id": str(SHOP_ID)})
        yield at


@pytest.fixture
async def site() -> AsyncIterator[ShopeeSite]:
    async with ShopeeSite(echoes=False, registered=ADDRESS).opened() as opened:
        yield opened


async def test_an_order_is_looked_up_from_the_sellers_consent_to_its_parcel(site: ShopeeSite) -> None:
    buyer = site.buyer()
    site.orders[ORDER] = {
        "order_sn": ORDER,
        "order_status": "SHIPPED",
        "create_time": 1700000000,
        "currency": "IDR",
        "buyer_user_id": buyer.id,
        "total_amount": 30001.0,
        "shipping_carrier": "J&T",
        "item_list": [{"item_id": 9112503530, "item_name": "杯子", "model_discounted_price": 15000.5}],
        "package_list": [{"package_number": "P1"}],
    }
    site.tracking[ORDER] = ("JT100", [{"update_time": 1700001000, "description": "已揽收"}])
    async with shop_at(site) as at:
        found = await at.platform.order(at.shop, ORDER, "en")
        assert await at.platform.order(at.shop, "220818EGS328B8", "en") is None
    assert (found.phase, found.card.status, found.buyer) == ("delivering", "On its way", str(buyer.id))
    assert (found.card.total_minor, found.card.currency) == (3000100, "IDR")
    assert [(parcel.carrier, parcel.tracking_number, len(parcel.steps)) for parcel in found.parcels] == [
        ("J&T", "JT100", 1)
    ]


async def test_messages_are_shown_as_they_were_meant_and_have_ids_beyond_what_a_double_holds(site: ShopeeSite) -> None:
    buyer = site.buyer()
    site.orders[ORDER] = {"order_sn": ORDER}
    contents: list[Content] = [
        Text("您好 😀"),
        Image(PICTURE),
        GoodsCard("9112503530", "杯子"),
        OrderCard(ORDER, "已发货"),
    ]
    async with shop_at(site) as at:
        sent = [await at.platform.send(at.shop, message(str(buyer.id), content), 0) for content in contents]
    seen = site.screen(str(buyer.id))
    assert [one.kind for one in seen] == ["text", "image", "item", "order"]
    assert (seen[0].text, seen[1].picture) == ("您好 😀", PNG)
    assert [one.external_id for one in seen] == [one.external_ids[0] for one in sent]
    assert site.breaches == []


async def test_pushes_are_believed_and_what_they_leave_out_is_read_in_the_log(site: ShopeeSite) -> None:
    buyer = site.buyer()
    texts = [f"第{number}句" for number in range(60)]
    ids = [site.said(buyer, "text", {"text": text})["message_id"] for text in texts]
    async with shop_at(site) as at:

        async def told(content: object, kind: str = "message") -> list[Any]:
            envelope = site.seal(site.whole(content, kind))
            push = await at.platform.receive(at.shop, pushed(envelope.body, envelope.headers["Authorization"]))
            facts = await facts_of(push)
            return [fact.message.content for fact in facts if isinstance(fact, InboundMessage)]

        bundle = site.said(buyer, "bundle_message", {"messages": [ids[2], ids[0], ids[59]]})
        assert await told(bundle) == [Text("第0句"), Text("第2句"), Text("第59句")]
        notice = {"conversation_id": buyer.conversation, "type": "new_message", "user_id": 1}
        assert (await told(notice, "notification"))[-2:] == [Text("第59句"), Text("[收到多条消息，但未能取回]")]
        envelope = site.seal(site.whole(site.said(buyer, "text", {"text": "在吗"})))
        call = pushed(envelope.body, envelope.headers["Authorization"])
        found = await written(await at.platform.receive(at.shop, call))
        assert (found.content, found.customer_name) == (Text("在吗"), buyer.name)


async def test_lost_pushes_are_had_once(site: ShopeeSite) -> None:
    buyer = site.buyer()
    site.lost = [site.whole(site.said(buyer, "text", {"text": f"第{number}句"})) for number in range(3)]
    async with shop_at(site) as at:
        pulled = await at.platform._lost.pull(at.shop, wait=0)
        assert (len(pulled.facts), len(site.lost)) == (3, 3)
        await pulled.commit()
        assert site.lost == []
        assert (await at.platform._lost.pull(at.shop, wait=0)).facts == ()


async def test_what_the_platform_checks_of_a_call_it_refuses(site: ShopeeSite) -> None:
    buyer = site.buyer()
    greeting = message(str(buyer.id), Text("您好"))
    async with shop_at(site) as at:
        site.tokens.expire()
        with pytest.raises(TokenExpired):
            await at.platform.send(at.shop, greeting, 0)
        before = at.tokens.grant
        await at.renews()
        assert at.tokens.grant.refresh != before.refresh
        await at.platform.send(at.shop, greeting, 0)
        site.partner_key = "another"
        with pytest.raises(Refused) as refused:
            await at.platform.send(at.shop, greeting, 0)
        assert (refused.value.code, refused.value.reason) == ("error_sign", Refusal.ACCOUNT)
        site.partner_key = PARTNER_KEY
        at.tokens.grant = before
        with pytest.raises(TokenRefused):
            await at.renews()
        with pytest.raises(TokenRefused):
            await at.consents({"code": "unknown", "shop_id": str(SHOP_ID)})
    assert len(site.screen(str(buyer.id))) == 1
    assert site.breaches == []


@pytest.mark.parametrize(
    ("outcome", "seen"),
    [
        pytest.param("reset", 0, id="the connection breaks before"),
        pytest.param("commit_then_reset", 1, id="the connection breaks after"),
        pytest.param("garbage", 0, id="no answer of that kind"),
        pytest.param("http", 0, id="502"),
    ],
)
async def test_what_became_of_a_call_is_not_guessed(site: ShopeeSite, outcome: Any, seen: int) -> None:
    buyer = site.buyer()
    async with shop_at(site) as at:
        site.faults.next("send", outcome)
        with pytest.raises(OutcomeUnknown):
            await at.platform.send(at.shop, message(str(buyer.id), Text("您好")), 0)
    await until(lambda: len(site.screen(str(buyer.id))) == seen)
