"""Customers take things back, give up, or come back later; what only sounds like it is left alone."""

import pytest

from yizhan.dialogue.tasks.slots import kinds
from yizhan.dialogue.tasks.slots.cancel import Leave, TaskWords, leaving
from yizhan.dialogue.tasks.slots.correction import correction

HINTS = {kind: kinds.HINTS[kind] for kind in (kinds.PHONE, kinds.ORDER_NUMBER, kinds.ADDRESS, kinds.DATE, kinds.NAME)}

CORRECTIONS: list[tuple[str, tuple[str | None, str, str] | None]] = [
    ("不对，是13912345678", (None, "", "13912345678")),
    ("不對，是13912345678", (None, "", "13912345678")),
    ("不对，应该是13912345678", (None, "", "13912345678")),
    ("不对不对，13912345678", (None, "", "13912345678")),
    ("错了，13912345678", (None, "", "13912345678")),
    ("不好意思写错了，是13912345678", (None, "", "13912345678")),
    ("不，是后天", (None, "", "后天")),
    ("手机号写错了，应该是13912345678", ("phone", "", "13912345678")),
    ("手机号填错了 13912345678", ("phone", "", "13912345678")),
    ("刚才说错了，手机号应该是13912345678", ("phone", "", "13912345678")),
    ("电话应该是13912345678", ("phone", "", "13912345678")),
    ("订单号错了 是A1024", ("order_number", "", "A1024")),
    ("不是周三是周四", (None, "周三", "周四")),
    ("不是周三，是周四", (None, "周三", "周四")),
    ("不是周三，而是周四", (None, "周三", "周四")),
    ("改成明天下午", (None, "", "明天下午")),
    ("可以改成明天吗", (None, "", "明天吗")),
    ("把地址改成杭州市西湖区文三路1号", ("address", "", "杭州市西湖区文三路1号")),
    ("日期改到后天", ("date", "", "后天")),
    ("换成黑色的", (None, "", "黑色的")),
    ("姓名改为李四", ("name", "", "李四")),
    ("I meant tomorrow", (None, "", "tomorrow")),
    ("sorry, it's 13912345678", (None, "", "13912345678")),
    ("no, it's A1024", (None, "", "A1024")),
    ("change my phone to 13912345678", ("phone", "", "13912345678")),
    ("actually the address should be 12 Nanjing Road", ("address", "", "12 Nanjing Road")),
    ("not Wednesday but Thursday", (None, "wednesday", "Thursday")),
    ("手机号写错了", ("phone", "", "")),
    ("地址不对", ("address", "", "")),
    ("我要改地址", ("address", "", "")),
    ("改一下手机号", ("phone", "", "")),
    ("my address is wrong", ("address", "", "")),
    ("手机号不是13812345678，是13912345678", ("phone", "13812345678", "13912345678")),
    ("时间改一下，后天下午", ("date", "", "后天下午")),
    ("地址换一下，杭州市西湖区文三路1号", ("address", "", "杭州市西湖区文三路1号")),
    ("电话打错了应该13912345678", ("phone", "", "13912345678")),
    ("日期选错了，要12月3号", ("date", "", "12月3号")),
    ("名字写错了，是李四不是李思", ("name", "李思", "李四")),
    ("是周四不是周三", (None, "周三", "周四")),
    ("不要周三了，周四吧", (None, "周三", "周四吧")),
    ("我不想退了，想换货", (None, "退", "换货")),
    ("不要周三，我还是要周四", (None, "周三", "我还是要周四")),
    ("不想要了，电话13912345678", None),
    ("不想要了，不办了", None),
    ("周三不行，周四可以吗", (None, "周三", "周四可以吗")),
    ("还是周四吧", (None, "", "周四")),
    ("wrong number, it's 13912345678", (None, "", "13912345678")),
    ("my phone number is actually 13912345678", ("phone", "", "13912345678")),
    ("快递写错地址了怎么办", None),
    ("还是算了吧", None),
    ("是不是周三", None),
    ("不对", None),
    ("不对，谢谢", None),
    ("是不是写错了", None),
    ("不是很清楚", None),
    ("不是说好今天发货吗", None),
    ("怎么改地址", None),
    ("如何修改手机号", None),
    ("可以改地址吗", None),
    ("how can I change my address", None),
    ("我想换货", None),
    ("13912345678", None),
    ("好的", None),
    ("不是本人可以办吗", None),
    ("", None),
]


