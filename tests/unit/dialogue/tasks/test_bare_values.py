"""Who sends nothing but a number is taken for what they want: the order behind it, and no question of the FAQ."""

from datetime import UTC, datetime

import pytest

from tests.unit.dialogue.tasks.demo_shop import DemoShop
from tests.unit.dialogue.tasks.script import Bench, ShopAnswerer, shipped_book
from yizhan.core.messages import content as c
from yizhan.dialogue.answering import AskBack
from yizhan.dialogue.asked_task import Given, begun_by_value
from yizhan.dialogue.tasks.book import TaskBook, book_of
from yizhan.dialogue.tasks.parse import parse_task

AT = datetime(2026, 11, 22, 4, tzinfo=UTC)

LOOK_UP = """\
task: {name}
title: {{zh: 查询, en: look-up}}
triggers: [{trigger}]
slots:
  - name: number
    kind: {kind}
{settings}    begins: {begins}
    title: {{zh: 编号, en: number}}
    prompt: {{zh: 请发编号, en: Please send the number}}
call:
  connector: shop
  operation: {name}
  arguments: {{number: "{{number}}"}}
  changes: false
  results:
    found: {{say: {{zh: 有了, en: Found}}}}
    failed: {{say: {{zh: 失败, en: Failed}}, next: human}}
    timeout: {{say: {{zh: 超时, en: Too late}}, next: human}}
"""


def look_up(name: str, kind: str = "order_number", shape: str = "", *, begins: bool = True) -> str:
    settings = f"    settings: {{shape: '{shape}'}}\n" if shape else ""
    return LOOK_UP.format(name=name, trigger=f"查{name}", kind=kind, settings=settings, begins=str(begins).lower())


def book(*documents: str) -> TaskBook:
    return book_of(map(parse_task, documents))


def begun(tasks: TaskBook, words: str) -> str:
    """``begins task.slot``, ``offers …``, or nothing."""
    match begun_by_value(tasks, words, AT):
        case Given(target, _, slot):
            return f"begins {target}.{slot}"
        case AskBack(suggestions):
            return "offers " + ", ".join(one.entry_id for one in suggestions)
        case None:
            return ""


@pytest.mark.parametrize(
    "words",
    [
        "SJ100001", "sj100001", "ＳＪ１００００１", " SJ100001 ", "SJ100001。", "SJ100001？", "订单号SJ100001", "订单号：SJ100001", "单号 SJ100001", "我的订单号是SJ100001",
        "你好，SJ100001", "您好，订单号SJ100001，谢谢", "麻烦您，SJ100001", "这个SJ100001", "SJ100001 谢谢你", "order number SJ100001", "my order number is SJ100001, thanks",
        "Hi, here is my order: SJ100001", "20261103000123", "SJ100001 SJ100002", "SJ100001和SJ100002",
    ],
)  # fmt: skip
def test_an_order_number_alone_begins_the_query(words: str) -> None:
    assert begun(shipped_book(), words) == "begins task:order_query.order_number"


@pytest.mark.parametrize(
    "words",
    [
        "", "你好", "订单号", "我的订单号是", "SJ100001怎么还没到", "SJ100001 什么时候发货", "退 SJ100001", "SJ100001取消", "SJ100001到哪了", "SJ100001怎么还没到，SJ100002呢", "SJ1000", "SJ1000011",
        "AB100001", "价格100001", "SJ100001地址写错了", "取消SJ100001", "不是SJ100001", "SJ100001 SJ100002 哪个先到", "1", "2026", "100001", "SJ100001" * 30,
    ],
)  # fmt: skip
def test_a_number_with_other_words_or_of_another_shape_begins_nothing(words: str) -> None:
    assert begun(shipped_book(), words) == ""


def test_a_phone_number_alone_says_too_little() -> None:
    """Whatever it is for, the customer is asked."""
    offered = begun(shipped_book(), "13800138000")
    assert offered.startswith("offers ")
    assert "task:order_query=13800138000" in offered


@pytest.mark.parametrize(
    ("documents", "words", "what"),
    [
        pytest.param([look_up("a", "phone")], "13800138000", "begins task:a.number", id="a document may say it of a phone"),
        pytest.param([look_up("a", "phone", begins=False)], "13800138000", "offers task:a=13800138000", id="the only task is not guessed"),
        pytest.param([look_up("a", "email")], "我的邮箱是 me@example.com1.cn", "begins task:a.number", id="an e-mail address"),
        pytest.param(
            [look_up("a", shape=r"\d{6}"), look_up("b", shape=r"\d{6}")], "100001", "offers task:a=100001, task:b=100001", id="two that claim the same shape"
        ),
        pytest.param([look_up("a", shape=r"\d{6}"), look_up("b", shape=r"\d{7}")], "1000001", "begins task:b.number", id="two with shapes of their own"),
        pytest.param([look_up("a", shape=r"\d{6}"), look_up("b", shape=r"\d{6}", begins=False)], "100001", "begins task:a.number", id="one that claims it, one that only takes it"),
        pytest.param([look_up("a", begins=False)], "ABC123456789", "", id="a number without a shape is no number for sure"),
        pytest.param([look_up(name, shape=r"\d{6}") for name in "abcde"], "100001", "offers task:a=100001, task:b=100001, task:c=100001", id="no more than can be looked over"),
    ],
)  # fmt: skip
def test_which_task_a_value_alone_comes_to(documents: list[str], words: str, what: str) -> None:
    assert begun(book(*documents), words) == what


