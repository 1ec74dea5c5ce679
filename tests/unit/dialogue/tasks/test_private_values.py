"""What identifies a person is kept while the task needs it, read back masked, and in no log."""

import pytest
from structlog.testing import capture_logs

from tests.unit.dialogue.tasks.script import Bench, ShopAnswerer, play
from yizhan.core.messages import command as k
from yizhan.dialogue.tasks.book import book_of
from yizhan.dialogue.tasks.calls import Result, decode_call, encode_result
from yizhan.dialogue.tasks.parse import parse_task
from yizhan.dialogue.tasks.state import Phase, dump

NUMBER = "11010519491231002X"
MASKED = "110105********002X"

VERIFY = """\
task: verify
title: {zh: 实名核验, en: identity check}
triggers: [我要实名认证, verify my identity]
slots:
  - name: id_card
    kind: id_card
    title: {zh: 身份证号, en: identity number}
    prompt: {zh: 请发身份证号, en: Please send your identity number}
confirm: {zh: "身份证号：{id_card}，确认吗？", en: "Number: {id_card}, right?"}
call:
  connector: people
  operation: verify
  arguments: {id_card: "{id_card}"}
  changes: true
  results:
    verified: {say: {zh: "{id_card} 已核验", en: "{id_card} is verified"}}
    failed: {say: {zh: 失败, en: Failed}, next: human}
    timeout: {say: {zh: 超时, en: Too late}, next: human}
"""


def bench() -> Bench:
    return Bench(ShopAnswerer(book_of([parse_task(VERIFY)])))


@pytest.mark.parametrize("end", ["done", "failed", "cancelled"])
def test_an_identity_number_is_masked_wherever_it_is_shown_or_kept(end: str) -> None:
    stage = bench()
    with capture_logs() as logs:
        play(
            stage, ["customer: 我要实名认证", "assistant: 请发身份证号", f"customer: {NUMBER}", f"assistant: {MASKED}"]
        )
        task = stage.stage.conversation.task
        assert task is not None
        assert NUMBER not in repr(task)
        if end == "cancelled":
            play(stage, ["customer: 取消", "assistant: 已取消"])
        else:
            play(stage, ["customer: 确认", "assistant: 正在为您提交"])
            assert decode_call(stage.pending[-1].body).arguments == {"id_card": NUMBER}, "the system needs it whole"
            outcome = k.JobOutcome.DONE if end == "done" else k.JobOutcome.FAILED
            stage.end(outcome, encode_result(Result("verified")))
    assert NUMBER not in str(logs)
    task = stage.stage.conversation.task
    if end == "cancelled":
        assert task is None
    else:
        assert task is not None
        assert task.phase is Phase.DONE
        assert NUMBER not in dump(task)
        assert MASKED in dump(task)
    told = [text for text in stage.said() if NUMBER in text]
    assert told == []


def test_a_half_told_value_is_in_no_repr_either() -> None:
    stage = bench()
    play(
        stage,
        ["customer: 我要实名认证", "assistant: 请发身份证号", "customer: 110105194912310021", "assistant: 校验不对"],
    )
    assert "110105" not in repr(stage.stage.conversation.task)