@pytest.mark.parametrize(("text", "expected"), CORRECTIONS, ids=[text for text, _ in CORRECTIONS])
def test_what_is_taken_back_and_what_takes_its_place(text: str, expected: tuple[str | None, str, str] | None) -> None:
    found = correction(text, HINTS)
    assert (None if found is None else (found.slot, found.old, found.new)) == expected
    if found is not None and found.new:
        assert text[found.span.start : found.span.end] == found.new


def test_what_was_corrected_does_not_reach_a_log_by_way_of_repr() -> None:
    assert "139" not in repr(correction("不对，是13912345678", HINTS))


BOOKING = TaskWords(makes=("预约", "预约登记", "appointment"))
CANCELLING = TaskWords(makes=("取消订单",), cancels=True)

LEAVINGS: list[tuple[str, Leave | None, Leave | None]] = [
    # the text, while an appointment is booked, while an order is cancelled
    ("算了", Leave.CANCEL, Leave.CANCEL),
    ("还是算了吧", Leave.CANCEL, Leave.CANCEL),
    ("算了不要了", Leave.CANCEL, Leave.CANCEL),
    ("算了吧不弄了", Leave.CANCEL, Leave.CANCEL),
    ("下次吧", Leave.PAUSE, Leave.PAUSE),
    ("等我5分钟", Leave.PAUSE, Leave.PAUSE),
    ("不要取消", None, None),
    ("我没说要取消", None, None),
    ("转人工", None, None),
    ("不办了", Leave.CANCEL, Leave.CANCEL),
    ("不想办了", Leave.CANCEL, Leave.CANCEL),
    ("不弄了，谢谢", Leave.CANCEL, Leave.CANCEL),
    ("不用了谢谢", Leave.CANCEL, Leave.CANCEL),
    ("退出", Leave.CANCEL, Leave.CANCEL),
    ("不预约了", Leave.CANCEL, Leave.CANCEL),
    ("stop", Leave.CANCEL, Leave.CANCEL),
    ("never mind", Leave.CANCEL, Leave.CANCEL),
    ("forget it", Leave.CANCEL, Leave.CANCEL),
    ("取消", Leave.CANCEL, None),
    ("取消吧", Leave.CANCEL, None),
    ("我想取消", Leave.CANCEL, None),
    ("cancel", Leave.CANCEL, None),
    ("取消预约", Leave.CANCEL, None),
    ("取消我的预约", Leave.CANCEL, None),
    ("取消預約", Leave.CANCEL, None),
    ("等一下", Leave.PAUSE, Leave.PAUSE),
    ("稍等", Leave.PAUSE, Leave.PAUSE),
    ("稍等我找一下单号", Leave.PAUSE, Leave.PAUSE),
    ("等下，我去看看", Leave.PAUSE, Leave.PAUSE),
    ("晚点再说", Leave.PAUSE, Leave.PAUSE),
    ("回头再说吧", Leave.PAUSE, Leave.PAUSE),
    ("改天再来", Leave.PAUSE, Leave.PAUSE),
    ("先不办了", Leave.PAUSE, Leave.PAUSE),
    ("我在开车", Leave.PAUSE, Leave.PAUSE),
    ("在开会", Leave.PAUSE, Leave.PAUSE),
    ("later", Leave.PAUSE, Leave.PAUSE),
    ("hold on", Leave.PAUSE, Leave.PAUSE),
    ("give me a minute", Leave.PAUSE, Leave.PAUSE),
    ("取消订单", None, None),
    ("取消订单可以吗", None, None),
    ("怎么取消", None, None),
    ("可以取消吗", None, None),
    ("等了一周了", None, None),
    ("等多久", None, None),
    ("晚点到", None, None),
    ("稍后发货", None, None),
    ("明天再来取可以吗", None, None),
    ("算了一下是120元", None, None),
    ("不要红色", None, None),
    ("停止发货", None, None),
    ("", None, None),
]


@pytest.mark.parametrize(("text", "booking", "cancelling"), LEAVINGS, ids=[text for text, _, _ in LEAVINGS])
def test_giving_up_and_coming_back_later(text: str, booking: Leave | None, cancelling: Leave | None) -> None:
    assert (leaving(text, BOOKING), leaving(text, CANCELLING)) == (booking, cancelling)
