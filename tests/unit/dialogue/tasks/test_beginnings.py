"""Which words begin a task, and what is known of a customer when it begins."""

from dataclasses import replace

import pytest

from tests.unit.dialogue.tasks.script import Bench, ShopAnswerer, play, shipped_book

BOOK = shipped_book()


@pytest.mark.parametrize(
    ("words", "name", "whole"),
    [
        pytest.param("查订单", "order_query", True, id="a phrasing"),
        pytest.param("您好，请帮我查一下订单吧，谢谢", "order_query", False, id="with courtesies"),
        pytest.param("帮我查下訂單", "order_query", True, id="in traditional characters"),
        pytest.param("查订单 SJ100001", "order_query", True, id="with a number"),
        pytest.param("查一下我的快递到那了", "order_query", False, id="with a slip of the pen"),
        pytest.param("上周买的，我要退货，尺寸不对", "after_sales", False, id="in one clause of several"),
        pytest.param(
            "I want to return an item from order SJ100002", "after_sales", True, id="as a wish, beside a number"
        ),
        pytest.param("Where is my order???", "order_query", True, id="in English"),
    ],
)
def test_words_that_begin_a_task(words: str, name: str, whole: bool) -> None:
    started = BOOK.started_by(words)
    assert started is not None
    assert (started.task.name, started.whole) == (name, whole)


@pytest.mark.parametrize(
    "words",
    [
        "", "？", "订单", "怎么取消订单", "退货运费谁出", "退货要多久到账", "预约发货是什么意思", "什么时候发货", "可以换个颜色吗",
        "我要投诉", "支付宝可以用吗", "how long does a refund take", "20261101123456", "13800138000",
    ],
)  # fmt: skip
def test_words_that_begin_none(words: str) -> None:
    assert BOOK.started_by(words) is None


def test_no_two_shipped_tasks_begin_with_the_same_words() -> None:
    for task in BOOK.tasks.values():
        for trigger in task.triggers:
            started = BOOK.started_by(trigger)
            assert started is not None
            assert (started.task.name, started.whole) == (task.name, True), trigger


def test_no_shipped_task_begins_with_words_that_ask_for_a_person_or_greet() -> None:
    bench = Bench(ShopAnswerer(BOOK))
    for task in BOOK.tasks.values():
        for trigger in task.triggers:
            fresh = Bench(bench.answerer)
            play(fresh, [f"customer: {trigger}", "assistant: "])
            assert fresh.stage.conversation.task is not None, trigger


def known(*, verified: bool) -> Bench:
    bench = Bench(ShopAnswerer(BOOK))
    conversation = bench.stage.turn.conversation
    address = replace(conversation.address, customer="u:13800138000")
    bench.stage.turn.conversation = replace(conversation, address=address, customer_name="王小明", verified=verified)
    return bench


def test_who_is_known_is_not_asked_again() -> None:
    play(
        known(verified=True),
        [
            "customer: 我想预约清洗，下周三下午",
            "assistant: 到门店，还是我们上门",
            "customer: 到店",
            "assistant: 您想去哪家门店",
            "customer: 杭州",
            "assistant: 称呼：王小明 / 联系电话：138****8000",
        ],
    )


def test_what_is_known_can_be_corrected() -> None:
    play(
        known(verified=True),
        [
            "customer: 我想预约清洗，下周三下午，到店，杭州西湖店",
            "assistant: 138****8000",
            "customer: 电话改成13900139000",
            "assistant: 139****9000",
        ],
    )


def test_nobody_is_believed_who_was_not_vouched_for() -> None:
    play(known(verified=False), ["customer: 查订单", "assistant: 请把订单号发给我", "call: none"])


def test_a_customer_whom_the_business_vouches_for_gets_the_orders_of_their_phone() -> None:
    play(known(verified=True), ["customer: 查订单", "call: orders.find_orders phone=13800138000"])
