"""By what a customer's orders are looked for, read out of what they wrote."""

from datetime import UTC, datetime

import pytest

from yizhan.core.messages import content as c
from yizhan.core.messages.address import Address
from yizhan.core.messages.message import Author, AuthorKind, Message
from yizhan.dialogue.customers.clues import MOST_NUMBERS, MOST_PHONES, MOST_READ, ClueKind, Spelling, clues_known

NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)
WEB = Address("shop", "website", "demo", "v:1")


def said(*contents: str | c.Content, by: AuthorKind = AuthorKind.CUSTOMER) -> list[Message]:
    return [
        Message(str(place), WEB, Author(by, "x"), c.Text(one) if isinstance(one, str) else one, NOW)
        for place, one in enumerate(contents)
    ]


def found(messages: list[Message]) -> list[str]:
    return [one.value for one in clues_known(vouched=[], noted=[], said=messages, spelling=Spelling(), now=NOW)]


CASES: list[tuple[str, list[Message], list[str]]] = [
    ("the newest first, each once", said("订单号AB1001", "订单号AB1002", "订单号AB1001还没到"), ["AB1001", "AB1002"]),
    ("an agent's number is not the customer's", said("请打13800138000", by=AuthorKind.AGENT), []),
    ("an agent's card of an order is", said(c.OrderCard("AB1001", "已发货"), by=AuthorKind.AGENT), ["AB1001"]),
    (
        "what a recogniser made of a recording",
        said(c.Voice(c.Media("m", "audio/amr", "", 1, recognised="我的手机号是13800138000"))),
        ["13800138000"],
    ),
    ("a long letter with the number in front", said("订单号AB1001，" + "很失望。" * 500), ["AB1001"]),
    ("a number that the cut goes through", said("很" * 291 + "订单号AB10012345"), []),
    (
        "more numbers than are looked for",
        said(*(f"订单号AB10{n:02}" for n in range(20))),
        [f"AB10{n}" for n in range(19, 14, -1)],
    ),
    (
        "more telephones than are looked for",
        said(*(f"1380013800{n}" for n in range(9))),
        [f"1380013800{n}" for n in (8, 7, 6)],
    ),
]


@pytest.mark.parametrize(("case", "messages", "values"), CASES, ids=[case for case, *_ in CASES])
def test_numbers_are_read_out_of_what_was_said(case: str, messages: list[Message], values: list[str]) -> None:
    assert found(messages) == values
    assert (MOST_NUMBERS, MOST_PHONES) == (5, 3)


def test_rows_of_digits_without_end_are_not_all_read() -> None:
    """Two hundred such messages took half a minute of a process; the newest few thousand characters are enough."""
    read: list[int] = []
    spelling = Spelling((lambda text, _context: read.append(len(text)),))
    clues_known(vouched=[], noted=[], said=said(*["1 " * 1000] * 200), spelling=spelling, now=NOW)
    assert 0 < sum(read) <= MOST_READ


def test_a_vouched_customer_is_found_by_both_the_id_and_the_number_that_it_is() -> None:
    clues = clues_known(vouched=["u:13800138000"], noted=["138 0013 8000"], said=[], spelling=Spelling(), now=NOW)
    assert [(one.kind, one.value, one.source.value) for one in clues] == [
        (ClueKind.CUSTOMER, "13800138000", "vouched"),
        (ClueKind.PHONE, "13800138000", "vouched"),
    ]
