"""A task's call from its job's body to the result's, over real sockets: every branch, every trouble, one effect."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from tests.contract.connectors.rigs import PATIENCE, Fault, Rig, Way, patience_with, rig
from yizhan.core.messages.address import Address
from yizhan.core.runtime.metrics import Metrics
from yizhan.demo.orders.shop import ZONE
from yizhan.dialogue.connectors.jobs import ConnectorJobs
from yizhan.dialogue.jobs.job import Job, JobFailed, OutcomeUnknown, TryAgain
from yizhan.dialogue.tasks.calls import Call, Result, decode_result, encode_call

LIN = "13800138000"
ADDRESS = Address("shop", "website", "demo", "v:1")
APPLY = {"order_number": "SJ100002", "item": "VASE-WHITE", "type": "return", "reason": "碎了", "phone": LIN}
VISIT = {"service": "repair", "place": "store", "store": "hangzhou", "name": "林女士", "phone": LIN}


@dataclass
class Desk:
    """Calls in, results out."""

    shop: Rig
    metrics: Metrics = field(default_factory=lambda: Metrics("test"))
    handler: ConnectorJobs = field(init=False)

    def __post_init__(self) -> None:
        self.handler = ConnectorJobs({("shop", "business"): self.shop.connector}, ZONE, self.metrics)

    async def ask(
        self, operation: str, *, key: str = "job-1", connector: str = "business", locale: str = "zh", **arguments: str
    ) -> Result:
        changes = operation in {"apply", "book", "cancel"}
        body = encode_call(Call(connector, operation, arguments, changes, locale))
        return decode_result(await self.handler.carry_out(job(body, key)))


def job(body: bytes, key: str = "job-1") -> Job:
    noon = datetime(2026, 11, 22, 4, tzinfo=UTC)
    return Job(key, "conversation", ADDRESS, "connector", body, 1, noon, noon + timedelta(seconds=20))


@asynccontextmanager
async def desk_over(way: Way, *, keeps_keys: bool = True, patience: float = PATIENCE) -> AsyncIterator[Desk]:
    async with rig(way, keeps_keys=keeps_keys, patience=patience) as shop:
        yield Desk(shop)


@pytest.fixture
async def desk(way: Way) -> AsyncIterator[Desk]:
    async with desk_over(way) as made:
        yield made


BRANCHES = [
    ("an order by its number", "find_orders", {"order_number": "SJ100001"}, "found", {"status": "运输中"}),
    ("the only order of a phone", "find_orders", {"phone": "18600000000"}, "not_found", {}),
    ("several orders of a phone", "find_orders", {"phone": LIN}, "several", {}),
    ("no such order", "find_orders", {"order_number": "SJ999999"}, "not_found", {}),
    ("a stranger's order", "find_orders", {"order_number": "SJ100001", "phone": "13900139000"}, "refused", {}),
    ("an order nobody may see", "find_orders", {"order_number": "SJ100010"}, "refused", {}),
    ("after-sales are possible", "check_order", {"order_number": "SJ100002"}, "eligible", {"days": "7"}),
    ("too late for after-sales", "check_order", {"order_number": "SJ100004"}, "too_late", {"days": "7"}),
    ("not received yet", "check_order", {"order_number": "SJ100001"}, "refused", {"reason": "订单签收后才能申请售后"}),
    ("under way already", "check_order", {"order_number": "SJ100005"}, "refused", {}),
    ("nothing to check", "check_order", {"order_number": "SJ000000"}, "not_found", {}),
    ("an application", "apply", APPLY, "applied", {"application_number": "AS20001", "order_number": "SJ100002"}),
    ("an application too late", "apply", {**APPLY, "order_number": "SJ100004", "item": ""}, "too_late", {}),
    ("a second application", "apply", {**APPLY, "order_number": "SJ100005", "item": ""}, "already", {}),
    ("made to measure", "apply", {**APPLY, "order_number": "SJ100009", "item": ""}, "refused", {}),
    ("free times", "find_slots", {**VISIT, "time": "2026-11-25"}, "found", {}),
    ("no free times", "find_slots", {**VISIT, "time": "2027-11-25"}, "not_found", {}),
    ("an appointment", "book", {**VISIT, "time": "2026-11-25"}, "booked", {"appointment_number": "AP30001"}),
    ("a time that nobody has", "book", {**VISIT, "time": "2027-11-25T06:00/12:00"}, "taken", {}),
    ("a time that is over", "book", {**VISIT, "time": "2025-11-25"}, "refused", {}),
    ("to give up what is not there", "cancel", {"appointment_number": "AP1", "phone": LIN}, "not_found", {}),
]


@pytest.mark.parametrize(
    ("operation", "arguments", "branch", "facts"), [case[1:] for case in BRANCHES], ids=[case[0] for case in BRANCHES]
)
async def test_every_answer_is_a_branch_of_the_task(
    desk: Desk, operation: str, arguments: dict[str, str], branch: str, facts: dict[str, str]
) -> None:
    result = await desk.ask(operation, **arguments)
    assert result.branch == branch
    assert facts.items() <= result.facts.items()
    if branch in {"refused", "too_late", "already"}:
        assert result.facts["reason"], "a refusal has words for the customer"


async def test_what_is_found_comes_with_cards_and_what_is_several_with_a_choice(desk: Desk) -> None:
    found = await desk.ask("find_orders", order_number="SJ100001")
    assert [card.order_id for card in found.orders] == ["SJ100001"]
    assert [card.tracking_number for card in found.logistics] == ["SF1390000100001"]
    several = await desk.ask("find_orders", phone=LIN)
    assert [(option.id, option.label) for option in several.options] == [
        ("SJ100003", "SJ100003 · 和纸落地灯 · 待发货"),
        ("SJ100001", "SJ100001 · 橡木餐椅 · 运输中"),
        ("SJ100002", "SJ100002 · 羊毛毯 · 已签收"),
    ]
    eligible = await desk.ask("check_order", order_number="SJ100002")
    assert [option.id for option in eligible.options] == ["BLANKET-WOOL", "VASE-WHITE"]
    applied = await desk.ask("apply", **APPLY)
    assert [card.amount_minor for card in applied.refunds] == [16800]
    english = await desk.ask("find_orders", order_number="SJ100001", locale="en")
    assert english.facts["status"] == "On its way"


async def test_what_is_offered_can_be_booked_and_given_up(desk: Desk) -> None:
    offered = (await desk.ask("find_slots", **VISIT, time="2026-11-25")).options[0]
    booked = await desk.ask("book", **VISIT, time=offered.id)
    assert booked.facts["appointment_time"] == offered.label
    taken = await desk.ask("book", key="job-2", **{**VISIT, "phone": "13900139000"}, time=offered.id)
    assert taken.branch == "taken"
    assert offered not in taken.options
    number = booked.facts["appointment_number"]
    cancelled = await desk.ask("cancel", key="job-3", appointment_number=number, phone=LIN)
    assert cancelled.branch == "cancelled"


WRONG_CALLS = [
    ("a connector nobody declared", {"connector": "nobody", "operation": "find_orders"}, "connector_missing"),
    ("an operation that there is not", {"operation": "pay"}, "call_invalid"),
    ("an argument too few", {"operation": "find_orders"}, "call_invalid"),
    ("a time that is none", {"operation": "book", **VISIT, "time": "soon"}, "call_invalid"),
]


@pytest.mark.parametrize(("asked", "reason"), [case[1:] for case in WRONG_CALLS], ids=[case[0] for case in WRONG_CALLS])
async def test_a_task_that_asks_wrongly_fails_at_once(desk: Desk, asked: dict[str, str], reason: str) -> None:
    with pytest.raises(JobFailed, match=reason):
        await desk.ask(**asked)
    assert desk.shop.calls == 0


async def test_a_body_of_another_version_fails_at_once(desk: Desk) -> None:
    assert desk.handler.repeatable(job(b"{}"))
    with pytest.raises(JobFailed, match="call_unreadable"):
        await desk.handler.carry_out(job(b"{}"))


TROUBLE = [
    (Fault.SLOW, TryAgain("too_slow"), TryAgain("too_slow", unsure=True), OutcomeUnknown("too_slow")),
    (Fault.CUT, TryAgain("cut_off"), TryAgain("cut_off", unsure=True), OutcomeUnknown("cut_off")),
    (Fault.BUSY, TryAgain("rate_limited"), TryAgain("rate_limited"), TryAgain("rate_limited")),
    (
        Fault.NONSENSE,
        JobFailed("not_as_agreed"),
        TryAgain("not_as_agreed", unsure=True),
        OutcomeUnknown("not_as_agreed"),
    ),
    (Fault.HUGE, JobFailed("too_big"), TryAgain("too_big", unsure=True), OutcomeUnknown("too_big")),
    (
        Fault.COMMIT_THEN_SLOW,
        TryAgain("too_slow"),
        TryAgain("too_slow", unsure=True),
        OutcomeUnknown("too_slow"),
    ),
]


@pytest.mark.parametrize(("fault", "asking", "keyed", "keyless"), TROUBLE, ids=[str(case[0]) for case in TROUBLE])
async def test_what_follows_from_trouble_depends_on_what_may_have_happened(
    way: Way, fault: Fault, asking: Exception, keyed: Exception, keyless: Exception
) -> None:
    for keeps_keys, operation, expected in (
        (True, "find_orders", asking),
        (True, "apply", keyed),
        (False, "apply", keyless),
    ):
        async with desk_over(way, keeps_keys=keeps_keys, patience=patience_with(fault)) as desk:
            desk.shop.faults = [fault]
            with pytest.raises((TryAgain, JobFailed, OutcomeUnknown)) as caught:
                await desk.ask(operation, **APPLY)
            assert type(caught.value) is type(expected), operation
            assert caught.value.reason == expected.reason  # type: ignore[attr-defined]
            assert getattr(caught.value, "unsure", None) == getattr(expected, "unsure", None), operation
            call = Call("business", operation, APPLY, operation == "apply")
            assert desk.handler.repeatable(job(encode_call(call))) is (keeps_keys or operation != "apply")


async def test_calls_are_counted_by_operation_and_outcome(desk: Desk) -> None:
    await desk.ask("find_orders", order_number="SJ100001")
    desk.shop.faults = [Fault.BUSY]
    with pytest.raises(TryAgain):
        await desk.ask("find_orders", order_number="SJ100001")
    with pytest.raises(JobFailed):
        await desk.ask("x" * 40)
    desk.shop.faults = [Fault.SLOW]
    task = asyncio.create_task(desk.ask("apply", **APPLY))
    while desk.shop.calls < 3:
        await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.wait({task})
    shown = {
        (sample.labels["operation"], sample.labels["outcome"]): sample.value
        for family in desk.metrics.registry.collect()
        for sample in family.samples
        if sample.name == "yizhan_connector_calls_total"
    }
    assert shown == {
        ("find_orders", "answered"): 1,
        ("find_orders", "unavailable"): 1,
        ("unknown", "failed"): 1,
        ("apply", "cut_off"): 1,
    }
