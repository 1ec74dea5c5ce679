"""No customer is told by a model what the business has not approved; the figures, terms and links are the entry's."""

import re
from importlib.resources import files
from itertools import combinations

import pytest
from hypothesis import given, strategies as st

from yizhan.dialogue.knowledge.entry import Entry
from yizhan.dialogue.knowledge.parse import parse
from yizhan.dialogue.models.figures import figures
from yizhan.dialogue.models.grounding import Supported, Unsupported, check

RETURNS = "签收后7天内支持无理由退货，商品需未使用且包装完好。退款在仓库收到后3–7个工作日内原路退回，运费由您承担。"
POSTAGE = "实付满99元全国包邮，不满99元收8元运费。新疆、西藏、青海满199元包邮，不满收20元。退货不影响已享受的包邮。"
COD = "很抱歉，目前不支持货到付款。您可以放心在线支付，签收后7天内可以无理由退货。"
TIMES = "江浙沪一般1–2天，其他省份2–4天，新疆、西藏、青海5–8天。遇到大促可能延后，以物流信息为准。"
INSTALMENTS = "单笔满300元可以用花呗分期，支持3期和6期。3期免手续费，6期的手续费由花呗收取，以支付页显示为准。"
INVOICE = "在“我的订单”里点“申请开票”，填写抬头和税号即可，电子发票在24小时内发到您的邮箱。"
HOTLINE = "请拨打400-123-4567，客服在每天9:00-21:00接听。"
ENGLISH = "You can return unused items within 30 days of delivery. Refunds take 5 to 7 business days. Shipping is not refunded."
LINKED = "请到 https://shop.example.com/help 提交申请，48小时内审核。"
ADDRESS = "未发货时，在订单详情页点“修改地址”可以改1次。已发货的订单我们联系快递尝试改派，但不能保证成功。"

SAID_OTHERWISE = [
    ("the very text", RETURNS, RETURNS),
    (
        "a number as a word",
        "签收后七天内支持无理由退货，商品需未使用且包装完好。退款在仓库收到后3–7个工作日内原路退回，运费由您承担。",
        RETURNS,
    ),
    (
        "another word for the unit",
        "签收后7日内支持无理由退货，商品需未使用且包装完好。退款在仓库收到后3-7个工作日内原路退回，运费由您承担。",
        RETURNS,
    ),
    ("a polite beginning", "您好，" + RETURNS, RETURNS),
    ("a polite end", POSTAGE + "希望对您有所帮助，祝您购物愉快！", POSTAGE),
    ("the sorry left out", "目前不支持货到付款。您可以放心在线支付，签收后7天内可以无理由退货。", COD),
    (
        "full-width figures",
        "江浙沪一般１–２天，其他省份２–４天，新疆、西藏、青海５–８天。遇到大促可能延后，以物流信息为准。",
        TIMES,
    ),
    (
        "steps worded as steps",
        "您可以在“我的订单”里点击“申请开票”，然后填写抬头和税号即可，电子发票会在24小时内发到您的邮箱。",
        INVOICE,
    ),
    ("the telephone number without dashes", "您好，请拨打4001234567，客服在每天9:00-21:00接听。", HOTLINE),
    ("English with thanks", "Thanks for your question. " + ENGLISH, ENGLISH),
    ("English figures as words", ENGLISH.replace("30 days", "thirty days"), ENGLISH),
    ("the link as it stands", "您好，请您到 https://shop.example.com/help 提交申请，48小时内审核。", LINKED),
    (
        "small words more and less",
        "签收后7天内可以支持无理由退货哦，但商品需要未使用，且包装完好。退款会在仓库收到后的3–7个工作日内原路退回，运费是由您来承担的。",
        RETURNS,
    ),
    ("a range with another dash", TIMES.replace("–", "～"), TIMES),
    ("another word for a denial", ADDRESS.replace("不能保证", "无法保证"), ADDRESS),
]

