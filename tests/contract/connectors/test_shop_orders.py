"""Orders of shops' platforms on the whole way: a task's call, gRPC, the buyer's check, the platform's gateway."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.contract.connectors.shops_served import NOON, Shops, account_of, pointing, served
from tests.simulators.ecommerce.orders import doudian, taobao
from tests.unit.channels.ecommerce.orders import worlds
from yizhan.channels.ecommerce.order_shown import NOTE
from yizhan.core.messages.address import Address
from yizhan.core.runtime.metrics import Metrics
from yizhan.dialogue.connectors.jobs import ConnectorJobs
from yizhan.dialogue.connectors.shops import ShopOrders
from yizhan.dialogue.jobs.job import Job, JobFailed, TryAgain
from yizhan.dialogue.tasks.calls import CONNECTOR, Call, Result, decode_result, encode_call

TID, OTHERS = "2600000000000000001", "2600000000000000002"
DD = "6920000000000000001"
LIN = Address("default", "ecommerce", "taobao", "AAE-lin")
BRIDGED = Address("default", "ecommerce", "bridge", "l-i-n")


@dataclass
class Desk:
    shops: Shops
    gateway: taobao.TaobaoGateway
    douyin: doudian.DoudianGateway
    jobs: ConnectorJobs

    async def ask(self, who: Address, **arguments: str) -> Result:
        body = encode_call(Call("orders", "find_orders", arguments, changes=False, locale="zh"))
        job = Job("job-1", "conversation", who, CONNECTOR, body, 1, NOON, NOON + timedelta(seconds=10))
        return decode_result(await self.jobs.carry_out(job))


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    gateway = taobao.TaobaoGateway(
        trades={
            TID: taobao.trade(TID, "WAIT_BUYER_CONFIRM_GOODS"),
            OTHERS: taobao.trade(OTHERS, "TRADE_FINISHED", buyer_open_uid="AAE-chen", receiver_mobile="139****9000"),
        }
    )
    douyin = doudian.DoudianGateway(orders={DD: doudian.order(DD, 2)})
    shops = Shops(
        {
            "taobao": account_of("taobao", worlds.taobao_world(gateway)),
            "douyin": account_of("douyin", worlds.doudian_world(douyin)),
            "bridge": pointing("bridge", "taobao"),
            "bare": pointing("bare", ""),
            "stray": pointing("stray", "gone"),
            "foreign": pointing("foreign", "taobao", "another"),
        }
    )
    async with served(shops) as way:
        jobs = ConnectorJobs({}, ZoneInfo("Asia/Shanghai"), Metrics("dialogue"), shops=way)
        yield Desk(shops, gateway, douyin, jobs)


@pytest.mark.parametrize(
    ("who", "asked", "branch", "number"),
    [
        (LIN, {}, "found", TID),
        (LIN, {"order_number": TID}, "found", TID),
        (LIN, {"order_number": OTHERS}, "not_found", ""),
        (LIN, {"order_number": OTHERS, "phone": "13900139000"}, "not_found", ""),
        (LIN, {"order_number": "2600000000000000009"}, "not_found", ""),
        (LIN, {"order_number": "x" * 300}, "not_found", ""),
        (BRIDGED, {}, "number_needed", ""),
        (BRIDGED, {"phone": "13800138000"}, "number_needed", ""),
        (BRIDGED, {"order_number": TID}, "not_found", ""),
        (BRIDGED, {"order_number": TID, "phone": "13900139000"}, "not_found", ""),
        (BRIDGED, {"order_number": TID, "phone": "13800138000"}, "found", TID),
        (Address("default", "ecommerce", "bridge", "AAE-lin"), {}, "found", TID),
        (Address("default", "ecommerce", "douyin", "dd-lin"), {}, "number_needed", ""),
        (Address("default", "ecommerce", "douyin", "dd-lin"), {"order_number": DD}, "found", DD),
        (Address("default", "ecommerce", "douyin", "dd-chen"), {"order_number": DD}, "not_found", ""),
        (Address("default", "ecommerce", "bare", "x"), {}, "number_needed", ""),
        (Address("default", "ecommerce", "stray", "x"), {}, "number_needed", ""),
    ],
)
async def test_what_a_buyer_is_told(desk: Desk, who: Address, asked: dict[str, str], branch: str, number: str) -> None:
    result = await desk.ask(who, **asked)
    assert (result.branch, result.facts.get("order_number", "")) == (branch, number)
    assert [order.order_id for order in result.orders] == ([number] if number else [])


@pytest.mark.parametrize("shown", [TID, OTHERS, "2600000000000000009"])
async def test_the_order_that_was_shown_is_told_first_if_it_is_theirs(desk: Desk, shown: str) -> None:
    desk.gateway.trades["3"] = taobao.trade("3", "TRADE_FINISHED")
    desk.shops.notes[NOTE] = shown
    result = await desk.ask(LIN)
    assert result.branch == ("found" if shown == TID else "several")
    if shown != TID:
        assert {option.id for option in result.options} == {TID, "3"}


async def test_a_buyer_whose_id_among_orders_is_noted(desk: Desk) -> None:
    desk.shops.notes["buyer"] = "AAE-lin"
    assert (await desk.ask(Address("default", "ecommerce", "taobao", "conversation-7"))).facts["order_number"] == TID


async def test_a_token_that_ran_out_is_renewed_once(desk: Desk) -> None:
    desk.gateway.errors.append(("27", ""))
    assert (await desk.ask(LIN, order_number=TID)).branch == "found"
    desk.gateway.errors.extend([("27", ""), ("27", "")])
    with pytest.raises(JobFailed):
        await desk.ask(LIN, order_number=TID)
    assert desk.shops.renewed == ["session-1", "session-1"]


@pytest.mark.parametrize(
    ("who", "error", "raised", "reason"),
    [
        (LIN, ("7", ""), TryAgain, "platform_away"),
        (LIN, ("29", ""), JobFailed, "platform_refused"),
        (Address("another", "ecommerce", "taobao", "AAE-lin"), None, JobFailed, "connector_missing"),
        (Address("another", "ecommerce", "foreign", "AAE-lin"), None, JobFailed, "connector_missing"),
    ],
)
async def test_what_follows_from_trouble(
    desk: Desk, who: Address, error: tuple[str, str] | None, raised: type[Exception], reason: str
) -> None:
    if error is not None:
        desk.gateway.errors.append(error)
    with pytest.raises(raised) as caught:
        await desk.ask(who, order_number=TID)
    assert getattr(caught.value, "reason", "") == reason


async def test_before_the_way_is_known_it_is_tried_again() -> None:
    jobs = ConnectorJobs({}, ZoneInfo("Asia/Shanghai"), Metrics("dialogue"), shops=ShopOrders())
    with pytest.raises(TryAgain):
        await Desk(Shops(), taobao.TaobaoGateway(), doudian.DoudianGateway(), jobs).ask(LIN, order_number=TID)
