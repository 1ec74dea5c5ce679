"""Who asks for a person gets one, and who only mentions one is not sent away from the answer."""

import time
from collections.abc import Callable

import pytest

from yizhan.dialogue.knowledge.intents import acknowledgement, asks_who, goodbye, greeting, thanks, wants_human

WANTS_HUMAN = """
转人工
转人工！
请转人工客服
我要转人工
帮我转一下人工
转接人工服务
能不能转人工
可不可以给我转人工
为什么不转人工
怎么转人工
轉人工
人工
人工人工人工
人工客服
人工服务
人工客服在吗
人工客服呢
人工呢？
真人
真人客服
找真人
我要找真人
我要和真人说话
想跟真人客服聊
有没有真人
有真人吗
有没有活人啊
有没有人工客服
有人工吗
找人工
我要人工
要人工客服
我要人工服务！！！
需要人工
叫个人工来
联系人工客服
怎么联系人工客服
呼叫人工
接人工
切换到人工
换人工
给我人工
找客服
我要找客服
联系客服
帮我联系客服
转客服
客服
客服呢
叫你们经理来
我要找你们领导
找你们老板
我要投诉
我要投诉快递
我要投诉你们
投诉
投诉你们
我要去12315投诉
我要举报你们
再不发货我就投诉
不处理我就打12315
不要机器人，转人工
不用机器人回复，我要真人
不要跟机器人聊
别让机器人回复了
机器人听不懂，找人工
不转人工我就投诉
不用发优惠券了，转人工
你好，转人工，谢谢
订单号123456，转人工
退款一直没到，麻烦转下人工
human
human agent
Human please
I want a human
agent
speak to a person
I want to speak to a real person
can I talk to someone
talk to a human please
let me talk to an agent
connect me to an operator
transfer me to a live agent
please get me a human
I need a representative
I want to complain
I'd like to make a complaint
can I speak with your manager
叫个人来
可以人工吗
能人工服务吗
人工在线吗
人工咨询
请安排人工
有没有人能帮我
接线员
能不能人工处理
can a human help me
are you a robot? I want a human
is this a bot? give me a human agent
am I talking to a bot? let me speak to a person
转人工，成本价是多少
付了两遍。叫你们经理来
人呢？
我要求你们负责人直接联系我
找个懂的人来
我想和人说话
我要找人
不要AI
转r工
zhuan人工
customer service representative
不想投诉，给我转人工
叫个管事的人出来
客服在哪，出来
get me your manager
""".strip().splitlines()

LEAVES_HUMANS_ALONE = """
人工费多少钱
安装要人工费吗
手工制作吗
是手工的还是机器做的
人工智能
你是人工智能吗
有人工智能音箱吗
人工采摘的茶叶吗
要人工采摘的明前茶
是人工炒制的吗
有人工色素吗
有人工香精吗
有没有人工添加剂
人工客服几点上班
人工客服几点下班
人工客服电话是多少
人工客服工作时间
客服电话
客服电话是多少
客服微信
客服几点上班
怎么投诉快递员
投诉电话是多少
投诉渠道有哪些
在哪里投诉
不要转人工
不用转人工
别给我转人工
别转人工
先不转人工
不想转人工
不需要人工
不用人工客服
不转人工
取消转人工
不是要转人工
没让你转人工
我不想投诉
不要扫地机器人
有真人试穿图吗
退货要联系客服吗
人工审核要多久
可以人工安装吗
发货是人工还是自动
给我换一个
转运费多少
扫地机器人多少钱
你是机器人吗
你是真人吗
你是真人还是机器人
退款多久到账
什么时候发货
转账可以吗
对公转账
可以转卖吗
工人师傅上门吗
真人照片吗
真皮的吗
老板贵姓
在吗
你好
谢谢
are you a human
are you a real person
is this a bot
I don't want to talk to a human
no need to transfer me to an agent
human hair brush
how do I return an item
who is the shipping agent company
get someone to sign
can I talk about my refund
support 220v?
what are your customer service hours
how do I contact customer service
""".strip().splitlines()

GREETS = """
？
???
你好
您好
你好！
您好呀～
你们好
在吗
在吗？
在不在
在么
客服在吗
亲，在吗
你好，在吗
有人吗
有人在吗
早上好
晚上好
哈喽
嗨
hi
Hello
hello!
hi there
hey
good morning
Hello, anyone there?
你好你好
喂，有人吗
""".strip().splitlines()

GREETS_NOT = """
1？
！
你好，什么时候发货
在吗？我的快递到哪了
你好大的杯子
hi-fi音响有吗
早餐机多少钱
早上下单下午能发吗
晚上有客服吗
亲子装有吗
客服
老板
hello kitty mug
谢谢
商品还在吗
""".strip().splitlines()

THANKS = """
谢谢
谢谢你
谢谢您啦
好的谢谢
好的，谢谢！
嗯嗯谢谢
非常感谢
太感谢了
多谢
辛苦了
知道了，谢谢
ok thanks
Thank you
thanks a lot
thank you so much!
3q
謝謝
""".strip().splitlines()

