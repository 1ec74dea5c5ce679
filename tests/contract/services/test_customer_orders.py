"""A customer's orders on the card beside a conversation: by what is known, and by what an agent types."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

import pytest

from tests.contract.connectors.rigs import Rig, rig
from tests.contract.connectors.shops_served import Shops, account_of, pointing, served
from tests.contract.services.customer_bench import KNOWN, MEI, NOWHERE, WEB, WECHAT, Shop
from tests.contract.services.knowledge_bench import SHOP
from tests.simulators.ecommerce.orders import doudian, taobao
from tests.unit.channels.ecommerce.orders import worlds
from yizhan.core.messages import content as c
from yizhan.core.messages.address import Address
from yizhan.core.runtime.grpc import RpcProblem
from yizhan.core.store.database import Database
from yizhan.pb.v1 import customers_pb2 as pb

LIN = "13800138000"
LINS = ["SJ100003", "SJ100001", "SJ100002"]
CHEN = Address(SHOP, "website", "demo", "u:chen")
BY_PHONE = Address(SHOP, "website", "demo", f"u:{LIN}")


@dataclass
class Desk:
    """An agent who opens conversations, and the order system behind the card."""

    shop: Shop
    system: Rig

    async def orders(self, who: Address, words: str = "", locale: str = "zh-CN") -> pb.ListCustomerOrdersResponse:
        conversation = await self.shop.conversation(who)
        asked = pb.ListCustomerOrdersRequest(
            workspace=SHOP, conversation_id=conversation.id, words=words, locale=locale
        )
        return await self.shop.api.ListCustomerOrders(asked, NOWHERE)

    async def note(self, who: Address, **attributes: str) -> None:
        customer_id = await self.shop.id_of(who)
        asked = pb.SetCustomerAttributesRequest(workspace=SHOP, customer_id=customer_id, set=attributes, by=MEI)
        await self.shop.api.SetCustomerAttributes(asked, NOWHERE)


def desk_with(database: Database, system: Rig) -> Desk:
    return Desk(Shop.on(database, {(SHOP, "orders"): system.connector}), system)


@pytest.fixture
async def desk(database: Database) -> AsyncIterator[Desk]:
    async with rig("http", finds_by_customer=True) as system:
        yield desk_with(database, system)


def numbers(found: pb.ListCustomerOrdersResponse) -> list[str]:
    return [one.order.card.order_id for one in found.orders]


def told(found: pb.ListCustomerOrdersResponse) -> list[tuple[str, str, str, str]]:
    return [(one.kind, one.shown, one.source, one.outcome) for one in found.clues]


async def test_who_is_signed_in_at_the_business_has_their_orders_at_once(desk: Desk) -> None:
    """Also an order that is shown to nobody who has not proved who they are; the telephone number need not be known."""
    await desk.shop.vouched(CHEN)
    found = await desk.orders(CHEN)
    assert numbers(found) == ["SJ100008", "SJ100010", "SJ100009"]
    assert told(found) == [("customer", "chen", "vouched", "found")]
    assert {tuple(one.by) for one in found.orders} == {(0,)}


async def test_the_newest_comes_first_with_parcels_refunds_and_the_rule(desk: Desk) -> None:
    await desk.shop.says(WEB, f"我的手机号是{LIN}，帮我看看订单")
    found = await desk.orders(WEB)
    assert numbers(found) == LINS
    assert told(found) == [("phone", "138****8000", "said", "found")]
    moving = found.orders[1].order
    assert (moving.card.status, moving.phase, moving.parcels[0].tracking_number) == (
        "运输中",
        "shipped",
        "SF1390000100001",
    )
    assert [one.text for one in moving.parcels[0].steps] == ["快件到达上海转运中心", "快件已由杭州仓发出"]
    assert found.orders[2].order.after_sales.open
    english = await desk.orders(WEB, locale="en")
    assert english.orders[1].order.card.status == "On its way"


CLUES: Sequence[tuple[str, Address, Sequence[str | c.Content], list[tuple[str, str, str, str]], list[str]]] = [
    ("nothing is known", WEB, ["你好", "什么时候发货"], [], []),
    (
        "an order that the customer named",
        WEB,
        ["订单SJ100005怎么还没退款"],
        [("number", "SJ100005", "said", "found")],
        ["SJ100005"],
    ),
    (
        "an order's card that the customer sent",
        WEB,
        [c.OrderCard("SJ100004", "已签收")],
        [("number", "SJ100004", "shown", "found")],
        ["SJ100004"],
    ),
    (
        "a number that there is not",
        WEB,
        ["订单号SJ999999"],
        [("number", "SJ999999", "said", "none")],
        [],
    ),
    (
        "an order that only its owner may see",
        WEB,
        ["订单号SJ100010"],
        [("number", "SJ100010", "said", "refused")],
        [],
    ),
    (
        "a telephone number that the business has as the customer's id",
        BY_PHONE,
        [],
        [("customer", LIN, "vouched", "none"), ("phone", "138****8000", "vouched", "found")],
        LINS,
    ),
    (
        "a number of one of the orders that the telephone number leads to",
        WEB,
        [f"电话{LIN}，订单SJ100001"],
        [("phone", "138****8000", "said", "found")],
        LINS,
    ),
    (
        "and one of somebody else's",
        WEB,
        [f"电话{LIN}", "订单SJ100004是送我妈妈的"],
        [("phone", "138****8000", "said", "found"), ("number", "SJ100004", "said", "found")],
        [*LINS, "SJ100004"],
    ),
]


@pytest.mark.parametrize(("case", "who", "said", "clues", "orders"), CLUES, ids=[case for case, *_ in CLUES])
async def test_orders_are_found_by_what_is_known(
    desk: Desk,
    case: str,
    who: Address,
    said: Sequence[str | c.Content],
    clues: list[tuple[str, str, str, str]],
    orders: list[str],
) -> None:
    if who is BY_PHONE:
        await desk.shop.vouched(who)
    await desk.shop.says(who, *(said or ["你好"]))
    found = await desk.orders(who)
    assert found.connected
    assert told(found) == clues
    assert numbers(found) == orders


async def test_why_an_order_is_not_shown_is_told_in_the_businesss_words(desk: Desk) -> None:
    await desk.shop.says(WEB, "订单号SJ100010")
    found = await desk.orders(WEB)
    assert [one.text for one in found.clues] == ["需要核实身份"]


async def test_a_number_that_a_colleague_put_down_counts_wherever_the_customer_writes(desk: Desk) -> None:
    """It goes with the link: noted of the one, found beside the other."""
    await desk.shop.says(WEB, "你好")
    await desk.shop.says(WECHAT, "你好")
    await desk.note(WEB, phone=LIN)
    assert numbers(await desk.orders(WECHAT)) == []
    await desk.shop.link(WECHAT, await desk.shop.id_of(WEB))
    found = await desk.orders(WECHAT)
    assert (told(found), numbers(found)) == ([("phone", "138****8000", "noted", "found")], LINS)


TYPED = [
    ("a telephone number", LIN, LINS, ["found"]),
    ("a telephone number with spaces", " 138 0013 8000 ", LINS, ["found"]),
    ("an order's number", "SJ100004", ["SJ100004"], ["found"]),
    ("an order's number in small letters", "sj100004", ["SJ100004"], ["found"]),
    ("a number that there is not", "SJ000000", [], ["none"]),
    ("a telephone number of nobody", "18600000000", [], ["none", "none"]),
    ("signs", "\x00\u200b%_'\"", [], ["none"]),
]


@pytest.mark.parametrize(("case", "words", "orders", "outcomes"), TYPED, ids=[case for case, *_ in TYPED])
async def test_an_agent_looks_up_what_they_type(
    desk: Desk, case: str, words: str, orders: list[str], outcomes: list[str]
) -> None:
    """And nothing else: what is known of the customer is left out."""
    await desk.shop.says(WEB, "订单号SJ100005")
    found = await desk.orders(WEB, words)
    assert numbers(found) == orders
    assert [one.outcome for one in found.clues] == outcomes
    assert {one.source for one in found.clues} == {"asked"}


async def test_a_system_that_knows_no_ids_is_never_given_one(database: Database) -> None:
    """One that ignored it might answer with everybody's orders."""
    async with rig("http") as system:
        desk = desk_with(database, system)
        await desk.shop.vouched(CHEN)
        found = await desk.orders(CHEN)
        assert (found.connected, list(found.clues), system.calls) == (True, [], 0)


