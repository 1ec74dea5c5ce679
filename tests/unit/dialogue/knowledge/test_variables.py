r"""A telephone number that changes is changed once, and no customer ever reads ``{{电话}}``."""

import pytest
from hypothesis import given, strategies as st

from yizhan.dialogue.knowledge.variables import UnknownVariable, fill, is_name, malformed, names

VALUES = {"电话": "400-1", "shop.hours": "9-18", "x": "{{电话}}", "_": "\\1\\g<0>"}


@pytest.mark.parametrize(
    ("text", "used", "filled"),
    [
        ("请拨打{{电话}}", ("电话",), "请拨打400-1"),
        ("{{ 电话 }}和{{电话}}，{{shop.hours}}", ("电话", "shop.hours"), "400-1和400-1，9-18"),
        ("没有变量 { } {电话} }}", (), "没有变量 { } {电话} }}"),
        (r"\{{电话}}", (), "{{电话}}"),
        (r"\\{{电话}}", ("电话",), r"\400-1"),
        (r"\\\{{电话}}", (), r"\{{电话}}"),
        (r"C:\电话 \{", (), r"C:\电话 \{"),
        (r"\{{{(>_<)}}}", (), "{{{(>_<)}}}"),
        ("{{x}}", ("x",), "{{电话}}"),
        ("{{_}}", ("_",), "\\1\\g<0>"),
        ("", (), ""),
    ],
)
def test_values_take_the_places_of_their_names(text: str, used: tuple[str, ...], filled: str) -> None:
    assert malformed(text) is None
    assert names(text) == used
    assert fill(text, VALUES) == filled


def test_a_name_without_a_value_is_an_error_that_tells_all_of_them() -> None:
    with pytest.raises(UnknownVariable, match="no value for 地址, 邮编") as raised:
        fill("{{地址}}{{电话}}{{邮编}}{{地址}}", VALUES)
    assert raised.value.names == ("地址", "邮编")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("{{", "{{"),
        ("拨打 {{电 话}}", "{{电 话}}"),
        ("{{电话}", "{{电话}"),
        ("{{电话", "{{电话"),
        ("{{}}", "{{}}"),
        ("{{电话\n}}", "{{电话\n}}"),
        ("{{{电话}}}", "{{{电话}}}"),
        ("{{电话}}{{坏的 }", "{{坏的 }"),
        (r"\\{{ }}", "{{ }}"),
        ("｛｛电话｝｝", "｛｛电话｝｝"),
        ("{{" + "长" * 65 + "}}", "{{" + "长" * 18),
    ],
)
def test_what_only_looks_like_a_variable_is_pointed_out(text: str, shown: str) -> None:
    assert malformed(text) == shown


@pytest.mark.parametrize(
    ("name", "good"), [("电话", True), ("a-b.c_1", True), ("", False), ("a b", False), ("-a", False)]
)
def test_names_are_words(name: str, good: bool) -> None:
    assert is_name(name) is good


@given(st.text("{}\\a ｛｝", max_size=20))
def test_a_text_that_is_filled_has_its_values_and_never_fails(text: str) -> None:
    assert set(names(text)) <= {"a"} | {"a" * length for length in range(2, 21)}
    filled = fill(text, dict.fromkeys(names(text), "值"))
    assert filled.count("值") >= len(names(text))
