"""Answers to questions: one of the options, yes or no, a name, an e-mail address, free words."""

import pytest

from tests.unit.dialogue.tasks.slots.cases import TUESDAY, Case, said, wrong
from yizhan.dialogue.tasks.slots import kinds
from yizhan.dialogue.tasks.slots.reading import Context, Found, Option

CHOICE = kinds.reader(kinds.CHOICE, {})
YES_NO = kinds.reader(kinds.YES_NO, {})
NAME = kinds.reader(kinds.NAME, {})
EMAIL = kinds.reader(kinds.EMAIL, {})
TEXT = kinds.reader(kinds.TEXT, {"least": 2, "most": 10})

REASONS = (
    Option("quality", "质量问题", ("坏了", "破损", "defective")),
    Option("size", "尺码不合适", ("太大", "太小", "wrong size")),
    Option("dislike", "不喜欢"),
)
COLOURS = (Option("r", "红"), Option("b", "深蓝色"), Option("l", "蓝色"))
PAIR = (Option("refund", "退款"), Option("swap", "换货"))

CHOSEN: list[Case] = [
    ("1", "quality"), ("２", "size"), ("三", "dislike"), ("②", "size"), ("b", "size"), ("2.", "size"), ("(2)", "size"), ("2吧", "size"),
    ("第二个", "size"), ("第2项", "size"), ("选3", "dislike"), ("选择3", "dislike"), ("最后一个", "dislike"), ("倒数第一个", "dislike"), ("option 2", "size"),
    ("the second one", "size"), ("the last one", "dislike"), ("质量问题", "quality"), ("質量問題", "quality"), ("是质量问题吧", "quality"), ("坏了", "quality"),
    ("defective", "quality"), ("Wrong Size", "size"), ("质量問提", "quality"), ("尺码不和适", "size"), ("尺码不合式", "size"), ("不喜欢", "dislike"),
    ("不是质量问题，是尺码不合适", "size"),
    ("第5个", "? unknown_option"), ("9", "? unknown_option"), ("太大，坏了", "? several"), ("都不是", "? none_of_them"), ("以上都不是", "? none_of_them"),
    ("none of them", "? none_of_them"), ("随便", "? any_of_them"), ("都可以", "? any_of_them"), ("不是质量问题", "? none_of_them"),
    ("什么时候发货", None), ("13812345678", None), ("你好", None), ("", None),
]  # fmt: skip


def test_an_option_is_chosen_by_place_by_name_or_nearly_by_name() -> None:
    assert wrong(CHOICE, CHOSEN, asked=True, options=REASONS) == {}


def test_the_longer_of_two_names_wins_and_a_single_character_is_no_part_of_a_word() -> None:
    assert (
        wrong(CHOICE, [("深蓝色", "b"), ("蓝色", "l"), ("红", "r"), ("红包", None)], asked=True, options=COLOURS) == {}
    )


def test_of_two_the_one_that_is_not_turned_down() -> None:
    cases: list[Case] = [
        ("不要退款", "swap"),
        ("前者", "refund"),
        ("the latter", "swap"),
        ("不要退款，要换货", "swap"),
        ("退款和换货", "? several"),
    ]
    assert wrong(CHOICE, cases, asked=True, options=PAIR) == {}


def test_a_part_of_only_one_name_chooses_it() -> None:
    shops = (Option("1", "北京朝阳店"), Option("2", "北京海淀店"), Option("3", "上海店"))
    cases: list[Case] = [("海淀", "2"), ("海淀那家", "2"), ("上海", "3"), ("北京", "? several"), ("广州", None)]
    assert wrong(CHOICE, cases, asked=True, options=shops) == {}


def test_in_passing_only_a_full_name_chooses() -> None:
    cases: list[Case] = [
        ("我要退货，质量问题", "quality"),
        ("2", None),
        ("第二个", None),
        ("质量問提", None),
        ("都不是", None),
        ("b", None),
    ]
    assert wrong(CHOICE, cases, asked=False, options=REASONS) == {}


def test_without_options_nothing_is_chosen() -> None:
    assert wrong(CHOICE, [("1", None), ("质量问题", None)], asked=True) == {}


ANSWERED: list[Case] = [
    ("好的", "yes"), ("好", "yes"), ("可以", "yes"), ("行", "yes"), ("嗯", "yes"), ("嗯嗯", "yes"), ("没错", "yes"), ("對", "yes"), ("对的对的", "yes"),
    ("是的", "yes"), ("确认", "yes"), ("没问题", "yes"), ("没有问题", "yes"), ("好的谢谢", "yes"), ("好的，帮我改成明天", "yes"), ("对，没错", "yes"),
    ("OK", "yes"), ("Yes, please", "yes"), ("yep", "yes"), ("sure", "yes"), ("好😀", "yes"), ("👍", "yes"), ("👌🏻", "yes"), ("不太对", "no"), ("对，但是电话错了", "? mixed"), ("可以，不过要下午", "? mixed"), ("ｏｋ", "yes"),
    ("不用", "no"), ("不用了", "no"), ("不要", "no"), ("算了", "no"), ("取消", "no"), ("不对", "no"), ("不是", "no"), ("不，谢谢", "no"), ("没有", "no"),
    ("不用谢谢", "no"), ("不不不", "no"), ("no", "no"), ("nope", "no"), ("No thanks", "no"), ("不对，是蓝色", "no"), ("不確定", "no"),
    ("不是不要", "? mixed"), ("没有不对", "? mixed"), ("不取消", "? mixed"), ("好的不用了", "? mixed"), ("yes no", "? mixed"), ("好的，不用了", "? mixed"),
    ("可以吗", None), ("是不是", None), ("对不对", None), ("好贵", None), ("好像", None), ("行李", None), ("对方", None), ("是谁", None), ("not bad", None),
    ("不知道", None), ("你好", None), ("您好", None), ("你好，可以", "yes"), ("nothing arrived", None), ("可以退货吗", None), ("不好用", None), ("", None), ("，", None), ("谢谢", None),
]  # fmt: skip


