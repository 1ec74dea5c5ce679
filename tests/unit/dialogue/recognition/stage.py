"""A conversation whose voice messages and pictures are given to a recogniser."""

from collections.abc import Sequence
from datetime import timedelta

from tests.unit.dialogue.stage import Stage
from yizhan.core.messages import command as k, content as c
from yizhan.dialogue.customer import Handled
from yizhan.dialogue.recognition.documents import RECOGNISE, Heard, encode_heard
from yizhan.dialogue.recognition.policy import IMAGE, VOICE, Recognising
from yizhan.dialogue.takers import job_ends

O = k.JobOutcome  # noqa: E741 - reads as the enumeration that it is
RULES = Recognising((VOICE, IMAGE), 0.85, 6.0, 1_000)
RECORDING = c.Voice(c.Media("a" * 64, "audio/amr", "voice.amr", 800))
PICTURE = c.Image(c.Media("b" * 64, "image/png", "photo.png", 900))

OFFERED = "bot: 收到您发来的内容。我还不能查看图片或文件，需要人工客服帮您看一下吗？"
NO_ANSWER = "bot: 这个问题我没有可靠的答案，正在为您转接人工客服，请稍候。"
SEARCHING = "bot: 正在为您转接人工客服，请稍候。您可以先把问题写下来，客服会看到完整的聊天记录。"


def echo(words: str) -> str:
    return f"bot: 我听到的是：「{words}」。如果不对，请直接打字告诉我。"


def listening(rules: Recognising | None = RULES) -> Stage:
    stage = Stage()
    stage.job_ends = job_ends(stage.answerer)
    stage.turn.recognising = rules
    return stage


def sends(stage: Stage, *contents: c.Content | str) -> list[Handled]:
    return [stage.customer(content) for content in contents]


def ends(
    stage: Stage,
    words: str = "",
    confidence: float = 0.97,
    *,
    outcome: k.JobOutcome = O.DONE,
    job: int = -1,
    language: str = "",
) -> str:
    """The recogniser is done with a job; why that was refused, empty if it was not."""
    body = encode_heard(Heard(text=words, confidence=confidence, language=language)) if outcome is O.DONE else b""
    return stage.command(k.JobFinished(stage.turn.jobs[job].id, RECOGNISE, outcome, body))


def outcomes(stage: Stage) -> Sequence[str]:
    return [one.outcome for one in stage.turn.recognised]


def late(stage: Stage) -> None:
    stage.pass_time(timedelta(seconds=RULES.seconds + 60))
