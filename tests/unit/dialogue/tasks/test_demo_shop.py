"""Whole dialogues with the demo shop as it is shipped: its FAQ, its tasks, and its order system behind them."""

from pathlib import Path

import pytest

from tests.unit.dialogue.tasks.demo_shop import DemoShop, answerer
from tests.unit.dialogue.tasks.script import play, scripts
from yizhan.core.messages import content as c

FOLDER = Path(__file__).parent / "shop"

DIALOGUES = [
    pytest.param(lines, id=f"{path.stem}: {name}")
    for path in sorted(FOLDER.glob("*.txt"))
    for name, lines in scripts(path).items()
]


@pytest.mark.parametrize("lines", DIALOGUES)
def test_the_dialogue_goes_as_it_is_written(lines: list[str]) -> None:
    play(DemoShop(), lines)


def begins(words: str) -> str:
    """The task that the words begin, empty for none."""
    shop = DemoShop()
    shop.customer(c.Text(words))
    task = shop.stage.conversation.task
    return task.task if task else ""


WISHES = {
    "after_sales": [
        "我要退货", "我要申请退款", "帮我退货", "申请退款", "申请退货", "我想退掉这个", "想退货", "给我退货", "我要退", "帮我办一下退货", "麻烦帮我退个货",
        "我买的东西想退货", "这个我要退掉", "我想把昨天买的花瓶退了", "能帮我退货吗？", "能幫我退貨嗎", "可以帮我申请退款吗", "你好，我要退货，谢谢", "SJ100011我要退货", "我要退SJ100011",
        "退货 SJ100011", "我想申请退款，多久到账？", "申请维修", "我想换货", "wo yao tuihuo", "I want to return this", "I'd like to return this item", "can you help me return this?",
        "I would like a refund", "please refund me", "refund please", "return an item", "I want a refund for my order",
    ],
    "appointment": ["我要预约", "我想约个时间", "帮我预约明天上午上门安装", "我想预约下周三下午上门清洗", "I'd like to book an appointment", "book an installation for tomorrow"],
    "order_query": ["我要查订单", "我想查快递", "查快递", "SJ100001到哪了", "SJ100001发货了吗", "查一下SJ100001", "track SJ100001", "where is my order?"],
    "guide_account": ["我要注册", "登录不了"],
}  # fmt: skip
QUESTIONS = [
    "怎么退货", "退货流程是什么", "退货要多久", "怎么申请退款", "如何退货", "可以退货吗", "能退货吗", "我要退货怎么弄", "我想退货怎么操作", "我要退货的话运费谁出",
    "我想退货需要什么条件", "帮我退货要多久", "退款多久到账", "退货退款流程", "zenme tuihuo", "how do I return this", "can I return this?", "how long does a refund take", "return policy",
    "怎么预约", "可以预约吗", "预约要钱吗", "订单怎么查", "怎么注册", "我不要退货", "我不想退货了", "我要取消退货", "如果我要退货呢", "他说要退货",
    "我要退订短信", "我要退出登录", "我要退会员", "我要查积分", "我要开发票", "我想换手机号", "我想换个颜色", "我要换收货地址", "能帮我查查吗", "退货", "到时候再说",
]  # fmt: skip


@pytest.mark.parametrize(
    ("task", "words"), [(task, words) for task, all_of_it in WISHES.items() for words in all_of_it]
)
def test_a_wish_begins_the_task(task: str, words: str) -> None:
    assert begins(words) == task


@pytest.mark.parametrize("words", QUESTIONS)
def test_a_question_about_it_begins_none(words: str) -> None:
    assert begins(words) == ""


@pytest.mark.parametrize(
    "words", ["怎么退货", "退货流程是什么", "zenme tuihuo", "退款多久到账", "how long does a refund take"]
)
def test_what_the_shop_has_an_answer_to_is_answered(words: str) -> None:
    shop = DemoShop()
    shop.customer(c.Text(words))
    assert shop.stage.conversation.answered


@pytest.mark.parametrize(("words", "button"), [("可以预约吗", "我要预约"), ("帮我退货要多久", "申请售后")])
def test_a_question_about_a_task_is_offered_the_task(words: str, button: str) -> None:
    shop = DemoShop()
    shop.customer(c.Text(words))
    shop.customer(shop.menu(button))
    assert shop.stage.conversation.task is not None


def test_no_question_of_the_demo_faq_begins_a_task_by_its_wish_form() -> None:
    """What is both an entry's phrasing and a wish is said in so many words, so that nobody is surprised."""
    served = answerer().served
    assert served is not None
    both = {
        phrasing
        for entry in served.release.entries
        for phrasing in entry.phrasings
        if (started := served.tasks.started_by(phrasing)) is not None and started.whole
    }
    assert both == {"I want to return my order", "Where is my order?"}
