"""Documents beside the entries: read as they were meant, or refused with the place."""

from collections.abc import Callable

import pytest

from yizhan.dialogue.knowledge.contents import document_name_problem
from yizhan.dialogue.knowledge.documents import (
    DocumentInvalid,
    outside_of,
    questions_of,
    settings_of,
    variables_of,
)
from yizhan.dialogue.knowledge.own_questions import TestQuestion


def test_a_value_is_the_text_that_stands_there() -> None:
    """A telephone number keeps its zeros; what YAML takes for a date or a truth value is a word."""
    text = "phone: 075512345678\nday: 2026-11-22\nopen: no\nprice: 1_000\nempty:\n"
    assert variables_of(text) == {
        "phone": "075512345678",
        "day": "2026-11-22",
        "open": "no",
        "price": "1_000",
        "empty": "",
    }


@pytest.mark.parametrize("text", ["", "\n", "# nothing yet\n"], ids=["empty", "blank", "a comment"])
def test_a_document_with_nothing_in_it_says_nothing(text: str) -> None:
    assert variables_of(text) == {}
    assert settings_of(text).precision == 0.95
    assert questions_of(text if "#" not in text else "") == ()
    assert outside_of(text if "#" not in text else "") == ()


def test_test_questions_are_read_as_their_file_is() -> None:
    text = "问题,条目编号\n多久发货,ship\n今天天气,\n查订单,task:order\n"
    assert questions_of(text) == (
        TestQuestion("多久发货", "ship"),
        TestQuestion("今天天气", ""),
        TestQuestion("查订单", "task:order"),
    )


def test_outside_questions_stand_one_per_line() -> None:
    assert outside_of("今天天气\n\n  讲个笑话 \n今天天气\n") == ("今天天气", "讲个笑话")


@pytest.mark.parametrize(
    ("read", "text", "reason"),
    [
        pytest.param(variables_of, "a: [b", "line 2: not YAML", id="no YAML"),
        pytest.param(variables_of, "- a\n", "dict", id="a list for a mapping"),
        pytest.param(variables_of, "a: {b: c}\n", "a:", id="a value that is no text"),
        pytest.param(variables_of, "电话 号码: 1\n", "cannot be the name", id="a name with a space"),
        pytest.param(variables_of, "[" * 3000, "", id="nested beyond sense"),
        pytest.param(settings_of, "precision: 1.5\n", "precision: ", id="a precision above one"),
        pytest.param(settings_of, "recall: 0.9\n", "recall: ", id="a setting that does not exist"),
        pytest.param(questions_of, "问题,条目编号\n多久发货,ship\n多久发货,back\n", "row 3", id="a question twice"),
        pytest.param(outside_of, "天" * 501, "longer than", id="a question that is too long"),
    ],
)
def test_a_document_that_cannot_be_read_says_where(read: Callable[[str], object], text: str, reason: str) -> None:
    with pytest.raises(DocumentInvalid) as refused:
        read(text)
    assert reason in refused.value.reason


@pytest.mark.parametrize(
    "name", ["tests", "variables", "settings", "guards", "outside", "tasks/order", "tasks/order-2"]
)
def test_names_that_documents_have(name: str) -> None:
    assert document_name_problem(name) == ""


@pytest.mark.parametrize("name", ["", "test", "tasks/", "tasks/../x", "tasks/a b", "tasks/" + "a" * 100, "Tasks/a"])
def test_names_that_documents_cannot_have(name: str) -> None:
    assert document_name_problem(name) != ""