THANKS_NOT = """
谢谢惠顾是什么意思
谢谢，那什么时候发货
感谢信怎么写
退货怎么弄，谢谢
好的
thanks, but when will it ship
你好
""".strip().splitlines()

GOODBYES = """
再见
拜拜
没事了
没有了
没有了，谢谢
不用了，谢谢
好的，没问题了
没有其他问题了
就这样吧
先这样，拜拜
谢谢，再见
解决了
bye
ok bye
no thanks
that's all, thank you
""".strip().splitlines()

GOODBYES_NOT = """
没有了货吗
不用了怎么退
还没解决
拜年礼盒有吗
没有收到货
问题还没解决了
谢谢
good night lamp
""".strip().splitlines()


NODS = """
好的
好
好滴
嗯
嗯嗯
嗯…
哦
哦哦哦
知道了
我知道了
明白了
原来是这样
收到！
行吧
可以了
没问题
好的，我试试
好的👌
👌
👍🏻
[OK]
ok
OK!
okay
got it
I see
哈哈
哈哈哈
算了
算了吧
稍等一下
等等，我想想
[微笑]
[呲牙][呲牙]
😂😂
🤔
never mind
all right, thanks
""".strip().splitlines()[:-1]

NODS_NOT = """
嗯？
好的吗
好的?
可以吗
行李
行不行
对了
是不是
好看吗
好用
好评返现
可以退吗
收到货了
收到的东西坏了
没事了
知道了，但是我要投诉
好的那怎么退货
不好
不可以
不是
不行
ok怎么付款
sure about that?
is it fine
okinawa
😡
[发怒]
💩💩
算了，我要投诉
算算运费
等等，怎么退货
等了三天了
😂怎么退货
👎
谢谢
你好
""".strip().splitlines()


@pytest.mark.parametrize("text", NODS)
def test_a_nod_is_recognised(text: str) -> None:
    assert acknowledgement(text)
    assert not wants_human(text)


WHO = """
你是机器人吗
你是不是机器人啊
是真人吗？
请问你是人工还是机器人
你是谁呀
你能做什么
你好，你是机器人吗
Are you a robot?
what can you do
""".strip().splitlines()

WHO_NOT = """
机器人多少钱
扫地机器人吗
你是谁家的快递
你是客服吗帮我退货
真人
转真人
我要真人
who are you shipping with
""".strip().splitlines()


@pytest.mark.parametrize("text", WHO)
def test_who_wants_to_know_who_speaks_is_told_and_not_handed_over(text: str) -> None:
    assert asks_who(text)
    assert not wants_human(text)


@pytest.mark.parametrize("text", WHO_NOT)
def test_who_asks_something_else_is_not_told_who_speaks(text: str) -> None:
    assert not asks_who(text)


@pytest.mark.parametrize("text", NODS_NOT)
def test_what_asks_or_says_more_is_no_nod(text: str) -> None:
    assert not acknowledgement(text)


@pytest.mark.parametrize("text", WANTS_HUMAN)
def test_who_asks_for_a_person_is_heard(text: str) -> None:
    assert wants_human(text)


@pytest.mark.parametrize("text", LEAVES_HUMANS_ALONE)
def test_who_does_not_ask_for_a_person_is_not_handed_off(text: str) -> None:
    assert not wants_human(text)


@pytest.mark.parametrize("text", GREETS)
def test_a_greeting_is_greeted(text: str) -> None:
    assert greeting(text)
    assert not wants_human(text)


@pytest.mark.parametrize("text", GREETS_NOT)
def test_a_question_with_a_greeting_is_not_just_greeted(text: str) -> None:
    assert not greeting(text)


@pytest.mark.parametrize("text", THANKS)
def test_thanks_are_recognised(text: str) -> None:
    assert thanks(text)


@pytest.mark.parametrize("text", THANKS_NOT)
def test_a_question_with_thanks_is_still_a_question(text: str) -> None:
    assert not thanks(text)


@pytest.mark.parametrize("text", GOODBYES)
def test_a_goodbye_is_recognised(text: str) -> None:
    assert goodbye(text)
    assert not wants_human(text)


@pytest.mark.parametrize("text", GOODBYES_NOT)
def test_what_only_looks_like_a_goodbye_does_not_end_the_conversation(text: str) -> None:
    assert not goodbye(text)


ODD = ["", " ", "？？？", "😀", "1", "a" * 4000, "人" * 4000, "不要" * 2000, "谢谢" * 2000]
HARD = [
    "嗯" * 60 + "x",
    "亲" * 60 + "x",
    "好的嗯ok" * 20 + "x",
    "不要给我联系" * 300,
    "转给我一下" * 300,
    "人工" * 60 + "x",
    "no thanks " * 300,
]


@pytest.mark.parametrize("intent", [wants_human, greeting, asks_who, thanks, goodbye, acknowledgement])
@pytest.mark.parametrize("text", [*ODD, *HARD], ids=lambda text: repr(text)[:12] if isinstance(text, str) else None)
def test_no_message_keeps_the_rules_busy(intent: Callable[[str], bool], text: str) -> None:
    started = time.process_time()
    assert intent(text) in (True, False)
    assert time.process_time() - started < 5.0  # a rule that tries every way to cut the text takes years
