"""A task's call through the runner: whatever happens to the answer, the business does it once and the end is true."""

from datetime import timedelta

import pytest

from tests.contract.connectors.rigs import Fault, Way, patience_with, rig
from tests.contract.services.job_bench import PartTimeBus, put_away, runner_of, running, start
from yizhan.core.messages import command as k
from yizhan.core.runtime.metrics import Metrics
from yizhan.core.store.database import Database
from yizhan.demo.orders.shop import ZONE
from yizhan.dialogue.connectors.jobs import ConnectorJobs
from yizhan.dialogue.tasks.calls import CONNECTOR, Call, decode_result, encode_call

O = k.JobOutcome  # noqa: E741 - reads as the enumeration that it is
APPLY = {"order_number": "SJ100002", "item": "VASE-WHITE", "type": "return", "reason": "碎了", "phone": "13800138000"}
BODY = encode_call(Call("business", "apply", APPLY, changes=True, locale="zh"))

TROUBLE = [
    ("the answer was lost", [Fault.COMMIT_THEN_CUT], True, O.DONE, 1, 2),
    ("the answer never came", [Fault.COMMIT_THEN_SLOW], True, O.DONE, 1, 2),
    ("it was lost, then refused for a while", [Fault.COMMIT_THEN_CUT, Fault.BROKEN], True, O.DONE, 1, 3),
    ("it was busy", [Fault.BUSY], True, O.DONE, 1, 2),
    ("it was busy, and keeps no keys", [Fault.BUSY], False, O.DONE, 1, 2),
    ("it answered nonsense once", [Fault.NONSENSE], True, O.DONE, 1, 2),
    ("it is broken for good", [Fault.BROKEN] * 9, True, O.TIMED_OUT, 0, 5),
    ("it is broken once and keeps no keys", [Fault.BROKEN], False, O.TIMED_OUT, 0, 1),
    ("the answer was lost and it keeps no keys", [Fault.COMMIT_THEN_CUT], False, O.TIMED_OUT, 1, 1),
]


@pytest.mark.parametrize("way", ["http", "grpc"])
@pytest.mark.parametrize(
    ("faults", "keeps_keys", "outcome", "effects", "calls"),
    [case[1:] for case in TROUBLE],
    ids=[case[0] for case in TROUBLE],
)
async def test_it_is_done_once_and_told_truly(
    database: Database,
    way: Way,
    faults: list[Fault],
    keeps_keys: bool,
    outcome: k.JobOutcome,
    effects: int,
    calls: int,
) -> None:
    bus = PartTimeBus()
    async with rig(way, keeps_keys=keeps_keys, patience=patience_with(*faults)) as shop:
        shop.faults = list(faults)
        handler = ConnectorJobs({("shop", "business"): shop.connector}, ZONE, Metrics("test"))
        async with running(runner_of(database, bus, {CONNECTOR: handler})) as runner:
            await start(database, BODY, kind=CONNECTOR, within=timedelta(seconds=60), runner=runner)
            await put_away(database)
        [end] = bus.ends()
        assert end.outcome is outcome
        assert shop.book.effects == effects
        assert shop.calls == calls
        if outcome is O.DONE:
            assert decode_result(end.body).branch == "applied"
