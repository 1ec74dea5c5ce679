"""What a business keeps out of the assistant's hands: said and handed off as its rules say, before anything else."""

from tests.unit.dialogue.stage import ScriptedAnswerer, Stage
from yizhan.core.messages import content as c
from yizhan.dialogue.conversation import State
from yizhan.dialogue.guards.guards import Guards
from yizhan.dialogue.guards.parse import default_guards, parse_guards
from yizhan.pb.v1 import event_pb2

OWN = """
version: "1"
rules:
  - name: person
    kind: human
    match: [{recognised: wish_for_human}]
    action: hand_off
    fires: [转人工]
    passes: [有台灯卖吗]
  - name: fireworks
    kind: out_of_scope
    match: [烟花]
    action: say
    again: hand_off
    say: {zh: 我们不卖烟花。, en: We sell no fireworks.}
    menu: {zh: [发货], en: [发货]}
    offer_human: true
    fires: [有烟花卖吗]
    passes: [有台灯卖吗]
  - name: shipping
    kind: fault
    match: [发货]
    action: hand_off
    knowledge_first: true
    fires: [发货坏了]
    passes: [有台灯卖吗]
"""


class Guarded(ScriptedAnswerer):
    def __init__(self, guards: Guards) -> None:
        self._guards = guards

    def guards(self, workspace: str) -> Guards:
        return self._guards


def stage_with(text: str = "") -> Stage:
    guards = parse_guards(text) if text else default_guards()
    assert isinstance(guards, Guards), guards
    return Stage(answerer=Guarded(guards))


def requested(stage: Stage) -> event_pb2.HandoffRequested:
    [event] = [e.handoff_requested for e in stage.turn.events if e.WhichOneof("kind") == "handoff_requested"]
    return event


def test_who_is_asked_to_help_is_told_which_rule_asked_and_how_soon_to_look() -> None:
    stage = stage_with()
    stage.customer("我不想活了")
    event = requested(stage)
    assert (event.rule, event.urgency) == ("self-harm", event_pb2.URGENCY_CRITICAL)
    assert stage.said()[-1].startswith("bot: 正在为您转接人工客服")
    assert len(stage.said()) == 3, "the rule's own words are said before"


def test_a_plain_wish_for_a_human_is_a_request_and_no_case_for_the_books() -> None:
    stage = stage_with()
    stage.customer("转人工")
    assert requested(stage).reason == "requested"


def test_a_rule_says_its_words_and_offers_what_it_lists() -> None:
    stage = stage_with(OWN)
    stage.customer("有烟花卖吗")
    menu = stage.turn.messages[-1].content
    assert isinstance(menu, c.Menu)
    assert (menu.prompt, [option.label for option in menu.options]) == ("我们不卖烟花。", ["发货", "转人工客服"])
    stage.customer(c.Choice(menu.menu_id, menu.options[0].id, menu.options[0].label))
    assert stage.said()[-1] == "bot: 48小时内发货", "a listed wording is asked like a question"


def test_the_person_whom_a_rule_offers_is_one_press_away() -> None:
    stage = stage_with(OWN)
    stage.customer("有烟花卖吗")
    menu = stage.turn.messages[-1].content
    assert isinstance(menu, c.Menu)
    stage.customer(c.Choice(menu.menu_id, menu.options[-1].id, "x"))
    assert (stage.state, requested(stage).rule) == (State.QUEUED, "fireworks")


def test_a_rule_that_never_fired_is_not_named_however_a_client_asks_for_it() -> None:
    stage = stage_with(OWN)
    stage.customer(c.Choice("guard:made-up", "human", "x"))
    assert requested(stage).rule == ""


def test_the_second_time_the_same_rule_hands_off_where_it_says_so() -> None:
    stage = stage_with(OWN)
    stage.customer("有烟花卖吗")
    assert stage.conversation.fired == ("fireworks",)
    stage.customer("烟花呢")
    assert stage.state is State.QUEUED


def test_a_new_session_knows_nothing_of_the_rules_that_fired_before() -> None:
    stage = stage_with(OWN)
    stage.customer("有烟花卖吗")
    stage.turn.open_session(first=False)
    assert stage.conversation.fired == ()


def test_a_rule_that_comes_after_knowledge_falls_where_there_is_an_answer() -> None:
    stage = stage_with(OWN)
    stage.customer("发货")
    assert stage.said()[-1] == "bot: 48小时内发货"
    stage.customer("发货坏了")
    assert stage.state is State.QUEUED