def last_menu(bench: Bench) -> c.Menu:
    said = bench.stage.turn.messages[-1].content
    assert isinstance(said, c.Menu)
    return said


def test_the_task_that_is_chosen_has_the_value() -> None:
    bench = Bench(ShopAnswerer(book(look_up("a", shape=r"\d{6}"), look_up("b", shape=r"\d{6}"))))
    bench.customer(c.Text("100001"))
    assert [option.label for option in last_menu(bench).options][:2] == ["查a", "查b"]
    bench.customer(bench.menu("查b"))
    (call,) = bench.calls()
    assert (call.operation, dict(call.arguments)) == ("b", {"number": "100001"})


def test_a_short_number_is_the_slot_s_although_nobody_asked_for_it() -> None:
    bench = Bench(ShopAnswerer(book(look_up("a", shape=r"\d{6}"))))
    bench.customer(c.Text("100001"))
    (call,) = bench.calls()
    assert dict(call.arguments) == {"number": "100001"}


@pytest.mark.parametrize(
    "forged", ["task:a=", "task:a=退货", "task:a=100001=100002", "task:nowhere=100001", "task:=", "task:a"]
)
def test_a_button_that_was_tampered_with_breaks_nothing(forged: str) -> None:
    bench = Bench(ShopAnswerer(book(look_up("a", shape=r"\d{6}"))))
    bench.customer(c.Choice("clarify:question", forged, "查a"))
    assert len(bench.stage.turn.outbound) == 1
    assert not bench.calls()


def answers(shop: DemoShop, words: str) -> list[str]:
    list(shop.said())
    shop.customer(c.Text(words))
    return list(shop.said())


@pytest.mark.parametrize("words", ["SJ100001", "订单号SJ100001", "你好，SJ100001，谢谢"])
@pytest.mark.parametrize("before", ["", "退款多久到账", "谢谢"])
def test_the_order_is_found_whatever_was_said_before(before: str, words: str) -> None:
    shop = DemoShop()
    if before:
        answers(shop, before)
    found = answers(shop, words)
    assert found[0] == "查到了，订单 SJ100001 现在是“运输中”。"


def test_of_two_order_numbers_the_customer_is_asked_for_one() -> None:
    shop = DemoShop()
    assert answers(shop, "SJ100001 SJ100002")[0].startswith("这里有不止一个")
    assert "SJ100002" in answers(shop, "SJ100002")[0]


def test_a_phone_number_is_looked_up_once_that_is_chosen() -> None:
    shop = DemoShop()
    answers(shop, "13800138000")
    shop.customer(shop.menu("查订单"))
    assert "有多笔订单" in next(iter(shop.said()))


def test_an_order_number_after_another_task_begins_the_query() -> None:
    shop = DemoShop()
    answers(shop, "我要退货")
    answers(shop, "取消")
    assert "SJ100001" in answers(shop, "SJ100001")[0]


def test_a_number_that_a_running_task_asked_for_is_that_task_s() -> None:
    shop = DemoShop()
    answers(shop, "我要退货")
    answers(shop, "SJ100002")
    task = shop.stage.conversation.task
    assert task is not None
    assert task.task == "after_sales"


def test_a_number_alone_does_not_make_the_assistant_speak_english() -> None:
    shop = DemoShop()
    assert answers(shop, "SJ999999") == ["没有查到这笔订单。请核对一下订单号（或下单手机号）再发给我。"]
    assert shop.stage.conversation.locale == ""


def test_no_number_alone_is_a_question_that_was_missed() -> None:
    shop = DemoShop()
    for words in ("13800138000", "SJ100001 SJ100002", "SJ100001", "13900139000", "退款多久到账"):
        answers(shop, words)
    assert shop.stage.turn.misses == []


def test_a_wish_for_a_human_beside_a_number_wins() -> None:
    shop = DemoShop()
    answers(shop, "SJ100001 转人工")
    assert shop.stage.state.name == "QUEUED"


def menu_after(shop: DemoShop, words: str) -> list[str]:
    """What the customer may choose from after these words."""
    shop.customer(c.Text(words))
    said = shop.stage.turn.messages[-1].content
    return [option.label for option in said.options] if isinstance(said, c.Menu) else [""]


@pytest.mark.parametrize(
    ("words", "button", "told"),
    [
        ("SJ100001怎么还没到", "查订单", "查到了，订单 SJ100001"),
        ("订单SJ100001什么时候发货呀，急死了", "查订单", "查到了，订单 SJ100001"),
        ("我那个SJ100001咋回事啊三天没动了", "查订单", "查到了，订单 SJ100001"),
        ("where on earth is SJ100001", "check my order", "Found it. Order SJ100001"),
    ],
)
def test_who_asks_something_about_an_order_is_offered_to_look_it_up(words: str, button: str, told: str) -> None:
    shop = DemoShop()
    assert menu_after(shop, words)[0] == button
    list(shop.said())
    shop.customer(shop.menu(button))
    assert next(iter(shop.said())).startswith(told)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("SJ100001转人工", "正在为您转接人工客服"),
        ("SJ100001我要退货", "请"),
        ("SJ100001我要投诉", "正在为您转接人工客服"),
    ],
)
def test_an_order_number_changes_nothing_of_what_is_sure(words: str, said: str) -> None:
    shop = DemoShop()
    assert "查订单" not in menu_after(shop, words)
    assert said in answers(DemoShop(), words)[0]


def test_of_two_order_numbers_among_words_none_is_chosen() -> None:
    assert "查订单" not in menu_after(DemoShop(), "SJ100001和SJ100002哪个先到啊")
