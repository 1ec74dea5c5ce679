"""An identity number is checked before it is sent anywhere, and never shown whole."""

from tests.unit.dialogue.tasks.slots.cases import TUESDAY, Case, said, wrong
from yizhan.dialogue.tasks.slots import id_card, kinds
from yizhan.dialogue.tasks.slots.reading import Context, Found

READ = kinds.reader(kinds.ID_CARD, {})
NUMBER = "11010519491231002X"  # the example of GB 11643

ASKED: list[Case] = [
    (NUMBER, NUMBER),
    ("11010519491231002x", NUMBER),
    ("11010519491231002×", NUMBER),
    ("11010519491231002*", NUMBER),
    ("110105 19491231 002X", NUMBER),
    ("110105-19491231-002X", NUMBER),
    ("１１０１０５１９４９１２３１００２Ｘ", NUMBER),
    ("身份证号：11010519491231002X，麻烦了", NUMBER),
    ("my id card is 11010519491231002X", NUMBER),
    ("440524188001010014", "? bad_date"),
    ("440524199001010018", "440524199001010018"),
    ("110105194912310021", "? checksum"),
    ("11010519491331002X", "? bad_date"),
    ("11010519490229002X", "? bad_date"),
    ("11010520301231002X", "? bad_date"),
    ("01010519491231002X", "? bad_region"),
    ("19010519491231002X", "? bad_region"),
    ("110105491231002", "? old_form"),
    ("1101051949123100", "? too_short"),
    ("110105194912310021234", "? too_long"),
    ("110105********002X", "? masked"),
    ("11010519491231002X和440524199001010018", "? several"),
    ("13812345678", None),
    ("我没带身份证", None),
    ("为什么要身份证", None),
]

UNASKED: list[Case] = [
    (NUMBER, NUMBER),
    ("身份证11010519491231002X", NUMBER),
    ("身份证110105194912310021", "? checksum"),
    ("110105194912310021", None),
    ("订单123456789012345", None),
    ("A11010519491231002X", None),
]


def test_an_asked_customer_is_understood() -> None:
    assert wrong(READ, ASKED, asked=True) == {}


def test_other_long_numbers_are_left_alone() -> None:
    assert wrong(READ, UNASKED, asked=False) == {}


def test_what_is_read_back_has_region_and_last_places_only() -> None:
    found = READ(NUMBER, Context(TUESDAY))
    assert isinstance(found, Found)
    assert (found.shown, found.private) == ("110105********002X", True)
    assert "1949" not in repr(found)


def test_what_was_read_is_the_number_and_nothing_beside_it() -> None:
    assert said(READ, "号码110105 19491231 002X，谢谢") == "110105 19491231 002X"


def test_the_check_character_is_that_of_the_standard() -> None:
    assert (id_card.check_character("11010519491231002"), id_card.check_character("44052418800101001")) == ("X", "4")
