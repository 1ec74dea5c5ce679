"""What may be kept as a canned reply, and what its editor is told otherwise."""

from dataclasses import replace

import pytest

from yizhan.routing.replies.refusals import ReplyInvalid
from yizhan.routing.replies.reply import SHARED, CannedReply, checked, shortcut_key

GOOD = CannedReply("", "shop", SHARED, "退款到账", "1–3 个工作日到账", "/退款", "售后", "zh")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        pytest.param(
            replace(GOOD, title="  退款 \n 到账 "), replace(GOOD, title="退款 到账"), id="a title is one line"
        ),
        pytest.param(replace(GOOD, shortcut="退款"), GOOD, id="the slash is put before"),
        pytest.param(replace(GOOD, shortcut="／退款"), GOOD, id="a slash of full width is one"),
        pytest.param(replace(GOOD, shortcut=""), replace(GOOD, shortcut=""), id="no shortcut"),
        pytest.param(replace(GOOD, text=" 一\r\n二 "), replace(GOOD, text="一\n二"), id="lines of the text are kept"),
    ],
)
def test_what_is_kept(given: CannedReply, kept: CannedReply) -> None:
    assert checked(given) == kept


@pytest.mark.parametrize(
    ("given", "reason", "field", "hint"),
    [
        pytest.param(replace(GOOD, title=" "), "empty", "title", "", id="without a title nobody finds it"),
        pytest.param(replace(GOOD, text="\n"), "empty", "text", "", id="nothing to say"),
        pytest.param(replace(GOOD, title="题" * 81), "too_long", "title", "", id="a title that fills the list"),
        pytest.param(replace(GOOD, folder="夹" * 61), "too_long", "folder", "", id="a folder likewise"),
        pytest.param(replace(GOOD, text="长" * 2001), "too_long", "text", "", id="longer than a channel takes"),
        pytest.param(replace(GOOD, shortcut="/a b"), "bad_shortcut", "shortcut", "", id="a shortcut of two words"),
        pytest.param(replace(GOOD, shortcut="/"), "bad_shortcut", "shortcut", "", id="a slash alone"),
        pytest.param(replace(GOOD, shortcut="/a/b"), "bad_shortcut", "shortcut", "", id="a path"),
        pytest.param(
            replace(GOOD, shortcut="/" + "长" * 21), "bad_shortcut", "shortcut", "", id="no shortcut any more"
        ),
        pytest.param(
            replace(GOOD, language="fr"), "unknown_language", "language", "", id="a language nobody speaks here"
        ),
        pytest.param(
            replace(GOOD, text="您好{customername}"),
            "unknown_variable",
            "text",
            "{customer_name}",
            id="misspelt variable",
        ),
        pytest.param(replace(GOOD, text="您好{"), "stray_brace", "text", "", id="a brace alone"),
    ],
)
def test_what_is_refused_says_where_and_why(given: CannedReply, reason: str, field: str, hint: str) -> None:
    with pytest.raises(ReplyInvalid) as refused:
        checked(given)
    assert (refused.value.reason, refused.value.field, refused.value.hint) == (reason, field, hint)
    assert refused.value.extras["reason"] == reason


def test_shortcuts_that_look_alike_are_one() -> None:
    assert shortcut_key("/Refund") == shortcut_key("/ＲＥＦＵＮＤ") == "/refund"
    assert shortcut_key("") is None
