"""Which dialogues show that a question was not answered well, and which do not."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from tests.unit.dialogue.stage import ScriptedAnswerer, Stage
from yizhan.core.messages import command as k, content as c
from yizhan.core.messages.content import Media
from yizhan.dialogue.answering import Decision, Say
from yizhan.dialogue.conversation import State
from yizhan.dialogue.guards.guards import Guards
from yizhan.dialogue.guards.parse import default_guards
from yizhan.dialogue.knowledge.matcher import Meaning
from yizhan.dialogue.misses.miss import Trail, dump_trail, key_of, load_trail

SHIP = "48小时内发货"


class Shop(ScriptedAnswerer):
    """Knows about shipping in some wordings, and has the guards that every business has."""

    def decide(
        self, workspace: str, words: str, *, channel: str, at: datetime, meaning: Meaning | None = None
    ) -> Decision:
        if "发货" in words:
            return Say("ship", "release-1", SHIP, 0.97)
        if "营业" in words:
            return Say("hours", "release-1", "9点到18点", 0.97)
        return super().decide(workspace, words.rstrip("!"), channel=channel, at=at)

    def guards(self, workspace: str) -> Guards:
        return default_guards()


@dataclass(frozen=True)
class Press:
    """An option of the last menu."""

    option: str


@dataclass(frozen=True)
class Minutes:
    """So much time passes."""

    count: float


@dataclass(frozen=True)
class Rate:
    """The session is closed and rated."""

    score: int


PICTURE = c.Image(Media("0" * 64, "image/png", "a.png", 10))
AGENT = k.Say("agent-1", "小雅", c.Text("我来看看"))
Said = str | Press | Minutes | Rate | c.Content | k.CommandKind


def play(stage: Stage, *steps: Said) -> None:
    for step in steps:
        match step:
            case Minutes(count):
                stage.pass_time(timedelta(minutes=count))
            case Press(option):
                menus = [one.content for one in stage.turn.messages if isinstance(one.content, c.Menu)]
                label = next((one.label for one in menus[-1].options if one.id == option), option)
                stage.customer(c.Choice(menus[-1].menu_id, option, label))
            case Rate(score):
                stage.command(k.Close("customer", "done"))
                play(stage, Press(str(score)))
            case str():
                stage.customer(step)
            case c.Image():
                stage.customer(step)
            case k.Say():
                assert stage.command(k.Assign("agent-1", "小雅", "a-1")) == ""
                assert stage.command(step) == ""
            case k.ReturnToBot():
                assert stage.command(step) == ""
            case _:
                raise AssertionError(step)


def shown(stage: Stage) -> list[str]:
    """Every miss as ``reason: the customer's words``, with the entry that was answered."""
    words = {one.id: c.plain_text(one.content) for one in stage.turn.messages}
    return [
        f"{miss.reason}: {words[miss.asked.message_id]}{f' ({miss.asked.entry_id})' if miss.asked.entry_id else ''}"
        for miss in stage.turn.misses
    ]


BACK = k.ReturnToBot("agent-1", "done")

MISSES: list[tuple[str, list[Said], list[str]]] = [
    ("nothing is known", ["可以开专票吗"], ["no_answer: 可以开专票吗"]),
    ("asked back, none of these", ["退", Press("none")], ["none_of_these: 退"]),
    ("asked back, a human is chosen", ["退", Press("human")], ["human_instead: 退"]),
    ("asked back, a human is asked for", ["退", "转人工"], ["human_instead: 退"]),
    ("asked back, something else is said and known", ["退", "什么时候发货"], ["said_else: 退"]),
    (
        "asked back, something else is said and not known",
        ["退", "可以开专票吗"],
        ["said_else: 退", "no_answer: 可以开专票吗"],
    ),
    (
        "asked back, thanked, something else is said",
        ["退", "谢谢", "什么时候发货"],
        ["said_else: 退"],
    ),
    ("answered and asked again in other words", ["什么时候发货", "几时能发货呢"], ["rephrased: 什么时候发货 (ship)"]),
    (
        "asked a third time in other words",
        ["什么时候发货", "几时能发货呢", "发货要等到什么时候"],
        ["rephrased: 什么时候发货 (ship)", "rephrased: 几时能发货呢 (ship)"],
    ),
    (
        "answered and a human is asked for at once",
        ["什么时候发货", "转人工"],
        ["human_after_answer: 什么时候发货 (ship)"],
    ),
    (
        "the chosen entry was not it: a human is asked for",
        ["退", Press("return"), "转人工"],
        ["human_after_answer: 退 (return)"],
    ),
    ("rated 1 after an answer", ["什么时候发货", Rate(1)], ["bad_rating: 什么时候发货 (ship)"]),
    (
        "rated 2 after two answers",
        ["什么时候发货", "几点营业", Rate(2)],
        ["bad_rating: 什么时候发货 (ship)", "bad_rating: 几点营业 (hours)"],
    ),
    ("rated 1 after thanks", ["什么时候发货", "谢谢", Rate(1)], ["bad_rating: 什么时候发货 (ship)"]),
    (
        "rated 1 after the assistant had it back and answered",
        ["转人工", AGENT, BACK, "什么时候发货", Rate(1)],
        ["bad_rating: 什么时候发货 (ship)"],
    ),
]

