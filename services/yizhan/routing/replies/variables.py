"""Variables in canned replies: ``{customer_name}`` stands for a fact of the conversation that is being answered.

The names are a closed list. ``{{`` and ``}}`` are braces of the text itself. Where a fact is not known the text keeps a
visible blank, 【客户姓名】, which is reported besides, so that nobody sends one without noticing.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum

LONGEST_VALUE = 200
_SHOWN_CHARS = 20


class Variable(StrEnum):
    CUSTOMER_NAME = "customer_name"
    AGENT_NAME = "agent_name"
    ORDER_NUMBER = "order_number"
    TICKET_NUMBER = "ticket_number"
    WORKSPACE_NAME = "workspace_name"


LABELS: Mapping[Variable, tuple[str, str]] = {
    Variable.CUSTOMER_NAME: ("客户姓名", "customer's name"),
    Variable.AGENT_NAME: ("客服姓名", "agent's name"),
    Variable.ORDER_NUMBER: ("订单号", "order number"),
    Variable.TICKET_NUMBER: ("工单号", "case number"),
    Variable.WORKSPACE_NAME: ("商家名称", "name of the business"),
}
"""What people call them, in Chinese and English."""

_PIECE = re.compile(r"\{\{|\}\}|\{(?P<name>[^{}\n]{0,64})\}|[{}]")


@dataclass(frozen=True, slots=True)
class Malformed:
    """A piece of a text that is no variable. ``hint`` is what was probably meant; empty: nobody can tell."""

    piece: str
    hint: str = ""
    unknown: bool = False
    """It is a name, but none of the list. Otherwise a brace that stands alone."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A text with its values. ``missing`` are the variables without one, each once, in the order of the text."""

    text: str
    missing: tuple[Variable, ...] = ()
    blanks: tuple[str, ...] = ()


def malformed(text: str) -> Malformed | None:
    """The first piece that a customer would read as braces, or None."""
    for found in _PIECE.finditer(text):
        name = found["name"]
        if found[0] in ("{{", "}}") or (name is not None and _variable(name) is not None):
            continue
        if name is None:
            return Malformed(text[found.start() :][:_SHOWN_CHARS])
        return Malformed(found[0], _hint(name), unknown=True)
    return None


def render(text: str, values: Mapping[Variable, str], language: str = "") -> Rendered:
    """A text that ``malformed`` finds nothing in. Braces in a value are text; blanks are worded in the text's language."""
    missing: dict[Variable, str] = {}

    def filled(found: re.Match[str]) -> str:
        name = found["name"]
        variable = None if name is None else _variable(name)
        if variable is None:
            return {"{{": "{", "}}": "}"}.get(found[0], found[0])
        value = _line(values.get(variable, ""))
        if not value:
            missing[variable] = blank(variable, language)
        return value or missing[variable]

    shown = _PIECE.sub(filled, text)
    return Rendered(shown, tuple(missing), tuple(missing.values()))


def blank(variable: Variable, language: str = "") -> str:
    """What stands for a variable that has no value."""
    chinese, english = LABELS[variable]
    return f"[{english}]" if language == "en" else f"【{chinese}】"


def _variable(name: str) -> Variable | None:
    try:
        return Variable(name.strip())
    except ValueError:
        return None


def _hint(name: str) -> str:
    """The variable that is most like a name, by its own name or by what people call it."""
    called = {label: variable for variable, labels in LABELS.items() for label in (variable.value, *labels)}
    near = get_close_matches(name.strip().lower(), called, n=1, cutoff=0.5)
    return f"{{{called[near[0]].value}}}" if near else ""


def _line(value: str) -> str:
    """A value as one printable line: a name is the customer's to choose."""
    return "".join(one if one.isprintable() else " " for one in value).strip()[:LONGEST_VALUE]
