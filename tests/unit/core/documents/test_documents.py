"""Whoever writes a document wrongly is told the line, the place, and what was probably meant."""

import pytest
from pydantic import BaseModel, ConfigDict, ValidationError

from yizhan.core.documents.nearest import nearest
from yizhan.core.documents.shapes import shape_problems
from yizhan.core.documents.tree import Unreadable, read


class Wheel(BaseModel):
    model_config = ConfigDict(extra="forbid")

    spokes: int


class Cart(BaseModel):
    model_config = ConfigDict(extra="forbid")

    owner: str = ""
    spare: Wheel | None = None
    wheels: list[Wheel] = []
    named: dict[str, Wheel] = {}


def told(text: str) -> list[tuple[int, str, str]]:
    tree = read(text)
    with pytest.raises(ValidationError) as refused:
        Cart.model_validate(tree.values)
    return [(one.line, one.place, one.reason_en) for one in shape_problems(refused.value, Cart, tree)]


MEANT = {
    "at the top": ("ownr: A\n", 1, "ownr", "owner"),
    "where something may be left out": ("spare: {spoke: 8}\n", 1, "spare.spoke", "spokes"),
    "in a list": ("wheels:\n  - spokes: 8\n  - spoke: 8\n", 3, "wheels[1].spoke", "spokes"),
    "under a name": ("named:\n  left:\n    Spokes: 8\n", 3, "named.left.Spokes", "spokes"),
}


@pytest.mark.parametrize(("text", "line", "place", "meant"), MEANT.values(), ids=MEANT)
def test_a_misspelt_key_is_told_once_with_what_was_meant(text: str, line: int, place: str, meant: str) -> None:
    assert told(text) == [(line, place, f"unknown key; did you mean '{meant}'?")]


def test_a_key_like_no_other_is_told_with_all_there_are() -> None:
    assert told("colour: red\n") == [(1, "colour", "unknown key; known here: owner, spare, wheels, named")]


def test_a_missing_key_is_told_where_it_is_missing() -> None:
    assert told("owner: A\nwheels:\n  - {}\n") == [(3, "wheels[0].spokes", "is missing")]


@pytest.mark.parametrize(
    ("name", "meant"),
    [("Hand-Off", "handoff"), ("hand_off", "handoff"), ("windo", "window"), ("xyz", ""), ("", "")],
)
def test_the_nearest_name_is_found_or_none(name: str, meant: str) -> None:
    assert nearest(name, ["handoff", "window"]) == meant


def test_nothing_is_near_to_nothing() -> None:
    assert nearest("window", []) == ""


@pytest.mark.parametrize(
    ("text", "line"),
    [("a: 1\nb: *x\n", 2), ("a: 1\na: 2\n", 2), ("a: 1\n[b]: 2\n", 2), ("a: 1\nb: [\n", 3), ("a: \x00\n", 0)],
    ids=["an alias", "a repeated key", "a list for a key", "an open bracket", "a character that is none"],
)
def test_what_is_no_yaml_is_refused_with_its_line(text: str, line: int) -> None:
    with pytest.raises(Unreadable) as refused:
        read(text)
    assert refused.value.problem.line == line


def test_every_value_is_the_text_that_was_typed() -> None:
    assert read("a: 010\nb: no\nc: 1:30\nd:\n").values == {"a": "010", "b": "no", "c": "1:30", "d": ""}