async def test_a_business_without_an_order_system_has_no_orders_to_show(database: Database) -> None:
    shop = Shop.on(database)
    await shop.says(WEB, "订单SJ100005")
    conversation = await shop.conversation(WEB)
    asked = pb.ListCustomerOrdersRequest(workspace=SHOP, conversation_id=conversation.id)
    assert await shop.api.ListCustomerOrders(asked, NOWHERE) == pb.ListCustomerOrdersResponse()


@pytest.mark.parametrize("words", ["", "SJ100001"])
async def test_another_businesss_conversation_leads_nowhere(database: Database, words: str) -> None:
    async with rig("http") as system:
        connectors = {("outlet", "orders"): system.connector, (SHOP, "orders"): system.connector}
        shop = Shop.on(database, connectors)
        await shop.says(KNOWN, "订单SJ100005")
        conversation = await shop.conversation(KNOWN)
        asked = pb.ListCustomerOrdersRequest(workspace="outlet", conversation_id=conversation.id, words=words)
        with pytest.raises(RpcProblem) as refused:
            await shop.api.ListCustomerOrders(asked, NOWHERE)
        assert (refused.value.code, system.calls) == ("unknown_conversation", 0)


async def test_looking_changes_nothing(desk: Desk) -> None:
    """No epoch, no message, no word to anybody: an agent only looked."""
    await desk.shop.says(WEB, f"我的手机号是{LIN}")
    await desk.orders(WEB)  # the identity is made when somebody asks first
    before, sent = await desk.shop.conversation(WEB), len(desk.shop.bus.published)
    await desk.orders(WEB)
    await desk.orders(WEB, "SJ100001")
    assert (await desk.shop.conversation(WEB), len(desk.shop.bus.published)) == (before, sent)
    assert desk.system.book.effects == 0