def test_yes_and_no() -> None:
    assert wrong(YES_NO, ANSWERED, asked=True) == {}


def test_yes_and_no_answer_only_a_question() -> None:
    assert wrong(YES_NO, [("好的", None), ("不用了", None)], asked=False) == {}


def test_what_follows_a_yes_is_left_to_be_read() -> None:
    assert said(YES_NO, "好的，帮我改成明天") == "好的"


NAMES: list[Case] = [
    ("张三", "张三"), ("我叫张三", "张三"), ("姓名：李四", "李四"), ("我是张伟", "张伟"), ("收件人王五", "王五"), ("王先生", "王先生"), ("欧阳娜娜", "欧阳娜娜"),
    ("張三豐", "張三豐"), ("张三，谢谢", "张三"), ("我叫阿呆", "阿呆"), ("叫我小李", "小李"), ("张三 13812345678", "张三"), ("姓名张三 电话13812345678", "张三"), ("张三（先生）", "张三"), ("周三", None), ("阿卜杜拉·买买提", "阿卜杜拉·买买提"), ("John Smith", "John Smith"),
    ("my name is Tom", "Tom"), ("José", "José"), ("张三，13812345678", "张三"),
    ("免贵姓王", "? surname_only"), ("王", "? surname_only"), ("小明", "? not_a_name"),
    ("好的", None), ("为什么", None), ("不知道", None), ("谢谢", None), ("白色", None), ("ok", None), ("13812345678", None), ("什么时候发货", None), ("", None),
]  # fmt: skip


def test_names_are_taken_as_typed() -> None:
    assert wrong(NAME, NAMES, asked=True) == {}
    passing: list[Case] = [
        ("张三", None), ("是张三", None), ("我是张三", None), ("姓张", None), ("我叫张三", "张三"), ("预约安装，我叫张三，电话13812345678", "张三"),
        ("姓名：张三", "张三"), ("联系人李四，明天来", "李四"), ("安装，my name is John Smith, tomorrow", "John Smith"), ("我叫你们别来", None), ("我叫不出名字", None),
        ("联系人是谁", None), ("姓名写错了怎么办", None), ("this is urgent", None), ("i am angry", None),
    ]  # fmt: skip
    assert wrong(NAME, passing, asked=False) == {}


ADDRESSES: list[Case] = [
    ("zhang.san@163.com", "zhang.san@163.com"), ("Zhang@QQ.com", "zhang@qq.com"), ("zhang＠qq。com", "zhang@qq.com"), ("zhang @ qq.com", "zhang@qq.com"),
    ("12345678@qq.com，手机13812345678", "12345678@qq.com"), ("邮箱abc@foxmail.com谢谢", "abc@foxmail.com"), ("a+b@mail.example.co.uk", "a+b@mail.example.co.uk"),
    ("a-b_c@my-shop.cn.", "a-b_c@my-shop.cn"), ("（abc@qq.com）", "abc@qq.com"), ("a@qq,com", "a@qq.com"), ("my email is a@b.cn", "a@b.cn"),
    ("a@qq.com a@qq.com", "a@qq.com"),
    ("a@qq.com或b@qq.com", "? several"), ("a@b", "? no_domain"), ("zhang..san@qq.com", "? spelling"), ("a@qq.c", "? spelling"), ("zhangsan163.com", "? spelling"),
    ("@小明", None), ("没有邮箱", None), ("13812345678", None), ("3.15", None), ("", None),
]  # fmt: skip


def test_mail_addresses() -> None:
    assert wrong(EMAIL, ADDRESSES, asked=True) == {}
    assert wrong(EMAIL, [("zhang@qq.com", "zhang@qq.com"), ("zhangsan163.com", None)], asked=False) == {}


@pytest.mark.parametrize(
    ("text", "shown"), [("zhang@qq.com", "zh***@qq.com"), ("ab@qq.com", "a***@qq.com"), ("a@qq.com", "***@qq.com")]
)
def test_a_mail_address_is_read_back_without_its_name(text: str, shown: str) -> None:
    found = EMAIL(text, Context(TUESDAY, asked=True))
    assert isinstance(found, Found)
    assert (found.shown, found.private) == (shown, True)


def test_free_words_within_limits() -> None:
    cases: list[Case] = [
        ("屏幕碎了", "屏幕碎了"), ("  屏幕碎了\n", "屏幕碎了"), ("屏幕\u200b碎了\x00", "屏幕碎了"), ("碎", "? too_short"), ("碎" * 11, "? too_long"),
        ("屏幕 碎了", "屏幕 碎了"), ("a\nb", "a\nb"), ("12", "12"), ("Ｈｉ!", "Ｈｉ!"), ("繁體字", "繁體字"), ("不知道", "不知道"), ("  x  ", "? too_short"),
        ("碎" * 10, "碎" * 10), ("碎了！！！", "碎了！！！"), ("👍好的", "👍好的"), ("ok", "ok"), ("\ud800碎了", "碎了"), ("？", None), ("👍👍", None),
        ("", None), ("😀", None), ("。。。", None),
    ]  # fmt: skip
    assert wrong(TEXT, cases, asked=True) == {}
    assert wrong(TEXT, [("屏幕碎了", None)], asked=False) == {}
