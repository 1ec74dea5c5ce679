"""Which short messages mean what in the middle of a task: yes, no, skip, stop, wait, or that something is wrong."""

import pytest

from yizhan.dialogue.tasks.slots.cancel import by_name
from yizhan.dialogue.tasks.slots.digression import asks
from yizhan.dialogue.tasks.slots.steering import Cue, cues


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("确认", {Cue.YES}),
        ("好的，提交吧", {Cue.YES}),
        ("嗯嗯，没问题", {Cue.YES}),
        ("Yes, please", {Cue.YES}),
        ("不对", {Cue.NO}),
        ("有错误", {Cue.NO}),
        ("no", {Cue.NO, Cue.SKIP}),
        ("没有照片", {Cue.SKIP}),
        ("跳过吧", {Cue.SKIP}),
        ("取消", {Cue.STOP}),
        ("算了，不办了", {Cue.STOP}),
        ("never mind", {Cue.STOP}),
        ("继续办理", {Cue.CARRY_ON}),
        ("稍等一下", {Cue.PAUSE}),
        ("好", {Cue.YES}),
        ("👍", {Cue.YES}),
        ("确认预约", {Cue.YES}),
        ("book it", {Cue.YES}),
        ("不是", {Cue.NO}),
        ("that's wrong", {Cue.NO}),
        ("没有", {Cue.SKIP}),
        ("不用了", {Cue.SKIP, Cue.STOP}),
        ("不用了谢谢", {Cue.SKIP, Cue.STOP}),
        ("不用了，算了", {Cue.STOP}),
        ("不要了", {Cue.STOP}),
        ("好的，不用了", {Cue.SKIP, Cue.STOP}),
        ("No thanks", {Cue.SKIP, Cue.STOP}),
        ("以后再说", {Cue.PAUSE}),
        ("写错了", {Cue.CHANGE}),
        ("我要修改一下", {Cue.CHANGE}),
        ("改一下", {Cue.CHANGE}),
        ("我想改点东西", {Cue.CHANGE}),
        ("change something", {Cue.CHANGE}),
        ("let me change it", {Cue.CHANGE}),
        ("不知道", {Cue.UNKNOWN}),
        ("我不记得了", {Cue.UNKNOWN}),
        ("I don't know", {Cue.UNKNOWN}),
        ("不知道怎么办", set()),
        ("不是不对", {Cue.UNSURE}),
        ("yes no", {Cue.UNSURE}),
        ("好的，帮我改成明天", set()),
        ("对，但是电话错了", set()),
        ("电话写错了", set()),
        ("你好", set()),
        ("您好，谢谢", set()),
        ("？", set()),
        ("对吗", set()),
        ("可以吗", set()),
        ("好像不对吧", set()),
        ("不要取消", {Cue.UNSURE}),
        ("取消订单", set()),
        ("确认收货在哪里", set()),
        ("好的那运费谁出", set()),
        ("是不是要退回去", set()),
        ("好" * 500, set()),
        ("", set()),
    ],
)
def test_what_a_short_answer_means(words: str, meant: set[Cue]) -> None:
    assert cues(words) == meant


def test_who_cancels_what_the_task_makes_stops_the_task() -> None:
    assert cues("取消预约", ("预约",)) == {Cue.STOP}
    assert cues("取消订单", ("预约",)) == set()


@pytest.mark.parametrize(
    ("words", "question"),
    [
        ("运费谁出？", True),
        ("多久到账", True),
        ("可以开发票吗", True),
        ("how long", True),
        ("灯罩裂了", False),
        ("too big", False),
        ("可以货到付款么", True),
        ("找谁办呢", True),
        ("会不会很贵", True),
        ("is it free", True),
        ("does it work with my phone", True),
        ("明天可以吗", False),
        ("it is broken", False),
    ],
)
def test_what_looks_like_a_question(words: str, question: bool) -> None:
    assert asks(words) is question


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("算了", True),
        ("取消吧", True),
        ("never mind", True),
        ("不想要了", False),
        ("不用了", False),
        ("it stopped working", False),
    ],
)
def test_what_stops_even_where_a_reason_is_asked_for(words: str, names: bool) -> None:
    assert by_name(words) is names
