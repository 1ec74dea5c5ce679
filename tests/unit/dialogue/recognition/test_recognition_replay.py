"""What was decided about a recording can be made again: that it was given away, that others waited, and what came of it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.unit.dialogue.recognition.stage import PICTURE, RECORDING, RULES, O
from tests.unit.dialogue.stage import ADDRESS, IDLE, NOON, ZONE, ScriptedAnswerer
from yizhan.core.messages import command as k, content as c
from yizhan.core.messages.codec import message_to_proto
from yizhan.core.messages.command_codec import command_from_proto
from yizhan.core.messages.message import Author, AuthorKind, Message
from yizhan.dialogue.conversation import Conversation
from yizhan.dialogue.decisions import Decision, dump_basis, load_basis
from yizhan.dialogue.recognition.asking import UNHEARD
from yizhan.dialogue.recognition.documents import RECOGNISE, Heard, encode_heard
from yizhan.dialogue.remembering import Remembering
from yizhan.dialogue.replay import Setting, differences, made_again
from yizhan.dialogue.takers import job_ends
from yizhan.dialogue.texts import Voice
from yizhan.dialogue.turn import Turn
from yizhan.pb.v1 import command_pb2

VOICE = Voice("助手")
Step = c.Content | k.JobOutcome | str


def lived(steps: list[Step], words: str) -> list[tuple[Decision, Message | None, list[bytes]]]:
    """What is stored: each decision with the customer's message and the messages that came of it."""
    answerer = ScriptedAnswerer()
    remembering = Remembering(answerer, job_ends(answerer), VOICE, ZONE)
    conversation = Conversation("conversation", ADDRESS, NOON)
    ids = iter(f"id-{number}" for number in range(1000))
    kept: list[tuple[Decision, Message | None, list[bytes]]] = []
    job_id = ""
    for step in steps:
        turn = Turn(conversation, NOON, lambda: next(ids), VOICE, IDLE, RULES)
        decision: Decision | None
        if step == UNHEARD:
            turn.now = NOON + timedelta(minutes=1)
            fired = k.Command(next(ids), ADDRESS, turn.now, k.TimerFired(UNHEARD, 1), "conversation")
            _, decision = remembering.obey(turn, fired)
            said = None
        elif isinstance(step, k.JobOutcome):
            body = encode_heard(Heard(text=words, confidence=0.9)) if step is O.DONE else b""
            end = k.JobFinished(job_id, RECOGNISE, step, body)
            _, decision = remembering.obey(turn, k.Command(next(ids), ADDRESS, NOON, end, "conversation"))
            said = None
        else:
            assert not isinstance(step, str)
            message = Message(next(ids), ADDRESS, Author(AuthorKind.CUSTOMER, "v:1"), step, NOON, channel_data=b"\xff")
            _, decision = remembering.receive(turn, message)
            said = turn.messages[0]
        assert decision is not None
        job_id = turn.jobs[0].id if turn.jobs else job_id
        conversation = turn.conversation
        kept.append((decision, said, [message_to_proto(one).SerializeToString() for one in turn.messages]))
    return kept


@pytest.mark.parametrize("words", ["发货", "退", "月球", "转人工"])
@pytest.mark.parametrize(
    "steps",
    [
        pytest.param([RECORDING, O.DONE], id="understood"),
        pytest.param([RECORDING, O.TIMED_OUT], id="too late"),
        pytest.param([RECORDING, c.Text("退"), UNHEARD], id="no result came"),
        pytest.param([RECORDING, c.Text("发货"), c.Text("退"), O.DONE], id="others waited"),
        pytest.param([RECORDING, PICTURE, c.Text("谢谢"), O.DONE, O.FAILED], id="one after the other"),
        pytest.param([RECORDING, c.Text("转人工")], id="a human was wanted meanwhile"),
    ],
)
def test_it_comes_out_the_same_whatever_is_set_today(steps: list[Step], words: str) -> None:
    if words in ("转人工", "月球") and steps[-1] is O.FAILED:
        steps = steps[:-1]  # a human has the conversation by then, and nothing is decided
    for decision, said, bodies in lived(steps, words):
        basis = load_basis(dump_basis(decision.basis))
        what = said or command_from_proto(command_pb2.Command.FromString(decision.command or b""))
        again = made_again(basis, what, decision.decided_at, ScriptedAnswerer(), Setting(VOICE, IDLE, ZONE))
        assert differences(bodies, basis, again) == ()


def test_another_threshold_than_held_then_would_have_come_out_otherwise() -> None:
    _, (decision, _, bodies) = lived([RECORDING, O.DONE], "发货")
    held = decision.basis.circumstances
    stricter = replace(held, recognising=replace(RULES, confidence=0.95))
    command = command_from_proto(command_pb2.Command.FromString(decision.command or b""))
    again = made_again(
        replace(decision.basis, circumstances=stricter), command, NOON, ScriptedAnswerer(), Setting(VOICE, IDLE, ZONE)
    )
    assert differences(bodies, decision.basis, again)
