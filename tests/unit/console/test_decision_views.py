"""Why the assistant said something, and where its task stands, as agents' screens are told."""

from datetime import UTC, datetime
from typing import Any

import pytest

from yizhan.console.decision_views import decision_json
from yizhan.console.views import conversation_json
from yizhan.core.messages.address import Address
from yizhan.dialogue.conversation import Conversation
from yizhan.dialogue.conversations_api import to_proto
from yizhan.dialogue.tasks.state import Phase, TaskState, Value
from yizhan.pb.v1 import decision_pb2 as pb

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
NOTHING = {"release": None, "rule": None, "handoff_reason": None, "entry": None, "task": None, "job": None}


@pytest.mark.parametrize(
    ("found", "shown"),
    [
        pytest.param(pb.ExplainResponse(intent="greeting", decided_by="assistant"), NOTHING, id="its own words"),
        pytest.param(
            pb.ExplainResponse(
                decided_by="entry",
                entry_id="ship",
                question="什么时候发货",
                score=0.9,
                release_id="r-1",
                release_number=4,
            ),
            NOTHING
            | {
                "entry": {"id": "ship", "question": "什么时候发货", "score": 0.9},
                "release": {"id": "r-1", "number": 4},
            },
            id="an entry of a release",
        ),
        pytest.param(
            pb.ExplainResponse(decided_by="rule", rule="human", handoff_reason="requested"),
            NOTHING | {"rule": "human", "handoff_reason": "requested"},
            id="a guard",
        ),
        pytest.param(
            pb.ExplainResponse(
                decided_by="result",
                task="order_query",
                phase="done",
                job_kind="connector",
                job_outcome="failed",
                job_reason="refused",
            ),
            NOTHING
            | {
                "task": {"name": "order_query", "phase": "done", "open": ""},
                "job": {"kind": "connector", "outcome": "failed", "reason": "refused"},
            },
            id="a job's result",
        ),
    ],
)
def test_a_decision_tells_what_had_a_part_in_it(found: pb.ExplainResponse, shown: dict[str, Any]) -> None:
    told = decision_json(found)
    assert {name: told[name] for name in shown} == shown


def in_task(phase: Phase, open_slot: str) -> dict[str, Any] | None:
    """What the customer card is told of a conversation in this task."""
    state = TaskState(
        "order_query",
        "查询订单",
        "1",
        "zh",
        phase,
        open_slot,
        NOON,
        NOON,
        values={"phone": Value("13800138000", "138****8000", private=True)},
        labels={"phone": "手机号", "order": "订单号"},
    )
    conversation = Conversation("c1", Address("shop", "website", "demo", "v:1"), first_seen_at=NOON, task=state)
    shown: dict[str, Any] | None = conversation_json(to_proto(conversation))["task"]
    return shown


@pytest.mark.parametrize(
    ("phase", "open_slot", "asked"),
    [
        pytest.param(Phase.ASKING, "order", "订单号", id="a slot, by its title"),
        pytest.param(Phase.ASKING, "step2", "step2", id="a step of a guide, which has no title"),
        pytest.param(Phase.WORKING, "find", "", id="a call is under way: nothing"),
        pytest.param(Phase.DONE, "", "", id="it is over: nothing"),
    ],
)
def test_agents_see_what_a_task_asks_now(phase: Phase, open_slot: str, asked: str) -> None:
    task = in_task(phase, open_slot)
    assert task is not None
    assert (task["title"], task["phase"], task["asked"]) == ("查询订单", phase.value, asked)


def test_agents_see_what_a_customer_told_in_a_task_masked() -> None:
    task = in_task(Phase.ASKING, "order")
    assert task is not None
    assert task["values"] == [{"slot": "phone", "label": "手机号", "shown": "138****8000"}]
    assert "13800138000" not in str(task)
