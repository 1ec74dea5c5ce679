"""An exception in the log says what failed and where, and holds no customer's words."""

import json
from collections.abc import Callable

import pytest
from pydantic import BaseModel
from sqlalchemy import exc

from yizhan.core.runtime.tracebacks import MAX_CHAIN, MAX_FRAMES, as_text, describe, message_of

WORDS = "我的密码是苹果"


class Body(BaseModel):
    number: int


def caught(make: Callable[[], object]) -> BaseException:
    with pytest.raises(Exception) as raised:  # noqa: PT011 - each case raises another kind
        make()
    return raised.value


def nested() -> None:
    local = WORDS
    try:
        int(local)
    except ValueError as error:
        raise RuntimeError("cannot count") from error


@pytest.mark.parametrize(
    "make",
    [
        nested,
        lambda: Body.model_validate({"number": WORDS}),
        lambda: Body.model_validate_json(json.dumps({"number": WORDS})),
        lambda: json.loads(WORDS),
        lambda: dict[str, int]()[WORDS],
        lambda: ("x" * 5).index(WORDS),
        lambda: WORDS.encode("ascii"),
    ],
)
def test_customer_words_do_not_get_into_the_log(make: Callable[[], object]) -> None:
    error = caught(make)
    assert WORDS not in str(describe(error))
    assert WORDS not in as_text(error)


def test_a_database_error_tells_its_first_line_only() -> None:
    error = exc.IntegrityError(
        "insert into t values (?)", (WORDS,), Exception(f"duplicate key\nDETAIL: Key (text)=({WORDS})")
    )
    assert "duplicate key" in message_of(error)
    assert WORDS not in message_of(error)


def test_an_error_about_a_value_tells_nothing_of_it() -> None:
    assert message_of(exc.DataError("x", (), Exception(f'invalid input syntax: "{WORDS}"'))) == ""


def test_a_body_that_does_not_fit_tells_which_field_and_why() -> None:
    assert message_of(caught(lambda: Body.model_validate({"number": WORDS}))) == "number: int_parsing"


def test_the_whole_chain_is_told_with_places() -> None:
    first, second = describe(caught(nested))
    assert (first["type"], first["message"]) == ("RuntimeError", "cannot count")
    assert second["type"] == "ValueError"
    assert first["frames"][-1].endswith(" nested")


def test_a_suppressed_context_is_not_told() -> None:
    def hides() -> None:
        try:
            nested()
        except RuntimeError:
            raise OSError("gone") from None

    assert [link["type"] for link in describe(caught(hides))] == ["OSError"]


def test_a_group_names_its_members() -> None:
    group = ExceptionGroup("both", [OSError("a"), ValueError("b '13812345678'")])
    assert describe(group)[0]["others"] == ["OSError: a", "ValueError: b '…'"]
    assert "also OSError: a" in as_text(group)


def test_endless_chains_and_deep_calls_end() -> None:
    loop = RuntimeError("a")
    loop.__cause__ = RuntimeError("b")
    loop.__cause__.__cause__ = loop
    assert len(describe(loop)) == 2

    long = error = RuntimeError("0")
    for number in range(50):
        error.__cause__ = error = RuntimeError(str(number))
    assert len(describe(long)) == MAX_CHAIN

    def deep(left: int) -> None:
        if left:
            deep(left - 1)
        raise OSError

    assert len(describe(caught(lambda: deep(200)))[0]["frames"]) == MAX_FRAMES
