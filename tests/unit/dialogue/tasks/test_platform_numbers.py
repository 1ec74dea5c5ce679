"""Numbers of orders as platforms write them: read where one is asked for, and where a message is nothing else."""

from datetime import UTC, datetime

import pytest

from yizhan.dialogue.tasks.platform_numbers import bare, reader
from yizhan.dialogue.tasks.slots import kinds
from yizhan.dialogue.tasks.slots.reading import Context, Found

NOW = datetime(2026, 11, 24, tzinfo=UTC)
SHAPED = kinds.reader(kinds.ORDER_NUMBER, {"shape": r"SJ\d{6}"})


@pytest.mark.parametrize(
    ("words", "number"),
    [
        ("SJ100001", "SJ100001"),
        ("2600000000000000001", "2600000000000000001"),
        ("订单号是 2600000000000000001", "2600000000000000001"),
        ("261120-100000001", "261120-100000001"),
        ("#1001", "1001"),
        ("订单号 1001", "1001"),
        ("order number 7", "7"),
        ("oak-1001", "OAK-1001"),
        ("13800138000", ""),
        ("110101199003074514", ""),
        ("不知道", ""),
        ("abc", ""),
        ("", ""),
    ],
)
def test_an_answer_to_the_question_for_the_number(words: str, number: str) -> None:
    reading = reader(SHAPED)(words, Context(NOW, asked=True))
    assert (reading.value if isinstance(reading, Found) else "") == number


@pytest.mark.parametrize("words", ["1001", "#1001", "有1001个吗", "oak-1001"])
def test_nobody_asked_and_it_may_be_anything(words: str) -> None:
    assert not isinstance(reader(SHAPED)(words, Context(NOW)), Found)


@pytest.mark.parametrize(
    ("words", "number"),
    [
        (" 2600000000000000001 ", "2600000000000000001"),
        ("261120-100000001", "261120-100000001"),
        ("#1001", "#1001"),
        ("#OAK-1001", "#OAK-1001"),
        ("1001", ""),
        ("13800138000", ""),
        ("86 13800138000", ""),
        ("110101199003074514", ""),
        ("2600000000000000001 到哪了", ""),
    ],
)
def test_a_message_of_nothing_but_a_number(words: str, number: str) -> None:
    assert bare(words, NOW) == number
