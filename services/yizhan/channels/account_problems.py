"""What is wrong with an account's settings, in words: one line per setting, never with its value."""

from collections.abc import Iterator, Mapping
from types import UnionType
from typing import Any, Union, get_origin

from pydantic import BaseModel, RootModel, ValidationError

_TAGS = {"union_tag_not_found", "union_tag_invalid"}


def in_words(model: type[BaseModel], error: ValidationError) -> tuple[str, ...]:
    """One line per problem: the setting's dotted name and what is wrong with it."""
    return tuple(_lines(model, error))


def _lines(model: type[BaseModel], error: ValidationError) -> Iterator[str]:
    for item in error.errors(include_url=False, include_input=False):
        place = [str(part) for part in _place(model, item["loc"])]
        if item["type"] in _TAGS:
            yield _one_of(place, item["ctx"])
        else:
            yield f"{'.'.join(place) or 'settings'}: {item['msg'].removeprefix('Value error, ')}"


def _one_of(place: list[str], context: Mapping[str, Any]) -> str:
    """The library's own words quote names as Python does, and say "tag" for what people know as a setting."""
    name = ".".join([*place, str(context["discriminator"]).replace("'", "")])
    choices = str(context.get("expected_tags", "")).replace("'", "")
    return f"{name}: one of {choices}" if choices else f"{name}: Field required"


def _place(model: type[BaseModel], place: tuple[int | str, ...]) -> tuple[int | str, ...]:
    """Where it is, in the operator's words: which alternative of the whole settings it belongs to says their kind already."""
    if issubclass(model, RootModel) and _is_union(model.model_fields["root"].annotation):
        return place[1:]
    return place


def _is_union(kind: Any) -> bool:
    return get_origin(kind) in (Union, UnionType)