NOT_MISSES: list[tuple[str, list[Said]]] = [
    ("answered", ["什么时候发货"]),
    ("answered and thanked", ["什么时候发货", "谢谢"]),
    ("a greeting and a farewell", ["你好", "谢谢"]),
    ("a plain request for a human", ["转人工"]),
    ("a human is asked for after thanks", ["什么时候发货", "谢谢", "转人工"]),
    ("a human is asked for long after the answer", ["什么时候发货", Minutes(11), "转人工"]),
    ("two different questions", ["什么时候发货", "几点营业"]),
    ("the same words sent twice", ["什么时候发货", "什么时候发货？"]),
    ("asked again in other words long after", ["什么时候发货", Minutes(6), "几时能发货呢"]),
    ("asked back and nothing follows", ["退"]),
    ("asked back and an entry is chosen", ["退", Press("return")]),
    ("asked back twice for the same words", ["退", "退!"]),
    ("asked back, thanked, then chosen", ["退", "谢谢", Press("return")]),
    ("a picture", [PICTURE]),
    ("asked back, then a picture", ["退", PICTURE]),
    ("out of the business's scope", ["今天天气怎么样"]),
    ("abuse", ["你是傻逼"]),
    ("rated 3", ["什么时候发货", Rate(3)]),
    ("rated 1 after an agent had answered", ["什么时候发货", "谢谢", "转人工", AGENT, Rate(1)]),
    ("what is said to an agent", ["转人工", AGENT, "可以开专票吗"]),
]


@pytest.mark.parametrize(("steps", "expected"), [pytest.param(a, b, id=name) for name, a, b in MISSES])
def test_a_dialogue_that_shows_a_miss(steps: list[Said], expected: list[str]) -> None:
    stage = Stage(answerer=Shop())
    play(stage, *steps)
    assert shown(stage) == expected


@pytest.mark.parametrize("steps", [pytest.param(steps, id=name) for name, steps in NOT_MISSES])
def test_a_dialogue_that_shows_none(steps: list[Said]) -> None:
    stage = Stage(answerer=Shop())
    play(stage, *steps)
    assert shown(stage) == []


def test_a_miss_says_what_came_into_question_and_holds_no_words() -> None:
    stage = Stage()
    stage.customer("可以开专票吗")
    (miss,) = stage.turn.misses
    assert miss.asked.candidates == (("return", 0.3123), ("ship", 0.2))
    assert (miss.asked.release_id, miss.asked.language) == ("release-1", "zh")
    assert "专票" not in repr(miss)


def test_the_same_question_in_other_dress_has_the_same_key() -> None:
    first, second = Stage(), Stage()
    first.customer("請問可以開專票嗎？？")
    second.customer("可以开专票吗")
    assert first.turn.misses[0].asked.key == second.turn.misses[0].asked.key


def test_while_a_ticket_is_open_what_is_not_known_is_missed_too() -> None:
    stage = Stage(answerer=Shop())
    stage.customer("可以开专票吗")
    stage.command(k.MarkTicketed("t", "T-1", stage.now + timedelta(hours=1)))
    assert stage.state is State.TICKETED
    stage.customer("支持货到付款吗")
    assert shown(stage) == ["no_answer: 可以开专票吗", "no_answer: 支持货到付款吗"]


def test_a_new_session_begins_without_the_old_ones_questions() -> None:
    stage = Stage(answerer=Shop())
    play(stage, "什么时候发货")
    stage.command(k.Close("customer", "done"))
    play(stage, "转人工")
    assert shown(stage) == []


def test_what_is_remembered_is_read_back_and_rubbish_is_no_memory() -> None:
    stage = Stage(answerer=Shop())
    play(stage, "什么时候发货", "几点营业")
    trail = stage.conversation.trail
    assert isinstance(trail, Trail)
    assert load_trail(dump_trail(trail)) == trail
    assert [one.entry_id for one in trail.answers] == ["ship", "hours"]
    assert load_trail('{"last": 3}') is None


def test_what_is_remembered_is_bounded_however_long_a_session_is() -> None:
    stage = Stage(answerer=Shop())
    for number in range(50):
        play(stage, Minutes(30), f"第{number}单什么时候发货" + "啊" * 1000)
    trail = stage.conversation.trail
    assert trail is not None
    assert (len(trail.answers), len(trail.words) <= 200) == (3, True)
    assert len(dump_trail(trail)) < 2_000


def test_keys_differ_where_words_do() -> None:
    assert key_of("怎么退款") != key_of("怎么退货")
