"""Settings of accounts as they lie in the database: secrets sealed, found by the types of the channel's own model.

A secret is a field of type ``SecretStr`` at any depth: in models, unions, lists, mappings. Stored it is
``{"sealed": "<base64>"}``; a plain text in its place (older versions wrote such) is taken as it is.
"""

import base64
import binascii
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, RootModel, SecretStr

from yizhan.core.security.keys import Keyring
from yizhan.core.security.sealing import Sealer, Unsealable

SEALED = "sealed"
HIDDEN = "…"
"""What people see in place of a secret."""

Settings = Mapping[str, Any]
"""An account's settings in the form of JSON."""

_Rewrite = Callable[[str, Any], Any]
"""What to put in the place of the secret at this path; rewriting twice is the same as once."""


def account_sealer(keyring: Keyring) -> Sealer:
    """What seals and opens the secrets in accounts' settings."""
    return Sealer(keyring, "account-settings")


@dataclass(frozen=True, slots=True)
class Revealed:
    """Settings with their secrets in clear; ``unreadable``: paths of those that this deployment's keys do not open."""

    settings: dict[str, Any]
    unreadable: tuple[str, ...] = ()


def sealed(model: type[BaseModel], settings: Settings, sealer: Sealer) -> dict[str, Any]:
    """The settings with every secret sealed under the current key. One that cannot be opened stays as it is."""

    def seal(_: str, value: Any) -> Any:
        if isinstance(value, str):
            return _sealed(value, sealer) if value else value
        try:
            raw = _raw(value)
            return value if sealer.current(raw) else _sealed(sealer.open(raw), sealer)
        except Unsealable:
            return value

    return _rewritten(model, settings, seal)


def revealed(model: type[BaseModel], settings: Settings, sealer: Sealer) -> Revealed:
    """The settings with every secret in clear."""
    unreadable: dict[str, None] = {}

    def reveal(path: str, value: Any) -> Any:
        if isinstance(value, str):
            return value
        try:
            return sealer.open(_raw(value))
        except Unsealable:
            unreadable[path] = None
            return value

    return Revealed(_rewritten(model, settings, reveal), tuple(unreadable))


def hidden(model: type[BaseModel], settings: Settings) -> dict[str, Any]:
    """The settings fit to be shown: of secrets only whether they are there."""
    return _rewritten(model, settings, lambda _, value: HIDDEN if value else value)


def secret_paths(model: type[BaseModel], settings: Settings) -> tuple[str, ...]:
    """Where in these settings secrets are, as dotted names."""
    found: dict[str, None] = {}

    def note(path: str, value: Any) -> Any:
        found[path] = None
        return value

    _rewritten(model, settings, note)
    return tuple(found)


def takes_text(model: type[BaseModel], name: str) -> bool:
    """Whether what is given for this setting is text as it stands, even if it looks like a number. ``name`` may be dotted."""
    return any(_is_text(kind) for kind in _kinds_at(model, name.split(".")))


def laid_over(present: Settings, given: Settings) -> dict[str, Any]:
    """``given`` over ``present``. A dotted name reaches into an object; None removes what it names."""
    result = dict(present)
    for name, value in given.items():
        head, _, rest = name.partition(".")
        if rest:
            inner = result.get(head)
            result[head] = laid_over(inner if isinstance(inner, Mapping) else {}, {rest: value})
        elif value is None:
            result.pop(head, None)
        else:
            result[head] = value
    return result


def _sealed(text: str, sealer: Sealer) -> dict[str, str]:
    return {SEALED: base64.b64encode(sealer.seal(text)).decode()}


def _raw(value: Any) -> bytes:
    """Raises Unsealable."""
    text = value.get(SEALED) if isinstance(value, Mapping) and len(value) == 1 else None
    if not isinstance(text, str):
        raise Unsealable("not sealed")
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Unsealable("not base64") from None


def _rewritten(model: type[BaseModel], settings: Settings, rewrite: _Rewrite) -> dict[str, Any]:
    result: dict[str, Any] = _walk(model, dict(settings), "", rewrite)
    return result


def _walk(kind: Any, value: Any, path: str, rewrite: _Rewrite) -> Any:
    """What is a secret in one alternative of a union is treated as one in all: better too much hidden than too little."""
    for alternative in _alternatives(kind):
        value = _walk_one(alternative, value, path, rewrite)
    return value


def _walk_one(kind: Any, value: Any, path: str, rewrite: _Rewrite) -> Any:
    if isinstance(kind, type) and issubclass(kind, SecretStr):
        return rewrite(path, value) if isinstance(value, str | Mapping) else value
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return _walk_model(kind, value, path, rewrite) if isinstance(value, Mapping) else value
    arguments = get_args(kind)
    if not arguments:
        return value
    if isinstance(value, Mapping):
        return {key: _walk(arguments[-1], item, _below(path, key), rewrite) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_walk_item(arguments, item, _below(path, str(place)), rewrite) for place, item in enumerate(value)]
    return value


def _walk_item(kinds: tuple[Any, ...], value: Any, path: str, rewrite: _Rewrite) -> Any:
    for kind in kinds:
        value = _walk(kind, value, path, rewrite)
    return value


def _walk_model(model: type[BaseModel], value: Mapping[str, Any], path: str, rewrite: _Rewrite) -> dict[str, Any]:
    result = dict(value)
    for name, field in model.model_fields.items():
        for key in {name, field.alias or name} & result.keys():
            result[key] = _walk(field.annotation, result[key], _below(path, key), rewrite)
    return result


def _kinds_at(kind: Any, path: Sequence[str]) -> Iterator[Any]:
    for alternative in _alternatives(kind):
        if not path:
            yield alternative
        elif isinstance(alternative, type) and issubclass(alternative, BaseModel):
            field = alternative.model_fields.get(path[0])
            if field is not None:
                yield from _kinds_at(field.annotation, path[1:])


def _is_text(kind: Any) -> bool:
    if get_origin(kind) is Literal:
        return all(isinstance(choice, str) for choice in get_args(kind))
    return isinstance(kind, type) and issubclass(kind, str | SecretStr)


def _alternatives(kind: Any) -> Iterator[Any]:
    """A type without its annotations, root models and unions."""
    origin = get_origin(kind)
    if origin is Annotated:
        yield from _alternatives(get_args(kind)[0])
    elif origin in (Union, UnionType):
        for alternative in get_args(kind):
            yield from _alternatives(alternative)
    elif isinstance(kind, type) and not get_args(kind) and issubclass(kind, RootModel):
        yield from _alternatives(kind.model_fields["root"].annotation)
    else:
        yield kind


def _below(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
