"""A release changes while a customer is in the middle of a task; a state comes from another version of the program."""

from dataclasses import replace

import pytest

from tests.unit.dialogue.tasks.script import Bench, ShopAnswerer, play, shipped_book
from yizhan.dialogue.tasks.book import NO_TASKS, TaskBook, book_of
from yizhan.dialogue.tasks.parse import parse_task
from yizhan.dialogue.tasks.shipped import shipped_documents
from yizhan.dialogue.tasks.state import StateUnreadable, dump, load

BEGUN = [
    "customer: 我要预约",
    "assistant: 哪项服务",
    "customer: 清洗",
    "assistant: 到门店",
    "customer: 到店",
    "assistant: 哪家门店",
]


def changed(old: str, new: str) -> TaskBook:
    text = dict(shipped_documents())["appointment.yaml"]
    assert old in text
    return book_of([parse_task(text.replace(old, new))])


def begun() -> Bench:
    bench = Bench(ShopAnswerer(shipped_book()))
    play(bench, BEGUN)
    return bench


def test_another_wording_changes_nothing_for_who_is_in_the_middle() -> None:
    bench = begun()
    bench.answerer.book = changed("您希望约在哪天", "请问约在哪天")
    play(bench, ["customer: 杭州", "assistant: 请问约在哪天"])


def test_a_slot_that_is_gone_is_told_and_the_rest_is_kept() -> None:
    bench = begun()
    bench.answerer.book = changed("id: cleaning", "id: washing")
    play(bench, ["customer: 杭州", "assistant: 流程刚刚有更新", "assistant: 您想预约哪项服务"])
    task = bench.stage.conversation.task
    assert task is not None
    assert set(task.values) == {"place"}


def test_a_task_that_is_gone_says_so_and_the_assistant_goes_on() -> None:
    bench = begun()
    bench.answerer.book = NO_TASKS
    play(bench, ["customer: 杭州", "assistant: 停止了线上办理", "customer: 可以开发票吗", "assistant: 电子发票"])


def test_a_task_that_is_gone_while_its_call_is_under_way_hands_off() -> None:
    bench = Bench(ShopAnswerer(shipped_book()))
    play(bench, ["customer: 查订单 20261101123456", "call: orders.find_orders order_number=20261101123456"])
    bench.answerer.book = NO_TASKS
    play(bench, ["result: found order_number=1 status=x", "assistant: 正在为您转接人工客服", "state: queued none"])


def test_a_call_that_the_new_version_does_not_know_is_a_failure() -> None:
    bench = Bench(ShopAnswerer(shipped_book()))
    play(bench, ["customer: 查订单 20261101123456"])
    text = dict(shipped_documents())["order_query.yaml"]
    bench.answerer.book = book_of([parse_task(text.replace("name: find", "name: search"))])
    play(bench, ["result: found order_number=1 status=x", "assistant: 正在为您转接人工客服"])


def test_a_result_of_an_unknown_kind_is_a_failure() -> None:
    bench = Bench(ShopAnswerer(shipped_book()))
    play(
        bench,
        ["customer: 查订单 20261101123456", "result: surprise", "assistant: 我请人工客服帮您查", "assistant: 转接"],
    )


def test_a_result_that_never_comes_is_a_time_out_when_the_customer_writes_again() -> None:
    bench = Bench(ShopAnswerer(shipped_book()))
    play(
        bench,
        [
            "customer: 查订单 20261101123456",
            "wait: 2 minutes",
            "customer: 好了吗",
            "assistant: 没有回应",
            "assistant: 转接",
        ],
    )


def test_a_day_that_was_told_before_midnight_is_the_same_day_after_it() -> None:
    bench = Bench(ShopAnswerer(shipped_book()))
    play(
        bench,
        [
            *("wait: 715 minutes", "customer: 预约清洗，到店，杭州西湖店", "assistant: 您希望约在哪天"),
            *("customer: 后天", "assistant: 上午、下午还是几点", "wait: 10 minutes", "customer: 下午三点"),
            *("assistant: 怎么称呼您", "customer: 王小明", "assistant: 联系电话", "customer: 13800138000"),
            "assistant: 时间：2026年11月24日（周二）15:00",
        ],
    )


def test_a_half_told_value_is_written_and_read_unchanged() -> None:
    bench = Bench(ShopAnswerer(shipped_book()))
    play(
        bench,
        ["customer: 预约清洗，到店，杭州西湖店", "assistant: 您希望约在哪天", "customer: 后天", "assistant: 几点"],
    )
    task = bench.stage.conversation.task
    assert task is not None
    assert (load(dump(task)).part, task.open) == ("后天", "time")


def test_a_state_is_written_and_read_unchanged() -> None:
    task = begun().stage.conversation.task
    assert task is not None
    assert load(dump(task)) == task


@pytest.mark.parametrize("text", ["", "{}", "null", "[1]", '{"task": 1}', '{"phase": "asking"}'])
def test_what_is_no_state_is_refused(text: str) -> None:
    with pytest.raises(StateUnreadable):
        load(text)


def test_what_a_later_version_knows_besides_is_left_aside() -> None:
    task = begun().stage.conversation.task
    assert task is not None
    assert load(dump(task).replace('{"task":', '{"mood":"good","task":', 1)) == replace(task)
