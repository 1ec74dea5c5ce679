"""What a decision is made from survives being stored, and what came out otherwise is shown in words."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.unit.dialogue.stage import ADDRESS, IDLE, NOON, ZONE, ScriptedAnswerer, Stage
from yizhan.core.messages import content as c
from yizhan.core.messages.codec import message_to_proto
from yizhan.core.messages.message import Author, AuthorKind, Message
from yizhan.dialogue.conversation import Conversation, State
from yizhan.dialogue.decisions import Basis, DecisionUnreadable, dump_basis, load_basis, voice_digest
from yizhan.dialogue.jobs.finished import JobEnds
from yizhan.dialogue.remembering import Remembering
from yizhan.dialogue.replay import Setting, changed, differences, made_again
from yizhan.dialogue.tasks.state import Phase, TaskState, Value
from yizhan.dialogue.texts import Voice, voice_of
from yizhan.dialogue.turn import Turn

VOICE = Voice("助手")
SETTING = Setting(VOICE, IDLE, ZONE)
TASK = TaskState(
    "appointment",
    "预约登记",
    "v1",
    "zh",
    Phase.ASKING,
    "time",
    NOON.astimezone(ZONE),
    NOON.astimezone(ZONE),
    values={"phone": Value("13800138000", "138****8000", private=True)},
    offers={"store": (c.MenuOption("hangzhou", "杭州西湖店"),)},
    skipped=("picture",),
)
CONVERSATIONS = {
    "a new one": Conversation("conversation", ADDRESS, NOON),
    "one with history": Conversation(
        "conversation",
        ADDRESS,
        NOON,
        State.TICKETED,
        epoch=7,
        last_seq=41,
        session=3,
        last_text="好的 \x00😀",
        last_author=AuthorKind.AGENT,
        reply_until=NOON + timedelta(microseconds=1),
        reply_left=0,
        fired=("complaint", "legal"),
        rating=5,
    ),
    "one within a task": Conversation("conversation", ADDRESS, NOON, task=TASK),
}


def decided(words: str, before: Conversation, *, voice: Voice = VOICE) -> tuple[Basis, Message, list[bytes]]:
    """What the writer stores about a customer's words."""
    ids = iter(f"id-{number}" for number in range(100))
    turn = Turn(before, NOON, lambda: next(ids), voice, IDLE)
    message = Message("question", ADDRESS, Author(AuthorKind.CUSTOMER, "v:1"), c.Text(words), NOON)
    _, decision = Remembering(ScriptedAnswerer(), JobEnds({}), voice, ZONE).receive(turn, message)
    bodies = [message_to_proto(said).SerializeToString() for said in turn.messages]
    return load_basis(dump_basis(decision.basis)), turn.messages[0], bodies


@pytest.mark.parametrize("before", CONVERSATIONS.values(), ids=CONVERSATIONS)
def test_a_conversation_comes_back_as_it_was_stored(before: Conversation) -> None:
    basis, _, _ = decided("发货", before)
    assert basis.before == before


@pytest.mark.parametrize("before", CONVERSATIONS.values(), ids=CONVERSATIONS)
@pytest.mark.parametrize("words", ["发货", "退", "转人工", "你好", "谢谢", "没人知道"])
def test_the_same_decision_comes_out_the_same(words: str, before: Conversation) -> None:
    basis, message, bodies = decided(words, before)
    again = made_again(basis, message, NOON, ScriptedAnswerer(), SETTING)
    assert differences(bodies, basis, again) == ()
    assert changed(basis.circumstances, again.circumstances) == ()


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b"\xff", b'{"before": 1}'])
def test_what_is_no_decision_is_refused(data: bytes) -> None:
    with pytest.raises(DecisionUnreadable):
        load_basis(data)


def test_every_byte_of_a_stored_answer_counts() -> None:
    basis, message, bodies = decided("发货", CONVERSATIONS["a new one"])
    again = made_again(basis, message, NOON, ScriptedAnswerer(), SETTING)
    for place in range(len(bodies[1])):
        flipped = bodies[1][:place] + bytes([bodies[1][place] ^ 1]) + bodies[1][place + 1 :]
        assert differences([bodies[0], flipped], basis, again), f"byte {place}"


def test_an_answer_too_many_and_one_too_few_are_shown() -> None:
    basis, message, bodies = decided("发货", CONVERSATIONS["a new one"])
    again = made_again(basis, message, NOON, ScriptedAnswerer(), SETTING)
    assert any(line.startswith("+") and "48小时" in line for line in differences(bodies[:1], basis, again))
    assert any(line.startswith("-") and "48小时" in line for line in differences([*bodies, bodies[1]], basis, again))


class Forgetful(ScriptedAnswerer):
    """Has an answer less."""

    def decide(self, workspace: str, words: str, **where: object):  # type: ignore[no-untyped-def]
        return super().decide(workspace, "没人知道", **where)  # type: ignore[arg-type]


def test_another_decision_is_told_with_its_hand_off_and_its_state() -> None:
    basis, message, bodies = decided("发货", CONVERSATIONS["a new one"])
    shown = differences(bodies, basis, made_again(basis, message, NOON, Forgetful(), SETTING))
    assert "intent: answer then, handoff now" in shown
    assert "state: 1 then, 2 now" in shown
    assert "handoff_reason: nothing then, no_answer now" in shown


def test_what_draws_more_ids_than_then_is_shown_and_does_not_fail() -> None:
    basis, message, bodies = decided("转人工", CONVERSATIONS["a new one"])
    again = made_again(replace(basis, ids=basis.ids[:1]), message, NOON, ScriptedAnswerer(), SETTING)
    assert differences(bodies, basis, again) == (), "the answer's id was the first; the event's is in no message"


def test_texts_of_the_settings_that_changed_are_named() -> None:
    greeting = "欢迎"
    renamed = voice_of("助手", "", zone=ZONE, greeting_zh=greeting, greeting_en="")
    assert voice_digest(renamed) != voice_digest(VOICE)
    basis, message, _ = decided("你好", CONVERSATIONS["a new one"])
    again = made_again(basis, message, NOON, ScriptedAnswerer(), replace(SETTING, voice=renamed))
    assert [line.split(":")[0] for line in changed(basis.circumstances, again.circumstances)] == [
        "texts and settings of the assistant"
    ]


def test_a_step_that_fails_leaves_the_turn_as_it_draws() -> None:
    stage = Stage()
    draw = stage.turn.new_id
    broken = Remembering(Broken(), JobEnds({}), VOICE, ZONE)
    message = Message("question", ADDRESS, Author(AuthorKind.CUSTOMER, "v:1"), c.Text("发货"), NOON)
    with pytest.raises(RuntimeError):
        broken.receive(stage.turn, message)
    assert stage.turn.new_id == draw


class Broken(ScriptedAnswerer):
    def decide(self, workspace: str, words: str, **where: object):  # type: ignore[no-untyped-def]
        raise RuntimeError
