"""Which case asks for which group: the first rule that fits counts."""

import pytest

from yizhan.routing.groups import Request, Route, asked_for

RULES = (
    Route(channel="wechat", reason="complaint", group_id="care", priority=2),
    Route(topic="退款", group_id="refunds", skills=("refund",), weight=2),
    Route(language="en", group_id="english"),
    Route(reason="no_answer", priority=0),
    Route(least_urgency=2, group_id="urgent"),
)


@pytest.mark.parametrize(
    ("request_", "group", "priority"),
    [
        (Request("wechat", "complaint"), "care", 2),
        (Request("website", "complaint"), "", 1),
        (Request("website", "requested", topic="退款/进度"), "refunds", 1),
        (Request("website", "requested", topic="物流/退款"), "", 1),
        (Request("website", "requested", language="en"), "english", 1),
        (Request("website", "requested", topic="退款", language="en"), "refunds", 1),
        (Request("website", "requested", urgency=2), "urgent", 2),
        (Request("website", "requested", urgency=3), "urgent", 3),
        (Request("wechat", "complaint", urgency=3), "care", 3),
        (Request("website", "no_answer"), "", 0),
        (Request("website", "no_answer", urgency=2), "", 2),
    ],
    ids=[
        "all conditions fit",
        "another channel",
        "a topic begins so",
        "a topic has it elsewhere",
        "a language",
        "the first rule counts",
        "urgent enough",
        "more urgent still",
        "urgency raises a rule's priority",
        "what can wait",
        "what can wait, but not this time",
    ],
)
def test_a_case_asks_for_what_its_first_rule_says(request_: Request, group: str, priority: int) -> None:
    found = asked_for(request_, RULES)
    assert (found.group_id, found.priority) == (group, priority)


def test_without_rules_everybody_may_serve_it() -> None:
    assert asked_for(Request("website", "requested"), ()) == Route()
