"""What pydantic finds wrong with the shape of a document, by line and in two languages."""

from collections.abc import Iterator, Mapping
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from yizhan.core.documents.nearest import nearest
from yizhan.core.documents.reasons import Problem, Reason, more_problems, of_shape
from yizhan.core.documents.tree import Path, Tree, shown

MOST_PROBLEMS = 200

_TOLD = "told"
_UNKNOWN = "extra_forbidden"


def told(reason: Reason) -> PydanticCustomError:
    """To be raised by a validator of a document's shape: the reason arrives as it is."""
    return PydanticCustomError(_TOLD, "{en}", {"zh": reason.zh, "en": reason.en})


def problem_at(tree: Tree, path: Path, reason: Reason) -> Problem:
    """A problem with its line and place."""
    return Problem(tree.line(path), shown(path), reason.zh, reason.en)


def shape_problems(invalid: ValidationError, shape: type[BaseModel], tree: Tree) -> Iterator[Problem]:
    """What pydantic found, in its order, the first `MOST_PROBLEMS` of it.

    A key that is not known is told with the one that may be meant, which then does not count as missing too.
    """
    found = invalid.errors(include_url=False, include_input=False)
    errors = [(_path(error), error) for error in found[:MOST_PROBLEMS]]
    unknown = {path: _keys(shape, path[:-1]) for path, error in errors if error["type"] == _UNKNOWN}
    meant = {(*path[:-1], nearest(str(path[-1]), known)) for path, known in unknown.items()}
    for path, error in errors:
        context = error.get("ctx") or {}
        if error["type"] == _TOLD:
            yield problem_at(tree, path, Reason(context["zh"], context["en"]))
        elif path in unknown:
            yield problem_at(tree, path, unknown_key(str(path[-1]), unknown[path]))
        elif error["type"] != "missing" or path not in meant:
            yield problem_at(tree, path, of_shape(error["type"], context))
    if len(found) > MOST_PROBLEMS:
        reason = more_problems(len(found) - MOST_PROBLEMS)
        yield Problem(0, "", reason.zh, reason.en)


def _path(error: ErrorDetails) -> Path:
    return tuple(part for part in error["loc"] if part != "[key]")


def unknown_key(key: str, known: tuple[str, ...]) -> Reason:
    """With the nearest key, else with all of them."""
    meant = nearest(key, known)
    if meant:
        return Reason(f"不认识的项；是不是想写“{meant}”？", f"unknown key; did you mean '{meant}'?")
    return Reason(f"不认识的项；这里可以写：{'、'.join(known)}", f"unknown key; known here: {', '.join(known)}")


def _keys(shape: type[BaseModel], path: Path) -> tuple[str, ...]:
    """The keys that the model at this place has."""
    at: Any = shape
    for part in path:
        at = _inside(at, part)
    model = _plain(at)
    return tuple(model.model_fields) if isinstance(model, type) and issubclass(model, BaseModel) else ()


def _inside(at: Any, part: str | int) -> Any:
    plain = _plain(at)
    if isinstance(plain, type) and issubclass(plain, BaseModel):
        field = plain.model_fields.get(str(part))
        return field.annotation if field else None
    origin, inner = get_origin(plain), get_args(plain)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return inner[1]
    return inner[0] if origin in (list, tuple) and inner else None


def _plain(at: Any) -> Any:
    """Without annotations and without ``| None``."""
    while True:
        if get_origin(at) is Annotated:
            at = get_args(at)[0]
        elif get_origin(at) in (Union, UnionType):
            at = next((one for one in get_args(at) if one is not NoneType), None)
        else:
            return at
