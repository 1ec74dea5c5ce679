"""Who wants to be called back or to leave a message is understood; who asks about it, complains or declines is not mistaken."""

import pytest

from yizhan.dialogue.knowledge.contact_wish import ContactWish, changes_time, contact_wish
from yizhan.dialogue.knowledge.intents import wants_human

CALLBACK = """
请给我回电话
给我回个电话
麻烦给我回个电话吧
能不能给我打个电话
可以给我回电话吗
让客服给我打电话
稍后联系我
晚点联系我吧
你们上班了给我打电话
明天下午给我回电话
有空的时候联系我
我要预约回电
安排个回电
打给我
电话联系我
等会儿再联系我
请稍后回电
回电
Call me back
please call me back later
can you call me tomorrow
could someone give me a call
I'd like a callback
contact me later
I want to request a callback
给我回电
"""
LEAVE_MESSAGE = """
留言
我要留言
我想留个言
可以留言吗
那我先留言吧
能不能给客服留个言
我留条消息
leave a message
I want to leave a message
can I leave you a note
"""
CANCEL = """
不用给我回电话了
别给我打电话
不要打电话给我
取消回电
不用联系我了
回电不用了
don't call me
please do not call me back
cancel the callback
cancel my call
no callback needed
"""
NOTHING = """
怎么留言
在哪里留言
你们多久给我回电话
什么时候给我回电话
怎么还没给我回电话
为什么没人联系我
说好给我回电话的一直没人打
你们会给我回电话吗
客服电话是多少
电话打不通
我的电话号码是13812345678
call me at 13812345678
怎么联系客服
快递员没有给我打电话就放驿站了怎么办
我不想留言
不要留言
这个商品有留言功能吗
订单备注留言在哪里改
我下单的时候留言写错了
手机打电话没声音
这款手机能打电话吗
电话手表可以打电话吗
充电多久
nobody called me back
why didn't you call me back
how do I leave a message
when will you call me
I don't want to leave a message
the phone does not ring
your number please
联系方式怎么改
我换了手机号
"""


def lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line]


@pytest.mark.parametrize(
    ("words", "wish"),
    [
        *((line, ContactWish.CALLBACK) for line in lines(CALLBACK)),
        *((line, ContactWish.LEAVE_MESSAGE) for line in lines(LEAVE_MESSAGE)),
        *((line, ContactWish.CANCEL_CALLBACK) for line in lines(CANCEL)),
        *((line, None) for line in lines(NOTHING)),
    ],
)
def test_a_wish_is_read_from_what_was_written(words: str, wish: ContactWish | None) -> None:
    assert contact_wish(words) is wish


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("改时间", True),
        ("换个时间", True),
        ("我想改一下回电时间", True),
        ("推迟一下时间", True),
        ("change the time", True),
        ("reschedule my call", True),
        ("怎么改时间", False),
        ("发货时间", False),
        ("what time is it", False),
    ],
)
def test_another_time_is_wanted(words: str, wanted: bool) -> None:
    assert changes_time(words) is wanted


@pytest.mark.parametrize("words", ["转人工", "我要找真人客服", "speak to a human agent", "人工客服"])
def test_who_wants_a_person_now_is_not_put_off(words: str) -> None:
    assert wants_human(words)
    assert contact_wish(words) is None
