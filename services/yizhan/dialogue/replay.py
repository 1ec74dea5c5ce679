"""Makes a stored decision again and says what is not as it was. Pure: the writer's own steps, on what they were taken from."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from difflib import unified_diff
from zoneinfo import ZoneInfo

from google.protobuf import text_format
from google.protobuf.message import DecodeError

from yizhan.core.messages import command as k
from yizhan.core.messages.message import Message
from yizhan.dialogue.answering import Answerer
from yizhan.dialogue.decisions import Basis, Circumstances, Outcome
from yizhan.dialogue.remembering import Remembering
from yizhan.dialogue.takers import job_ends
from yizhan.dialogue.texts import Voice
from yizhan.dialogue.turn import Turn
from yizhan.pb.v1 import message_pb2


@dataclass(frozen=True, slots=True)
class Setting:
    """What the deployment gives a decision: see ``writer.Rules``."""

    voice: Voice
    idle_close: timedelta
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class Again:
    """What came of it this time. ``outcome`` None: nothing. ``circumstances`` are today's."""

    turn: Turn
    bodies: tuple[bytes, ...]
    outcome: Outcome | None
    circumstances: Circumstances


def made_again(basis: Basis, what: Message | k.Command, at: datetime, answerer: Answerer, setting: Setting) -> Again:
    """Decide the same once more, as if it were ``at``, drawing the same ids."""
    held = basis.circumstances
    ids = _drawing(basis.ids)
    turn = Turn(basis.before, at, ids, setting.voice, setting.idle_close, held.recognising, held.models)
    remembering = Remembering(answerer, job_ends(answerer), setting.voice, setting.zone)
    now = remembering.circumstances(turn)
    made = remembering.receive(turn, what)[1] if isinstance(what, Message) else remembering.obey(turn, what)[1]
    bodies = tuple(turn.encoded[message.id].SerializeToString() for message in turn.messages)
    return Again(turn, bodies, made.basis.outcome if made else None, now)


def differences(stored: Sequence[bytes], basis: Basis, again: Again) -> tuple[str, ...]:
    """Lines for people: a unified difference of each message, and what else came out otherwise. None: identical."""
    lines: list[str] = []
    for place in range(max(len(stored), len(again.bodies))):
        before = stored[place] if place < len(stored) else None
        after = again.bodies[place] if place < len(again.bodies) else None
        if before != after:
            name = f"message {basis.before.last_seq + 1 + place}"
            lines += unified_diff(_text(before), _text(after), f"{name} stored", f"{name} replayed", lineterm="", n=1)
    return (*lines, *_outcomes(basis.outcome, again.outcome))


def changed(then: Circumstances, now: Circumstances) -> tuple[str, ...]:
    """What held then and does not now: why a replay may differ."""
    told = {
        "release_id": "release",
        "answer": "threshold for answers",
        "clarify": "threshold for asking back",
        "margin": "margin",
        "voice": "texts and settings of the assistant",
        "engine": "matching",
        "program": "program",
    }
    return tuple(
        f"{words}: {getattr(then, name)} then, {getattr(now, name)} now"
        for name, words in told.items()
        if getattr(then, name) != getattr(now, name)
    )


def _drawing(ids: Sequence[str]) -> Callable[[], str]:
    """The same ids in the same order; beyond them some that no stored message has."""
    left = iter(ids)
    more = 0

    def draw() -> str:
        nonlocal more
        given = next(left, "")
        if not given:
            more += 1
            given = f"replayed-{more}"
        return given

    return draw


def _outcomes(then: Outcome, now: Outcome | None) -> list[str]:
    if now is None:
        return [f"outcome: {then.intent} then, nothing now"]
    pairs = ((field.name, getattr(then, field.name), getattr(now, field.name)) for field in fields(Outcome))
    return [f"{name}: {_plain(was)} then, {_plain(is_now)} now" for name, was, is_now in pairs if was != is_now]


def _plain(value: object) -> str:
    shown = " ".join(value) if isinstance(value, tuple) else str(value)
    return shown or "nothing"


def _text(body: bytes | None) -> list[str]:
    if body is None:
        return []
    try:
        message = message_pb2.Message.FromString(body)
    except DecodeError:
        return [f"unreadable: {body.hex(' ')}"]
    readable = text_format.MessageToString(message, as_utf8=True).splitlines()
    # Bytes that the fields do not show are a difference too.
    return readable if message.SerializeToString() == body else [*readable, f"bytes: {body.hex(' ')}"]