NOT_WHAT_THE_ENTRY_SAYS = [
    ("7 days become 15", RETURNS.replace("7天", "15天"), RETURNS),
    ("seven days become ten, in words", RETURNS.replace("7天", "十天"), RETURNS),
    ("7 days become 7 hours", RETURNS.replace("7天", "7小时"), RETURNS),
    ("7 days become 7 working days", RETURNS.replace("7天内", "7个工作日内"), RETURNS),
    ("within becomes after", RETURNS.replace("7天内", "7天后"), RETURNS),
    ("a range loses its upper end", RETURNS.replace("3–7个工作日内", "3个工作日内"), RETURNS),
    ("a range loses its lower end", RETURNS.replace("3–7个工作日内", "7个工作日内"), RETURNS),
    ("a digit is added", POSTAGE.replace("8元", "88元"), POSTAGE),
    ("a digit is lost", POSTAGE.replace("199元", "19元"), POSTAGE),
    ("a decimal point appears", POSTAGE.replace("8元", "0.8元"), POSTAGE),
    ("yuan become dollars", POSTAGE.replace("8元", "8美元"), POSTAGE),
    ("the sums of two regions are swapped", POSTAGE.replace("收8元", "收X").replace("收20元", "收8元").replace("收X", "收20元"), POSTAGE),
    ("the thresholds of two regions are swapped", POSTAGE.replace("满199元", "满Y元").replace("满99元", "满199元").replace("满Y元", "满99元"), POSTAGE),
    ("the days of two regions are swapped", TIMES.replace("1–2天", "Z").replace("2–4天", "1–2天").replace("Z", "2–4天"), TIMES),
    ("the days are swapped and the comma dropped", "江浙沪一般2–4天其他省份1–2天，新疆、西藏、青海5–8天。遇到大促可能延后，以物流信息为准。", TIMES),
    ("not supported becomes supported", COD.replace("不支持", "支持"), COD),
    ("supported becomes not supported", RETURNS.replace("支持", "不支持"), RETURNS),
    ("the denial moves to something else", COD.replace("不支持货到付款", "支持货到付款").replace("可以放心", "不可以放心"), COD),
    ("cannot promise becomes promise", ADDRESS.replace("但不能保证成功", "保证成功"), ADDRESS),
    ("not yet shipped becomes shipped", ADDRESS.replace("未发货时", "发货时"), ADDRESS),
    ("unused becomes used", RETURNS.replace("未使用", "使用"), RETURNS),
    ("English: not is dropped", ENGLISH.replace("is not refunded", "is refunded"), ENGLISH),
    ("English: unused is dropped", ENGLISH.replace("unused items", "items"), ENGLISH),
    ("English: days are changed", ENGLISH.replace("30 days", "60 days"), ENGLISH),
    ("English: days are changed in words", ENGLISH.replace("30 days", "sixty days"), ENGLISH),
    ("the condition on the goods is dropped", "签收后7天内支持无理由退货。退款在仓库收到后3–7个工作日内原路退回，运费由您承担。", RETURNS),
    ("who pays is dropped", "签收后7天内支持无理由退货，商品需未使用且包装完好。退款在仓库收到后3–7个工作日内原路退回。", RETURNS),
    ("a whole sentence is dropped", "实付满99元全国包邮，不满99元收8元运费。退货不影响已享受的包邮。", POSTAGE),
    ("usually is dropped", TIMES.replace("一般", ""), TIMES),
    ("may be later is dropped", "江浙沪一般1–2天，其他省份2–4天，新疆、西藏、青海5–8天。以物流信息为准。", TIMES),
    ("a condition of use is dropped", INSTALMENTS.replace("，以支付页显示为准", ""), INSTALMENTS),
    ("a promise is added", RETURNS + "我们保证退货。", RETURNS),
    ("free is added", RETURNS.replace("运费由您承担", "运费免费由您承担"), RETURNS),
    ("in full is added", RETURNS.replace("原路退回", "全额原路退回"), RETURNS),
    ("certainly is added", INVOICE.replace("即可", "一定可以"), INVOICE),
    ("at once is added", INVOICE.replace("在24小时内", "在24小时内立即"), INVOICE),
    ("free of charge moves to the other term", INSTALMENTS.replace("3期免手续费，6期的手续费由花呗收取", "6期免手续费，3期的手续费由花呗收取"), INSTALMENTS),
    ("who bears the postage changes", RETURNS.replace("由您承担", "由我们承担"), RETURNS),
    ("compensation is promised", POSTAGE + "超时赔付。", POSTAGE),
    ("a gift is promised", INVOICE + "另外送您优惠券。", INVOICE),
    ("English: free is added", ENGLISH.replace("unused items", "unused items free"), ENGLISH),
    ("English: guaranteed is added", ENGLISH + " This is guaranteed.", ENGLISH),
    ("a link is added", INVOICE + "请看 https://evil.example/x", INVOICE),
    ("a bare domain is added", INVOICE + "请看evil.com", INVOICE),
    ("the link is changed by a letter", LINKED.replace("shop.example.com", "sh0p.example.com"), LINKED),
    ("the link's path is changed", LINKED.replace("/help", "/pay"), LINKED),
    ("a Markdown link hides another address", "请到 [https://shop.example.com/help](https://evil.example) 提交申请，48小时内审核。", LINKED),
    ("an image loads from elsewhere", LINKED + "![](https://evil.example/p.png)", LINKED),
    ("HTML is added", LINKED + "<img src=x>", LINKED),
    ("a script address", LINKED.replace("https://shop.example.com/help", "javascript:alert"), LINKED),
    ("a telephone number is changed", HOTLINE.replace("4567", "4568"), HOTLINE),
    ("a telephone number is added", INVOICE + "或拨打13800138000", INVOICE),
    ("opening hours are changed", HOTLINE.replace("21:00", "23:00"), HOTLINE),
    ("an e-mail address is added", INVOICE + "联系 help@evil.example", INVOICE),
    ("it is in English although the entry is Chinese", "You can return it within 7 days after delivery.", RETURNS),
    ("it is in Chinese although the entry is English", "您可以在30天内退货，退款需要5到7个工作日。", ENGLISH),
    ("the system prompt is told", "系统提示词：你是一个客服改写助手，只能输出JSON。", RETURNS),
    ("the system prompt is told in English", "My system prompt says: you reword answers of a business.", ENGLISH),
    ("what the customer ordered the model to say", "HACKED", RETURNS),
    ("the entry, and what the customer ordered", RETURNS + "HACKED", RETURNS),
    ("a name that the entry has not", INVOICE.replace("您的邮箱", "张三的邮箱"), INVOICE),
    ("a brand that the entry has not", POSTAGE.replace("包邮，不满99元", "顺丰包邮，不满99元"), POSTAGE),
    ("a place that the entry has not", POSTAGE.replace("青海", "海南"), POSTAGE),
    ("advice of its own", POSTAGE + "建议您凑单更划算。", POSTAGE),
    ("a payment method of its own", COD.replace("在线支付", "用支付宝在线支付"), COD),
    ("a zero-width space inside", RETURNS.replace("7天", "7\u200b天"), RETURNS),
    ("a right-to-left mark", RETURNS + "\u202e", RETURNS),
    ("Cyrillic letters that look Latin", LINKED.replace("shop", "sh\u043ep"), LINKED),
    ("Greek letters", INVOICE + "α", INVOICE),
    ("mathematical digits", RETURNS.replace("7天", "\U0001d7d9\U0001d7dd天"), RETURNS),
    ("a circled number", RETURNS.replace("7天", "⑮天"), RETURNS),
    ("a cross where the entry says yes", "❌" + INVOICE, INVOICE),
    ("a combining mark over a digit", POSTAGE.replace("8元", "8\u0336元"), POSTAGE),
    ("bold Markdown", "**" + RETURNS + "**", RETURNS),
    ("a heading", "# 退货\n" + RETURNS, RETURNS),
    ("code", "`" + INVOICE + "`", INVOICE),
    ("a template variable", INVOICE + "{{order}}", INVOICE),
    (
        "sentences in another order",
        "新疆、西藏、青海满199元包邮，不满收20元。实付满99元全国包邮，不满99元收8元运费。退货不影响已享受的包邮哦。",
        POSTAGE,
    ),
    ("two clauses exchanged: what applies to whom", "已发货的订单不能取消，款项会原路退回。未发货的订单可以取消，您可以拒收。", "未发货的订单可以取消，款项会原路退回。已发货的订单不能取消，您可以拒收。"),
    ("an obligation becomes an option", RETURNS.replace("商品需未使用", "商品可未使用"), RETURNS),
    ("or becomes and", "请提供身份证和护照。", "请提供身份证或护照。"),
    ("the direction is turned round", "从北京发到杭州。", "从杭州发到北京。"),
    ("a yes before a no", "可以，" + COD, COD),
    ("a yes before a no, as a courtesy", "好的，" + COD, COD),
    ("a yes is dropped", "新疆、西藏满199元包邮。", "可以送到。新疆、西藏满199元包邮。"),
    ("English: a yes before a no", "Yes, shipping is not refunded.", "Shipping is not refunded."),
    ("a comma moves", "不能退换货，可以。", "不能退，换货可以。"),
    ("an item of a list is dropped", POSTAGE.replace("新疆、西藏、青海", "新疆、青海"), POSTAGE),
    ("a button is called otherwise", INVOICE.replace("“申请开票”", "“申请的开票”"), INVOICE),
    ("an arrow is dropped", "在“我的”“设置”里改。", "在“我的”→“设置”里改。"),
    ("nothing", " ", RETURNS),
    ("the same again and again", RETURNS * 3, RETURNS),
    ("an unfilled placeholder", INVOICE.replace("您的邮箱", "[EMAIL_1]"), INVOICE),
    ("only the first words", "签收后7天内支持", RETURNS),
    ("at least becomes at most", "结算满199元以下包邮。", "结算满199元以上包邮。"),
    ("up to becomes over", "最多可以改3次。".replace("最多", "至少"), "最多可以改3次。"),
    ("before becomes after", "16:00后付款的当天发货。", "16:00前付款的当天发货。"),
    ("the month changes", "活动到12月31日结束。", "活动到11月30日结束。"),
    ("a percentage changes", "定金的百分之三十可退。", "定金的20%可退。"),
    ("who gets what is exchanged", "支付宝原路退回，微信退到余额。", "微信原路退回，支付宝退到余额。"),
    ("who gets what is exchanged, with small words between", "支付宝会原路退回，微信则退到余额。", "微信原路退回，支付宝退到余额。"),
    ("who gets what is exchanged, with commas between", "支付宝，原路退回，微信，退到余额。", "微信原路退回，支付宝退到余额。"),
    ("English: who gets what is exchanged", "Members pay postage, guests get points.", "Guests pay postage, members get points."),
    ("a statement becomes a question", COD.replace("货到付款。", "货到付款吗？"), COD),
    ("half becomes whole", "保修期为一年。", "保修期为半年。"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "approved"), [case[1:] for case in SAID_OTHERWISE], ids=[c[0] for c in SAID_OTHERWISE]
)
def test_the_same_in_other_words_may_be_sent(text: str, approved: str) -> None:
    assert check(text, approved) == Supported()


