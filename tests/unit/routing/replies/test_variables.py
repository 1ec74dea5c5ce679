"""Variables in canned replies: what is not known stays visible, and nothing in braces reaches a customer by mistake."""

import pytest
from hypothesis import given, strategies as st

from yizhan.routing.replies.variables import LABELS, Malformed, Rendered, Variable, blank, malformed, render

V = Variable
NAMES = {V.CUSTOMER_NAME: "王小明", V.AGENT_NAME: "小雅"}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("您好 {customer_name}，我是{agent_name}", Rendered("您好 王小明，我是小雅"), id="known"),
        pytest.param("{ customer_name }", Rendered("王小明"), id="blanks around the name do not count"),
        pytest.param("没有变量", Rendered("没有变量"), id="none"),
        pytest.param("{{customer_name}}", Rendered("{customer_name}"), id="doubled braces are text"),
        pytest.param(
            "单号 {order_number}，{order_number}，工单 {ticket_number}",
            Rendered(
                "单号 【订单号】，【订单号】，工单 【工单号】",
                (V.ORDER_NUMBER, V.TICKET_NUMBER),
                ("【订单号】", "【工单号】"),
            ),
            id="what is not known is left open, each named once",
        ),
    ],
)
def test_a_reply_is_filled_in(text: str, shown: Rendered) -> None:
    assert render(text, NAMES) == shown


def test_an_english_reply_has_english_blanks() -> None:
    shown = render("Your order {order_number}", {}, "en")
    assert (shown.text, shown.blanks) == ("Your order [order number]", ("[order number]",))


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        pytest.param("{agent_name}", "{agent_name}", id="a name that looks like a variable is text"),
        pytest.param("王\n\r小\x00明", "王  小 明", id="a name of several lines is one line"),
        pytest.param("长" * 999, "长" * 200, id="a name without end is cut"),
        pytest.param(" \u200b ", "【客户姓名】", id="a name that nobody can see is none"),
    ],
)
def test_a_customer_chooses_their_name_and_it_does_no_harm(value: str, shown: str) -> None:
    assert render("{customer_name}", {V.CUSTOMER_NAME: value, V.AGENT_NAME: "小雅"}).text == shown


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        pytest.param("{customer_name} {{x}}", None, id="nothing"),
        pytest.param("{custmer_name}", Malformed("{custmer_name}", "{customer_name}", unknown=True), id="misspelt"),
        pytest.param("{客户姓名}", Malformed("{客户姓名}", "{customer_name}", unknown=True), id="by its Chinese label"),
        pytest.param("{订单}", Malformed("{订单}", "{order_number}", unknown=True), id="nearly its label"),
        pytest.param(
            "{CUSTOMER_NAME}", Malformed("{CUSTOMER_NAME}", "{customer_name}", unknown=True), id="in capitals"
        ),
        pytest.param("{phone}", Malformed("{phone}", "", unknown=True), id="nothing like it"),
        pytest.param("{}", Malformed("{}", "", unknown=True), id="empty"),
        pytest.param("如果 a{b", Malformed("{b"), id="a brace that stands alone"),
        pytest.param("好}的", Malformed("}的"), id="a closing one"),
        pytest.param("{customer\nname}", Malformed("{customer\nname}"), id="a name over two lines"),
        pytest.param("{{{customer_name}", None, id="a brace of the text before a variable"),
    ],
)
def test_what_is_no_variable_is_found_with_a_hint(text: str, wrong: Malformed | None) -> None:
    assert malformed(text) == wrong


@given(
    st.text("{}ab 客cutomer_nag\n", max_size=40), st.dictionaries(st.sampled_from(list(Variable)), st.text(max_size=9))
)
def test_every_text_that_may_be_kept_can_be_filled_in(text: str, values: dict[Variable, str]) -> None:
    """Whatever is missing stands in the text as its blank, and every variable is either filled or missing."""
    if malformed(text) is not None:
        return
    shown = render(text, values)
    assert all(mark in shown.text for mark in shown.blanks)
    assert shown.blanks == tuple(blank(variable) for variable in shown.missing)
    assert render(text, dict.fromkeys(Variable, "x")).missing == ()


def test_every_variable_has_a_label_of_its_own_in_both_languages() -> None:
    labels = [label for pair in LABELS.values() for label in pair]
    assert set(LABELS) == set(Variable)
    assert len(set(labels)) == 2 * len(Variable)
