"""What routing writes down about a decision, as the console reads it."""

from dataclasses import replace

import orjson
import pytest

from yizhan.console.handing_on_views import decision_json
from yizhan.console.routing_record import RecordUnreadable, read_record
from yizhan.pb.v1 import routing_pb2 as pb
from yizhan.routing.matching.choose import choose
from yizhan.routing.matching.facts import Policy, Seat, Wanted
from yizhan.routing.matching.record import record, recorded

ANN = Seat("ann", online=True, presence="online", heard_ago=1.0, capacity=3, load=0, groups=("refunds",))
CASE = Wanted("case", priority=2, language="zh", group="refunds", waited=12.5)

SEATS = (
    ANN,
    replace(ANN, agent_id="bob", load=3),
    replace(ANN, agent_id="cat", presence="away"),
    replace(ANN, agent_id="dan", presence="busy"),
    replace(ANN, agent_id="eve", groups=()),
    replace(ANN, agent_id="fay", enabled=False),
    replace(ANN, agent_id="gus", heard_ago=600.0),
    replace(ANN, agent_id="hal", online=False),
    replace(ANN, agent_id="ida", languages=("en",)),
    replace(ANN, agent_id="jon", load=1),
)

TEXT = record(choose(CASE, SEATS, Policy()))


def test_the_console_reads_of_a_record_what_routing_wrote() -> None:
    written, read = recorded(TEXT), read_record(TEXT)
    assert (read.agent_id, read.decided_by) == (written.agent_id, written.decided_by) == ("ann", "load")
    reasons = tuple((one.agent_id, one.why_not) for one in read.standings)
    assert reasons == tuple((agent, why.value if why else None) for agent, why in written.reasons)
    assert {why for _, why in reasons} >= {"full", "away", "busy", "disabled", "silent", "offline", "no_language"}
    assert (read.priority, read.language, read.group_id, read.level, read.waited) == (2, "zh", "refunds", 0, 12.5)
    assert {(one.agent_id, one.load, one.capacity) for one in read.standings} >= {("bob", 3, 3), ("jon", 1, 3)}


def test_a_decision_is_shown_with_names() -> None:
    shown = decision_json(
        pb.RoutingDecision(case_id="case", number=1, agent_id="ann", record=TEXT), {"ann": "安"}, {"refunds": "退款组"}
    )
    assert shown["agent"] == {"id": "ann", "name": "安"}
    decided = shown["decided"]
    assert isinstance(decided, dict)
    assert decided["group"] == {"id": "refunds", "name": "退款组"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "null",
        "{}",
        '{"v": 2}',
        TEXT.replace('"why":"', '"why":"?'),
        orjson.dumps({**orjson.loads(TEXT), "why": "?" * len(SEATS)}).decode(),
        orjson.dumps({**orjson.loads(TEXT), "case": ["case"]}).decode(),
    ],
    ids=[
        "nothing",
        "a list",
        "null",
        "empty",
        "a later version",
        "a reason too many",
        "unknown reasons",
        "half a case",
    ],
)
def test_a_record_that_is_not_known_here_is_shown_without_its_words(text: str) -> None:
    with pytest.raises(RecordUnreadable):
        read_record(text)
    assert decision_json(pb.RoutingDecision(number=1, record=text), {}, {})["decided"] is None