@pytest.mark.parametrize(
    ("text", "approved"), [case[1:] for case in NOT_WHAT_THE_ENTRY_SAYS], ids=[c[0] for c in NOT_WHAT_THE_ENTRY_SAYS]
)
def test_what_the_entry_does_not_say_is_not_sent(text: str, approved: str) -> None:
    assert isinstance(check(text, approved), Unsupported)


ENTRIES = parse("faq.csv", files("yizhan.demo").joinpath("faq.csv").read_bytes()).entries
DIGIT_PLACES = [(entry, at) for entry in ENTRIES for at, letter in enumerate(entry.answer) if letter.isdigit()]


def test_an_approved_answer_is_always_what_it_says() -> None:
    assert {entry.id: check(entry.answer, entry.answer) for entry in ENTRIES} == {e.id: Supported() for e in ENTRIES}


@given(place=st.sampled_from(DIGIT_PLACES), digit=st.sampled_from("0123456789"), extra=st.booleans())
def test_no_digit_of_an_answer_can_be_changed(place: tuple[Entry, int], digit: str, extra: bool) -> None:
    entry, at = place
    changed = entry.answer[:at] + digit + entry.answer[at if extra else at + 1 :]
    unchanged = digit == entry.answer[at] and not extra
    assert isinstance(check(changed, entry.answer), Supported) is unchanged


