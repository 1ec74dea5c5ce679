"""What customers tell of themselves does not leave the house, and comes back where it belongs."""

import re
import unicodedata

import pytest
from hypothesis import given, settings, strategies as st

from yizhan.dialogue.models.masking import Mask

HIDDEN = [
    ("a mobile number", "电话13800138000，急", "电话[PHONE_1]，急"),
    ("a mobile number with dashes", "打 138-0013-8000 找我", "打 [PHONE_1] 找我"),
    ("a mobile number with spaces", "138 0013 8000", "[PHONE_1]"),
    ("a mobile number with the country", "+86 138 0013 8000", "[PHONE_1]"),
    ("full-width digits", "１３８００１３８０００打给我", "[PHONE_1]打给我"),
    ("Arabic-Indic digits", "١٣٨٠٠١٣٨٠٠٠", "[PHONE_1]"),
    ("digits with zero-width spaces", "138\u200b0013\u200b8000", "[PHONE_1]"),
    ("a number in Chinese numerals", "一三八零零一三八零零零", "[NUMBER_1]"),
    ("a number as it is spoken", "幺三八零零幺三八零零零", "[NUMBER_1]"),
    ("a landline", "座机010-88886666", "座机[PHONE_1]"),
    ("a landline in brackets", "(0571) 8888 6666", "[PHONE_1]"),
    ("a service line", "400-123-4567", "[PHONE_1]"),
    ("an American number", "call +1 (415) 555-2671", "call [PHONE_1]"),
    ("an ID card", "身份证11010519900307283X", "身份证[IDCARD_1]"),
    ("an ID card with spaces", "110105 19900307 2831", "[IDCARD_1]"),
    ("a bank card", "卡号6222 0212 3456 7890 123", "卡号[CARD_1]"),
    ("a credit card", "4111111111111111", "[CARD_1]"),
    ("an e-mail address", "发到zhang.wei+1@example.com谢谢", "发到[EMAIL_1]谢谢"),
    ("an e-mail address written out", "zhangwei(at)example.com", "[EMAIL_1]"),
    ("an order number of digits", "订单号20261122000123到哪了", "订单号[ORDER_1]到哪了"),
    ("a short order number", "订单号：A10234 没收到", "订单号：[ORDER_1] 没收到"),
    ("an order number with letters", "YZ20261122A0001怎么退", "[ORDER_1]怎么退"),
    ("a parcel number", "顺丰SF1234567890123", "顺丰[ORDER_1]"),
    ("an English order number", "order number AB-12345 please", "order number [ORDER_1] please"),
    ("a WeChat name", "微信号：abc_12345", "微信号：[ACCOUNT_1]"),
    ("a passport", "护照E12345678", "护照[ORDER_1]"),
    ("a number plate", "车牌京A12345", "车牌[PLATE_1]"),
    ("a number plate with a dot", "沪B·88888", "[PLATE_1]"),
    ("an address with house number", "寄到上海市浦东新区世纪大道100号3栋502室", "[ADDRESS_1]"),
    ("a street and number", "建国路88号收", "[ADDRESS_1]收"),
    ("a flat in an estate", "阳光花园12栋301", "[ADDRESS_1]"),
    ("an English address", "I live at 221B Baker Street, London", "I live at [ADDRESS_1], London"),
    ("an American address", "send to 1600 Pennsylvania Avenue", "send to [ADDRESS_1]"),
    ("a name after 我叫", "我叫张伟，想退货", "我叫[NAME_1]，想退货"),
    ("a name after 姓名", "姓名：李四", "姓名：[NAME_1]"),
    ("a name after 收件人", "收件人：欧阳娜娜 电话没变", "收件人：[NAME_1] 电话没变"),
    ("a name before 女士", "王女士说可以退", "[NAME_1]女士说可以退"),
    ("an English name", "my name is John Smith.", "my name is [NAME_1]."),
    ("a foreign name", "我叫John", "我叫[NAME_1]"),
    ("a long number of any kind", "设备号1234567", "设备号[NUMBER_1]"),
]

LEFT_ALONE = [
    "满199元包邮吗",
    "7–15天补货",
    "16:00前付款",
    "1万元以上的采购",
    "3–7个工作日到账",
    "我住在朝阳路附近",
    "订单多久发货",
    "我叫什么名字",
    "你们几点下班",
    "新疆西藏能送到吗",
    "can I return it within 30 days?",
    "iPhone 15 Pro 有货吗",
    "买2件打8折",
    "第10天自动确认收货",
    "本人想退货",
    "这条路好走吗",
]


@pytest.mark.parametrize(("text", "hidden"), [case[1:] for case in HIDDEN], ids=[case[0] for case in HIDDEN])
def test_what_is_personal_is_hidden_and_comes_back(text: str, hidden: str) -> None:
    mask = Mask()
    assert mask.hide(text) == hidden
    assert mask.show(hidden) == text


@pytest.mark.parametrize("text", LEFT_ALONE)
def test_what_a_question_needs_is_left_alone(text: str) -> None:
    assert Mask().hide(text) == text


def test_the_same_has_the_same_placeholder_in_all_that_one_call_sends() -> None:
    mask = Mask()
    assert mask.hide("13800138000和13900139000") == "[PHONE_1]和[PHONE_2]"
    assert mask.hide("请打13900139000") == "请打[PHONE_2]"


def test_nobody_can_have_anothers_data_put_in_by_writing_a_placeholder() -> None:
    mask = Mask()
    mask.hide("13800138000")
    hidden = mask.hide("[PHONE_1]是多少")
    assert "[PHONE_1]" not in hidden
    assert "13800138000" not in mask.show(hidden)


def test_half_a_character_is_sent_as_a_question_mark() -> None:
    assert Mask().hide("退\ud83d货") == "退?货"


TEXTS = st.lists(
    st.one_of(
        st.text(alphabet="0123456789０１２３٤٥ -.\u200b()张伟的电话是abX，。", min_size=0, max_size=30),
        st.from_regex(r"1[3-9]\d{9}|\d{7,20}|\d{17}X|0\d{2,3}-\d{7,8}", fullmatch=True),
        st.text(max_size=15),
        st.sampled_from([text for _, text, _ in HIDDEN]),
    ),
    max_size=6,
).map("".join)


@settings(max_examples=300)
@given(text=TEXTS)
def test_no_seven_digits_in_a_row_are_left(text: str) -> None:
    mask = Mask()
    hidden = mask.hide(text)
    plain = "".join(str(unicodedata.digit(c)) if unicodedata.digit(c, None) is not None else c for c in hidden)
    assert re.search(r"[0-9]{7}", plain) is None


@settings(max_examples=300)
@given(text=TEXTS)
def test_what_was_hidden_comes_back_whole(text: str) -> None:
    mask = Mask()
    shown = mask.show(mask.hide(text))
    assert shown == text.encode("utf-8", "replace").decode("utf-8")


@pytest.mark.parametrize(
    "text",
    ["市" * 4000, "a" * 4000, "@" * 4000, "a-" * 2000, "路1" * 2000, "1 " * 2000, "张三先生" * 1000, "A1" * 2000],
    ids=lambda text: text[:4],
)
def test_no_text_takes_long_to_mask(text: str) -> None:
    """A pattern that goes back over a long text again and again would stop everybody's answers; the run's limit ends it."""
    Mask().hide(text)
