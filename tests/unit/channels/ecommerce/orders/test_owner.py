"""An order is told to its buyer, and to nobody else."""

from dataclasses import replace

import pytest

from yizhan.channels.ecommerce.order_owner import fits, told_to
from yizhan.channels.ecommerce.platform import ShopOrder
from yizhan.core.messages.content import OrderCard

ORDER = ShopOrder(OrderCard("1", "shipped"), "shipped", "lin", phone="138****8000")


@pytest.mark.parametrize(
    ("phone", "told", "same"),
    [
        ("13800138000", "13800138000", True),
        ("13800138000", "138****8000", True),
        ("138 0013 8000", "+86 138-0013-8000", True),
        ("+8613800138000", "138****8000", True),
        ("13800138000", "1380013****", True),
        ("13800138001", "138****8000", False),
        ("13900138000", "138****8000", False),
        ("13800138000", "1********00", False),
        ("13800138000", "***********", False),
        ("138****8000", "138****8000", False),
        ("8000", "138****8000", False),
        ("0008000", "138****8000", False),
        ("", "13800138000", False),
        ("13800138000", "", False),
    ],
)
def test_a_number_that_platforms_hide_in_part(phone: str, told: str, same: bool) -> None:
    assert fits(phone, told) is same


@pytest.mark.parametrize(
    ("buyers", "phone", "own_ids", "told"),
    [
        (("lin",), "", True, True),
        (("x", "lin"), "", True, True),
        (("chen",), "", True, False),
        (("chen",), "13800138000", True, False),
        (("chen",), "13800138000", False, True),
        (("chen",), "13900139000", False, False),
        (("chen",), "", False, False),
        ((), "", False, False),
    ],
)
def test_who_is_told(buyers: tuple[str, ...], phone: str, own_ids: bool, told: bool) -> None:
    assert told_to(ORDER, buyers, phone, own_ids=own_ids) is told


def test_an_order_without_a_buyer_is_nobodys() -> None:
    assert not told_to(replace(ORDER, buyer=""), ("",), "", own_ids=False)
