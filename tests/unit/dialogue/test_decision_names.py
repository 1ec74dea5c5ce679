"""Editors who try a question are told what would happen, and the console has words for everything that can."""

import re
from pathlib import Path
from typing import get_args

import pytest

from yizhan.dialogue.answering import AskBack, Decision, Greets, NoAnswer, Say, StartTask, Thanks, WantsHuman
from yizhan.dialogue.knowledge_api import decision_name

TYPES = Path(__file__).resolve().parents[3] / "services/yizhan/console/web/src/api/knowledge-types.ts"

CASES = [
    pytest.param(Say("returns", "r1", "Within 7 days.", 0.9), "answer", id="an answer"),
    pytest.param(StartTask("order", "r1", 0.9), "task", id="a task that begins"),
    pytest.param(AskBack(()), "clarify", id="a question back"),
    pytest.param(NoAnswer(), "handoff", id="nothing reliable"),
    pytest.param(WantsHuman(), "human", id="a wish for a person"),
    pytest.param(Greets(), "greeting", id="a hello"),
    pytest.param(Thanks(), "thanks", id="thanks or a goodbye"),
]


@pytest.mark.parametrize(("decision", "name"), CASES)
def test_a_decision_has_a_name(decision: Decision, name: str) -> None:
    assert decision_name(decision) == name


def test_the_console_knows_every_name_and_no_other() -> None:
    assert {type(case.values[0]) for case in CASES} == set(get_args(Decision))
    listed = re.search(r"export const decisions = \[(.*?)\]", TYPES.read_text("utf-8"), re.DOTALL)
    assert listed is not None
    assert set(re.findall(r"'(\w+)'", listed[1])) == {case.values[1] for case in CASES}
