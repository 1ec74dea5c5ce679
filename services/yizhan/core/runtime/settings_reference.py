"""The table of all settings, for the documentation."""

from typing import Any, Literal, get_args, get_origin

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from yizhan.core.runtime.settings import SERVICES, CommonSettings
from yizhan.core.runtime.settings_problems import variable

_KINDS: dict[type, str] = {bool: "`true`, `false`", int: "whole number", float: "number", SecretStr: "secret"}


def settings_reference() -> str:
    """Markdown: one table for what all services share and one per service that has settings of its own."""
    sections = [_section("All services", CommonSettings, frozenset())]
    sections += [
        _section(name, settings, frozenset(CommonSettings.model_fields))
        for name, settings in SERVICES.items()
        if set(settings.model_fields) - set(CommonSettings.model_fields)
    ]
    return "\n\n".join(sections) + "\n"


def _section(title: str, settings: type[CommonSettings], without: frozenset[str]) -> str:
    fields = {name: field for name, field in settings.model_fields.items() if name not in without}
    head = (f"### {title}", "", "| variable | value | default | meaning |", "| --- | --- | --- | --- |")
    return "\n".join([*head, *(_row(name, field) for name, field in fields.items())])


def _row(name: str, field: FieldInfo) -> str:
    cells = (f"`{variable(name)}`", _kind(field), _default(field), field.description or "")
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _kind(field: FieldInfo) -> str:
    annotation: Any = field.annotation
    if get_origin(annotation) is Literal:
        return ", ".join(f"`{choice}`" for choice in get_args(annotation))
    return _KINDS.get(annotation, "text") + _bounds(field)


def _bounds(field: FieldInfo) -> str:
    least = [item.ge for item in field.metadata if hasattr(item, "ge")]
    most = [item.le for item in field.metadata if hasattr(item, "le")]
    return f", {_number(least[0])} to {_number(most[0])}" if least and most else ""


def _default(field: FieldInfo) -> str:
    value = field.default.get_secret_value() if isinstance(field.default, SecretStr) else field.default
    text = _number(value) if isinstance(value, float) else str(value).lower() if isinstance(value, bool) else str(value)
    return f"`{text}`" if text else ""


def _number(value: Any) -> str:
    """As one would type it: no exponent, no empty fraction."""
    return f"{value:.15g}"