@given(
    entry=st.sampled_from(ENTRIES),
    other=st.sampled_from(ENTRIES),
    data=st.data(),
)
def test_a_clause_of_another_entry_cannot_be_added(entry: Entry, other: Entry, data: st.DataObject) -> None:
    clause = data.draw(st.sampled_from([part for part in other.answer.split("，") if len(part) > 8]))
    if clause not in entry.answer:
        assert isinstance(check(entry.answer + clause + "。", entry.answer), Unsupported)


def test_no_denial_of_an_answer_can_be_taken_away() -> None:
    changed = [
        (entry, entry.answer[: found.start()] + entry.answer[found.end() :])
        for entry in ENTRIES
        for found in re.finditer("[不未没无别]", entry.answer)
    ]
    assert len(changed) > 100
    assert [text for entry, text in changed if check(text, entry.answer) == Supported()] == []


def test_no_denial_can_be_put_into_an_answer() -> None:
    changed = [
        (entry, entry.answer[: found.start()] + "不" + entry.answer[found.start() :])
        for entry in ENTRIES
        for found in re.finditer("可以|支持|能|会|需要|有|是", entry.answer)
    ]
    assert len(changed) > 300
    assert [text for entry, text in changed if check(text, entry.answer) == Supported()] == []


def test_no_two_figures_of_an_answer_can_be_exchanged() -> None:
    changed = []
    for entry in ENTRIES:
        text = entry.answer
        for one, other in combinations(figures(text), 2):
            if one.claim != other.claim:
                swapped = text[other.start : other.stop] + text[one.stop : other.start] + text[one.start : one.stop]
                changed.append((entry, text[: one.start] + swapped + text[other.stop :]))
    assert len(changed) > 300
    assert [text for entry, text in changed if check(text, entry.answer) == Supported()] == []


@pytest.mark.parametrize("promise", ["一定", "免费", "全额", "保证", "立即", "终身"])
def test_no_promise_can_be_put_into_an_answer(promise: str) -> None:
    changed = [
        (entry, entry.answer[: found.start()] + promise + entry.answer[found.start() :])
        for entry in ENTRIES
        for found in re.finditer("可以|退|到账|发货|补", entry.answer)
    ]
    assert len(changed) > 100
    assert [text for entry, text in changed if check(text, entry.answer) == Supported()] == []


@pytest.mark.parametrize(
    "text",
    [
        "-a" * 3000,
        "a." * 3000,
        "1天" * 3000,
        "1-" * 3000,
        "满1元" * 2000,
        "a@" * 3000,
        "http" * 1500,
        "“" * 6000,
        "a" * 6000,
    ],
    ids=lambda text: text[:4],
)
def test_no_text_takes_long_to_check(text: str) -> None:
    """A model that was talked into it must not stop everybody's answers; the run's limit ends a check that does."""
    for _ in range(3):
        check(text, text)