TID, FOREIGN = "2600000000000000001", "2600000000000000002"
LIN_THERE = Address(SHOP, "ecommerce", "taobao", "AAE-lin")


@pytest.mark.parametrize(
    ("who", "said", "words", "clues", "orders"),
    [
        (LIN_THERE, "在吗", "", [("buyer", "AAE-lin", "platform", "found")], [TID]),
        (
            LIN_THERE,
            f"订单{FOREIGN}呢",
            "",
            [("buyer", "AAE-lin", "platform", "found"), ("number", FOREIGN, "said", "none")],
            [TID],
        ),
        (LIN_THERE, "在吗", TID, [("number", TID, "asked", "found")], [TID]),
        (LIN_THERE, "在吗", FOREIGN, [("number", FOREIGN, "asked", "none")], []),
        (
            Address(SHOP, "ecommerce", "douyin", "dd-lin"),
            "在吗",
            "",
            [("buyer", "dd-lin", "platform", "refused")],
            [],
        ),
        (
            Address(SHOP, "ecommerce", "bare", "b1"),
            "订单SJ100005",
            "",
            [("number", "SJ100005", "said", "found")],
            ["SJ100005"],
        ),
    ],
)
async def test_a_buyer_on_a_shops_platform(
    database: Database, who: Address, said: str, words: str, clues: list[tuple[str, str, str, str]], orders: list[str]
) -> None:
    """Their platform's orders by their own id there; where the account has none, the business's own system's."""
    trades = {
        TID: taobao.trade(TID, "TRADE_FINISHED"),
        FOREIGN: taobao.trade(FOREIGN, "TRADE_FINISHED", buyer_open_uid="AAE-chen"),
    }
    accounts = {
        "taobao": account_of("taobao", worlds.taobao_world(taobao.TaobaoGateway(trades=trades)), SHOP),
        "douyin": account_of("douyin", worlds.doudian_world(doudian.DoudianGateway()), SHOP),
        "bare": pointing("bare", "", SHOP),
    }
    async with rig("http") as system, served(Shops(accounts)) as way:
        shop = Shop.on(database, {(SHOP, "orders"): system.connector}, shops=way)
        await shop.says(who, said)
        found = await Desk(shop, system).orders(who, words)
    assert told(found) == clues
    assert numbers(found) == orders


async def test_where_nobody_looks_orders_up_the_card_has_none(database: Database) -> None:
    async with rig("http") as system, served(Shops({"bare": pointing("bare", "", SHOP)})) as way:
        desk = Desk(Shop.on(database, shops=way), system)
        who = Address(SHOP, "ecommerce", "bare", "b1")
        await desk.shop.says(who, "在吗")
        assert not (await desk.orders(who)).connected
