"""What the customer gets whatever the recogniser does: a table of faults, over real HTTP."""

import json
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from tests.simulators.recogniser import (
    ScriptedRecogniser,
    Turn,
    elsewhere,
    endless,
    gives,
    hangs_up,
    hears,
    never,
    scripted_recogniser,
)
from tests.unit.dialogue.recognition.stage import OFFERED, RULES, echo, listening, outcomes, sends
from yizhan.core.messages import content as c
from yizhan.core.messages.command import JobFinished
from yizhan.core.runtime import clock
from yizhan.core.runtime.metrics import Metrics
from yizhan.core.store.media import MediaStore
from yizhan.dialogue.jobs.attempt import Attempts, PutOff
from yizhan.dialogue.jobs.job import Job
from yizhan.dialogue.recognition.client import Place, open_recogniser
from yizhan.dialogue.recognition.documents import RECOGNISE
from yizhan.dialogue.recognition.handler import RecognitionJobs

AMR = b"#!AMR\n" + bytes(range(64)) * 8
ANSWERED = [echo("发货"), "bot: 48小时内发货"]
OFFER = [OFFERED]

CASES: Sequence[tuple[str, list[Turn], list[str], str]] = [
    ("it is sure", [hears("发货", 0.9)], ANSWERED, "sure"),
    ("it tells more than it is asked", [hears("发货", 0.9, language="zh", words=[1, 2])], ANSWERED, "sure"),
    ("it is not sure", [hears("发货", 0.6)], OFFER, "unsure"),
    ("it heard nothing", [hears("", 1.0)], OFFER, "empty"),
    ("it gives more than a customer says", [hears("发" * 900, 1.0)], OFFER, "too_long"),
    ("it was busy for a moment", [gives("", status=503), hears("发货")], ANSWERED, "sure"),
    ("it hung up once", [hangs_up, hears("发货")], ANSWERED, "sure"),
    ("it is busy for good", [gives("", status=429)], OFFER, "failed"),
    ("it always hangs up", [hangs_up], OFFER, "failed"),
    ("it never answers", [never], OFFER, "failed"),
    ("it never stops answering", [endless], OFFER, "failed"),
    ("it refuses the file", [gives("{}", status=415)], OFFER, "failed"),
    ("it refuses the key", [gives("{}", status=401)], OFFER, "failed"),
    ("it breaks", [gives("Traceback", status=500)], OFFER, "failed"),
    ("it sends the file on to somebody else", [elsewhere], OFFER, "failed"),
    ("it gives no JSON", [gives("<html>")], OFFER, "failed"),
    ("it gives a list", [gives("[]")], OFFER, "failed"),
    ("it gives no confidence", [gives('{"text": "发货"}')], OFFER, "failed"),
    ("it is surer than sure", [hears("发货", 97)], OFFER, "failed"),
    ("its confidence is no number", [gives('{"text": "发货", "confidence": NaN}')], OFFER, "failed"),
    ("its text is none", [hears(None)], OFFER, "failed"),
    ("its text has half a character", [gives('{"text": "\\ud83d", "confidence": 1}')], OFFER, "failed"),
    ("its bytes are no characters", [gives(b'{"text": "\xff", "confidence": 1}')], OFFER, "failed"),
]


async def heard(server: ScriptedRecogniser, folder: Path, *, seconds: float = 0.6, key: str = "") -> list[str]:
    """What a customer gets who speaks, through the job, the call and the conversation; and how it is counted."""
    store = MediaStore(home=folder)
    media = await store.put(AMR, "voice.amr")
    stage = listening()
    sends(stage, c.Voice(media))
    [begun] = stage.turn.jobs
    async with open_recogniser(Place(server.url, SecretStr(key), seconds)) as recogniser:
        handlers = {RECOGNISE: RecognitionJobs(recogniser, store, Metrics("test"))}
        attempts = Attempts(handlers, clock.now, lambda: 0.0)
        end: JobFinished | PutOff | None = None
        for tries in range(1, 9):
            now = clock.now()
            address = stage.conversation.address
            job = Job(begun.id, "c", address, begun.kind, begun.body, tries, now, now + timedelta(seconds=30))
            end = await attempts.make(job)
            if isinstance(end, JobFinished):
                break
    assert isinstance(end, JobFinished)
    stage.command(end)
    return [*(line for line in stage.said() if line.startswith("bot: ")), *outcomes(stage)]


@pytest.mark.parametrize(
    ("turns", "gets", "counted"), [case[1:] for case in CASES], ids=[case[0].replace(" ", "-") for case in CASES]
)
async def test_what_the_customer_gets(turns: list[Turn], gets: list[str], counted: str, tmp_path: Path) -> None:
    async with scripted_recogniser() as server:
        server.play(*turns)
        assert await heard(server, tmp_path) == [*gets, counted]
        assert len(server.given) <= 2


async def test_nobody_there_offers_a_human(tmp_path: Path) -> None:
    async with scripted_recogniser() as server:
        pass
    assert await heard(server, tmp_path) == [OFFERED, "failed"]


async def test_the_recogniser_is_told_what_it_needs_and_no_more(tmp_path: Path) -> None:
    async with scripted_recogniser() as server:
        server.play(gives("", status=503), hears("发货"))
        await heard(server, tmp_path, key="hunter2\n")
    first, second = server.given
    assert (first.kind, first.locale, first.mime_type, first.data) == ("voice", "", "audio/amr", AMR)
    assert first.authorization == "Bearer hunter2"
    assert first.key == second.key != ""


async def test_a_file_that_is_larger_than_was_said_is_not_given_away(tmp_path: Path) -> None:
    store = MediaStore(home=tmp_path)
    media = await store.put(AMR * 4, "voice.amr")
    stage = listening()
    sends(stage, c.Voice(c.Media(media.media_id, media.mime_type)))
    [begun] = stage.turn.jobs
    assert json.loads(begun.body)["most_bytes"] == RULES.most_bytes
    async with scripted_recogniser() as server, open_recogniser(Place(server.url)) as recogniser:
        attempts = Attempts({RECOGNISE: RecognitionJobs(recogniser, store, Metrics("test"))}, clock.now, lambda: 0.0)
        now = clock.now()
        job = Job(begun.id, "c", stage.conversation.address, begun.kind, begun.body, 1, now, now + timedelta(seconds=9))
        end = await attempts.make(job)
        assert server.given == []
    assert isinstance(end, JobFinished)
    assert end.reason == "too_large"
